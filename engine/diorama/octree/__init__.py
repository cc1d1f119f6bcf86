"""The dynamic octree over arrays of bounds."""

from diorama.octree.frustum import frustum_planes
from diorama.octree.nearest import Neighbours
from diorama.octree.octree import Counters, Octree
from diorama.octree.rays import RayHits

__all__ = ["Counters", "Neighbours", "Octree", "RayHits", "frustum_planes"]
