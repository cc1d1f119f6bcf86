"""Everything that shines in a snapshot, brought to the GPU for ``lib/lighting.glsl``.

Suns, points and spots in a storage buffer, their shadow maps, the environment, and the table
that the BRDF needs. A sun found in the environment's picture becomes a sun like any other.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from diorama.gl import bindings
from diorama.gl.device import Device
from diorama.gl.texels import TexelBuffer
from diorama.renderer.brdf_table import add_sheen, make_brdf_table
from diorama.renderer.draw_list import DrawList
from diorama.renderer.environment import SPECULAR_TILES, EnvironmentMap, EnvironmentMaps
from diorama.renderer.light_parts import Part, parts_of
from diorama.renderer.shadow_views import (
    MAX_CASCADES,
    Boxes,
    Casters,
    Receivers,
    ShadowView,
    around_views,
    camera_planes,
    spot_view,
    sun_views,
)
from diorama.renderer.shadows import TILE, ShadowAtlas, side_for, sky_side, tile_size
from diorama.renderer.sky_pieces import SkyPieces, environment_turn, even_points, mean_radiance, raised
from diorama.renderer.sun_extraction import ExtractedSun
from diorama.renderer.view import straight_view
from diorama.scene.shot import (
    DISC,
    POINT,
    RECTANGLE,
    SKY,
    SPHERE,
    SPOT,
    SUN,
    EnvironmentState,
    LightBatch,
    Shot,
    Snapshot,
    with_parallel,
)

LIGHT = np.dtype([("position", "4f4"), ("direction", "4f4"), ("color", "4f4"), ("tangent", "4f4"), ("kind", "4i4")])
"""One light, as ``lib/lights.glsl`` reads it."""

LIGHTING_BLOCK = np.dtype(
    [
        ("zenith", "4f4"),
        ("horizon", "4f4"),
        ("ground", "4f4"),
        ("environment_turn", "4f4"),
        ("environment_atlas_size", "4f4"),
        ("background_rect", "4f4"),
        ("irradiance_tile", "4f4"),
        ("specular_tiles", "4f4", (SPECULAR_TILES,)),
        ("light_count", "u4"),
        ("conserving", "u4"),
        ("sky_diffuse", "u4"),
        ("shadow_looks", "u4"),
    ]
)
"""The uniform block ``LightingBlock``."""

_PARALLEL = (SUN, SKY)

_LOOKS = 10
"""Places in a shadow map at which a light with a size looks for what is in the way; twice as many blur the edge."""

_FACES = 6
"""Maps around a light that shines to all sides."""


class Lighting:
    """Owns what the shading passes read of lights, shadows and environment."""

    def __init__(self, device: Device, shadow_side: int = TILE, *, soft: bool = False, parts: int = 1) -> None:
        """``shadow_side`` is the most texels along a side of a shadow map, a power of 2.

        With ``soft`` suns, points and spots have their sizes and points their shadows, for shaders built with
        SOFT 1; ``parts`` of a light that has a size, a square number, have shadow maps of their own.
        """
        self._device, self._shadow_side, self._soft, self._parts = device, shadow_side, soft, parts
        self._table, self._has_sheen = make_brdf_table(device), False
        self._environments = EnvironmentMaps(device)
        self._shadows = ShadowAtlas(device, soft=soft)
        self._block = device.buffer(reserve=LIGHTING_BLOCK.itemsize)
        self._lights = TexelBuffer(device, "4u4", 16 * LIGHT.itemsize)
        self._environment: EnvironmentMap | None = None
        self._placed: tuple[LightBatch, list[tuple[int, int, int]]]
        self._drawn: tuple[Shot, Snapshot, range] | None = None
        self.shafts = False
        """Whether the lights of the last update have shadows, or places, by which they light some air only."""

    def update(
        self, shot: Shot, snapshot: Snapshot, draw_list: DrawList, casters: Casters, sky: range = range(0)
    ) -> None:
        """Take over the lights of ``snapshot`` and draw their shadow maps.

        ``draw_list`` holds the snapshot's instances; ``casters`` finds those inside planes, see
        :mod:`diorama.renderer.shadow_views`. ``sky`` numbers the pieces of the sky whose shadows tell
        what of its diffuse light is hidden. Samples of equal time share the maps: nothing is done
        when the same snapshot comes again with the same pieces.
        """
        if self._drawn is not None and self._drawn[0] is shot and self._drawn[1:] == (snapshot, sky):
            return
        if snapshot.materials.coated and not self._has_sheen:
            add_sheen(self._device, self._table)
            self._has_sheen = True
        state = snapshot.environment
        picture = shot.stage.picture(state)
        self._environment = None
        if picture is not None:
            self._environment = self._environments.require(picture, without_sun=state.extract_sun)
        lights = snapshot.lights
        if self._environment is not None and self._environment.sun is not None:
            lights = with_sun(lights, self._environment.sun, state)
        if not self._soft:
            lights = hardened(lights)
        size = tile_size(_most_maps(lights, self._parts), min(self._shadow_side, side_for(shot.width, shot.height)))
        if len(sky):
            pieces = SkyPieces(state, None if self._environment is None else self._environment.cells, above=True)
            directions, colors = pieces.sample(even_points(sky, shot.stage.seed))
            lights = with_parallel(lights, SKY, directions, colors / len(sky))
        coarse = tile_size(len(sky), min(size, sky_side(shot.width, shot.height)))
        maps, views = _shadow_views(shot, snapshot, lights, casters, size, coarse, self._parts)
        eye = snapshot.camera.matrix[:3, 3]
        self._shadows.draw(views, eye, draw_list)
        self._placed = lights, maps
        self.place(eye)
        self._block.write(_block(state, self._environment, len(lights), shot.energy == "conserving").tobytes())
        self._drawn = shot, snapshot, sky

    def place(self, eye: NDArray[np.float64]) -> None:
        """Have the lights relative to ``eye`` (3,), as :meth:`update` leaves them relative to the camera."""
        lights, maps = self._placed
        rows = light_rows(lights, eye, maps)
        self.shafts = bool((((rows["kind"][:, 2] > 0) | ~np.isin(lights.kind, _PARALLEL)) & (lights.kind != SKY)).any())
        self._lights.fit(rows.nbytes)
        self._lights.write(rows)

    def bind(self) -> None:
        """Bind everything for ``lib/lighting.glsl``."""
        self._block.bind_to_uniform_block(bindings.LIGHTING)
        self._lights.use(bindings.LIGHT_DATA)
        self._table.use(bindings.BRDF_TABLE)
        if self._environment is not None:
            self._environment.atlas.use(bindings.ENVIRONMENT)
        self._shadows.bind()

    def mean_sky(self, state: EnvironmentState) -> NDArray[np.float64]:
        """Return the radiance (3,) in nits that comes on average from all sides of the environment last taken over."""
        return mean_radiance(state, None if self._environment is None else self._environment.cells)

    def release(self) -> None:
        """Give all memory back."""
        self._shadows.release()
        self._environments.release()
        self._lights.release()
        self._device.release(self._table, self._block)
        self._environment = self._drawn = None


def with_sun(lights: LightBatch, sun: ExtractedSun, state: EnvironmentState) -> LightBatch:
    """Return ``lights`` and, behind them, the sun of the environment, turned and scaled as it is."""
    direction = environment_turn(state.rotation) @ sun.direction
    return with_parallel(lights, SUN, direction[None], sun.illuminance[None] * state.intensity, radius=sun.radius)


def hardened(lights: LightBatch) -> LightBatch:
    """Return ``lights`` with suns, points and spots without size, and points without shadows."""
    flat = lights.kind >= SPHERE
    return replace(
        lights,
        size=np.where(flat[:, None], lights.size, 0.0),
        casts_shadow=lights.casts_shadow & (lights.kind != POINT),
    )


def light_rows(lights: LightBatch, eye: NDArray[np.float64], maps: Iterable[tuple[int, int, int]]) -> NDArray[np.void]:
    """Return the records of all lights; ``maps`` gives each one's first shadow map, their number and its parts."""
    rows = np.zeros(len(lights), LIGHT)
    rows["position"][:, :3] = lights.position - eye
    rows["color"][:, :3], rows["color"][:, 3] = lights.color, lights.size[:, 1]
    rows["tangent"][:, :3], rows["tangent"][:, 3] = lights.tangent, lights.size[:, 0]
    rows["direction"][:, :3] = lights.direction
    inner, outer = np.cos(lights.inner_angle), np.cos(lights.outer_angle)
    scale = 1.0 / np.maximum(inner - outer, 1e-3)
    rows["position"][:, 3], rows["direction"][:, 3] = scale, -outer * scale
    rows["kind"][:, 0] = lights.kind
    rows["kind"][:, 1:] = np.array(list(maps), np.int32).reshape(-1, 3)
    return rows


