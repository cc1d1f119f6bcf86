"""Shots become frames: visibility, labels, light and colour, drawn on the GPU in this order."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from functools import partial
from typing import Self

import moderngl
import numpy as np
from numpy.typing import NDArray

from diorama.errors import DioramaError, OptionError, expected
from diorama.frame import Frame, known_passes
from diorama.gl.device import Device
from diorama.renderer.color_pass import ColorPass, EdgePass
from diorama.renderer.culling import Culling
from diorama.renderer.dispatch import Variant
from diorama.renderer.draw_list import DrawList
from diorama.renderer.fog import FogPass
from diorama.renderer.geometry import GeometryPool
from diorama.renderer.indirect import IndirectPass
from diorama.renderer.instances import InstanceRows
from diorama.renderer.label_pass import LABELS, OCCLUSIONS, LabelPass
from diorama.renderer.lighting import Lighting
from diorama.renderer.materials import Materials
from diorama.renderer.output import COLOR, HIDDEN_SKY, GpuFrame, Layout, OutputPool, drawable, read
from diorama.renderer.sights import Sights
from diorama.renderer.textures import Textures
from diorama.renderer.view import View
from diorama.renderer.visibility import NEXT, PREVIOUS, Unbending, Visibility
from diorama.renderer.voxels import VoxelQuality, Voxels
from diorama.scene.shot import Shot, Snapshot


@dataclass(frozen=True)
class Preset:
    """How colour is made.

    ``samples`` along each side of a pixel, whether edges are smoothed, at how many ``times``
    an open shutter or lens is seen (see :func:`diorama.scene.sample.shot`), the most texels along a
    side of a shadow map, and how many times finer textures are read than samples lie: snapshots that
    look through other places of the pixel fill the gaps. Fog is looked into at ``fog_steps`` places
    along a ray.

    With ``soft`` lamps have their sizes and points their shadows, asked in ``parts`` places of each lamp.
    With ``voxels`` light goes from surface to surface: every other pixel each way sends ``rays``, whose
    finds are joined ``widen`` times over ever more pixels.
    """

    samples: int
    smooth_edges: bool
    times: int
    shadow_side: int = 1024
    finer: int = 1
    soft: bool = False
    parts: int = 1
    voxels: VoxelQuality | None = None
    rays: int = 4
    widen: int = 1
    fog_steps: int = 16


PRESETS = {
    "draft": Preset(1, True, 1),
    "standard": Preset(2, False, 8, shadow_side=2048),
    "high": Preset(
        2, False, 8, shadow_side=2048, soft=True, parts=4, voxels=VoxelQuality(side=128, bounces=10), rays=8, widen=2
    ),
}

SKY_PIECES = 8
"""How many places of the sky, others in every frame, tell what of its light is hidden."""

FIRST_FRAME = 4
"""How many times as many do so in the first frame of a clip, which has no frames before it to take a mean with."""

REFERENCE = Preset(1, False, 64, shadow_side=512, finer=8)
"""For shots whose shutter holds many jittered snapshots, each seen with one sample a pixel and coarser shadows."""


def sky_numbers(shot: Shot, time: int, samples: int) -> range:
    """Return the numbers of the pieces of the sky that are asked at shutter time number ``time`` of ``shot``.

    Every sample of a pixel, ``samples`` along each of its sides, asks for one of its own at least.
    """
    times = len(shot.shutter)
    each = max(samples * samples, SKY_PIECES // times)
    if shot.frame == 0:
        return range(time * FIRST_FRAME * each, (time + 1) * FIRST_FRAME * each)
    start = ((shot.frame - 1 + FIRST_FRAME) * times + time) * each
    return range(start, start + each)


class Renderer:
    """Draws shots on a device that it may share; owns what it uploads and the targets it draws into."""

    def __init__(self, device: Device, preset: str | Preset = "standard") -> None:
        """``preset`` is ``draft`` (one sample a pixel, edges smoothed), ``standard`` (2 x 2 samples), or one's own."""
        if isinstance(preset, str) and preset not in PRESETS:
            raise OptionError(expected(" or ".join(PRESETS), preset), place="preset")
        self._device = device
        self._preset = PRESETS[preset] if isinstance(preset, str) else preset
        self._pool, self._textures = GeometryPool(device), Textures(device)
        self._instances, self._materials = InstanceRows(device), Materials(device)
        self._draw_list, self._view, self._culling = DrawList(device, self._pool), View(device), Culling()
        self._lighting = Lighting(device, self._preset.shadow_side, soft=self._preset.soft, parts=self._preset.parts)
        self._unbending = Unbending(device)
        self._centres, self._samples = Sights(device, self._unbending), Visibility(device, self._unbending)
        self._labels, self._color, self._edges = LabelPass(device), ColorPass(device), EdgePass(device)
        self._outputs = OutputPool(device)
        self._voxels: Voxels | None = None
        self._indirect, self._fog = IndirectPass(device), FogPass(device)
        if self._preset.voxels is not None:
            self._voxels = Voxels(device, self._preset.voxels)
        self._placed: Snapshot | None = None

    def draw(self, shot: Shot, passes: Iterable[str]) -> GpuFrame:
        """Draw ``passes`` of a shot; release the frame, or leave its ``with`` block, when it was read."""
        self._device.activate()
        layout = Layout.of(shot.width, shot.height, drawable(passes))
        output = self._outputs.lease(layout)
        try:
            self._draw_into(output, layout, shot)
        except DioramaError:
            self._outputs.give_back(output)
            raise
        notes = {"camera_position": tuple(shot.current.camera.matrix[:3, 3].tolist())}
        return GpuFrame(shot.frame, shot.time, layout, output, notes, self._outputs)

    def _draw_into(self, output: moderngl.Buffer, layout: Layout, shot: Shot) -> None:
        self._culling.update(shot)
        self._placed = None
        if layout.holds(*LABELS, *OCCLUSIONS):
            self._draw_labels(shot, layout)
        if layout.holds(*COLOR):
            self._draw_color(shot, layout, output)
        self._device.context.memory_barrier()

    def read(self, frame: GpuFrame, names: Iterable[str] | None = None) -> Frame:
        """Copy passes of a drawn frame to the host: all of them, or those named."""
        self._device.activate()
        return read(frame, frame.layout.offsets if names is None else known_passes(names))

    def release(self) -> None:
        """Give everything back; frames that were not read are lost."""
        self._device.activate()
        owned = (
            self._outputs,
            self._indirect,
            self._fog,
            self._color,
            self._edges,
            self._centres,
            self._samples,
            self._unbending,
            self._lighting,
            self._view,
        )
        for part in (*owned, self._draw_list, self._materials, self._instances, self._textures, self._pool):
            part.release()
        if self._voxels is not None:
            self._voxels.release()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exception: object) -> None:
        self.release()

    def _draw_labels(self, shot: Shot, layout: Layout) -> None:
        """Draw the labels of the frame's own time, one unjittered sample at each pixel centre."""
        self._place(shot, shot.current)
        see = partial(self._centres.see, shot, draw_list=self._draw_list, culling=self._culling)
        occlusions = layout.holds(*OCCLUSIONS)
        before = see(shot.previous, time=PREVIOUS) if occlusions else None
        seen = see(shot.current)
        after = see(shot.next, time=NEXT) if occlusions else None
        neighbours = None if before is None or after is None else (after, before)
        variant = Variant.of(shot.current.camera)
        self._labels.draw(seen, layout, self._textures.bucket_count, neighbours, variant)

    def _draw_color(self, shot: Shot, layout: Layout, output: moderngl.Buffer) -> None:
        """Shade every shutter time and add them up, weighted."""
        target = self._edges.bind_input(layout) if self._preset.smooth_edges else layout
        samples, finer, rays = self._preset.samples, self._preset.finer, self._preset.rays
        if shot.spread:
            samples, finer, rays = 1, finer * samples, 1
        for number, (weight, snapshot) in enumerate(shot.shutter):
            self._place(shot, snapshot)
            seen = self._see_samples(shot, snapshot, samples)
            variant = Variant.of(snapshot.camera, number if shot.spread else None)
            sky = sky_numbers(shot, number, samples) if layout.holds(HIDDEN_SKY) else range(0)
            self._lighting.update(shot, snapshot, self._draw_list, self._culling.in_planes, sky)
            self._lighting.bind()
            fog = snapshot.fog
            if fog is not None:
                ambient = self._lighting.mean_sky(snapshot.environment)
                self._fog.bind(fog, snapshot.camera.matrix[:3, 3], ambient)
            first, exposure, buckets = number == 0, shot.exposure, self._textures.bucket_count
            coated = snapshot.materials.coated
            indirect = self._see_indirect(shot, snapshot, seen, samples=samples, rays=rays, variant=variant)
            self._color.draw(
                seen,
                target,
                buckets,
                samples=samples,
                finer=finer,
                weight=weight,
                first=first,
                exposure=exposure,
                indirect=indirect,
                soft=self._preset.soft,
                variant=variant,
                coated=coated,
                fog=fog is not None,
            )
            if self._voxels is not None:
                self._voxels.bind()
                alone = len(shot.shutter) == 1
                self._color.add_mirrors(
                    seen,
                    target,
                    buckets,
                    samples=samples,
                    weight=weight,
                    in_picture=alone,
                    variant=variant,
                    coated=coated,
                    fog=fog is not None,
                )
            if fog is not None:
                self._add_fog(seen, target, samples, weight, exposure, variant)
        if self._preset.smooth_edges:
            self._edges.draw(output, layout)

    def _add_fog(
        self,
        seen: moderngl.Texture,
        target: Layout,
        samples: int,
        weight: float,
        exposure: float,
        variant: Variant,
    ) -> None:
        """Add what the fog that is bound scatters of the lights that are in place."""
        self._lighting.bind()
        self._fog.draw(
            seen,
            target,
            samples=samples,
            steps=self._preset.fog_steps if self._lighting.shafts else 0,
            soft=self._preset.soft,
            weight=weight,
            exposure=exposure,
            variant=variant,
        )

    def _see_indirect(
        self, shot: Shot, snapshot: Snapshot, seen: moderngl.Texture, *, samples: int, rays: int, variant: Variant
    ) -> tuple[int, int] | None:
        """Bring the voxels up to date and look around from what is seen; return the size of the result, if any."""
        if self._voxels is None:
            return None
        buckets, preset = self._textures.bucket_count, self._preset
        anchor, eye = self._voxels.anchor(shot, snapshot), snapshot.camera.matrix[:3, 3]
        if anchor is not None:
            self._stand_at(shot, snapshot, anchor)
            self._voxels.make(shot, snapshot, self._culling, buckets, anchor)
            self._stand_at(shot, snapshot, eye)
        self._voxels.place(eye)
        self._voxels.bind()
        self._indirect.draw(
            seen,
            shot.width,
            shot.height,
            buckets,
            samples=samples,
            rays=rays,
            widen=preset.widen,
            variant=variant,
            coated=snapshot.materials.coated,
        )
        self._lighting.bind()
        return self._indirect.size

    def _stand_at(self, shot: Shot, snapshot: Snapshot, point: NDArray[np.float64]) -> None:
        """Have instances and lights of ``snapshot`` relative to ``point`` (3,), world metres."""
        if np.array_equal(point, snapshot.camera.matrix[:3, 3]):
            self._instances.upload(shot.stage, self._pool, snapshot, shot.previous, shot.next)
        else:
            moved = _seen_from(snapshot, point)
            self._instances.upload(shot.stage, self._pool, moved, moved, moved)
        self._draw_list.use(self._instances)
        self._lighting.place(point)
        self._lighting.bind()

    def _see_samples(self, shot: Shot, snapshot: Snapshot, samples: int) -> moderngl.Texture:
        """Draw what the camera of the placed snapshot sees at every one of ``samples`` x ``samples`` of a pixel."""
        if samples == 1:
            return self._centres.see(shot, snapshot, self._draw_list, self._culling)
        width, height = shot.width, shot.height
        self._samples.resize(samples * width, samples * height)
        rows = self._culling.in_view(snapshot.camera, width, height)
        self._samples.draw(self._draw_list, rows, snapshot.camera, (width, height))
        return self._samples.ids

    def _place(self, shot: Shot, snapshot: Snapshot) -> None:
        """Upload a snapshot, unless it is the one in place: its instances, materials and camera."""
        if self._placed is snapshot:
            return
        self._instances.upload(shot.stage, self._pool, snapshot, shot.previous, shot.next)
        self._draw_list.use(self._instances)
        self._materials.upload(snapshot.materials, self._textures.require(shot.stage.images))
        self._textures.bind()
        self._view.update(shot, snapshot)
        self._placed = snapshot


def _seen_from(snapshot: Snapshot, point: NDArray[np.float64]) -> Snapshot:
    """Return ``snapshot`` with its camera at ``point`` (3,)."""
    matrix = snapshot.camera.matrix.copy()
    matrix[:3, 3] = point
    return replace(snapshot, camera=replace(snapshot.camera, matrix=matrix))
