"""Surfaces of the scene that shine: an emitter that reads the engine's pictures and knows its two sides.

Mitsuba's own draws places by the picture, for which it needs texture coordinates that meet each
place once; here places are drawn evenly over the surface.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from diorama.oracle.backend import dr, mi
from diorama.oracle.images import Images


class SurfaceGlow(mi.Emitter):
    """The emission of one material, ``factor`` nits times picture ``image``; to both sides, or to the front."""

    images: Images
    image: int
    factor: Any
    double_sided: bool

    def __init__(self, properties: Any) -> None:
        super().__init__(properties)
        self.m_flags = mi.EmitterFlags.Surface | mi.EmitterFlags.SpatiallyVarying

    def eval(self, si: Any, active: Any) -> Any:
        """Return nits at the interaction, as seen along it."""
        return self._nits(si.uv, active & self._shines(dr.dot(si.n, si.to_world(si.wi))))

    def sample_direction(self, it: Any, sample: Any, active: Any) -> tuple[Any, Any]:
        """Draw a place evenly over the surface."""
        drawn = self.get_shape().sample_direction(it, sample, active)
        there = active & self._shines(-dr.dot(drawn.n, drawn.d)) & (drawn.pdf > 0.0)
        drawn.emitter = mi.EmitterPtr(self)
        return drawn, dr.select(there, self._nits(drawn.uv, there) / drawn.pdf, 0.0)

    def pdf_direction(self, it: Any, ds: Any, active: Any) -> Any:
        """Return the density per steradian with which :meth:`sample_direction` draws the place of ``ds``."""
        there = active & self._shines(-dr.dot(ds.n, ds.d))
        return dr.select(there, self.get_shape().pdf_direction(it, ds, there), 0.0)

    def eval_direction(self, it: Any, ds: Any, active: Any) -> Any:
        """Return nits at the place of ``ds``, as seen from ``it``."""
        return self._nits(ds.uv, active & self._shines(-dr.dot(ds.n, ds.d)))

    def bbox(self) -> Any:
        """Return the box around the surface."""
        return self.get_shape().bbox()

    def to_string(self) -> str:
        """Name it for Mitsuba's messages."""
        return f"SurfaceGlow[{self.image}]"

    def _shines(self, cosine: Any) -> Any:
        return cosine != 0.0 if self.double_sided else cosine > 0.0

    def _nits(self, uv: Any, active: Any) -> Any:
        return dr.select(active, self.factor * self.images.color(mi.Int32(self.image), uv, mi.Bool(active)), 0.0)


mi.register_emitter("diorama_glow", SurfaceGlow)


def glow(images: Images, image: int, color: NDArray[np.float64], *, double_sided: bool) -> Any:
    """Return the emitter of a surface that shines with ``color`` (3,) nits times a picture (or none: -1)."""
    made = mi.load_dict({"type": "diorama_glow"})
    made.images, made.image, made.double_sided = images, image, double_sided
    made.factor = mi.Color3f(*np.asarray(color).tolist())
    return made
