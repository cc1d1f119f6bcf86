"""From a trained network (torch) to a checkpoint on the disk, and back."""

from __future__ import annotations

import copy
import warnings
from hashlib import sha256
from importlib.metadata import version
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import onnx
import safetensors
import torch
from safetensors.torch import load as load_tensors
from safetensors.torch import save as save_tensors
from torch import Tensor, nn

from diorama.atomic import atomic_folder, check_free_folder, writing
from diorama.errors import CheckpointError, expected
from diorama.refine.checkpoint import (
    CONFIG,
    MODEL,
    WEIGHTS,
    Config,
    Files,
    Training,
    load_config,
    read_file,
    shader_hash,
)
from diorama.refine.compact import compact
from diorama.refine.guides import GUIDE_CHANNELS, MULTIPLE
from diorama.refine.network import RefinerNetwork, Tier
from diorama.refine.session import INPUTS, OUTPUTS, Session, StepInput

REPORT, STRIP = "report.md", "strip.png"

OPSET = 17
TOLERANCE = 1e-5
"""How far ONNX Runtime may differ from torch, on encoded light."""


def check_free(folder: Path, *, overwrite: bool) -> None:
    """Raise ``OutputError`` where :func:`save_checkpoint` could not write to ``folder``."""
    check_free_folder(folder, overwrite=overwrite, ours=_is_checkpoint)


def _is_checkpoint(folder: Path) -> bool:
    """Tell whether ``folder`` is a checkpoint and holds nothing else."""
    try:
        load_config(folder)
    except CheckpointError:
        return False
    return {path.name for path in folder.iterdir()} <= {CONFIG, MODEL, WEIGHTS, REPORT, STRIP}


def save_checkpoint(
    folder: Path,
    network: RefinerNetwork,
    *,
    tier: str,
    preset: str,
    training: Training,
    shaders: str | None = None,
    report: str = "",
    strip: bytes = b"",
    overwrite: bool = False,
) -> None:
    """Write the checkpoint ``folder``; ``tier`` is the name of the network's size, ``strip`` a PNG file's content.

    ``shaders`` is the :func:`diorama.refine.checkpoint.shader_hash` of what drew the training pairs; None means that
    of now.

    The exported network is first checked against torch.
    """
    model, weights = (
        to_onnx(network),
        save_tensors({name: value.contiguous() for name, value in network.state_dict().items()}),
    )
    check_export(network, model)
    config = Config(
        tier=tier,
        channels=network.tier.channels,
        hidden=network.tier.hidden,
        preset=preset,
        shaders=shaders or shader_hash(),
        training=training,
        engine=version("diorama"),
        license="Apache-2.0",
        files=Files(model=sha256(model).hexdigest(), weights=sha256(weights).hexdigest()),
    )
    content = {CONFIG: config.model_dump_json(indent=2).encode() + b"\n", MODEL: model, WEIGHTS: weights}
    content |= {REPORT: report.encode()} if report else {}
    content |= {STRIP: strip} if strip else {}
    with atomic_folder(folder, overwrite=overwrite, ours=_is_checkpoint) as temporary:
        for name, data in content.items():
            with writing(folder / name):
                (temporary / name).write_bytes(data)


def load_network(folder: Path) -> RefinerNetwork:
    """Return the network of a checkpoint with its weights, ready to be trained on or run by torch."""
    config = load_config(folder)
    place = str(folder / WEIGHTS)
    try:
        tensors = load_tensors(read_file(folder, WEIGHTS, config.files.weights))
    except safetensors.SafetensorError as error:
        raise CheckpointError(f"expected a safetensors file, got: {error}", place=place) from None
    network = RefinerNetwork(Tier(config.channels, config.hidden))
    _check_shapes(network.state_dict(), tensors, place)
    network.load_state_dict(tensors)
    return network


def to_onnx(network: RefinerNetwork) -> bytes:
    """Return :meth:`RefinerNetwork.step` as an ONNX file for pictures of any size that is a multiple of 8."""
    picture, state = {2: "height", 3: "width"}, {2: "half_height", 3: "half_width"}
    axes = dict.fromkeys((*INPUTS[:3], OUTPUTS[0]), picture) | dict.fromkeys((INPUTS[3], OUTPUTS[1]), state)
    with TemporaryDirectory() as folder, warnings.catch_warnings():
        # The exporter of old, which warns of its age and of what it does not fold; the new one needs
        # half a minute, and a package more, for the same graph.
        path = Path(folder) / MODEL
        warnings.simplefilter("ignore")
        torch.onnx.export(
            _Step(copy.deepcopy(network)).eval(),
            tuple(torch.zeros(1, *shape) for shape in _shapes(network.tier, 2 * MULTIPLE, 3 * MULTIPLE)),
            path,
            dynamo=False,
            opset_version=OPSET,
            input_names=list(INPUTS),
            output_names=list(OUTPUTS),
            dynamic_axes=axes,
        )
        content: bytes = compact(onnx.load(path)).SerializeToString()
        return content


def check_export(network: RefinerNetwork, model: bytes) -> float:
    """Return the largest difference between torch and ONNX Runtime; ``CheckpointError`` if it is too large."""
    session, worst = Session(model, network.tier.hidden), 0.0
    generator = torch.Generator().manual_seed(0)
    for height, width in ((MULTIPLE, MULTIPLE), (5 * MULTIPLE, 3 * MULTIPLE)):
        given = [torch.rand(shape, generator=generator) for shape in _shapes(network.tier, height, width)]
        with torch.no_grad():
            wanted = network.step(*(value[None] for value in given))
        got = session.step(StepInput(*(value.numpy() for value in given)))
        for ours, theirs in zip(got, wanted, strict=True):
            worst = max(worst, float(np.abs(ours - theirs[0].numpy()).max()))
    if not worst <= TOLERANCE:
        raise CheckpointError(expected(f"an exported network within {TOLERANCE} of torch", worst), place=MODEL)
    return worst


class _Step(nn.Module):
    """The network without the padding, which rendering has done already."""

    def __init__(self, network: RefinerNetwork) -> None:
        super().__init__()
        self.network = network

    def forward(
        self, guides: Tensor, warped_previous: Tensor, validity: Tensor, warped_hidden: Tensor
    ) -> tuple[Tensor, Tensor]:
        return self.network.step(guides, warped_previous, validity, warped_hidden)


def _shapes(tier: Tier, height: int, width: int) -> list[tuple[int, int, int]]:
    half = (tier.hidden, height // 2, width // 2)
    return [(GUIDE_CHANNELS, height, width), (3, height, width), (1, height, width), half]


def _check_shapes(wanted: dict[str, Tensor], got: dict[str, Tensor], place: str) -> None:
    if wanted.keys() != got.keys():
        raise CheckpointError(expected(f"the tensors {', '.join(wanted)}", ", ".join(got)), place=place)
    for name, value in wanted.items():
        if value.shape != got[name].shape or value.dtype != got[name].dtype:
            shape = f"{name} of shape {tuple(value.shape)}, {value.dtype}"
            raise CheckpointError(expected(shape, f"{tuple(got[name].shape)}, {got[name].dtype}"), place=place)
