// The binding points of every buffer, block and texture; engine/diorama/gl/bindings.py says the same.

// uniform blocks
#define VIEW 0
#define LIGHTING 1
#define VOXEL_CUBE 2
#define FOG_BLOCK 4

// storage buffers
#define MESHES 2
#define TILES 4
#define OUTPUT 7
#define EDGE_INPUT 0
#define REFINER_FRAME 1
#define REFINER_OUTPUT 3
#define VOXEL_GRID_OUT 0
#define VOXEL_GLOW 0
#define VOXEL_KEYS 1
#define VOXEL_JOBS 3
#define VOXEL_RECORDS_OUT 5
#define VOXEL_NEXT_LIGHT 6
#define INDIRECT 3
#define INDIRECT_OUT 6

// texture units
#define VISIBILITY 0
#define NEXT_VISIBILITY 1
#define ENVIRONMENT 2
#define BRDF_TABLE 3
#define SHADOW_MAPS 4
#define PREVIOUS_VISIBILITY 5
#define LIGHT_DATA 1
#define SHADOW_DATA 5
#define VERTEX_DATA 6
#define TRIANGLE_DATA 7
#define INSTANCE_DATA 8
#define MATERIAL_DATA 9
#define MATERIAL_IMAGES 10
#define MATERIAL_BUCKETS 6
#define REFINER_PREVIOUS 0
#define REFINER_HIDDEN 1
#define VOXEL_GRID 4
#define VOXEL_RECORDS 5
#define VOXEL_LIGHT 1
