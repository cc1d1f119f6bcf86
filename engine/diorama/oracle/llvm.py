"""Which libLLVM the path tracer compiles its kernels with.

One older than 16 ends the whole process on processors with AVX-512 ("Cannot select ...
fminimum"), so it is looked for by number rather than left to chance; ``DRJIT_LIBLLVM_PATH``
names another. Needs nothing but the standard library, so that set-up can ask before anything is
installed: ``python -m diorama.oracle.llvm`` prints what it finds and exits with 1 where that is nothing.
"""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Iterable
from pathlib import Path

from diorama.errors import DeviceError

VARIABLE = "DRJIT_LIBLLVM_PATH"
CURE = "sudo apt install libllvm19"
"""The package that gives one on Debian 12+ and Ubuntu 24.04+."""

OLDEST, NEWEST = 16, 22

_FOLDERS = ("/usr/lib/x86_64-linux-gnu", "/usr/lib/aarch64-linux-gnu", "/usr/lib64", "/usr/lib", "/usr/local/lib")
_NAME = re.compile(r"libLLVM(?:-|\.so\.)(\d+)[\w.]*", re.ASCII)


def library() -> str:
    """Return the path of the libLLVM to load; ``DeviceError`` says how to get one where there is none."""
    if os.environ.get(VARIABLE):
        return os.environ[VARIABLE]
    found = newest_llvm(path for folder in _FOLDERS for path in Path(folder).glob("libLLVM*.so*"))
    if found is None:
        raise DeviceError(f"expected libLLVM {OLDEST} to {NEWEST}, found none: {CURE}", place="oracle")
    return str(found)


def newest_llvm(files: Iterable[Path]) -> Path | None:
    """Return the newest usable libLLVM among ``files`` by its number: libLLVM-19.so, libLLVM.so.19.1."""
    numbered = [(int(match[1]), path) for path in files if (match := _NAME.fullmatch(path.name))]
    usable = [(number, str(path)) for number, path in numbered if OLDEST <= number <= NEWEST]
    return Path(max(usable)[1]) if usable else None


def main() -> int:
    """Print the library that the path tracer would load; return 0 if there is one."""
    try:
        print(library())
    except DeviceError as error:
        print(str(error).removesuffix(f": {CURE}"), file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