def _shadowed(lights: LightBatch) -> NDArray[np.integer]:
    """Return the rows of the lights that need shadow maps."""
    return np.flatnonzero(lights.casts_shadow & (lights.color > 0.0).any(axis=1))


def _most_maps(lights: LightBatch, parts: int) -> int:
    """Return how many shadow maps ``lights`` can need, whatever the camera sees."""
    rows = _shadowed(lights)
    kinds = lights.kind[rows]
    each = np.where(np.isin(kinds, _PARALLEL), MAX_CASCADES, np.where(kinds == SPOT, 1, _FACES))
    return int(
        sum(len(list(parts_of(lights, int(row), parts))) * number for row, number in zip(rows, each, strict=True))
    )


def _shadow_views(
    shot: Shot, snapshot: Snapshot, lights: LightBatch, casters: Casters, size: int, coarse: int, parts: int
) -> tuple[list[tuple[int, int, int]], list[ShadowView]]:
    """Return each light's first map, how many it has and of how many parts, and the views of all maps.

    Maps have ``size`` texels along a side; those of the pieces that tell what of the sky is hidden, ``coarse``.
    """
    camera, width, height = straight_view(snapshot.camera, shot.width, shot.height)
    shadowed = _shadowed(lights)
    maps, views = [(0, 0, 1)] * len(lights), list[ShadowView]()
    if not len(shadowed) or not len(snapshot.instances):
        return maps, views
    seen = casters(camera_planes(camera, width, height))
    receivers = Receivers(camera, width, height, seen, Boxes(shot.stage, snapshot.instances))
    for row in shadowed:
        if lights.kind[row] == SKY and snapshot.environment.diffuse:
            found = sun_views(raised(lights.direction[row]), receivers, casters, coarse, most=1)
        else:
            found = [
                replace(view, part=number)
                for number, part in enumerate(parts_of(lights, row, parts))
                for view in _part_views(lights, row, part, receivers, casters, size, air=snapshot.fog is not None)
            ]
        maps[row] = (len(views), len(found), 1 + max((view.part for view in found), default=0))
        views += found
    return maps, views


