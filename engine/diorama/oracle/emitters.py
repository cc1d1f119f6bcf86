"""The lights of a snapshot as Mitsuba emitters, in its units: lux, candela, nits, metres from the camera.

Suns and cones are emitters of our own. A sun is a disc of even radiance at infinity; a spot
follows KHR_lights_punctual, which Mitsuba's does not.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

from diorama.oracle.backend import dr, mi
from diorama.oracle.camera_rays import light_body
from diorama.renderer.sky_pieces import environment_turn
from diorama.scene.shot import DISC, POINT, RECTANGLE, SKY, SPHERE, SPOT, SUN, EnvironmentState, LightBatch

Floats = NDArray[np.float64]

_GRADIENT_ROWS = 1024
_FAR = 1e6
"""Metres to a sun for its shadow rays."""


class UnseenEmitter(mi.Emitter):
    """An emitter that only light sampling finds: no ray meets it and nothing shows it."""

    def pdf_direction(self, it: Any, ds: Any, active: Any) -> Any:
        """Return 0: nothing else may find it."""
        return mi.Float(0.0)

    def eval(self, si: Any, active: Any) -> Any:
        """Return black: it is not seen."""
        return mi.Color3f(0.0)

    def bbox(self) -> Any:
        """Return no box: nothing of it is hit."""
        return mi.BoundingBox3f()

    def to_string(self) -> str:
        """Name it for Mitsuba's messages."""
        return f"{type(self).__name__}[]"


class SunEmitter(UnseenEmitter):
    """A disc of even radiance at infinity that gives ``illuminance`` on a surface facing it.

    Only light sampling finds it: it is not seen in the background, and reflections of it are highlights.
    """

    toward: Any
    illuminance: Any
    cosine: float

    def __init__(self, properties: Any) -> None:
        super().__init__(properties)
        self.m_flags = +mi.EmitterFlags.DeltaDirection

    def sample_direction(self, it: Any, sample: Any, active: Any) -> tuple[Any, Any]:
        """Draw a direction evenly over the disc."""
        local = mi.warp.square_to_uniform_cone(sample, self.cosine)
        direction = mi.Frame3f(self.toward).to_world(local)
        return _toward(it, direction, mi.Float(_FAR)), self.illuminance & active


class ConeEmitter(UnseenEmitter):
    """A point or spot, or the ball of ``radius`` around it that shines as strongly to each side."""

    position: Any
    direction: Any
    intensity: Any
    scale: float
    offset: float
    radius: float

    def __init__(self, properties: Any) -> None:
        super().__init__(properties)
        self.m_flags = +mi.EmitterFlags.DeltaPosition

    def sample_direction(self, it: Any, sample: Any, active: Any) -> tuple[Any, Any]:
        """Draw a place on the disc of the ball that faces ``it``; all of it lies at the centre's distance."""
        to_centre = self.position - it.p
        distance = dr.norm(to_centre)
        disc = mi.warp.square_to_uniform_disk_concentric(sample)
        across = mi.Frame3f(to_centre / distance).to_world(mi.Vector3f(disc.x, disc.y, 0.0))
        place = self.position + across * self.radius
        offset = place - it.p
        reach = dr.norm(offset)
        cone = dr.clip(dr.dot(self.direction, -to_centre / distance) * self.scale + self.offset, 0.0, 1.0)
        value = self.intensity * (cone * cone / (distance * distance))
        return _toward(it, offset / reach, reach), value & active


for _name, _kind in (("diorama_sun", SunEmitter), ("diorama_cone", ConeEmitter)):
    mi.register_emitter(_name, _kind)


def emitters(lights: LightBatch, eye: Floats) -> Iterator[Any]:
    """Yield the emitters (and shapes that emit) of all lights; ``eye`` (3,) is the world's new origin in metres."""
    for row in range(len(lights)):
        kind, color = int(lights.kind[row]), lights.color[row]
        place, direction = lights.position[row] - eye, lights.direction[row]
        size = lights.size[row]
        if not np.asarray(color).any() or kind == SKY:
            continue
        if kind == SUN:
            yield _sun(direction, color, float(size[0]))
        elif kind == SPHERE or (kind == POINT and size[0] > 0.0):
            radiance = color if kind == SPHERE else color / (np.pi * size[0] ** 2)
            yield _area("sphere", radiance, center=place.tolist(), radius=float(size[0]))
        elif kind in (RECTANGLE, DISC):
            frame = _frame(direction, lights.tangent[row], size, place)
            yield _area("rectangle" if kind == RECTANGLE else "disk", color, to_world=mi.ScalarTransform4f(frame))
        elif kind in (POINT, SPOT):
            yield _cone(lights, row, place)


