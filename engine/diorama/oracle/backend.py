"""Mitsuba 3 in its vectorised variant, loaded once: every file of the oracle takes ``mi`` and ``dr`` from here.

Importing this file loads libLLVM, which Mitsuba compiles its kernels with. It raises
``DioramaError`` where the extra ``oracle`` or that library is missing.
"""

from __future__ import annotations

import os
from importlib import import_module
from importlib.util import find_spec
from typing import Any

from diorama.errors import DeviceError, OptionError, extra
from diorama.oracle.llvm import VARIABLE, library

VARIANT = "llvm_ad_rgb"


def load() -> tuple[Any, Any]:
    """Return the modules ``mitsuba`` and ``drjit``; ``DioramaError`` says what is missing and how to get it."""
    if find_spec("mitsuba") is None:
        raise OptionError(f"expected the extra oracle, got none: {extra('oracle')}", place="oracle")
    os.environ[VARIABLE] = library()
    try:
        mitsuba = import_module("mitsuba")
        mitsuba.set_variant(VARIANT)
    except ImportError as error:
        path = os.environ[VARIABLE]
        raise DeviceError(f"expected {VARIABLE} to name a libLLVM that loads, got {path!r}", place="oracle") from error
    return mitsuba, import_module("drjit")


mi, dr = load()
