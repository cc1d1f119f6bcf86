"""What a picture is seen through and against: the camera's lens, the air, the environment, the exposure."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from diorama.distortion import WIDEST, Distortion, field_of
from diorama.errors import SceneError
from diorama.scene.channel import Floats
from diorama.scene.constraints import axes_of
from diorama.scene.daylight import Daylight
from diorama.scene.schema import Camera, Environment, Finish, Fog
from diorama.scene.shot import CameraState, EnvironmentState, FogState, LightBatch
from diorama.scene.values import channel
from diorama.transform import focal_length_pixels

_BLACK = (0.0, 0.0, 0.0)

_SATURATION = 1.2
"""The nits that are white at EV100 0."""


class Lens:
    """A camera's lens over time, for pictures of ``size`` (width, height) pixels.

    ``row`` is where the camera's transform lies, ``focus_row`` that of the node it focuses on, or -1.
    """

    def __init__(self, camera: Camera, size: tuple[int, int], place: str, row: int, focus_row: int = -1) -> None:
        self._camera, self._size, self._place = camera, size, place
        self._row, self._focus_row = row, focus_row
        self._fov = channel([camera.fov], 1, [f"{place}.fov"], np.pi / 180.0)
        self._millimetres = channel([camera.focal_length or 0.0], 1, [f"{place}.focal_length"])
        self._distortion = _distortion(camera)
        focus = [camera.aperture or 0.0, camera.focus_distance or np.inf]
        self._focus = channel(focus, 1, [f"{place}.aperture", f"{place}.focus_distance"])

    def sample(self, world: Floats, time: float) -> CameraState:
        """Return the camera at ``time`` in seconds, given all node-to-world matrices (P, 4, 4)."""
        matrix, intrinsics = _rigid(world[self._row]), self._intrinsics(time)
        self._check_distortion(intrinsics)
        stops, focus = self._focus.sample(time)[:, 0]
        if not stops:
            return CameraState(matrix, *intrinsics, near=self._camera.near, distortion=self._distortion)
        if self._focus_row >= 0:
            focus = self._distance(matrix, world[self._focus_row, :3, 3], time)
        focal = intrinsics[0] / self._size[0] * self._camera.sensor_width * 1e-3
        opening = float(focal / stops / 2.0)
        return CameraState(matrix, *intrinsics, self._camera.near, opening, float(focus), self._distortion)

    def _check_distortion(self, intrinsics: tuple[float, float, float, float]) -> None:
        """Refuse a lens that does not show each place in the picture once, or sees too far round."""
        if self._distortion is None:
            return
        field, place = field_of(self._distortion, *intrinsics, *self._size), f"{self._place}.distortion"
        if not field.faithful:
            raise SceneError("expected a lens that shows each place once, got one that folds the picture", place=place)
        if self._distortion.model == "fisheye" and np.arctan(field.reach) > WIDEST:
            got = f"{np.degrees(np.arctan(field.reach)):.0f} in a corner"
            wanted = f"a fisheye that sees at most {np.degrees(WIDEST):.0f} degrees off its axis"
            raise SceneError(f"expected {wanted}, got {got}", place=place)

    def _distance(self, matrix: Floats, point: Floats, time: float) -> float:
        """Return how far along -Z of a camera ``point`` (3,) lies, in metres."""
        distance = float((matrix[:3, 3] - point) @ matrix[:3, 2])
        if distance <= 0.0:
            got = f"one {-distance:g} metres behind it at {time:g} seconds"
            raise SceneError(f"expected a node in front of the camera, got {got}", place=f"{self._place}.focus_on")
        return distance

    def _intrinsics(self, time: float) -> tuple[float, float, float, float]:
        width, height = self._size
        fixed = self._camera.intrinsics
        if fixed is not None:
            return fixed.fx, fixed.fy, fixed.cx, fixed.cy
        if self._camera.focal_length is not None:
            focal = float(self._millimetres.sample(time)[0, 0]) / self._camera.sensor_width * width
        else:
            focal = focal_length_pixels(float(self._fov.sample(time)[0, 0]), height)
        return focal, focal, width / 2.0, height / 2.0


class Exposure:
    """The factor from nits to display-linear values over time: the camera's times the finish's.

    EV100 gives 1 / (1.2 · 2^EV100), the luminance that saturates a sensor by ISO 12232 with a lens that
    lets 65 % through (Lagarde & de Rousiers, Moving Frostbite to PBR, 2014, 5.1.1).
    """

    def __init__(self, camera: Camera, finish: Finish, place: str) -> None:
        self._metered = camera.ev100 is not None
        brighter = camera.exposure if camera.ev100 is None else camera.ev100
        places = ["finish.exposure", f"{place}.{'ev100' if self._metered else 'exposure'}"]
        self._stops = channel([finish.exposure, brighter], 1, places)

    def sample(self, time: float) -> float:
        """Return the factor at ``time`` in seconds."""
        finish, camera = self._stops.sample(time)[:, 0]
        return float(2.0 ** (finish - camera) / _SATURATION if self._metered else 2.0 ** (finish + camera))


class Air:
    """The fog over time; None is clear air."""

    def __init__(self, fog: Fog | None) -> None:
        given = fog or Fog()
        self._foggy, self._uniform = fog is not None, given.height_falloff is None
        metres = 1.0 if given.height_falloff is None else given.height_falloff
        values = [given.density, metres, given.base_height, given.anisotropy]
        names = ("density", "height_falloff", "base_height", "anisotropy")
        self._values = channel(values, 1, [f"fog.{name}" for name in names])
        self._albedo = channel([given.albedo], 3, ["fog.albedo"])

    def sample(self, time: float) -> FogState | None:
        """Return what is in the air at ``time`` in seconds."""
        if not self._foggy:
            return None
        density, metres, base, anisotropy = self._values.sample(time)[:, 0].tolist()
        red, green, blue = self._albedo.sample(time)[0].tolist()
        return FogState(density, 0.0 if self._uniform else 1.0 / metres, base, (red, green, blue), anisotropy)


class Sky:
    """The environment over time; None is darkness."""

    def __init__(self, environment: Environment | None) -> None:
        given = environment or Environment(color=_BLACK)
        if given.gradient is not None:
            colors = [given.gradient.zenith, given.gradient.horizon, given.gradient.ground]
        else:
            colors = [given.color or _BLACK] * 3
        self._environment = given
        self._daylight = None if given.sky is None else Daylight(given.sky)
        self._colors = channel(colors, 3, [f"environment.gradient.{name}" for name in ("zenith", "horizon", "ground")])
        self._intensity = channel([given.intensity], 1, ["environment.intensity"])
        self._rotation = channel([given.rotation], 1, ["environment.rotation"], np.pi / 180.0)

    def picture(self) -> NDArray[np.float32] | None:
        """Return the picture of the environment; None where it has none, or another at every time."""
        if self._daylight is not None:
            return None if self._daylight.changes else self._daylight.picture(0.0)
        if self._environment.image is None:
            return None
        from diorama.material.texture import load_environment  # Pillow only where there is a picture

        return load_environment(Path(self._environment.image))

    def sample(self, time: float) -> EnvironmentState:
        """Return the environment at ``time`` in seconds."""
        zenith, horizon, ground = ((float(r), float(g), float(b)) for r, g, b in self._colors.sample(time))
        daylight = self._daylight
        return EnvironmentState(
            intensity=float(self._intensity.sample(time)[0, 0]),
            rotation=self._turn(time),
            zenith=zenith,
            horizon=horizon,
            ground=ground,
            visible=self._environment.visible,
            extract_sun=bool(self._environment.extract_sun) and daylight is None,
            picture=daylight.picture(time) if daylight is not None and daylight.changes else None,
        )

    def with_sun(self, lights: LightBatch, time: float) -> LightBatch:
        """Return ``lights`` and, behind them, the sun that goes with a physical sky."""
        if self._daylight is None:
            return lights
        return self._daylight.with_sun(lights, time, self._turn(time), float(self._intensity.sample(time)[0, 0]))

    def _turn(self, time: float) -> float:
        """Return how far the picture is turned at ``time``, in radians about +Y."""
        turn = float(self._rotation.sample(time)[0, 0])
        return turn if self._daylight is None else turn - self._daylight.azimuth(time)


def _distortion(camera: Camera) -> Distortion | None:
    given = camera.distortion
    if given is None:
        return None
    if given.model == "fisheye":
        return Distortion("fisheye", given.coefficients)
    return Distortion("brown_conrady", (*given.coefficients, 0.0)[:5])


def _rigid(world: Floats) -> Floats:
    """Return ``world`` (4, 4) without scale and shear: -Z stays, +Y stays as near as it can."""
    matrix = np.eye(4)
    _, up, back = axes_of(world).T
    right = np.cross(up, back)
    right /= np.linalg.norm(right)
    matrix[:3, :3] = np.stack([right, np.cross(back, right), back], axis=1)
    matrix[:3, 3] = world[:3, 3]
    return matrix
