"""A scene as flat arrays and banks of tracks, ready to be sampled at any time."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from diorama.errors import SceneError, expected
from diorama.geometry.mesh import Mesh
from diorama.scene.channel import Rows
from diorama.scene.flatten import CAMERA, Carried, Row, flatten
from diorama.scene.graph import Scene
from diorama.scene.hierarchy import Hierarchy, Window
from diorama.scene.labelling import label_rows
from diorama.scene.lights import Lights
from diorama.scene.loaded import Loaded
from diorama.scene.material_table import Materials, MaterialTable
from diorama.scene.scatter import scatter
from diorama.scene.schema import Camera
from diorama.scene.shot import Ints, Stage
from diorama.scene.transforms import Transforms
from diorama.scene.view import Air, Exposure, Lens, Sky

_STEPS_A_FRAME = 4
"""How finely a damped motion is solved."""


@dataclass(frozen=True, eq=False)
class Drawn:
    """What is drawn, a row each in path order: its node, its mesh, its material, its label (N,)."""

    node: Ints
    mesh: Ints
    material: Ints
    label: Ints


@dataclass(frozen=True, eq=False)
class Compiled:
    """A scene ready for sampling; the first ``node_count`` rows of ``hierarchy`` are its nodes.

    ``notes`` say what of its models is not shown, each with the file or the node that it is about.
    """

    stage: Stage
    hierarchy: Hierarchy
    node_count: int
    drawn: Drawn
    materials: Materials
    lights: Lights
    lens: Lens
    sky: Sky
    air: Air
    exposure: Exposure
    size: tuple[int, int]
    fps: float
    shutter: float
    frame_count: int
    energy: Literal["conserving", "gltf"]
    notes: tuple[str, ...]


def compile_scene(scene: Scene) -> Compiled:
    """Return ``scene`` as arrays; ``SceneError`` or ``AssetError`` names the node that is wrong."""
    loaded = Loaded()
    rows, carried = flatten(scene, loaded)
    every = [*rows, *(one.row for one in carried)]
    transforms = Transforms(every, _targets(rows, carried), _window(scene))
    parents = transforms.parents[: len(rows)]
    meshes, materials = _Meshes(), MaterialTable(loaded)
    labels, label_of = label_rows(rows, parents, scene.spec.classes, scene.spec.assets)
    drawn = _draw(rows, label_of, meshes, materials)
    hierarchy = scatter(scene.seed, rows, transforms, drawn.node, meshes.bounds(drawn.mesh))
    camera_row, camera, camera_path = _camera(scene, carried, len(rows))
    focus_row = transforms.row_of(camera.focus_on, f"{camera_path}.focus_on") if camera.focus_on else -1
    sky = Sky(scene.environment)
    frozen = materials.freeze()
    lights = [(len(rows) + row, one) for row, one in enumerate(carried) if not isinstance(one.thing, Camera)]
    return Compiled(
        stage=Stage(
            meshes=tuple(meshes.listed),
            images=tuple(materials.images),
            labels=labels,
            node_paths=tuple(row.path for row in rows),
            environment=sky.picture(),
            seed=scene.seed,
        ),
        hierarchy=hierarchy,
        node_count=len(rows),
        drawn=drawn,
        materials=frozen,
        lights=_lights(lights),
        lens=Lens(camera, scene.size, camera_path, camera_row, focus_row),
        sky=sky,
        air=Air(scene.fog),
        exposure=Exposure(camera, scene.finish, camera_path),
        size=scene.size,
        fps=scene.fps,
        shutter=scene.video.shutter,
        frame_count=scene.frame_count,
        energy=scene.spec.energy,
        notes=tuple(loaded.notes),
    )


class _Meshes:
    """The distinct meshes of a scene by content."""

    def __init__(self) -> None:
        self.listed: list[Mesh] = []
        self._rows: dict[str, int] = {}

    def row(self, mesh: Mesh) -> int:
        if mesh.key not in self._rows:
            self._rows[mesh.key] = len(self.listed)
            self.listed.append(mesh)
        return self._rows[mesh.key]

    def bounds(self, rows: Ints) -> NDArray[np.float64]:
        """Return the corners (N, 2, 3) of the boxes around meshes ``rows`` (N,)."""
        boxes = np.array([mesh.bounds for mesh in self.listed]).reshape(-1, 2, 3)
        return np.asarray(boxes[rows])


def _window(scene: Scene) -> Window:
    """Return the time from the frame before the first to the frame after the last, with an open shutter's width."""
    return Window(-2.0 / scene.fps, (scene.frame_count + 1) / scene.fps, 1.0 / (_STEPS_A_FRAME * scene.fps))


def _targets(rows: Sequence[Row], carried: Sequence[Carried]) -> dict[str, int]:
    """Return the row that each path means; a node with nothing but a light or a camera means that one's place."""
    targets = {row.path: number for number, row in enumerate(rows)}
    for number, one in enumerate(carried, len(rows)):
        node = rows[targets[one.row.path]].node if one.row.path in targets else None
        if node is None or (node.spec.mesh is None and node.geometry is None and node.spec.asset is None):
            targets[one.row.path] = number
    return targets


def _draw(rows: Sequence[Row], label_of: Ints, meshes: _Meshes, materials: MaterialTable) -> Drawn:
    made = [
        (number, meshes.row(part.mesh), materials.row(part.base, part.over, part.place), label_of[number])
        for number, row in enumerate(rows)
        if row.visible
        for part in row.parts
    ]
    node, mesh, material, label = np.array(made, np.int32).reshape(-1, 4).T.copy()
    return Drawn(node, mesh, material, label)


def _lights(lights: Sequence[tuple[int, Carried]]) -> Lights:
    rows: Rows = np.array([row for row, _ in lights], np.int64)
    things = [one.thing for _, one in lights if not isinstance(one.thing, Camera)]
    return Lights(things, rows, [one.row.path for _, one in lights])


def _camera(scene: Scene, carried: Sequence[Carried], first: int) -> tuple[int, Camera, str]:
    """Return the row, the model and the place of the camera that films."""
    found = [(row, one.thing, one.row) for row, one in enumerate(carried, first) if isinstance(one.thing, Camera)]
    if isinstance(scene.camera, Camera):
        row, camera, _ = found[-1]
        return row, camera, CAMERA
    wanted = [entry for entry in found if scene.camera in (None, entry[2].path)]
    if len(wanted) != 1:
        got = scene.camera or ", ".join(entry[2].path for entry in wanted) or None
        raise SceneError(expected("a camera, or the path of one node that carries one", got), place=CAMERA)
    row, camera, placed = wanted[0]
    return row, camera, f"{placed.path}.camera"