def _part_views(
    lights: LightBatch, row: int, part: Part, receivers: Receivers, casters: Casters, size: int, *, air: bool
) -> list[ShadowView]:
    """Return the maps of a part of light ``row``; with ``air`` those of a sun cover what lies before surfaces too."""
    kind = lights.kind[row]
    if kind in _PARALLEL:
        return sun_views(part.direction, receivers, casters, size, half_angle=part.radius, air=air)
    if kind == SPOT:
        angle = float(lights.outer_angle[row])
        one = spot_view(part.position, part.direction, angle, receivers, casters, size, radius=part.radius)
        return [] if one is None else [one]
    direction, tangent = lights.direction[row], lights.tangent[row]
    frame = np.stack([tangent, np.cross(tangent, direction), -direction], axis=1)
    half = kind in (RECTANGLE, DISC)
    return around_views(part.position, frame, receivers, casters, size, radius=part.radius, half=half)


def _block(
    state: EnvironmentState, environment: EnvironmentMap | None, light_count: int, conserving: bool
) -> NDArray[np.void]:
    block = np.zeros((), LIGHTING_BLOCK)
    for name in ("zenith", "horizon", "ground"):
        block[name][:3] = np.asarray(getattr(state, name)) * state.intensity
    if environment is not None:
        scale = environment.scale * state.intensity
        block["environment_turn"] = np.cos(state.rotation), np.sin(state.rotation), scale, 1.0
        width, height = environment.atlas.size
        block["environment_atlas_size"][:2] = 1.0 / width, 1.0 / height
        block["background_rect"] = environment.background
        block["irradiance_tile"][:3] = environment.irradiance
        block["specular_tiles"][:, :3] = environment.specular
    block["light_count"], block["conserving"], block["sky_diffuse"] = light_count, conserving, state.diffuse
    block["shadow_looks"] = _LOOKS
    return block
