"""Runs functions of the lighting library on the GPU for arrays of inputs, without a renderer."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray
from shots import Thing, camera, make_shot

from diorama import resources
from diorama.gl import bindings
from diorama.gl.device import Device
from diorama.material.pbr import PbrMaterial
from diorama.renderer.culling import Culling
from diorama.renderer.draw_list import DrawList
from diorama.renderer.geometry import GeometryPool
from diorama.renderer.instances import InstanceRows
from diorama.renderer.lighting import Lighting
from diorama.renderer.shadows import TILE
from diorama.scene.shot import CameraState, EnvironmentState, LightBatch, Shot

REFLECTED, DIRECT, AMBIENT, SKY, IRRADIANCE, REFLECTION = range(6)

_PLAIN = ("position", "normal", "geometric", "view", "color", "direction")
_LAYERS = ("reflectance", "along", "sheen", "film")
_POINT = np.dtype([(name, "4f4") for name in (*_PLAIN, *_LAYERS)])
_SHADER = Path(os.path.relpath(Path(__file__).parent / "shaders" / "light_probe", resources.shaders()))


def probe(
    device: Device,
    what: int,
    count: int,
    *,
    position: ArrayLike = (0, 0, 0),
    normal: ArrayLike = (0, 0, 1),
    view: ArrayLike = (0, 0, 1),
    direction: ArrayLike = (0, 0, 1),
    color: ArrayLike = (1, 1, 1),
    roughness: ArrayLike = 0.5,
    metallic: ArrayLike = 0.0,
    specular: ArrayLike = 1.0,
    occlusion: ArrayLike = 1.0,
    layers: PbrMaterial | None = None,
    along: ArrayLike = (1, 0, 0),
    geometric: ArrayLike | None = None,
    soft: bool = False,
) -> NDArray[np.float32]:
    """Return (count, 3) results; every input broadcasts over the count. ``soft`` is what the bench was made with.

    With ``layers`` the material is that, the program the one for layered materials and ``along`` (unit, across the
    normal) the way of its anisotropy; ``geometric`` is the normal without a normal map, by default the same.
    """
    if layers is not None:
        color, roughness, metallic, specular = layers.base_color, layers.roughness, layers.metallic, layers.specular
    points = np.zeros(count, _POINT)
    for name, vector, scalar in (
        ("position", position, roughness),
        ("normal", normal, metallic),
        ("geometric", normal if geometric is None else geometric, specular),
        ("view", view, occlusion),
        ("color", color, 0.0),
        ("direction", direction, 0.0),
        *_layer_rows(layers or PbrMaterial(), along),
    ):
        points[name][:, :3], points[name][:, 3] = vector, scalar
    program = device.compute(_SHADER.as_posix(), {"PROBE": what, "SOFT": int(soft), "COATED": int(layers is not None)})
    inputs, outputs = device.buffer(points), device.buffer(reserve=16 * count)
    inputs.bind_to_storage_buffer(0)
    outputs.bind_to_storage_buffer(bindings.OUTPUT)
    program["count"] = count
    program.run((count + 63) // 64)
    device.context.memory_barrier()
    results = np.frombuffer(outputs.read(), np.float32).reshape(-1, 4)[:count, :3].copy()
    device.release(inputs, outputs)
    return results


def _layer_rows(one: PbrMaterial, along: ArrayLike) -> list[tuple[str, ArrayLike, float]]:
    reflectance = np.minimum(((one.ior - 1) / (one.ior + 1)) ** 2 * np.array(one.specular_color), 1.0)
    film = (one.iridescence, one.iridescence_ior, one.iridescence_thickness)
    return [
        ("reflectance", reflectance, one.clearcoat),
        ("along", along, one.anisotropy),
        ("sheen", one.sheen_color, one.sheen_roughness),
        ("film", film, one.clearcoat_roughness),
    ]


def sky(**changes: Any) -> EnvironmentState:
    """Return an environment that is black but for ``changes``."""
    black = EnvironmentState(1.0, 0.0, (0.0, 0.0, 0.0), (0.0, 0.0, 0.0), (0.0, 0.0, 0.0))
    return replace(black, **changes)


class Bench:
    """A lit scene without a renderer: things in the octree, a camera, lights, and an environment."""

    def __init__(self, device: Device, shadow_side: int = TILE, *, soft: bool = False) -> None:
        self.lighting = Lighting(device, shadow_side, soft=soft)
        self._pool, self._rows = GeometryPool(device), InstanceRows(device)
        self._draw_list = DrawList(device, self._pool)

    def light(
        self,
        batch: LightBatch | None = None,
        environment: EnvironmentState | None = None,
        *,
        picture: NDArray[np.float32] | None = None,
        things: Sequence[Thing] = (),
        view: CameraState | None = None,
        energy: str = "conserving",
        size: int = 256,
        layers: bool = False,
    ) -> Shot:
        """Bring a scene to the GPU and bind its light; results of later probes are relative to the camera.

        ``layers``: probes are to have layered materials.
        """
        shot = make_shot(
            things, view or camera(size=size), size=(size, size), light=batch,
            environment=environment or sky(), picture=picture, energy=energy,
        )  # fmt: skip
        if layers:
            materials = replace(shot.current.materials, clearcoat=np.ones(1))
            shot = replace(shot, current=replace(shot.current, materials=materials))
        if things:
            self._rows.upload(shot.stage, self._pool, shot.current, shot.previous, shot.next)
            self._draw_list.use(self._rows)
        self.culling = Culling()
        self.culling.update(shot)
        self.lighting.update(shot, shot.current, self._draw_list, self.culling.in_planes)
        self.lighting.bind()
        return shot

    def release(self) -> None:
        for part in (self.lighting, self._draw_list, self._rows, self._pool):
            part.release()
