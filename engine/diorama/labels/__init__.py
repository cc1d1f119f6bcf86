"""Ground truth from passes and shot: boxes, poses, camera."""

from diorama.labels.box import Boxes, boxes
from diorama.labels.camera import CameraLabel, camera_label
from diorama.labels.frame_labels import FrameLabels, Labeller
from diorama.labels.poses import PoseLabeller, Poses

__all__ = [
    "Boxes",
    "CameraLabel",
    "FrameLabels",
    "Labeller",
    "PoseLabeller",
    "Poses",
    "boxes",
    "camera_label",
]
