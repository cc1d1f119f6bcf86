"""The camera of a snapshot as a Mitsuba sensor: a ray for every place in the picture, whatever the lens.

An open lens is an ideal thin one: all rays from a place of it to one pixel meet where the ray through its
centre meets the plane of focus (Kolb, Mitchell and Hanrahan 1995, "A realistic camera model", section 3).
"""

from __future__ import annotations

from typing import Any

from diorama.distortion import Distortion
from diorama.oracle.backend import dr, mi
from diorama.scene.shot import CameraState

_ROUNDS = 40


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
        x, y = _straight(camera.distortion, x, y)
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


def _straight(distortion: Distortion | None, x: Any, y: Any) -> tuple[Any, Any]:
    """Return where a ray goes that the lens shows at (x, y), as OpenCV finds it: by iterating to a fixed point."""
    if distortion is None:
        return x, y
    k = distortion.coefficients
    if distortion.model == "fisheye":
        shown = dr.sqrt(x * x + y * y)
        angle = mi.Float(shown)
        for _ in range(_ROUNDS):
            a = angle * angle
            angle = shown / (1.0 + a * (k[0] + a * (k[1] + a * (k[2] + a * k[3]))))
        factor = dr.select(shown > 1e-6, dr.tan(angle) / shown, 1.0)
        return x * factor, y * factor
    u, v = mi.Float(x), mi.Float(y)
    for _ in range(_ROUNDS):
        r = u * u + v * v
        radial = 1.0 + k[0] * r + k[1] * r * r + k[4] * r * r * r
        across = 2.0 * k[2] * u * v + k[3] * (r + 2.0 * u * u)
        down = k[2] * (r + 2.0 * v * v) + 2.0 * k[3] * u * v
        u, v = (x - across) / radial, (y - down) / radial
    return u, v


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
