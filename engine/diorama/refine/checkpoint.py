"""A trained refiner on the disk: a folder of files that can hold numbers only, never code.

    config.json          what it is and what it was trained on; a hash of each of the other two
    refiner.onnx         the network, as rendering runs it
    weights.safetensors  the same weights, as torch has them
    report.md strip.png  what the training measured, to read; ignored here

Nothing else in the folder is read.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from diorama import resources
from diorama.errors import CheckpointError, expected

CONFIG, MODEL, WEIGHTS = "config.json", "refiner.onnx", "weights.safetensors"

DEFAULT = Path(__file__).parent / "checkpoints" / "tiny"
"""Where the refiner lies that ships with the engine."""

_LARGEST = {CONFIG: 64 << 10, MODEL: 32 << 20, WEIGHTS: 32 << 20}
_COMMENT = re.compile(r"//[^\n]*|\s+")

Count = Annotated[int, Field(ge=1, le=1024)]
Hash = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)


class Training(_Strict):
    """How the weights came about."""

    seed: Annotated[int, Field(ge=0)]
    steps: Annotated[int, Field(ge=0)]
    recipes: Annotated[int, Field(ge=0)]
    """The version of the recipes that the training pairs were made from."""


class Files(_Strict):
    """SHA-256 of the files beside the config."""

    model: Hash
    weights: Hash


class Config(_Strict):
    """The content of ``config.json``."""

    format: Literal["diorama refiner 1"] = "diorama refiner 1"
    tier: Annotated[str, Field(max_length=40)]
    channels: tuple[Count, Count, Count]
    hidden: Annotated[int, Field(ge=4, le=64, multiple_of=4)]
    preset: Annotated[str, Field(max_length=40)]
    shaders: Hash
    training: Training
    engine: Annotated[str, Field(max_length=40)]
    license: Annotated[str, Field(max_length=100)]
    files: Files


@dataclass(frozen=True, eq=False)
class Checkpoint:
    """What was loaded: the network's file is whole and is the one that the config speaks of."""

    folder: Path
    config: Config
    model: bytes


def default_checkpoint() -> Path | None:
    """Return the folder of the refiner that ships with the engine; None where there is none."""
    return DEFAULT if DEFAULT.is_dir() else None


def chosen_checkpoint(refine: bool | str | Path, preset: str) -> Path | None:
    """Return the folder of the refiner that ``refine`` means: that which ships, none, or one's own.

    That which ships refines pictures of the preset it was trained on and leaves others as they are.
    """
    if refine is True:
        shipped = default_checkpoint()
        return shipped if shipped is not None and load_config(shipped).preset == preset else None
    return Path(refine) if refine else None


def load(folder: Path) -> Checkpoint:
    """Read a checkpoint for rendering; ``CheckpointError`` names the file that is wrong, and how."""
    config = load_config(folder)
    return Checkpoint(folder, config, read_file(folder, MODEL, config.files.model))


def load_config(folder: Path) -> Config:
    """Read ``config.json``."""
    content = read_file(folder, CONFIG)
    try:
        return Config.model_validate_json(content)
    except ValidationError as error:
        raise _first_problem(error, str(folder / CONFIG)) from None


def _first_problem(error: ValidationError, place: str) -> CheckpointError:
    first = error.errors(include_url=False)[0]
    field = ".".join(str(part) for part in first["loc"])
    place = f"{place}: {field}" if field else place
    if first["type"] == "missing":
        return CheckpointError("expected this field, got none", place=place)
    if first["type"] == "extra_forbidden":
        return CheckpointError("expected no field of this name", place=place)
    wanted = first["msg"].removeprefix("Input should be ").replace("Invalid JSON:", "valid JSON:")
    got = first["input"].decode("utf-8", "replace") if isinstance(first["input"], bytes) else first["input"]
    return CheckpointError(expected(wanted, got), place=place)


def read_file(folder: Path, name: str, digest: str | None = None) -> bytes:
    """Return the content of one of the three files, checked for its size and, where given, its SHA-256."""
    path = folder / name
    try:
        size = path.stat().st_size
        if size > _LARGEST[name]:
            raise CheckpointError(expected(f"at most {_LARGEST[name]} bytes", size), place=str(path))
        content = path.read_bytes()
    except OSError as error:
        raise CheckpointError(
            f"expected a readable file of a refiner, got: {error.strerror}", place=str(path)
        ) from None
    if digest is not None and sha256(content).hexdigest() != digest:
        got = f"{sha256(content).hexdigest()}, {len(content)} bytes"
        raise CheckpointError(expected(f"the content with SHA-256 {digest} that {CONFIG} names", got), place=str(path))
    return content


def shader_hash() -> str:
    """Return one hash of all shaders, which are what pictures come from; comments and spaces do not count."""
    folder = resources.shaders()
    whole = sha256()
    for path in sorted(folder.rglob("*.*")):
        text = _COMMENT.sub(" ", path.read_text("utf-8")).strip()
        whole.update(f"{path.relative_to(folder).as_posix()}\0{text}\0".encode())
    return whole.hexdigest()


def advice(config: Config, preset: str) -> str:
    """Return what to tell a user whose pictures are not like those it was trained on; else nothing."""
    differences = [
        *([f"preset {config.preset}, this is {preset}"] if config.preset != preset else []),
        *(["other shaders than these"] if config.shaders != shader_hash() else []),
    ]
    if not differences:
        return ""
    return f"the refiner was trained on {' and on '.join(differences)}; to train it anew: diorama train"
