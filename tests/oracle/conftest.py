"""Skips what needs the path tracer where it cannot be loaded, and says once why."""

from __future__ import annotations

from collections.abc import Iterable
from importlib import import_module
from pathlib import Path

import pytest

from diorama.errors import DioramaError

WITHOUT_IT = ["test_comparison.py", "test_llvm.py", "test_picture.py"]

try:
    import_module("diorama.oracle.backend")
except DioramaError as error:
    MISSING = f"no path tracer: make test-oracle ({error})"
else:
    MISSING = ""


class Skipped(pytest.Module):
    def collect(self) -> Iterable[pytest.Item]:
        pytest.skip(MISSING, allow_module_level=True)


def pytest_pycollect_makemodule(module_path: Path, parent: pytest.Collector) -> pytest.Module | None:
    if not MISSING or module_path.name in WITHOUT_IT:
        return None
    return Skipped.from_parent(parent, path=module_path)
