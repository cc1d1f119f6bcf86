"""Every error that Diorama raises on purpose.

    DioramaError
    ├── SceneError        a scene file, or a scene built in Python, is wrong
    ├── AssetError        a mesh, image or environment cannot be used
    ├── DeviceError       no OpenGL, the wrong OpenGL, or too little memory on it
    │   └── ShaderError   a shader of ours does not compile on this driver
    ├── CheckpointError   the files of a trained refiner are damaged or do not fit
    ├── OptionError       an argument or a command-line option is wrong
    └── OutputError       a video, image or dataset cannot be written

A message says where, what was wanted and what came:
``yard.yaml:12:9: nodes.car.camera.fov: expected 1 to 179 degrees, got 240``.
"""

from __future__ import annotations


class DioramaError(Exception):
    """Base of all errors below; ``place`` names the file, node or option at fault."""

    def __init__(self, message: str, *, place: str = "") -> None:
        self.message = message
        self.place = place
        super().__init__(f"{place}: {message}" if place else message)

    def __reduce__(self) -> tuple[object, ...]:
        """Keep ``place`` when a worker process hands the error to its parent."""
        return (_rebuild, (type(self), self.message, self.place))


class SceneError(DioramaError):
    """A scene file, or a scene built in Python, is wrong."""


class AssetError(DioramaError):
    """A mesh, image or environment cannot be used."""


class DeviceError(DioramaError):
    """There is no usable OpenGL, it is not the one asked for, or its memory is spent."""


class ShaderError(DeviceError):
    """A shader does not compile; the message shows file and line."""


class CheckpointError(DioramaError):
    """The files of a trained refiner are damaged, or are not what they should be."""


class OptionError(DioramaError):
    """An argument or a command-line option is wrong."""


class OutputError(DioramaError):
    """A video, image or dataset cannot be written."""


def _rebuild(kind: type[DioramaError], message: str, place: str) -> DioramaError:
    return kind(message, place=place)


def expected(wanted: str, got: object) -> str:
    """Return the one phrase all messages use: ``expected WANTED, got VALUE``."""
    shown = repr(got)
    return f"expected {wanted}, got {shown if len(shown) <= 80 else shown[:77] + '...'}"


def extra(name: str) -> str:
    """Return how to install an extra; the package is not on PyPI, so what it is installed from is named."""
    return f"in a clone .venv/bin/pip install -e '.[{name}]', from a wheel pip install 'FILE.whl[{name}]'"
