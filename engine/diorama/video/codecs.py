"""How each codec is stored: container, pixel format, options, and what its colours are tagged as.

codec    suffixes          stored as            loses
h264     .mp4 .mov .mkv    yuv420p, bt709, tv   colour detail and precision
ffv1     .mkv              RGB (RGBA)           nothing
prores   .mov              yuva444p10, bt709    a little precision; keeps alpha
png      (a folder)        RGB (RGBA)           nothing

The chroma of H.264 lies in the middle of its 2 x 2 pixels, and is tagged so (``chromaloc``). x264's
macroblock tree is off: its SIMD code reads beyond the rows of most widths, and so what happens to
lie in memory would reach the bytes.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType
from typing import Literal, TypeAlias

from diorama.errors import OptionError, expected

Codec: TypeAlias = Literal["h264", "ffv1", "prores", "png"]

_X264 = "chromaloc=1:mbtree=0"
_MUXERS = {".mp4": "mp4", ".mov": "mov", ".mkv": "matroska"}


@dataclass(frozen=True)
class CodecSpec:
    """One row of the table above; ``alpha_format`` is empty where there is no alpha."""

    name: Codec
    encoder: str
    suffixes: tuple[str, ...]
    pixel_format: str
    alpha_format: str
    options: Mapping[str, str] = field(default_factory=dict)

    def format_for(self, alpha: bool) -> str:
        """Return the pixel format that is stored."""
        return self.alpha_format if alpha else self.pixel_format


CODECS: Mapping[str, CodecSpec] = MappingProxyType(
    {
        spec.name: spec
        for spec in (
            CodecSpec("h264", "libx264", (".mp4", ".mov", ".mkv"), "yuv420p", "", {"x264-params": _X264}),
            CodecSpec("ffv1", "ffv1", (".mkv",), "bgr0", "bgra", {"level": "3", "g": "1", "slicecrc": "1"}),
            CodecSpec("prores", "prores_ks", (".mov",), "yuv444p10le", "yuva444p10le", {"profile": "4444"}),
            CodecSpec("png", "", ("",), "rgb24", "rgba"),
        )
    }
)
"""Every codec by name."""


def choose_codec(path: Path, codec: str | None, *, alpha: bool) -> CodecSpec:
    """Return the codec that is asked for, or the one that the suffix of ``path`` implies.

    ``OptionError`` where there is no such codec, it does not go into such a file, or has no alpha.
    """
    spec = CODECS.get(codec) if codec else _implied(path, alpha)
    if spec is None:
        raise OptionError(expected(f"one of {', '.join(CODECS)}", codec), place="codec")
    if path.suffix.lower() not in spec.suffixes:
        wanted = " or ".join(spec.suffixes) if spec.suffixes != ("",) else "a folder: a name without a suffix"
        raise OptionError(expected(f"{wanted} for {spec.name}", path.name), place=str(path))
    if alpha and not spec.alpha_format:
        raise OptionError(expected("prores, ffv1 or png, which hold alpha", spec.name), place="codec")
    return spec


def suffix_for(codec: str | None, *, alpha: bool) -> str:
    """Return the suffix of a file for ``codec``, by default H.264, or ProRes where there is alpha."""
    spec = CODECS.get(codec or ("prores" if alpha else "h264"))
    if spec is None:
        raise OptionError(expected(f"one of {', '.join(CODECS)}", codec), place="codec")
    return spec.suffixes[0]


def muxer(path: Path) -> str:
    """Return FFmpeg's name of the container that a suffix stands for."""
    return _MUXERS[path.suffix.lower()]


def _implied(path: Path, alpha: bool) -> CodecSpec:
    by_suffix = {".mp4": "h264", ".mov": "prores" if alpha else "h264", ".mkv": "ffv1", "": "png"}
    name = by_suffix.get(path.suffix.lower())
    if name is None:
        raise OptionError(expected("a name in .mp4, .mov, .mkv, or a folder", path.name), place=str(path))
    return CODECS[name]
