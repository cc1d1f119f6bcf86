"""Where buffers, blocks, images and textures are bound; ``shaders/lib/bindings.glsl`` says the same.

A test holds the two files together. Units are few: GL promises 8 storage blocks, 8 image units
and 16 texture units to a compute shader.
"""

from __future__ import annotations

# uniform blocks
VIEW = 0
LIGHTING = 1
VOXEL_CUBE = 2
FOG_BLOCK = 4

# storage buffers
MESHES = 2
TILES = 4
OUTPUT = 7
EDGE_INPUT = 0
REFINER_FRAME = 1
REFINER_OUTPUT = 3
VOXEL_GRID_OUT = 0
VOXEL_GLOW = 0
VOXEL_KEYS = 1
VOXEL_JOBS = 3
VOXEL_RECORDS_OUT = 5
VOXEL_NEXT_LIGHT = 6
INDIRECT = 3
INDIRECT_OUT = 6

# texture units
VISIBILITY = 0
NEXT_VISIBILITY = 1
ENVIRONMENT = 2
BRDF_TABLE = 3
SHADOW_MAPS = 4
PREVIOUS_VISIBILITY = 5
LIGHT_DATA = 1
SHADOW_DATA = 5
VERTEX_DATA = 6
TRIANGLE_DATA = 7
INSTANCE_DATA = 8
MATERIAL_DATA = 9
MATERIAL_IMAGES = 10
MATERIAL_BUCKETS = 6
REFINER_PREVIOUS = 0
REFINER_HIDDEN = 1
VOXEL_GRID = 4
VOXEL_RECORDS = 5
VOXEL_LIGHT = 1
