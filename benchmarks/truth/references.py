"""Traced pictures, kept by a digest of what was traced: a second run of the same scenes traces nothing."""

from __future__ import annotations

import ast
import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import fields, is_dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np
from rich.console import Console
from rich.progress import Progress

import diorama.oracle
from diorama.atomic import atomic_file
from diorama.oracle.path_tracer import Reference, trace
from diorama.scene.shot import Shot

_NOT_TRACED = {"backend.py", "comparison.py", "llvm.py", "picture.py", "__init__.py"}


def traced(shot: Shot, samples: int, depth: int, cache: Path | None, name: str) -> Reference:
    """Return the reference of ``shot``, out of the folder ``cache`` where it is there; progress goes to a terminal."""
    path = None if cache is None else cache / f"{digest(shot, samples, depth)}.npz"
    if path is not None and path.is_file():
        with np.load(path) as kept:
            return Reference(kept["color"], kept["noise"])
    console = Console(stderr=True)
    with Progress(console=console, transient=True, disable=not console.is_terminal) as bar:
        task = bar.add_task(f"tracing {name}")
        made = trace(
            shot, samples, depth=depth, progress=lambda done, total: bar.update(task, completed=done, total=total)
        )
    if path is not None:
        path.parent.mkdir(parents=True, exist_ok=True)
        with atomic_file(path, overwrite=True) as temporary:
            np.savez(temporary, color=made.color, noise=made.noise)
    return made


def digest(shot: Shot, samples: int, depth: int) -> str:
    """Return what names a reference: all that is traced, how, and by which code."""
    made = hashlib.sha256(f"{TRACER} {samples} {depth}".encode())
    stage = shot.stage
    parts = (shot.width, shot.height, shot.energy, shot.shutter, stage.meshes, stage.images, stage.environment)
    for piece in _pieces(parts):
        made.update(piece)
    return made.hexdigest()[:32]


def _code(file: Path) -> str:
    """Return what a file does, without comments and docstrings."""
    tree = ast.parse(file.read_text("utf-8"))
    for node in ast.walk(tree):
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef) and ast.get_docstring(node) is not None:
            del node.body[0]
    return ast.dump(tree)


def _tracer() -> str:
    files = sorted(Path(diorama.oracle.__path__[0]).glob("*.py"))
    code = "".join(_code(file) for file in files if file.name not in _NOT_TRACED)
    return f"{version('mitsuba')} {hashlib.sha256(code.encode()).hexdigest()}"


TRACER = _tracer()
"""The path tracer's version and a digest of our code around it, as they were when this was imported."""


def _pieces(value: Any) -> Iterator[bytes]:
    """Yield the bytes of all that ``value`` holds: dataclasses, sequences, arrays, numbers, texts."""
    if isinstance(value, np.ndarray):
        yield f"{value.dtype}{value.shape}".encode()
        yield np.ascontiguousarray(value).tobytes()
    elif is_dataclass(value):
        for field in fields(value):
            yield field.name.encode()
            yield from _pieces(getattr(value, field.name))
    elif isinstance(value, Mapping):
        yield from _pieces(sorted(value.items()))
    elif isinstance(value, tuple | list):
        yield f"{len(value)}".encode()
        for one in value:
            yield from _pieces(one)
    elif value is None or isinstance(value, str | int | float | bool):
        yield repr(value).encode()
    else:
        raise TypeError(f"expected arrays, numbers and texts, got {type(value).__name__}")
