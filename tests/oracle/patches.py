"""Small level squares, one a material, that rays are shot at: the BSDF at real interactions, without noise."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray
from shots import Thing, camera, make_shot

from diorama.geometry.primitives import plane
from diorama.material.pbr import PbrMaterial
from diorama.oracle.backend import dr, mi
from diorama.oracle.bsdf import bsdf_of
from diorama.oracle.geometry import mesh_of, soups
from diorama.oracle.images import Images
from diorama.oracle.materials import Materials
from diorama.transform import compose

Floats = NDArray[np.float64]

SPACING = 3.0


class Patches:
    """Squares facing +Y, three metres apart along X: ``eval``, ``pdf`` and ``sample`` take a row and world directions.

    Directions point away from the surface, (N, 3) unit.
    """

    def __init__(self, materials: Sequence[PbrMaterial], *, conserving: bool) -> None:
        square = plane((1.0, 1.0))
        things = [
            Thing(square, compose((SPACING * row, 0, 0), (0, 0, 0, 1), (1, 1, 1)), material)
            for row, material in enumerate(materials)
        ]
        shot = make_shot(things, camera())
        made = Materials(shot.current.materials, Images(shot.stage.images), conserving=conserving)
        self.bsdf = bsdf_of(made)
        ((_, soup),) = soups(shot.stage, shot.current)
        self.scene = mi.load_dict({"type": "scene", "all": mesh_of(soup, "all", self.bsdf)})
        self.context = mi.BSDFContext()
        self._tangent = np.asarray(square.tangents[0, :3], np.float64) * np.sign(square.tangents[0, 3])

    def tangent(self, row: int) -> Floats:
        """The direction (3,) from which anisotropy turns about +Y on square ``row``."""
        return self._tangent

    def interactions(self, row: int, view: Floats):
        """Look at places beside the middle of square ``row``, off its diagonals."""
        place = np.array([SPACING * row + 0.11, 0.0, 0.05])
        origin = mi.Point3f((place + view).T.astype(np.float32))
        si = self.scene.ray_intersect(mi.Ray3f(origin, mi.Vector3f(-view.T.astype(np.float32))))
        assert dr.all(si.is_valid())
        return si

    def eval(self, row: int, view: Floats, light: Floats) -> Floats:
        """BSDF times cosine, (N, 3)."""
        return self._both(row, view, light)[0]

    def pdf(self, row: int, view: Floats, light: Floats) -> Floats:
        """Density per steradian, (N,)."""
        return self._both(row, view, light)[1]

    def sample(self, row: int, view: Floats, seed: int = 0) -> tuple[Floats, Floats, Floats]:
        """A direction (N, 3), its density (N,) and weight (N, 3) for each view."""
        si = self.interactions(row, view)
        rng = mi.PCG32(size=len(view), initstate=seed)
        drawn, weight = self.bsdf.sample(
            self.context, si, rng.next_float32(), mi.Point2f(rng.next_float32(), rng.next_float32()), mi.Bool(True)
        )
        away = si.to_world(drawn.wo)
        dr.eval(away, drawn.pdf, weight)
        return np.array(away).T, np.array(drawn.pdf), np.array(weight).T

    def _both(self, row: int, view: Floats, light: Floats) -> tuple[Floats, Floats]:
        si = self.interactions(row, view)
        outgoing = si.to_local(mi.Vector3f(light.T.astype(np.float32)))
        value, density = self.bsdf.eval_pdf(self.context, si, outgoing, mi.Bool(True))
        dr.eval(value, density)
        return np.array(value, np.float64).T, np.array(density, np.float64)


def looking(degrees: float) -> Floats:
    """A view (1, 3) so many degrees from the normal, off the axes of tangent and bitangent."""
    angle, around = np.radians(degrees), np.radians(25.0)
    return np.array([[np.sin(angle) * np.cos(around), np.cos(angle), np.sin(angle) * np.sin(around)]])


@lru_cache
def hemisphere(rows: int = 200, columns: int = 400) -> tuple[Floats, Floats]:
    """Directions (N, 3) around +Y, and the solid angle (N,) that each stands for."""
    polar = (np.arange(rows) + 0.5) * (np.pi / 2 / rows)
    around = (np.arange(columns) + 0.5) * (2 * np.pi / columns)
    directions, sine = _ring(polar, around)
    return directions, sine * (np.pi / 2 / rows) * (2 * np.pi / columns)


def reflections(view: Floats, alpha: float) -> tuple[Floats, Floats]:
    """The hemisphere as mirrored ``view`` (1, 3), fine where a lobe of width ``alpha`` is: directions, solid angles.

    Half vectors run evenly in the logarithm of the tangent to +Y. A direction stands for 4 v.h of
    its half vector's solid angle (Walter 2007, eq. 14).
    """
    steps, columns = 400, 180
    edges = np.linspace(np.log(alpha * 1e-3), np.log(1e4), steps + 1)
    polar = np.arctan(np.exp((edges[:-1] + edges[1:]) / 2))
    around = (np.arange(columns) + 0.5) * (2 * np.pi / columns)
    half, sine = _ring(polar, around)
    step = np.repeat(np.sin(polar) * np.cos(polar), columns) * (edges[1] - edges[0]) * (2 * np.pi / columns)
    cosine = half @ view[0]
    out = 2.0 * cosine[:, None] * half - view
    there = (cosine > 0.0) & (out[:, 1] > 0.0)
    return out[there], (4.0 * cosine * sine * step)[there]


def _ring(polar: Floats, around: Floats) -> tuple[Floats, Floats]:
    t, p = np.meshgrid(polar, around, indexing="ij")
    directions = np.stack([np.sin(t) * np.cos(p), np.cos(t), np.sin(t) * np.sin(p)], axis=-1)
    return directions.reshape(-1, 3), np.sin(t).ravel()
