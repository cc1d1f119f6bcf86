"""The voxels of a snapshot: filled from its triangles, lit by its lights and then by each other.

Everything is done anew when anything that it depends on has changed, and only then; what is kept
is byte for byte what would be made again.
"""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import Any, TypeAlias

import moderngl
import numpy as np
from numpy.typing import NDArray

from diorama.gl import bindings
from diorama.gl.device import Device
from diorama.gl.texels import TexelBuffer
from diorama.renderer.culling import Culling
from diorama.renderer.dispatch import buckets_variant
from diorama.renderer.glow import BUFFER_BYTES, NO_GLOW, glow_buffer, glow_places
from diorama.renderer.voxel_jobs import jobs_of
from diorama.renderer.voxel_levels import MOST_LEVELS, place_levels
from diorama.scene.shot import Shot, Snapshot, Stage

Floats: TypeAlias = NDArray[np.float64]

BLOCK = np.dtype([("levels", "4f4", (MOST_LEVELS,)), ("counts", "4i4")])
"""The uniform block ``VoxelBlock``."""

_GROUP = 64
_MOST_GROUPS = 65535
_RECORD = 64
"""Bytes of a record in ``voxel_records``."""

_STEADY = 3
"""The bounce from which on each adds a steady part of what the one before has added."""

_MOST_LEFT = 0.9
"""The most of its light that a bounce is taken to hand on: white rooms go on for ever."""

_FACES = np.array([number.bit_count() for number in range(64)], np.uint32)


@dataclass(frozen=True)
class VoxelQuality:
    """How finely light is followed from surface to surface.

    ``side`` cells along an edge of each cube, a multiple of 8; ``rays`` from every record in each of
    ``bounces`` rounds; ``light_rays`` to every light that has a size.
    """

    side: int = 64
    rays: int = 4
    bounces: int = 3
    light_rays: int = 4


@dataclass(frozen=True, eq=False)
class _Cause:
    """All that the voxels of a snapshot depend on."""

    stage: Stage
    values: tuple[Any, ...]

    @classmethod
    def of(cls, shot: Shot, snapshot: Snapshot, levels: Floats) -> _Cause:
        groups = (snapshot.instances, snapshot.materials, snapshot.lights, snapshot.environment)
        values = [getattr(group, field.name) for group in groups for field in fields(group)]
        return cls(shot.stage, (*values, levels, shot.energy))

    def equals(self, other: _Cause | None) -> bool:
        return (
            other is not None
            and self.stage is other.stage
            and all(a is b or np.array_equal(a, b) for a, b in zip(self.values, other.values, strict=True))
        )


