"""GLSL from files: includes resolved, feature defines put in, errors led back to file and line.

``#include "lib/x.glsl"`` is relative to the shader folder; a file is included once. Lines are
numbered so that a line tells its file too: drivers quote lines, but Mesa forgets file numbers.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from diorama.errors import ShaderError

_INCLUDE = re.compile(r'\s*#include\s+"([^"]+)"\s*')
_PLACES = (
    re.compile(r"^(?:ERROR|WARNING): \d+:(?P<line>\d+): (?P<text>.*)$"),
    re.compile(r"^\d+:(?P<line>\d+)\(\d+\): (?P<text>.*)$"),
    re.compile(r"^\d+\((?P<line>\d+)\) : (?P<text>.*)$"),
)
"""How the drivers of Apple and AMD, Mesa, and NVIDIA write a place."""

_FILE = 100_000
"""Line n of file f is numbered f * 100000 + n."""


@dataclass(frozen=True)
class ShaderSource:
    """One compiled unit: the text for the driver and the files it was put together from."""

    text: str
    files: tuple[str, ...]

    def explain(self, log: str) -> str:
        """Rewrite a driver's log so that each message names the file and line it speaks of."""
        return "\n".join(self._explain_line(line) for line in log.splitlines() if line.strip())

    def _explain_line(self, line: str) -> str:
        for pattern in _PLACES:
            match = pattern.match(line)
            if match and int(match["line"]) // _FILE < len(self.files):
                number, row = divmod(int(match["line"]), _FILE)
                return f"{self.files[number]}:{row}: {match['text']}"
        return line


@dataclass
class _Expansion:
    folder: Path
    files: list[str] = field(default_factory=list)
    lines: list[str] = field(default_factory=list)

    def add(self, name: str, asked_by: str) -> None:
        if name in self.files:
            return
        path = self.folder / name
        if not path.is_file():
            raise ShaderError(f"no shader file {name!r}", place=asked_by)
        number = len(self.files)
        self.files.append(name)
        self.lines.append(f"#line {number * _FILE + 1}")
        for row, line in enumerate(path.read_text("utf-8").splitlines(), 1):
            match = _INCLUDE.fullmatch(line)
            if match:
                self.add(match[1], f"{name}:{row}")
                self.lines.append(f"#line {number * _FILE + row + 1}")
            else:
                self.lines.append(line)


def load_shader(folder: Path, name: str, defines: Mapping[str, int | str] | None = None) -> ShaderSource:
    """Read ``folder/name`` with its includes; ``defines`` become ``#define KEY VALUE`` on top."""
    expansion = _Expansion(folder)
    expansion.add(name, name)
    head = ["#version 450 core", *(f"#define {key} {value}" for key, value in sorted((defines or {}).items()))]
    return ShaderSource("\n".join([*head, *expansion.lines, ""]), tuple(expansion.files))
