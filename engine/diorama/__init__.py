"""Diorama: a scene file, or a scene built in Python, becomes a video with exact ground truth.

A public name is loaded when it is first asked for, so that ``import diorama`` costs nothing and
loading a scene needs neither OpenGL nor a codec. ``__init__.pyi`` tells type checkers the same.
"""

from importlib import import_module

_NAMES = {
    "diorama.batch": ("BatchReport", "render_batch"),
    "diorama.dataset": ("Dataset", "read_dataset"),
    "diorama.errors": (
        "AssetError",
        "CheckpointError",
        "DeviceError",
        "DioramaError",
        "OptionError",
        "OutputError",
        "SceneError",
        "ShaderError",
    ),
    "diorama.frame": ("PASSES", "Frame", "PassSpec"),
    "diorama.geometry.build": ("build_mesh",),
    "diorama.pipeline": ("Report", "Studio", "render", "synthesize"),
    "diorama.scene.asset": ("load_asset",),
    "diorama.scene.graph": ("Scene", "load_scene"),
    "diorama.scene.node": ("Node",),
    "diorama.scene.schema": (
        "Bloom",
        "Box",
        "Camera",
        "Capsule",
        "Cone",
        "Cylinder",
        "DiscLight",
        "Distortion",
        "Environment",
        "Finish",
        "Fog",
        "Follow",
        "Gradient",
        "Grain",
        "Intrinsics",
        "Key",
        "Keys",
        "Material",
        "MeshFile",
        "Noise",
        "Orbit",
        "Overlay",
        "Place",
        "Plane",
        "Point",
        "RectangleLight",
        "Sky",
        "Sphere",
        "SphereLight",
        "Spot",
        "Sun",
        "Title",
        "Torus",
        "Video",
        "WhiteBalance",
    ),
}
_HOMES = {name: home for home, names in _NAMES.items() for name in names}

__all__ = sorted(_HOMES)


def __getattr__(name: str) -> object:
    if name not in _HOMES:
        raise AttributeError(f"module 'diorama' has no attribute {name!r}")
    value: object = getattr(import_module(_HOMES[name]), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return __all__
