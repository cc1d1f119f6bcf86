"""What cameras see at pixel centres at a few times, each drawn once.

A frame looks at its own time and, for occlusions, one frame after and before. In a clip two of
these three were drawn for the frame before. A picture is used again only where everything that
makes it is equal, number by number, so it never differs from one drawn anew.
"""

from __future__ import annotations

from dataclasses import dataclass

import moderngl
import numpy as np
from numpy.typing import NDArray

from diorama.gl.device import Device
from diorama.renderer.culling import Culling
from diorama.renderer.draw_list import DrawList
from diorama.renderer.visibility import CURRENT, Unbending, Visibility
from diorama.scene.shot import Shot, Snapshot, Stage

_KEPT = 3


@dataclass(frozen=True, eq=False)
class _Cause:
    """All that a picture of ids depends on."""

    stage: Stage
    size: tuple[int, int]
    lens: tuple[object, ...]
    arrays: tuple[NDArray[np.generic], ...]

    @classmethod
    def of(cls, shot: Shot, snapshot: Snapshot) -> _Cause:
        camera, batch = snapshot.camera, snapshot.instances
        lens = camera.fx, camera.fy, camera.cx, camera.cy, camera.near, camera.distortion, camera.shear
        sides = snapshot.materials.double_sided[batch.material]
        return cls(shot.stage, (shot.width, shot.height), lens, (camera.matrix, batch.transform, batch.mesh, sides))

    def equals(self, other: _Cause | None) -> bool:
        return (
            other is not None
            and self.stage is other.stage
            and self.size == other.size
            and self.lens == other.lens
            and all(a is b or np.array_equal(a, b) for a, b in zip(self.arrays, other.arrays, strict=True))
        )


class Sights:
    """Owns the pictures; :meth:`see` draws one unless it is there."""

    def __init__(self, device: Device, unbending: Unbending) -> None:
        self._pictures = [Visibility(device, unbending) for _ in range(_KEPT)]
        self._causes: list[_Cause | None] = [None] * _KEPT
        self._order = list(range(_KEPT))

    def see(
        self, shot: Shot, snapshot: Snapshot, draw_list: DrawList, culling: Culling, time: int = CURRENT
    ) -> moderngl.Texture:
        """Return the ids that the camera of ``snapshot`` sees; good until three others were asked for.

        ``time`` says which transforms of the instance rows in use are those of ``snapshot``.
        """
        cause = _Cause.of(shot, snapshot)
        found = next((number for number in self._order if cause.equals(self._causes[number])), None)
        number = self._order[0] if found is None else found
        self._order.remove(number)
        self._order.append(number)
        picture = self._pictures[number]
        if found is None:
            self._causes[number] = None
            picture.resize(shot.width, shot.height)
            rows = culling.in_view(snapshot.camera, shot.width, shot.height)
            picture.draw(draw_list, rows, snapshot.camera, cause.size, time)
            self._causes[number] = cause
        return picture.ids

    def release(self) -> None:
        """Give the memory back."""
        for picture in self._pictures:
            picture.release()
        self._causes = [None] * _KEPT
