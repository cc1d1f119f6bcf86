"""The models of a scene: what a scene file may say, and the classes of the Python API."""

from diorama.scene.schema.camera import Camera, Distortion, Intrinsics
from diorama.scene.schema.environment import Environment, Gradient, Sky
from diorama.scene.schema.finish import Bloom, Finish, Grain, Noise, Overlay, Title, WhiteBalance
from diorama.scene.schema.fog import Fog
from diorama.scene.schema.keys import Key, Keys
from diorama.scene.schema.lights import DiscLight, LightSource, Point, RectangleLight, SphereLight, Spot, Sun
from diorama.scene.schema.material import Material
from diorama.scene.schema.motion import Follow, Orbit
from diorama.scene.schema.nodes import Node, Place
from diorama.scene.schema.scene import SceneSpec, Video
from diorama.scene.schema.shapes import (
    Box,
    Capsule,
    Cone,
    Cylinder,
    MeshFile,
    Plane,
    Shape,
    Sphere,
    Torus,
)

__all__ = [
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
    "LightSource",
    "Material",
    "MeshFile",
    "Node",
    "Noise",
    "Orbit",
    "Overlay",
    "Place",
    "Plane",
    "Point",
    "RectangleLight",
    "SceneSpec",
    "Shape",
    "Sky",
    "Sphere",
    "SphereLight",
    "Spot",
    "Sun",
    "Title",
    "Torus",
    "Video",
    "WhiteBalance",
]
