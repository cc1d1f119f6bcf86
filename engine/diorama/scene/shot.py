"""What the renderer is given: a stage that never changes, and a shot of it at one frame.

A :class:`Snapshot` is the world at one time as flat arrays. A :class:`Shot` is what one frame
needs: the snapshots one frame before, at, and one frame after its time, and those the open
shutter sees. Slots are stable: row i of ``instances`` is the same thing in every snapshot of
a clip, so motion vectors follow from any two of them.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from diorama.distortion import Distortion
from diorama.geometry.mesh import Mesh
from diorama.material.pbr import Image
from diorama.transform import look_at

Floats = NDArray[np.float64]
Ints = NDArray[np.int32]

SUN, POINT, SPOT, SKY, SPHERE, RECTANGLE, DISC = range(7)
"""The kinds of light in :attr:`LightBatch.kind`; SKY is a sun that adds nothing to reflections: a piece of the sky.

From SPHERE on they are surfaces that shine.
"""

BASE_COLOR, METALLIC_ROUGHNESS, NORMAL, OCCLUSION, EMISSION = range(5)
"""The columns of :attr:`MaterialBatch.images`."""


@dataclass(frozen=True)
class Label:
    """One labelled instance: row i of :attr:`Stage.labels` has the id i + 1 in the instance pass."""

    path: str
    class_name: str
    class_id: int
    asset: str = ""


@dataclass(frozen=True, eq=False)
class Stage:
    """The immovable things of a clip, which snapshots point into by index.

    ``environment`` is (H, W, 3) float32 linear radiance in equirectangular layout, or None. Its
    top row faces +Y, the centre of the picture faces -Z, and its right half faces +X. ``seed`` is
    the scene's: what a renderer draws by chance is keyed by it.
    """

    meshes: tuple[Mesh, ...]
    images: tuple[Image, ...]
    labels: tuple[Label, ...]
    node_paths: tuple[str, ...]
    environment: NDArray[np.float32] | None = None
    seed: int = 0

    def picture(self, state: EnvironmentState) -> NDArray[np.float32] | None:
        """Return the environment's picture in ``state``, or None where it is a gradient."""
        return self.environment if state.picture is None else state.picture


@dataclass(frozen=True, eq=False)
class InstanceBatch:
    """All drawn things at one time, a row each.

    ``transform`` (N, 4, 4) node to world; ``mesh`` (N,) rows of ``Stage.meshes``; ``material``
    (N,) rows of :class:`MaterialBatch`; ``label`` (N,) 0 or 1 + row of ``Stage.labels``;
    ``node`` (N,) the row of ``Snapshot.nodes`` it hangs on.
    """

    transform: Floats
    mesh: Ints
    material: Ints
    label: Ints
    node: Ints

    def __len__(self) -> int:
        return len(self.transform)


@dataclass(frozen=True, eq=False)
class MaterialBatch:
    """Material values at one time, a row each; see :class:`diorama.material.pbr.PbrMaterial`.

    ``anisotropy_rotation`` (M,) is in radians. ``images`` (M, 5) holds rows of ``Stage.images`` or
    -1, in the order of the constants above.
    """

    base_color: Floats
    metallic: Floats
    roughness: Floats
    specular: Floats
    emission: Floats
    normal_scale: Floats
    occlusion_strength: Floats
    ior: Floats
    specular_color: Floats
    clearcoat: Floats
    clearcoat_roughness: Floats
    sheen_color: Floats
    sheen_roughness: Floats
    anisotropy: Floats
    anisotropy_rotation: Floats
    iridescence: Floats
    iridescence_ior: Floats
    iridescence_thickness: Floats
    double_sided: NDArray[np.bool_]
    unlit: NDArray[np.bool_]
    images: Ints

    @property
    def coated(self) -> bool:
        """Whether any row has more than metallic-roughness: a layer, a coloured or another reflectance."""
        plain = (self.ior == 1.5).all() and (self.specular_color == 1.0).all()
        layers = (self.clearcoat, self.sheen_color, self.anisotropy, self.iridescence)
        return not plain or any(bool(layer.any()) for layer in layers)


@dataclass(frozen=True, eq=False)
class LightBatch:
    """Lights at one time, a row each.

    ``kind`` (L,), ``position`` (L, 3) world metres, ``direction`` (L, 3) unit, the way the light
    travels, ``color`` (L, 3) linear Rec.709 times lux (sun, sky), candela (point, spot) or nits
    (sphere, rectangle, disc), ``inner_angle`` and ``outer_angle`` (L,) half angles of the cone in
    radians, ``casts_shadow`` (L,).

    ``size`` (L, 2) is half of what the light spans along ``tangent`` and across it: the radius
    twice, in world metres (point, spot, sphere, disc); half the width and half the height in world
    metres (rectangle); half the angle under which it is seen, twice, in radians (sun); 0 (sky).
    Those of sphere, rectangle and disc are never 0. ``tangent`` (L, 3) is a world unit vector
    perpendicular to ``direction``, along the width of a rectangle. Rectangles and discs shine to
    the side that ``direction`` points to, spheres to all sides.
    """

    kind: Ints
    position: Floats
    direction: Floats
    color: Floats
    inner_angle: Floats
    outer_angle: Floats
    casts_shadow: NDArray[np.bool_]
    size: Floats
    tangent: Floats

    def __len__(self) -> int:
        return len(self.kind)


