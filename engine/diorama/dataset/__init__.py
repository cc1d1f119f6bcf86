"""The native dataset folder: passes as pictures, labels as one manifest."""

from diorama.dataset.derived import distance_from_depth, position_from_depth
from diorama.dataset.info import ClipInfo
from diorama.dataset.reader import Dataset, read_dataset
from diorama.dataset.writer import DatasetWriter

__all__ = [
    "ClipInfo",
    "Dataset",
    "DatasetWriter",
    "distance_from_depth",
    "position_from_depth",
    "read_dataset",
]
