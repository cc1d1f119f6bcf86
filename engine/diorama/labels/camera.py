"""The camera of a frame as label: intrinsics in pixels and pose in the world."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from diorama.distortion import Distortion
from diorama.scene.shot import CameraState

Floats = NDArray[np.float64]

OPENCV_FROM_OURS = np.diag([1.0, -1.0, -1.0, 1.0])
"""Turns camera space with +Y up and -Z forward into OpenCV's, +Y down and +Z forward, and back."""


@dataclass(frozen=True, eq=False)
class CameraLabel:
    """One frame's camera.

    ``K`` (3, 3) is OpenCV's matrix, in pixels from the picture's upper left corner: the centre
    of the first pixel lies at (0.5, 0.5). ``cv2`` counts from that centre, so subtract 0.5 from
    ``K[:2, 2]`` for it. ``camera_to_world`` (4, 4) is in our axes: +Y up, looking along -Z.
    ``distortion`` is the lens's, None where it shows what a pinhole does.
    """

    K: Floats
    camera_to_world: Floats
    distortion: Distortion | None = None

    def to_json(self) -> dict[str, Any]:
        """Return the record that the manifest holds; ``distortion`` is only there where the lens has one."""
        record: dict[str, Any] = {"K": self.K.tolist(), "camera_to_world": self.camera_to_world.tolist()}
        if self.distortion is not None:
            record["distortion"] = {
                "model": self.distortion.model,
                "coefficients": list(self.distortion.coefficients),
            }
        return record

    @property
    def world_to_opencv(self) -> Floats:
        """The extrinsic matrix (4, 4) that ``K`` expects: ``pixel ~ K @ (world_to_opencv @ world)[:3]``."""
        return np.asarray(OPENCV_FROM_OURS @ np.linalg.inv(self.camera_to_world))

    def project(self, points: Floats) -> Floats:
        """Return pixel positions (..., 2) of world points (..., 3) in front of the camera.

        With a distortion they must be in view: farther out its formula may turn back.
        """
        matrix = self.world_to_opencv
        local = points @ matrix[:3, :3].T + matrix[:3, 3]
        if self.distortion is not None:
            bent = self.distortion.bent(local[..., :2] / local[..., 2:])
            return np.asarray(bent @ self.K[:2, :2].T + self.K[:2, 2])
        seen = local @ self.K.T
        return np.asarray(seen[..., :2] / seen[..., 2:])


def camera_label(camera: CameraState) -> CameraLabel:
    """Return the label of a shot's camera."""
    matrix = np.array([[camera.fx, 0.0, camera.cx], [0.0, camera.fy, camera.cy], [0.0, 0.0, 1.0]])
    return CameraLabel(K=matrix, camera_to_world=np.array(camera.matrix, np.float64), distortion=camera.distortion)