def with_parallel(
    lights: LightBatch,
    kind: int,
    directions: Floats,
    colors: Floats,
    *,
    casts_shadow: bool | NDArray[np.bool_] = True,
    radius: float = 0.0,
) -> LightBatch:
    """Return ``lights`` and, behind them, K of a ``kind``: SUN or SKY.

    They shine along ``directions`` (K, 3) with ``colors`` (K, 3) lux. ``radius`` is half the angle in
    radians under which each is seen.
    """
    none = np.zeros(len(directions))
    return LightBatch(
        kind=np.append(lights.kind, np.full(len(directions), kind, np.int32)),
        position=np.vstack([lights.position.reshape(-1, 3), np.zeros((len(directions), 3))]),
        direction=np.vstack([lights.direction.reshape(-1, 3), directions]),
        color=np.vstack([lights.color.reshape(-1, 3), colors]),
        inner_angle=np.append(lights.inner_angle, none),
        outer_angle=np.append(lights.outer_angle, none),
        casts_shadow=np.append(lights.casts_shadow, np.broadcast_to(casts_shadow, none.shape)),
        size=np.vstack([lights.size.reshape(-1, 2), np.full((len(directions), 2), radius)]),
        tangent=np.vstack([lights.tangent.reshape(-1, 3), look_at(np.zeros(3), directions)[:, :, 0]]),
    )


@dataclass(frozen=True, eq=False)
class CameraState:
    """A camera: (4, 4) camera-to-world matrix without scale, and its lens.

    Intrinsics are in pixels of the shot, the principal point from the upper left corner of the
    picture; ``near`` is in metres. So are ``aperture``, the radius of a thin lens, 0 for a pinhole,
    and ``focus``, the distance along -Z at which it is sharp. With a ``distortion`` the picture is
    not a pinhole's; a ray's place on the plane one metre ahead is then ``shear`` less than it says.
    """

    matrix: Floats
    fx: float
    fy: float
    cx: float
    cy: float
    near: float
    aperture: float = 0.0
    focus: float = np.inf
    distortion: Distortion | None = None
    shear: tuple[float, float] = (0.0, 0.0)


@dataclass(frozen=True, eq=False)
class EnvironmentState:
    """Light from infinity: a picture, or a vertical gradient where the stage has none.

    The picture is ``picture``, of a sky that changes, or else ``Stage.environment``, times
    ``intensity`` (nits per texel unit), turned by ``rotation`` radians about +Y. The gradient runs
    linearly in the elevation's sine through ``ground`` (-Y), ``horizon`` and ``zenith`` (+Y), linear
    colours times ``intensity``. Without ``diffuse`` it is seen and mirrored, and lights of the kind SKY do the rest.
    """

    intensity: float
    rotation: float
    zenith: tuple[float, float, float]
    horizon: tuple[float, float, float]
    ground: tuple[float, float, float]
    visible: bool = True
    extract_sun: bool = True
    diffuse: bool = True
    picture: NDArray[np.float32] | None = None


@dataclass(frozen=True, eq=False)
class FogState:
    """What is in the air: the same everywhere, or thinner with height.

    ``density`` is the extinction in 1/m at ``base_height`` metres; ``falloff`` in 1/m is by how much its natural
    logarithm falls with every metre of height, 0 where it does not. ``albedo`` is the part of the light lost
    that is scattered, ``anisotropy`` the g of Henyey and Greenstein's phase function.
    """

    density: float
    falloff: float
    base_height: float
    albedo: tuple[float, float, float]
    anisotropy: float


@dataclass(frozen=True, eq=False)
class Snapshot:
    """The world at one time in seconds; ``nodes`` (P, 4, 4) are all node-to-world matrices."""

    time: float
    nodes: Floats
    instances: InstanceBatch
    materials: MaterialBatch
    lights: LightBatch
    camera: CameraState
    environment: EnvironmentState
    fog: FogState | None = None


@dataclass(frozen=True, eq=False)
class Shot:
    """One frame: its number, time, size, and the snapshots around and inside its shutter.

    ``shutter`` holds (weight, snapshot) pairs whose weights add to 1; a closed shutter is the one
    pair (1, current). ``energy`` chooses the BRDF: multi-scatter compensated, or glTF's to the
    letter. ``exposure`` is the factor from nits to display-linear values. Where the shutter is
    ``spread``, its snapshots look through unlike places of the pixel: one sample of each is enough.
    """

    frame: int
    time: float
    width: int
    height: int
    stage: Stage
    previous: Snapshot
    current: Snapshot
    next: Snapshot
    shutter: tuple[tuple[float, Snapshot], ...]
    energy: Literal["conserving", "gltf"] = "conserving"
    exposure: float = 1.0
    spread: bool = False
