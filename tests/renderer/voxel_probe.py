"""Asks the voxels of a renderer, and says by brute force what they should hold."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import ArrayLike, NDArray
from shots import Thing

from diorama import resources
from diorama.gl import bindings
from diorama.gl.device import Device
from diorama.renderer.renderer import Preset, Renderer
from diorama.renderer.voxels import VoxelQuality, Voxels
from diorama.scene.shot import Shot
from diorama.transform import transform_points

Floats = NDArray[np.float64]
Bits = NDArray[np.uint8]

FACES, TRACE = range(2)

_SHADER = Path(os.path.relpath(Path(__file__).parent / "shaders" / "voxel_probe", resources.shaders()))


class VoxelBench:
    """A renderer of small pictures, for the voxels that it makes on the way."""

    def __init__(self, device: Device, quality: VoxelQuality) -> None:
        self._device, self.side = device, quality.side
        self._renderer = Renderer(device, Preset(1, False, 1, soft=True, voxels=quality))
        self._eye = np.zeros(3)

    @property
    def voxels(self) -> Voxels:
        made = self._renderer._voxels
        assert made is not None
        return made

    def draw(self, shot: Shot) -> NDArray[np.float32]:
        """Draw a shot; return its colour (H, W, 3). What is asked afterwards is asked of its voxels."""
        self._eye = shot.current.camera.matrix[:3, 3]
        with self._renderer.draw(shot, ["color"]) as drawn:
            return np.asarray(self._renderer.read(drawn)["color"])

    def faces(self, level: int) -> Bits:
        """Which faces each cell of a level holds: (side, side, side) sets of six bits, Z first."""
        found = self._ask(FACES, self.side**3, np.zeros((1, 4)), level)
        return found[:, 0].astype(np.uint8).reshape((self.side,) * 3)

    def trace(self, start: ArrayLike, along: ArrayLike, reach: float = 1e9) -> tuple[Floats, Floats]:
        """How far away (N,) rays in world metres meet something, infinity for never; and its light (N, 3)."""
        starts, ways = np.broadcast_arrays(np.asarray(start, float), np.asarray(along, float))
        rays = np.zeros((len(ways), 2, 4))
        rays[:, 0, :3], rays[:, 0, 3], rays[:, 1, :3] = starts - self._eye, reach, ways
        found = self._ask(TRACE, len(ways), rays, 0).astype(float)
        return np.where(found[:, 3] < 0, np.inf, found[:, 3]), found[:, :3]

    def light(self) -> bytes:
        """The light of all records, as it lies in memory."""
        return bytes(self.voxels._light[0].buffer.read(16 * self.voxels.records))

    def release(self) -> None:
        self._renderer.release()

    def _ask(self, what: int, count: int, rays: Floats, level: int) -> NDArray[np.float32]:
        self.voxels.bind()
        program = self._device.compute(_SHADER.as_posix(), {"PROBE": what})
        inputs, outputs = self._device.buffer(rays.astype(np.float32)), self._device.buffer(reserve=16 * count)
        inputs.bind_to_storage_buffer(0)
        outputs.bind_to_storage_buffer(bindings.OUTPUT)
        for name, value in (("count", count), ("level", level)):
            if name in program:
                program[name] = value
        groups = -(-count // 64)
        program.run(min(groups, 1024), -(-groups // 1024))
        self._device.context.memory_barrier()
        results = np.frombuffer(outputs.read(), np.float32).reshape(-1, 4)[:count].copy()
        self._device.release(inputs, outputs)
        return results


def triangles_of(things: Sequence[Thing]) -> tuple[Floats, Floats, NDArray[np.bool_]]:
    """Corners (T, 3, 3) of all triangles in the world, outward normals (T, 3), whether both sides are seen (T,)."""
    corners, normals, both = [], [], []
    for thing in things:
        local, matrix = thing.mesh.positions[thing.mesh.triangles].astype(float), thing.matrix("current")
        outward = np.cross(local[:, 1] - local[:, 0], local[:, 2] - local[:, 0])
        corners.append(transform_points(matrix, local))
        normals.append(outward @ np.linalg.inv(matrix[:3, :3]))  # by the inverse transpose: mirrors do not turn it
        both.append(np.full(len(local), thing.material.double_sided))
    flat = np.concatenate(normals)
    return np.concatenate(corners), flat / np.linalg.norm(flat, axis=1)[:, None], np.concatenate(both)


def voxelised(things: Sequence[Thing], level: Floats, side: int, slack: float) -> Bits:
    """The faces (side, side, side), Z first, that a level should hold, by brute force.

    A triangle is in the cells that its plane crosses, column by column along the largest part of its normal,
    where the middle of the column lies inside its outline. ``slack`` in cells is how much farther all of that
    reaches: the truth lies between a little less than 0 and a little more.
    """
    grid = np.zeros((side, side, side), np.uint8)
    for corners, normal, both in zip(*triangles_of(things), strict=True):
        places = (corners - level[:3]) / level[3]
        if slack < 0 and ((places.max(axis=0) < 0) | (places.min(axis=0) > side)).any():
            continue  # beside the cube: whether its plane still counts there is all the same
        axis = int(np.argmax(np.abs(normal)))
        u, v = (axis + 1) % 3, (axis + 2) % 3
        low = np.clip(np.floor(places[:, [u, v]].min(axis=0) - 1), 0, side).astype(int)
        high = np.clip(np.ceil(places[:, [u, v]].max(axis=0) + 1), 0, side).astype(int)
        if (low >= high).any():
            continue
        x, y = np.meshgrid(np.arange(low[0], high[0]) + 0.5, np.arange(low[1], high[1]) + 0.5, indexing="ij")
        inside = _depth_inside(places[:, [u, v]], x, y) >= -slack
        middle = places[0, axis] - (normal[u] * (x - places[0, u]) + normal[v] * (y - places[0, v])) / normal[axis]
        spread = max(0.5 * (abs(normal[u]) + abs(normal[v])) / abs(normal[axis]) + slack, 0.0)
        bit = 2 * axis + (normal[axis] < 0)
        bits = np.uint8(1 << bit | (1 << (bit ^ 1) if both else 0))
        for i, j in np.argwhere(inside):
            first, last = np.floor(middle[i, j] - spread), np.floor(middle[i, j] + spread)
            for depth in range(max(int(first), 0), min(int(last), side - 1) + 1):
                cell = [0, 0, 0]
                cell[axis], cell[u], cell[v] = depth, int(x[i, j]), int(y[i, j])
                grid[cell[2], cell[1], cell[0]] |= bits
    return grid


def _depth_inside(corners: Floats, x: Floats, y: Floats) -> Floats:
    """How far inside a flat triangle (3, 2) points lie; negative outside."""
    edges = np.roll(corners, -1, axis=0) - corners
    area = edges[0, 0] * edges[1, 1] - edges[0, 1] * edges[1, 0]
    distances = [
        np.sign(area) * (edge[0] * (y - corner[1]) - edge[1] * (x - corner[0])) / max(np.hypot(*edge), 1e-12)
        for corner, edge in zip(corners, edges, strict=True)
    ]
    return np.asarray(np.min(distances, axis=0))


def first_hits(things: Sequence[Thing], start: Floats, along: Floats) -> Floats:
    """How far away (N,) rays meet the front of a triangle (Möller and Trumbore 1997), infinity for never."""
    nearest = np.full(len(along), np.inf)
    for corners, normal, both in zip(*triangles_of(things), strict=True):
        one, two, off = corners[1] - corners[0], corners[2] - corners[0], start - corners[0]
        across = np.cross(along, two)
        volume = across @ one
        facing = along @ normal
        with np.errstate(divide="ignore", invalid="ignore"):
            a = np.sum(off * across, axis=-1) / volume
            turned = np.cross(off, one)
            b, t = np.sum(along * turned, axis=-1) / volume, turned @ two / volume
        hit = (np.abs(volume) > 1e-12) & (a >= 0) & (b >= 0) & (a + b <= 1) & (t > 0) & (both | (facing < 0))
        nearest = np.where(hit & (t < nearest), t, nearest)
    return nearest
