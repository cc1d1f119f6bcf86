"""The camera of a snapshot as a Mitsuba sensor: a ray for every place in the picture, whatever the lens."""

from __future__ import annotations

from typing import Any

from diorama.oracle.backend import dr, mi
from diorama.scene.shot import CameraState


class LensSensor(mi.Sensor):
    """Rays through the principal point's pinhole; the world's origin is at the camera."""

    camera: CameraState

    def __init__(self, properties: Any) -> None:
        super().__init__(properties)
        self.m_needs_sample_3 = False

    def sample_ray(self, time: Any, sample1: Any, sample2: Any, sample3: Any, active: Any = True) -> tuple[Any, Any]:
        """Return the ray through the place ``sample2`` (0..1, from the upper left corner) and its weight 1."""
        size = self.film().crop_size()
        camera = self.camera
        x = (sample2.x * int(size[0]) - camera.cx) / camera.fx
        y = (sample2.y * int(size[1]) - camera.cy) / camera.fy
        right, up, back = (mi.Vector3f(*camera.matrix[:3, axis].tolist()) for axis in range(3))
        direction = dr.normalize(right * x - up * y - back)
        forward = dr.dot(direction, -back)
        origin = mi.Point3f(direction * (camera.near / forward))
        return mi.Ray3f(origin, direction, time, []), mi.Color3f(1.0)

    def to_string(self) -> str:
        """Name it for Mitsuba's messages."""
        return "LensSensor[]"


mi.register_sensor("diorama_lens", LensSensor)


def sensor_of(camera: CameraState, width: int, height: int) -> Any:
    """Return the sensor of ``camera`` for pictures of ``width`` x ``height`` pixels, a box filter over each."""
    film = {
        "type": "hdrfilm",
        "width": width,
        "height": height,
        "pixel_format": "rgb",
        "component_format": "float32",
        "rfilter": {"type": "box"},
    }
    made = mi.load_dict({"type": "diorama_lens", "film": film, "sampler": {"type": "independent"}})
    made.camera = camera
    return made