def sky(state: EnvironmentState, picture: NDArray[np.float32] | None) -> Any | None:
    """Return the environment, None where it is black. A sun inside the picture stays in it."""
    if picture is None:
        y = np.cos(np.linspace(0.0, np.pi, _GRADIENT_ROWS))[:, None]
        zenith, horizon, ground = (np.asarray(one) for one in (state.zenith, state.horizon, state.ground))
        column = horizon + (zenith - horizon) * np.maximum(y, 0.0) + (ground - horizon) * np.maximum(-y, 0.0)
        picture = np.repeat(column[:, None, :], 8, axis=1).astype(np.float32)
    else:
        picture = _pole_to_pole(picture)
    if state.intensity <= 0.0 or not picture.any():
        return None
    turn = np.eye(4)
    turn[:3, :3] = environment_turn(state.rotation + np.pi)  # the centre of Mitsuba's pictures is at +Z
    return mi.load_dict(
        {
            "type": "envmap",
            "bitmap": mi.Bitmap(np.ascontiguousarray(picture, np.float32)),
            "scale": float(state.intensity),
            "to_world": mi.ScalarTransform4f(turn),
        }
    )


def _pole_to_pole(picture: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return (2 H + 1, W, 3): the same light with Mitsuba's rows, whose first and last lie on the poles."""
    rows = np.empty((2 * len(picture) + 1, *picture.shape[1:]), np.float32)
    rows[1::2] = picture
    rows[2:-1:2] = (picture[:-1] + picture[1:]) / 2.0
    rows[0], rows[-1] = picture[0], picture[-1]
    return rows


def _sun(direction: Floats, illuminance: Floats, half_angle: float) -> Any:
    made = mi.load_dict({"type": "diorama_sun"})
    made.toward = mi.Vector3f(*(-direction).tolist())
    made.cosine = float(np.cos(half_angle))
    # a disc of even radiance lights what faces it by the mean cosine over the disc
    made.illuminance = mi.Color3f(*(np.asarray(illuminance) * 2.0 / (1.0 + made.cosine)).tolist())
    return made


def _cone(lights: LightBatch, row: int, place: Floats) -> Any:
    made = mi.load_dict({"type": "diorama_cone"})
    made.position = mi.Point3f(*place.tolist())
    made.direction = mi.Vector3f(*lights.direction[row].tolist())
    made.intensity = mi.Color3f(*lights.color[row].tolist())
    made.radius, made.scale, made.offset = float(lights.size[row, 0]), 0.0, 1.0
    if lights.kind[row] == SPOT:
        inner, outer = np.cos(lights.inner_angle[row]), np.cos(lights.outer_angle[row])
        made.scale = float(1.0 / max(inner - outer, 1e-3))
        made.offset = float(-outer * made.scale)
    return made


def _area(shape: str, radiance: Floats, **placed: Any) -> Any:
    emitter = {"type": "area", "radiance": {"type": "rgb", "value": np.asarray(radiance).tolist()}}
    return mi.load_dict({"type": shape, "emitter": emitter, "bsdf": light_body(), **placed})


def _frame(direction: Floats, tangent: Floats, size: Floats, place: Floats) -> Floats:
    """Return the matrix that puts Mitsuba's square or disc of half width 1, facing +Z, where the light is."""
    matrix = np.eye(4)
    matrix[:3, 0], matrix[:3, 1] = tangent * size[0], np.cross(direction, tangent) * size[1]
    matrix[:3, 2], matrix[:3, 3] = direction, place
    return matrix


def _toward(it: Any, direction: Any, distance: Any) -> Any:
    """Return Mitsuba's record of a sample in ``direction`` from ``it`` that no other strategy can find."""
    sample = dr.zeros(mi.DirectionSample3f, dr.width(it.p))
    sample.p = it.p + direction * distance
    sample.n = -direction
    sample.d, sample.dist = direction, distance
    sample.pdf, sample.delta, sample.time = 1.0, True, it.time
    return sample
