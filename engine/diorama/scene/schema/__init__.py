"""The models of a scene: what a scene file may say, and the classes of the Python API."""

from diorama.scene.schema.camera import Camera, Intrinsics
from diorama.scene.schema.environment import Environment, Gradient
from diorama.scene.schema.finish import Finish, Title
from diorama.scene.schema.keys import Key, Keys
from diorama.scene.schema.lights import LightSource, Point, Spot, Sun
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
    "Box",
    "Camera",
    "Capsule",
    "Cone",
    "Cylinder",
    "Environment",
    "Finish",
    "Follow",
    "Gradient",
    "Intrinsics",
    "Key",
    "Keys",
    "LightSource",
    "Material",
    "MeshFile",
    "Node",
    "Orbit",
    "Place",
    "Plane",
    "Point",
    "SceneSpec",
    "Shape",
    "Sphere",
    "Spot",
    "Sun",
    "Title",
    "Torus",
    "Video",
]
