"""An independent rasteriser for the tests: pyrender draws depth and instance ids in a process of its own.

``render_depth`` is what tests call; run as a program, this file is that process: it reads one
npz archive from its standard input and writes one to its standard output.
"""

from __future__ import annotations

import io
import subprocess
import sys
from collections.abc import Sequence
from ctypes.util import find_library
from importlib.util import find_spec

import numpy as np
import pytest
from numpy.typing import ArrayLike, NDArray

from diorama.geometry.mesh import Mesh
from diorama.transform import focal_length_pixels

_NEAR, _FAR = 0.05, 200.0


def require_pyrender() -> None:
    """Skip the test that calls this where pyrender, or a library that it loads, is not there."""
    for package in ("pyrender", "OpenGL"):
        if find_spec(package) is None:
            pytest.skip(f"no {package}: make test installs it")
    for library in ("GL", "X11", "Xrender"):
        if find_library(library) is None:
            pytest.skip(f"no lib{library}, which pyrender loads: sudo apt install libgl1 libxrender1")


def render_depth(
    meshes: Sequence[Mesh],
    transforms: Sequence[ArrayLike],
    camera_matrix: ArrayLike,
    lens: float | tuple[float, float, float, float],
    width: int,
    height: int,
) -> tuple[NDArray[np.float32], NDArray[np.uint32]]:
    """Draw ``meshes``, each under its (4, 4) matrix, as pyrender sees them; skips where it is not installed.

    ``camera_matrix`` (4, 4) camera to world; ``lens`` is the vertical field of view in radians or
    (fx, fy, cx, cy) in pixels. Returns ``depth`` (H, W) float32, metres along the camera's -Z and
    infinite where nothing is, and ``ids`` (H, W) uint32: 1 + row in ``meshes``, 0 where nothing is.
    The nearest depth is 0.05 m, the farthest 200 m; pyrender's depth buffer has 24 bits. Both sides
    of every triangle are drawn.
    """
    require_pyrender()
    if isinstance(lens, tuple):
        intrinsics = lens
    else:
        focal = focal_length_pixels(lens, height)
        intrinsics = (focal, focal, width / 2.0, height / 2.0)
    arrays = {"camera": np.asarray(camera_matrix), "lens": np.array(intrinsics), "size": np.array([width, height])}
    for row, (mesh, matrix) in enumerate(zip(meshes, transforms, strict=True)):
        arrays |= {f"p{row}": mesh.positions, f"t{row}": mesh.triangles, f"m{row}": np.asarray(matrix)}
    stream = io.BytesIO()
    np.savez(stream, **arrays)
    done = subprocess.run([sys.executable, "-W", "ignore", __file__], input=stream.getvalue(), capture_output=True)
    if done.returncode:
        raise RuntimeError(f"pyrender failed:\n{done.stderr.decode(errors='replace')}")
    answer = np.load(io.BytesIO(done.stdout))
    return answer["depth"], answer["ids"]


def _draw(request: dict[str, NDArray]) -> dict[str, NDArray]:
    """Draw one request with pyrender."""
    from diorama.interop.pyrender import import_pyrender

    pyrender = import_pyrender()
    width, height = (int(side) for side in request["size"])
    scene = pyrender.Scene()
    colors = {}
    for row in range(sum(name.startswith("p") for name in request)):
        # Without normals pyrender draws no shading, which neither depth nor ids need.
        primitive = pyrender.Primitive(
            positions=request[f"p{row}"],
            indices=request[f"t{row}"],
            mode=4,
            material=pyrender.MetallicRoughnessMaterial(doubleSided=True),
        )
        node = scene.add(pyrender.Mesh([primitive]), pose=request[f"m{row}"])
        colors[node] = [(row + 1) & 255, ((row + 1) >> 8) & 255, (row + 1) >> 16]
    fx, fy, cx, cy = request["lens"]
    camera = pyrender.IntrinsicsCamera(fx, fy, cx, cy, znear=_NEAR, zfar=_FAR)
    scene.add(camera, pose=request["camera"])
    renderer = pyrender.OffscreenRenderer(width, height)
    flags = pyrender.RenderFlags.SEG | pyrender.RenderFlags.SKIP_CULL_FACES
    picture, depth = renderer.render(scene, flags, colors)
    renderer.delete()
    red, green, blue = np.moveaxis(picture.astype(np.uint32), -1, 0)
    ids = red + (green << 8) + (blue << 16)
    return {"depth": np.where(ids > 0, depth, np.inf).astype(np.float32), "ids": ids}


def _main() -> None:
    request = dict(np.load(io.BytesIO(sys.stdin.buffer.read())))
    stream = io.BytesIO()
    np.savez(stream, **_draw(request))
    sys.stdout.buffer.write(stream.getvalue())


if __name__ == "__main__":
    _main()
