"""Every shader, in every variant, through the reference compiler: what one driver forgives, another may not."""

from __future__ import annotations

import re
import subprocess
from collections.abc import Iterator
from pathlib import Path
from shutil import which

import pytest

from diorama import resources
from diorama.gl.shader import load_shader

FLAG = (0, 1)
VALUES = {
    "BUCKETS": (0, 1, 2, 3, 6),
    "SAMPLES": (1, 2, 3),
    "FINER": (1, 8),
    "LENS": (None, 1, 2),
    "TURNS": (None, 1),
    **dict.fromkeys(("OCCLUSION", "BOUNCES", "SOFT", "COATED", "FOG", "SHAFTS", "LIGHTS", "KEYS"), FLAG),
}
"""What each define that shaders know can be, None for not defined; the usual first."""

STAGES = (".vert", ".frag", ".comp")


def variants() -> Iterator[tuple[str, dict[str, int]]]:
    """Yield for every shader each define's values beside the usual ones of the others, and beside their last."""
    for path in sorted(path for path in resources.shaders().iterdir() if path.suffix in STAGES):
        text = load_shader(resources.shaders(), path.name, dict.fromkeys(VALUES, 1)).text.split("#line", 1)[1]
        used = [name for name in VALUES if re.search(rf"\b{name}\b", text)]
        found = []
        for end in (0, -1):
            usual = {name: VALUES[name][end] for name in used}
            found += [usual | {name: value} for name in used for value in VALUES[name]] or [usual]
        for number, defines in enumerate(found):
            if defines not in found[:number]:
                yield path.name, {name: value for name, value in defines.items() if value is not None}


@pytest.mark.parametrize(("name", "defines"), list(variants()), ids=str)
def test_a_variant_is_valid_glsl_and_spirv(tmp_path: Path, name: str, defines: dict[str, int]) -> None:
    if not which("glslangValidator"):
        pytest.skip("no glslangValidator: sudo apt install glslang-tools")
    source = load_shader(resources.shaders(), name, defines)
    (tmp_path / name).write_text(source.text, encoding="utf-8")
    checked = run("glslangValidator", str(tmp_path / name))
    assert checked.returncode == 0, source.explain(checked.stdout)
    if which("spirv-val"):
        binary = str(tmp_path / "binary.spv")
        assert run("glslangValidator", "-G", "--aml", "--amb", str(tmp_path / name), "-o", binary).returncode == 0
        checked = run("spirv-val", "--target-env", "opengl4.5", binary)
        assert checked.returncode == 0, checked.stderr


def run(*command: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(command, capture_output=True, text=True, check=False)


def test_every_define_that_shaders_test_is_known() -> None:
    """A new feature bit must come into the table above, or its variants go unchecked."""
    tested = set()
    for path in resources.shaders().rglob("*.*"):
        for line in re.findall(r"^#\s*(?:el)?if\w*\s+(.*)$", path.read_text("utf-8"), re.MULTILINE):
            tested |= set(re.findall(r"[A-Z_]{2,}", line))
    assert tested <= set(VALUES)
