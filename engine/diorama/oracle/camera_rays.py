"""What the camera does not see: its rays go on through the bodies of lights and what is seen from behind.

To all other rays those are there, and black: they keep light off, and a path that meets one ends.
"""

from __future__ import annotations

from typing import Any

from diorama.oracle.backend import dr, mi

_MOST = 256
"""Surfaces in a row that a camera's ray goes through; beyond them it sees the next as it is."""


class SeenPaths(mi.SamplingIntegrator):
    """The path tracer ``inner`` from the first thing on that the camera sees; the sky is one if ``sky`` says so."""

    inner: Any
    sky: bool

    def __init__(self, properties: Any) -> None:
        super().__init__(properties)

    def sample(
        self, scene: Any, sampler: Any, ray: Any, medium: Any = None, active: Any = True
    ) -> tuple[Any, Any, list[Any]]:
        """Return the radiance along ``ray``, and whether it met anything."""

        def unseen(ray: Any, more: Any, met: Any, passed: Any) -> Any:
            return more

        def go_on(ray: Any, more: Any, met: Any, passed: Any) -> tuple[Any, Any, Any, Any]:
            si = scene.ray_intersect(ray, more)
            met = dr.select(more, si.is_valid(), met)
            more &= met
            more &= (si.bsdf().eval_null_transmission(si, more).x > 0.0) & (passed < _MOST)
            ray.o = dr.select(more, si.spawn_ray(ray.d).o, ray.o)
            return ray, more, met, passed + 1

        state = mi.Ray3f(ray), mi.Bool(active), mi.Bool(False), mi.UInt32(0)
        ray, _, met, _ = dr.while_loop(state, unseen, go_on, labels=("ray", "more", "met", "passed"))
        color, _, _ = self.inner.sample(scene, sampler, mi.RayDifferential3f(ray), medium, active)
        return color if self.sky else dr.select(met, color, 0.0), met, []

    def to_string(self) -> str:
        """Name it for Mitsuba's messages."""
        return f"SeenPaths[sky={self.sky}]"


class LightBody(mi.BSDF):
    """The surface of a light: black but for what it sends out, and not there for the camera."""

    def __init__(self, properties: Any) -> None:
        super().__init__(properties)
        self.m_components = [mi.BSDFFlags.Null | mi.BSDFFlags.FrontSide | mi.BSDFFlags.BackSide]
        self.m_flags = self.m_components[0]

    def sample(self, context: Any, si: Any, sample1: Any, sample2: Any, active: Any) -> tuple[Any, Any]:
        """Draw nothing: the path ends."""
        return dr.zeros(mi.BSDFSample3f, dr.width(si.t)), mi.Color3f(0.0)

    def eval(self, context: Any, si: Any, wo: Any, active: Any) -> Any:
        """Return black."""
        return mi.Color3f(0.0)

    def pdf(self, context: Any, si: Any, wo: Any, active: Any) -> Any:
        """Return 0: nothing is drawn."""
        return mi.Float(0.0)

    def eval_pdf(self, context: Any, si: Any, wo: Any, active: Any) -> tuple[Any, Any]:
        """Return black, and 0."""
        return mi.Color3f(0.0), mi.Float(0.0)

    def eval_null_transmission(self, si: Any, active: Any) -> Any:
        """Return 1: what the camera's rays go through."""
        return mi.Color3f(1.0)

    def to_string(self) -> str:
        """Name it for Mitsuba's messages."""
        return "LightBody[]"


mi.register_bsdf("diorama_light_body", LightBody)
mi.register_integrator("diorama_seen_paths", SeenPaths)


def light_body() -> Any:
    """Return the BSDF of what lights are made of."""
    return mi.load_dict({"type": "diorama_light_body"})


def seen_paths(depth: int, *, sky: bool) -> Any:
    """Return the integrator of paths of at most ``depth`` segments."""
    made = mi.load_dict({"type": "diorama_seen_paths"})
    made.inner = mi.load_dict({"type": "path", "max_depth": depth, "rr_depth": 6, "hide_emitters": False})
    made.sky = sky
    return made
