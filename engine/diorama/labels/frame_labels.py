"""Everything that is labelled in one frame, and its form in a manifest."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from diorama.labels.box import Boxes, boxes
from diorama.labels.camera import CameraLabel, camera_label
from diorama.labels.poses import PoseLabeller, Poses
from diorama.scene.shot import Shot, Stage


@dataclass(frozen=True, eq=False)
class FrameLabels:
    """The camera, the poses of all instances, and the boxes of those that are visible.

    ``boxes`` is None where the frame has no instance pass to take them from.
    """

    camera: CameraLabel
    poses: Poses
    boxes: Boxes | None

    def to_json(self) -> dict[str, Any]:
        """Return the record that the manifest holds: ``camera`` and ``instances``, ascending by id."""
        return {
            "camera": self.camera.to_json(),
            "instances": self._instances(),
        }

    def _instances(self) -> list[dict[str, Any]]:
        poses = self.poses
        columns = {
            "position": poses.position.tolist(),
            "quaternion": poses.quaternion.tolist(),
            "scale": poses.scale.tolist(),
            "velocity": poses.velocity.tolist(),
            "box_3d": poses.corners.tolist(),
        }
        records = [
            {"id": row + 1, **{name: values[row] for name, values in columns.items()}}
            for row in range(len(poses.matrix))
        ]
        if self.boxes is not None:
            _add_boxes(records, self.boxes)
        return records


class Labeller:
    """Labels the frames of one clip; see :class:`FrameLabels`."""

    def __init__(self, stage: Stage) -> None:
        self._poses = PoseLabeller(stage)

    def label(self, shot: Shot, instance: NDArray[np.uint32] | None = None) -> FrameLabels:
        """Label one frame from its shot and, for the boxes, its (H, W) instance pass."""
        seen = None if instance is None else boxes(instance)
        return FrameLabels(camera_label(shot.current.camera), self._poses.poses(shot), seen)


def _add_boxes(records: list[dict[str, Any]], seen: Boxes) -> None:
    for record in records:
        record |= {"box": None, "pixels": 0, "truncated": False}
    for number, box, pixels, cut in zip(
        seen.ids.tolist(), seen.boxes.tolist(), seen.pixels.tolist(), seen.truncated.tolist(), strict=True
    ):
        records[number - 1] |= {"box": box, "pixels": pixels, "truncated": cut}
