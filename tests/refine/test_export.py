"""Torch and ONNX Runtime agree, and so do two runs; what does not fit is refused by name."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import onnx
import pytest
import torch
from refine.random_refiner import random_network

from diorama.errors import CheckpointError, OutputError
from diorama.refine import export
from diorama.refine.checkpoint import Training
from diorama.refine.compact import compact
from diorama.refine.export import check_export, check_free, load_network, save_checkpoint, to_onnx
from diorama.refine.guides import GUIDE_CHANNELS
from diorama.refine.network import TIERS, RefinerNetwork
from diorama.refine.session import Session, StepInput


def values_for(height: int, width: int, seed: int = 0) -> StepInput:
    random = np.random.default_rng(seed)
    planes = [random.random((count, height, width), np.float32) for count in (GUIDE_CHANNELS, 3, 1)]
    return StepInput(
        planes[0],
        planes[1],
        (planes[2] > 0.3).astype(np.float32),
        random.random((8, height // 2, width // 2), np.float32),
    )


@pytest.fixture(scope="module")
def network() -> RefinerNetwork:
    return random_network(3)


@pytest.fixture(scope="module")
def model(network: RefinerNetwork) -> bytes:
    return to_onnx(network)


@pytest.mark.parametrize(("height", "width"), [(8, 8), (8, 64), (72, 40)])
def test_onnx_is_torch(network: RefinerNetwork, model: bytes, height: int, width: int) -> None:
    values = values_for(height, width)
    got = Session(model, 8).step(values)
    with torch.no_grad():
        given = (torch.from_numpy(x[None]) for x in (values.guides, values.previous, values.validity, values.hidden))
        wanted = network.step(*given)
    for ours, theirs in zip(got, wanted, strict=True):
        assert np.abs(ours - theirs[0].numpy()).max() <= 1e-5
    assert np.abs(got[0] - values.guides[:3]).max() > 0.05, "it does something"


def test_two_sessions_give_the_same_bytes(model: bytes) -> None:
    values = values_for(48, 64)
    first, second = Session(model, 8), Session(model, 8)
    first.step(values_for(16, 8))
    for one, two in zip(first.step(values), second.step(values), strict=True):
        assert one.tobytes() == two.tobytes()


def test_exporting_twice_gives_the_same_file(network: RefinerNetwork, model: bytes) -> None:
    assert to_onnx(network) == model


def test_a_compact_graph_computes_the_same_bytes_with_every_constant_once(network: RefinerNetwork) -> None:
    kept: list[onnx.ModelProto] = []
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(export, "compact", lambda whole: kept.append(whole) or whole)
        long = to_onnx(network)
    short = compact(kept[0])
    values = values_for(24, 40)
    for one, two in zip(Session(long, 8).step(values), Session(short.SerializeToString(), 8).step(values), strict=True):
        assert one.tobytes() == two.tobytes()
    constants = [node.attribute[0].SerializeToString() for node in short.graph.node if node.op_type == "Constant"]
    assert len(set(constants)) == len(constants) > 10
    assert len(short.SerializeToString()) < len(long) - 50_000


def test_exporting_leaves_training_alone(network: RefinerNetwork) -> None:
    network.train()
    to_onnx(network)
    assert network.training
    assert all(weight.requires_grad for weight in network.parameters())
    network.eval()


def test_a_checkpoint_gives_the_network_back(checkpoint: Path) -> None:
    ours, back = random_network(0).state_dict(), load_network(checkpoint).state_dict()
    assert ours.keys() == back.keys()
    assert all(torch.equal(ours[name], back[name]) for name in ours)


def test_an_export_of_another_network_is_refused(model: bytes) -> None:
    with pytest.raises(
        CheckpointError, match=r"refiner.onnx: expected an exported network within 1e-05 of torch, got \d"
    ):
        check_export(random_network(4), model)


@pytest.mark.parametrize(
    ("content", "hidden", "message"),
    [
        (lambda model: b"", 8, "expected a network that ONNX Runtime loads"),
        (lambda model: model[: len(model) // 2], 8, "expected a network that ONNX Runtime loads"),
        (lambda model: b"\x80\x04" + model, 8, "expected a network that ONNX Runtime loads"),
        (lambda model: model, 4, r"expected a network with inputs of .*'hidden': 4.*got .*'hidden': 8"),
    ],
)
def test_a_network_that_does_not_fit(model: bytes, content, hidden: int, message: str) -> None:
    with pytest.raises(CheckpointError, match=message) as caught:
        Session(content(model), hidden, place="x/refiner.onnx")
    assert caught.value.place == "x/refiner.onnx"


def test_a_network_that_says_nan(network: RefinerNetwork) -> None:
    broken = random_network(3)
    with torch.no_grad():
        broken.remember.bias[0] = float("nan")
    with pytest.raises(CheckpointError, match="expected finite outputs"):
        Session(to_onnx(broken), 8)


@pytest.mark.parametrize("tier", ["nano", "base"])
def test_other_tiers_export_too(tier: str) -> None:
    network = random_network(tier=TIERS[tier])
    assert check_export(network, to_onnx(network)) <= 1e-5


def test_only_a_whole_checkpoint_of_ours_is_overwritten(save: Callable[..., Path], tmp_path: Path) -> None:
    ours, theirs = save(5), tmp_path / "theirs"
    theirs.mkdir()
    (theirs / "config.json").write_text("{}")
    check_free(ours, overwrite=True)
    check_free(tmp_path / "new", overwrite=False)
    for folder, overwrite in ((ours, False), (theirs, False), (theirs, True)):
        with pytest.raises(OutputError):
            check_free(folder, overwrite=overwrite)
    (ours / "precious.txt").write_text("mine")
    with pytest.raises(OutputError, match="it is not what this writer makes"):
        save_checkpoint(
            ours, random_network(), tier="tiny", preset="draft",
            training=Training(seed=0, steps=0, recipes=0), overwrite=True,
        )  # fmt: skip
    assert (ours / "precious.txt").read_text() == "mine"
