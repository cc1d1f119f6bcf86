"""Fixtures that many rooms share: one GL device for the whole run, and where the real data lie."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import settings

from diorama.gl.device import Device

# the same examples on every run, so that a red suite is red again; DIORAMA_EXPLORE=1 looks for new ones
settings.register_profile("steady", derandomize=True, deadline=None)
settings.register_profile("explore", deadline=None)
settings.load_profile("explore" if os.environ.get("DIORAMA_EXPLORE") else "steady")

_CHECKOUT = Path(__file__).resolve().parents[1]
_BESIDE = Path("..", "shared", "data")


@pytest.fixture(scope="session")
def device() -> Iterator[Device]:
    with Device("software") as opened:
        yield opened


@pytest.fixture(scope="session")
def data() -> Path:
    """The folder of openly licensed test data; tests that need it are skipped where it is absent."""
    folder = Path(os.environ.get("DIORAMA_DATA", _CHECKOUT / _BESIDE))
    if not folder.is_dir():
        pytest.skip(f"no test data: set DIORAMA_DATA or put it at {_BESIDE}, beside the checkout")
    return folder
