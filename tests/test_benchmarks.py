"""Every script in ``benchmarks/`` runs on the code as it is; what it measures here means nothing."""

import re
from pathlib import Path

import pytest
from scripts import run_script

BENCHMARKS = Path(__file__).resolve().parents[1] / "benchmarks"
SMALLEST = {
    "animation": (["--nodes", "20", "--repeats", "2"], r"whole snapshot +[\d.]+ /", 3),
    "frame": (["--sizes", "32", "--frames", "1", "--no-peer"], r"CPU [\d.]+ s/frame", 4),
    "held_out": (["--clips", "1"], r"refined gains [+-][\d.]+ dB", 4),
    "octree": (["--sizes", "200", "--rounds", "1"], r" [\d.]+x +\d+x ", 8),
    "refine": (["--sizes", "32x24", "--frames", "1"], r"CPU +[\d.]+ ms", 7),
}
"""The options of each, what a line of figures looks like, and how many there are."""


def test_all_benchmarks_are_tested() -> None:
    assert {file.stem for file in BENCHMARKS.glob("*.py")} == set(SMALLEST)


@pytest.mark.slow
@pytest.mark.parametrize("name", SMALLEST)
def test_benchmark(name: str, tmp_path: Path) -> None:
    if name in ("held_out", "refine"):
        pytest.importorskip("torch", reason="no torch: make test-torch")
    options, figures, lines = SMALLEST[name]
    printed = run_script(BENCHMARKS / f"{name}.py", tmp_path, *options)
    assert len(re.findall(figures, printed)) == lines, printed
