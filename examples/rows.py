"""A clip for each row of a table, all in one studio: a row sets parameters, or any value by its path."""

from diorama import Studio, load_scene, resources

SCENE = resources.scenes() / "scatter.yaml"
ROWS = [
    {"id": 1, "hue": 0.1, "nodes.toys.repeat": 12},
    {"id": 2, "hue": 0.4, "nodes.toys.repeat": 30},
    {"id": 3, "hue": 0.8, "nodes.toys.repeat": 60},
]

with Studio(gl="auto") as studio:
    for row in ROWS:
        scene = load_scene(SCENE, params=row, seed=row["id"], overrides={"video": {"size": (480, 270), "duration": 2}})
        report = studio.render(scene, f"toys_{row['id']}.mp4", overwrite=True)
        print(f"{report.path}: {report.frames} frames in {report.seconds:.1f} s")
