"""Where buffers, blocks, images and textures are bound; ``shaders/lib/bindings.glsl`` says the same.

A test holds the two files together. Units are few: GL promises 8 storage blocks, 8 image units
and 16 texture units to a compute shader.
"""

from __future__ import annotations

# uniform blocks
VIEW = 0
LIGHTING = 1

# storage buffers
VERTICES = 0
INDICES = 1
MESHES = 2
INSTANCES = 3
MATERIALS = 4
LIGHTS = 5
SHADOWS = 6
OUTPUT = 7

# texture units
VISIBILITY = 0
DEPTH = 1
ENVIRONMENT = 2
BRDF_TABLE = 3
SHADOW_MAPS = 4
COLOR_INPUT = 5
MATERIAL_IMAGES = 6
MATERIAL_BUCKETS = 10
