// The binding points of every buffer, block and texture; engine/diorama/gl/bindings.py says the same.

// uniform blocks
#define VIEW 0
#define LIGHTING 1

// storage buffers
#define VERTICES 0
#define INDICES 1
#define MESHES 2
#define INSTANCES 3
#define MATERIALS 4
#define LIGHTS 5
#define SHADOWS 6
#define OUTPUT 7

// texture units
#define VISIBILITY 0
#define DEPTH 1
#define ENVIRONMENT 2
#define BRDF_TABLE 3
#define SHADOW_MAPS 4
#define COLOR_INPUT 5
#define MATERIAL_IMAGES 6
#define MATERIAL_BUCKETS 10
