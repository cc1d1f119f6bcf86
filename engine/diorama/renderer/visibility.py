"""The raster pass: which instance and triangle lies under each pixel centre, nearest first."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import moderngl
import numpy as np
from numpy.typing import NDArray

from diorama.gl import bindings
from diorama.gl.device import Device
from diorama.renderer.dispatch import Variant, dispatch_size
from diorama.renderer.draw_list import DrawList
from diorama.renderer.view import clip_from_world, straight_view
from diorama.scene.shot import CameraState

CURRENT, PREVIOUS, NEXT = 0, 3, 6
"""Whose transforms of the instance rows are drawn: where these start, as ``lib/geometry.glsl`` says."""


def sample_places(side: int) -> Iterator[tuple[int, int, float, float]]:
    """Yield column, row, x and y of ``side`` x ``side`` samples of a pixel, x and y in 0..1.

    A rotated grid: no two samples share an x or a y, so that edges that are almost upright or
    level get as many steps as there are samples.
    """
    for row in range(side):
        for column in range(side):
            x, y = column + (row + 0.5) / side, row + (side - column - 0.5) / side
            yield column, row, x / side, y / side


class Visibility:
    """Owns the id texture (two uint32: 1 + row, 1 + triangle; 0 where nothing is) and its depth."""

    def __init__(self, device: Device, unbending: Unbending | None = None) -> None:
        """``unbending`` is needed for cameras with a distortion."""
        self._device, self._unbending = device, unbending
        self._program = device.raster("visibility")
        self._textures: list[moderngl.Texture] = []
        self._target: moderngl.Framebuffer | None = None

    def resize(self, width: int, height: int) -> None:
        """Make targets of this size, unless there are."""
        if self._target is not None and self._target.size == (width, height):
            return
        self.release()
        self._textures.append(self._device.texture((width, height), 2, "u4"))
        self._textures.append(self._device.depth_texture((width, height)))
        self.ids.filter = moderngl.NEAREST, moderngl.NEAREST
        self._target = self._device.context.framebuffer([self.ids], self._textures[1])

    @property
    def ids(self) -> moderngl.Texture:
        """The id texture; resize() comes first."""
        return self._textures[0]

    def draw(
        self,
        draw_list: DrawList,
        rows: NDArray[np.integer],
        camera: CameraState,
        size: tuple[int, int],
        time: int = CURRENT,
    ) -> None:
        """Clear the targets and draw instance ``rows`` as they are at ``time`` and ``camera`` sees them.

        ``size`` is that of the picture the camera's lens is given for. Targets that are n times as
        large hold n x n pictures side by side, each of one sample of every pixel.
        """
        assert self._target is not None, "resize() comes first"
        if camera.distortion is not None:
            assert self._unbending is not None, "a lens that bends lines needs what unbends them"
            self._unbending.draw(draw_list, rows, camera, size, time, self._target.width // size[0], self.ids)
            return
        context = self._device.context
        self._target.use()
        self._device.raw.clear_to_zero()
        context.enable(moderngl.DEPTH_TEST)
        context.depth_func = ">"
        self._program["time"] = time
        width, height = size
        for column, row, x, y in sample_places(self._target.width // width):
            self._target.viewport = column * width, row * height, width, height
            moved = replace(camera, cx=camera.cx + 0.5 - x, cy=camera.cy + 0.5 - y)
            self._program["clip_from_world"] = tuple(clip_from_world(moved, width, height).T.ravel().tolist())
            draw_list.draw(self._program, rows)
        context.disable(moderngl.DEPTH_TEST)

    def release(self) -> None:
        """Give the memory back."""
        if self._target is not None:
            self._target.release()
        self._device.release(*self._textures)
        self._target, self._textures = None, []


_FINEST = 3
"""Texels of a pinhole's picture along a pixel, at least: the true rays are held against the triangles in them."""


class Unbending:
    """Owns the picture of a pinhole from which what a lens sees is found; see ``unbend.comp``."""

    def __init__(self, device: Device) -> None:
        self._device, self._pinhole = device, Visibility(device)

    def draw(
        self,
        draw_list: DrawList,
        rows: NDArray[np.integer],
        camera: CameraState,
        size: tuple[int, int],
        time: int,
        side: int,
        ids: moderngl.Texture,
    ) -> None:
        """Write to ``ids`` what ``camera`` sees at ``side`` x ``side`` samples of each pixel.

        The block ``View`` holds the cameras of all times; else as :meth:`Visibility.draw`.
        """
        pinhole, width, height = straight_view(camera, *size, finer=max(side, _FINEST))
        self._pinhole.resize(width, height)
        self._pinhole.draw(draw_list, rows, pinhole, (width, height), time)
        variant = Variant.of(camera)
        program = self._device.compute("unbend", {"SAMPLES": side} | variant.defines)
        program["time"], program["pinhole_lens"] = time, (pinhole.fx, pinhole.fy, pinhole.cx, pinhole.cy)
        self._pinhole.ids.use(bindings.VISIBILITY)
        ids.bind_to_image(0, read=False, write=True)
        program.run(*dispatch_size(*size))
        self._device.context.memory_barrier()

    def release(self) -> None:
        """Give the memory back."""
        self._pinhole.release()
