"""Write a clip with ground truth, read it back, and check that the optical flow explains the pictures."""

import numpy as np
from scipy.ndimage import map_coordinates

from diorama import Studio, load_scene, read_dataset, resources

scene = load_scene(resources.scenes() / "hello.yaml", overrides={"video": {"size": (320, 240), "frames": 12}})
with Studio(gl="auto") as studio:
    passes = ("depth", "flow_forward", "occlusion_forward", "instance")
    studio.render(scene, "hello.mp4", frames_dir="hello", passes=passes, overwrite=True)

dataset = read_dataset("hello")
print(len(dataset), "frames with", ", ".join(dataset.passes))
for number, instance in enumerate(dataset.manifest["instances"], 1):
    print(f"{number} in the instance pass is {instance['path']!r}")

for row in range(len(dataset) - 1):
    now, after = dataset.frame(row), dataset.frame(row + 1)
    # Where a pixel of this frame lies in the next one; pixel centres are at +0.5 in both.
    rows, columns = np.indices(now["depth"].shape)
    place = rows + now["flow_forward"][..., 1], columns + now["flow_forward"][..., 0]
    seen = ~now["occlusion_forward"]
    errors = []
    for channel in range(3):
        moved = map_coordinates(after["image"][..., channel].astype(float), place, order=1, mode="nearest")
        errors.append(np.abs(moved - now["image"][..., channel])[seen].mean())
    nearest = now["depth"][now["instance"] > 0].min()
    print(f"frame {now.index}: {np.mean(errors):.2f} of 255 between the pictures, nearest surface {nearest:.2f} m")
