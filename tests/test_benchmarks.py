"""Every script in ``benchmarks/`` runs on the code as it is; what it measures here means nothing."""

import re
from pathlib import Path

import pytest
from scripts import run_script

from diorama.errors import DioramaError

BENCHMARKS = Path(__file__).resolve().parents[1] / "benchmarks"
SMALLEST = {
    "animation": (["--nodes", "20", "--repeats", "2"], r"whole snapshot +[\d.]+ /", 3),
    "frame": (["--sizes", "32", "--frames", "1", "--no-peer"], r"CPU [\d.]+ s/frame", 6),
    "held_out": (["--clips", "1"], r"refined gains [+-][\d.]+ dB", 4),
    "octree": (["--sizes", "200", "--rounds", "1"], r" [\d.]+x +\d+x ", 8),
    "truth": (
        ["--size", "24", "--peers-size", "32", "--samples", "4", "--scenes", "sun,cornell,furnace,peers"],
        r"median +[\d.]+%  p95",
        4,
    ),
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
    if name == "truth":
        _needs_the_path_tracer()
    options, figures, lines = SMALLEST[name]
    printed = run_script(BENCHMARKS / f"{name}.py", tmp_path, *options)
    assert len(re.findall(figures, printed)) == lines, printed


@pytest.mark.slow
def test_references_are_traced_once_for_what_they_show(tmp_path: Path) -> None:
    _needs_the_path_tracer()

    def run(scene: str, samples: str) -> str:
        options = ["--size", "16", "--samples", samples, "--scenes", scene, "--cache", str(tmp_path / "kept")]
        printed = run_script(BENCHMARKS / "truth.py", tmp_path, *options)
        return re.sub(r"CPU .*", "", printed)

    first = run("sun", "4")
    (kept,) = (tmp_path / "kept").iterdir()
    stamp = kept.stat().st_mtime_ns
    assert run("sun", "4") == first
    assert [(path, path.stat().st_mtime_ns) for path in (tmp_path / "kept").iterdir()] == [(kept, stamp)]
    run("sun", "8")
    run("point", "4")
    assert len(list((tmp_path / "kept").iterdir())) == 3


def _needs_the_path_tracer() -> None:
    try:
        import diorama.oracle.backend  # noqa: F401
    except DioramaError as error:
        pytest.skip(f"no path tracer: make test-oracle ({error})")
