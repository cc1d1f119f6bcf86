"""The camera of a snapshot as a Mitsuba sensor: a ray for every place in the picture, whatever the lens.

An open lens is an ideal thin one: all rays from a place of it to one pixel meet where the ray through its
centre meets the plane of focus (Kolb, Mitchell and Hanrahan 1995, "A realistic camera model", section 3).
"""

from __future__ import annotations

from typing import Any

from diorama.oracle.backend import dr, mi
from diorama.scene.shot import CameraState


class LensSensor(mi.Sensor):
    """Rays through a pinhole or a thin lens; the world's origin is at its centre."""

    camera: CameraState

    def __init__(self, properties: Any) -> None:
        super().__init__(properties)
        self.m_needs_sample_3 = True

    def sample_ray(self, time: Any, sample1: Any, sample2: Any, sample3: Any, active: Any = True) -> tuple[Any, Any]:
        """Return the ray through the place ``sample2`` (0..1, from the upper left corner) and its weight 1."""
        size = self.film().crop_size()
        camera = self.camera
        x = (sample2.x * int(size[0]) - camera.cx) / camera.fx
        y = (sample2.y * int(size[1]) - camera.cy) / camera.fy
        right, up, back = (mi.Vector3f(*camera.matrix[:3, axis].tolist()) for axis in range(3))
        ahead = right * x - up * y - back
        lens = mi.Vector3f(0.0)
        if camera.aperture:
            disc = mi.warp.square_to_uniform_disk_concentric(sample3) * camera.aperture
            lens = right * disc.x + up * disc.y
            ahead = ahead * camera.focus - lens
        direction = dr.normalize(ahead)
        forward = dr.dot(direction, -back)
        origin = mi.Point3f(lens + direction * (camera.near / forward))
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