class Voxels:
    """Owns the grid, its records and their light."""

    def __init__(self, device: Device, quality: VoxelQuality) -> None:
        self._device, self._quality = device, quality
        cells = quality.side**3
        self._words = cells // 512 + cells // 64 + cells // 4 + cells
        self._faces_at = cells // 512 + cells // 64
        self._grid = TexelBuffer(device, "1u4", 4 * self._words)
        self._records = TexelBuffer(device, "4f4", _RECORD << 10)
        self._light = [TexelBuffer(device, "4f4", 16 << 10) for _ in range(2)]
        self._keys, self._jobs, self._cells = (device.buffer(reserve=1 << 16) for _ in range(3))
        self._block = device.buffer(reserve=BLOCK.itemsize)
        self._made: _Cause | None = None
        self._wanted: _Cause | None = None
        self._glow_places = device.buffer(reserve=BUFFER_BYTES)
        self._glow = NO_GLOW
        self.levels: Floats = np.zeros((0, 4))
        self.records = 0

    def anchor(self, shot: Shot, snapshot: Snapshot) -> Floats | None:
        """Return the world point (3,) relative to which the voxels of ``snapshot`` must be made, None where they are.

        It does not move with the camera, so that what is kept is what would be made again.
        """
        levels = place_levels(shot.stage, snapshot, self._quality.side)
        cause = _Cause.of(shot, snapshot, levels)
        if cause.equals(self._made):
            return None
        self._made, self._wanted, self.levels, self.records = None, cause, levels, 0
        return levels[-1, :3] if len(levels) else np.zeros(3)

    def make(self, shot: Shot, snapshot: Snapshot, culling: Culling, buckets: int, anchor: Floats) -> None:
        """Make the voxels of ``snapshot``, whose instances and lights are bound relative to ``anchor``.

        ``culling`` finds what touches the cubes; ``buckets`` is the number of picture arrays bound.
        """
        self._glow = glow_places(shot.stage, snapshot)
        self.place(anchor)
        jobs = self._fill(shot, snapshot, culling)
        self.place(anchor)
        if self.records:
            self._mark(jobs, keys=1)
            self._light_up(buckets, coated=snapshot.materials.coated)
        self._made = self._wanted

    def bind(self) -> None:
        """Bind the voxels and their light for ``lib/voxels.glsl``; the light takes the unit of the lights."""
        self._bind_surfaces()
        self._light[0].use(bindings.VOXEL_LIGHT)
        self._glow_places.bind_to_storage_buffer(bindings.VOXEL_GLOW)

    def release(self) -> None:
        """Give the memory back."""
        for texels in (self._grid, self._records, *self._light):
            texels.release()
        self._device.release(self._keys, self._jobs, self._cells, self._block, self._glow_places)
        self._made = None

    def _fill(self, shot: Shot, snapshot: Snapshot, culling: Culling) -> int:
        """Mark the cells that hold surfaces and count their records; return the number of jobs it took."""
        side = self._quality.side
        jobs = np.concatenate(
            [
                jobs_of(shot.stage, snapshot, culling.in_planes(_inside(level, side)), level, side, number)
                for number, level in enumerate(self.levels)
            ]
            or [np.zeros((0, 4), np.uint32)]
        )
        self._jobs = self._fitted(self._jobs, jobs.nbytes)
        self._jobs.write(jobs)
        self._grid.fit(4 * self._words * len(self.levels))
        for number in range(len(self.levels)):
            self._grid.buffer.clear(4 * (self._faces_at + side**3 // 4), 4 * self._words * number)
        self._mark(len(jobs), keys=0)
        self._list()
        return len(jobs)

    def _list(self) -> None:
        """Give each face of a cell that holds a surface a record, in the order of levels and cells."""
        cells, numbers = [], []
        for number in range(len(self.levels)):
            words = self._grid.buffer.read(self._quality.side**3, offset=4 * (self._words * number + self._faces_at))
            faces = np.frombuffer(words, np.uint8)
            own = np.flatnonzero(faces)
            cells.append(own.astype(np.uint32) | np.uint32(number << 28))
            numbers.append(_FACES[faces[own]])
        found, counts = (np.concatenate([np.zeros(0, np.uint32), *parts]) for parts in (cells, numbers))
        ends = np.cumsum(counts, dtype=np.int64)
        self.records = int(ends[-1]) if len(ends) else 0
        pairs = np.stack([found, ends - counts], axis=1).astype(np.uint32)
        self._cells, self._keys = self._fitted(self._cells, pairs.nbytes), self._fitted(self._keys, 8 * self.records)
        self._records.fit(_RECORD * self.records)
        for light in self._light:
            light.fit(16 * self.records)
        if self.records:
            self._cells.write(pairs)
            self._bind_to_write(self._cells)
            program = self._device.compute("voxel_list")
            program["cell_count"] = len(pairs)
            self._run(program, -(-len(pairs) // _GROUP))

    def _mark(self, jobs: int, keys: int) -> None:
        self._bind_to_write(self._jobs)
        program = self._device.compute("voxel_mark", {"KEYS": keys})
        program["job_count"] = jobs
        self._run(program, jobs)

    def _light_up(self, buckets: int, *, coated: bool) -> None:
        """Work out every record's surface, what the lights give it, and what the records give each other."""
        groups = -(-self.records // _GROUP)
        self._bind_to_write(self._jobs)
        self._light[0].buffer.bind_to_storage_buffer(bindings.VOXEL_NEXT_LIGHT)
        self._glow_places.bind_to_storage_buffer(bindings.VOXEL_GLOW)
        for lights in range(2):
            defines = {"BUCKETS": buckets_variant(buckets), "LIGHTS": lights, "COATED": int(coated)}
            program = self._device.compute("voxel_resolve", defines)
            if lights:
                program["light_rays"] = self._quality.light_rays
            self._run(program, groups)
        self._bounce(groups)

    def _bounce(self, groups: int) -> None:
        """Follow light from record to record; what comes after the bounces that are followed is estimated.

        The first bounces carry light on; from the second on it falls by a steady factor, so that their sum is
        known (Aitken). The others take a mean, since each record looks in few directions at a time.
        """
        gather, smooth = (self._device.compute(name) for name in ("voxel_bounce", "voxel_smooth"))
        gather["rays"] = self._quality.rays
        sums = [self._sum_of_light()]
        for number in range(self._quality.bounces):
            gather["round"] = number
            last = number == _STEADY - 1
            smooth["share"] = 1.0 if number < _STEADY else 1.0 / (number - _STEADY + 2.0)
            smooth["beyond"] = tuple(_series(sums) if last else np.zeros(3))
            for program in (gather, smooth):
                self._light[0].use(bindings.VOXEL_LIGHT)
                self._light[1].buffer.bind_to_storage_buffer(bindings.VOXEL_NEXT_LIGHT)
                self._run(program, groups)
                self._light.reverse()
            if number < _STEADY - 1:
                sums.append(self._sum_of_light())

    def _sum_of_light(self) -> Floats:
        """Return what all records send, (3,)."""
        light = np.frombuffer(self._light[0].buffer.read(16 * self.records), np.float32).reshape(-1, 4)
        return np.asarray(light[:, :3].sum(axis=0, dtype=np.float64))

    def _run(self, program: moderngl.ComputeShader, groups: int) -> None:
        if groups:
            down = -(-groups // _MOST_GROUPS)
            program.run(-(-groups // down), down)
            self._device.context.memory_barrier()

    def _bind_surfaces(self) -> None:
        self._block.bind_to_uniform_block(bindings.VOXEL_CUBE)
        self._grid.use(bindings.VOXEL_GRID)
        self._records.use(bindings.VOXEL_RECORDS)

    def _bind_to_write(self, work: moderngl.Buffer) -> None:
        """Bind everything for the shaders that fill the voxels, with their list of ``work``."""
        self._bind_surfaces()
        self._grid.buffer.bind_to_storage_buffer(bindings.VOXEL_GRID_OUT)
        self._keys.bind_to_storage_buffer(bindings.VOXEL_KEYS)
        self._records.buffer.bind_to_storage_buffer(bindings.VOXEL_RECORDS_OUT)
        work.bind_to_storage_buffer(bindings.VOXEL_JOBS)

    def place(self, eye: Floats) -> None:
        """Tell shaders where the voxels are from ``eye`` (3,), world metres."""
        block = np.zeros((), BLOCK)
        block["levels"][: len(self.levels)] = self.levels - [*eye, 0.0]
        block["counts"][:3] = self._quality.side, self.records, len(self.levels)
        self._block.write(block.tobytes())
        self._glow_places.write(glow_buffer(self._glow, eye))

    def _fitted(self, buffer: moderngl.Buffer, size: int) -> moderngl.Buffer:
        """Return ``buffer``, or a larger one in its place where ``size`` bytes do not fit."""
        if size <= buffer.size:
            return buffer
        self._device.release(buffer)
        return self._device.buffer(reserve=size + size // 4)


def _inside(level: Floats, side: int) -> Floats:
    """Return the six planes (6, 4) around a cube."""
    low, high = level[:3], level[:3] + side * level[3]
    return np.column_stack([np.vstack([np.eye(3), -np.eye(3)]), np.concatenate([-low, high])])


def _series(sums: list[Floats]) -> Floats:
    """Return how many times what the next bounce adds all later ones will add, (3,), from ``sums`` of light so far."""
    steps = np.diff(np.array(sums), axis=0)
    handed_on = np.clip(steps[-1] / np.maximum(steps[-2], 1e-30), 0.0, _MOST_LEFT)
    return np.asarray(handed_on / (1.0 - handed_on))
