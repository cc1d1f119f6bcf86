"""The materials of a snapshot as arrays that the oracle's BSDF gathers from, a row per material."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import Any

import numpy as np

from diorama.oracle.albedo import SIZE, albedo_table
from diorama.oracle.backend import dr, mi
from diorama.oracle.images import Images
from diorama.oracle.sheen import SIZE as SHEEN_SIZE
from diorama.oracle.sheen import sheen_table
from diorama.oracle.stretch import StretchTables
from diorama.scene.shot import BASE_COLOR, METALLIC_ROUGHNESS, NORMAL, MaterialBatch

ROW_ATTRIBUTE = "face_material"
"""The attribute of a mesh's triangles that holds the row of their material."""

TANGENT_ATTRIBUTE = "vertex_tangent"
"""Node-space tangents brought to the world, three numbers a vertex."""

SIGN_ATTRIBUTE = "vertex_sign"
"""The sign of the bitangent at a vertex."""


@dataclass(frozen=True)
class Values:
    """What the BSDF needs at a point, a lane each: linear colours, roughness as it is perceived."""

    base_color: Any
    metallic: Any
    roughness: Any
    specular: Any
    double_sided: Any
    reflectance: Any
    lit: Any


@dataclass(frozen=True)
class Layers:
    """What glTF's extensions put on a surface, a lane each; the rotation in radians, the film in nanometres."""

    clearcoat: Any
    clearcoat_roughness: Any
    sheen_color: Any
    sheen_roughness: Any
    anisotropy: Any
    anisotropy_rotation: Any
    iridescence: Any
    iridescence_ior: Any
    iridescence_thickness: Any


_PLAIN = ("metallic", "roughness", "specular", "normal_scale", "ior")

_LAYERS = tuple(field.name for field in fields(Layers) if field.name != "sheen_color")


class Materials:
    """All materials of a snapshot and their pictures; ``conserving`` as in :class:`diorama.scene.shot.Shot`."""

    def __init__(self, batch: MaterialBatch, images: Images, *, conserving: bool) -> None:
        self.images, self.conserving = images, conserving
        self._base_color = mi.Float(np.asarray(batch.base_color, np.float32).ravel())
        self._factors = {name: mi.Float(np.asarray(getattr(batch, name), np.float32)) for name in (*_PLAIN, *_LAYERS)}
        self._colors = {
            name: mi.Float(np.asarray(getattr(batch, name), np.float32).ravel())
            for name in ("specular_color", "sheen_color")
        }
        self.coated = batch.coated
        self._double_sided = mi.Bool(np.asarray(batch.double_sided, bool))
        self._unlit = mi.Bool(np.asarray(batch.unlit, bool))
        self._pictures = {use: mi.Int32(batch.images[:, use]) for use in (BASE_COLOR, METALLIC_ROUGHNESS, NORMAL)}
        self._table = mi.Float(albedo_table().astype(np.float32).ravel()) if conserving or self.coated else None
        self._sheen = mi.Float(sheen_table().astype(np.float32).ravel()) if batch.sheen_color.any() else None
        self._stretched = StretchTables(batch.roughness, batch.anisotropy) if batch.anisotropy.any() else None

    def row(self, si: Any, active: Any) -> Any:
        """Return the row of the material at each interaction."""
        return mi.UInt32(si.shape.eval_attribute_1(ROW_ATTRIBUTE, si, active) + 0.5)

    def values(self, si: Any, active: Any) -> Values:
        """Return the material at each interaction, its pictures applied."""
        row = self.row(si, active)
        texel = self._texel(METALLIC_ROUGHNESS, row, si, active)
        base = dr.gather(mi.Color3f, self._base_color, row, active) * self._texel(BASE_COLOR, row, si, active)
        lit = dr.select(dr.gather(mi.Bool, self._unlit, row, active), mi.Float(0.0), 1.0)
        ior = self._factor("ior", row, active)
        reflectance = ((ior - 1.0) / (ior + 1.0)) ** 2 * self._color("specular_color", row, active)
        return Values(
            base_color=base * lit,
            metallic=self._factor("metallic", row, active) * texel.z * lit,
            roughness=self._factor("roughness", row, active) * texel.y,
            specular=self._factor("specular", row, active) * lit,
            double_sided=dr.gather(mi.Bool, self._double_sided, row, active),
            reflectance=dr.minimum(reflectance, 1.0),
            lit=lit,
        )

    def layers(self, si: Any, active: Any) -> Layers:
        """Return the layers at each interaction; none where the material is unlit."""
        row = self.row(si, active)
        lit = dr.select(dr.gather(mi.Bool, self._unlit, row, active), mi.Float(0.0), 1.0)
        values = {name: self._factor(name, row, active) for name in _LAYERS}
        for name in ("clearcoat", "iridescence"):
            values[name] *= lit
        return Layers(**values, sheen_color=self._color("sheen_color", row, active) * lit)

    def bend(self, si: Any, active: Any) -> tuple[Any, Any]:
        """Return the normal map's vector (x along the tangent, z along the normal) and where there is one."""
        row = self.row(si, active)
        mapped = active & (dr.gather(mi.Int32, self._pictures[NORMAL], row, active) >= 0)
        scale = self._factor("normal_scale", row, active)
        texel = self._texel(NORMAL, row, si, mapped) * 2.0 - 1.0
        return mi.Vector3f(texel.x * scale, texel.y * scale, texel.z), mapped

    def albedo_terms(self, cosine: Any, roughness: Any, active: Any) -> tuple[Any, Any]:
        """Return the terms of :func:`diorama.oracle.albedo.albedo_terms`, between the table's entries."""
        terms = _between(mi.Vector2f, self._table, SIZE, cosine, roughness, active)
        return terms.x, terms.y

    def stretched_terms(self, view: Any, roughness: Any, si: Any, active: Any) -> tuple[Any, Any]:
        """Return the albedo's terms for ``view`` in the frame of a lobe that may be stretched."""
        a, b = self.albedo_terms(view.z, roughness, active)
        if self._stretched is None:
            return a, b
        stretched = self._stretched.terms(self.row(si, active), view, roughness, active)
        narrow = self._factor("anisotropy", self.row(si, active), active) == 0.0
        return dr.select(narrow, a, stretched.x), dr.select(narrow, b, stretched.y)

    def sheen_albedo(self, cosine: Any, roughness: Any, active: Any) -> Any:
        """Return the albedo of white sheen, between the table's entries."""
        if self._sheen is None:
            return mi.Float(0.0)
        return _between(mi.Float, self._sheen, SHEEN_SIZE, cosine, roughness, active)

    def _color(self, name: str, row: Any, active: Any) -> Any:
        return dr.gather(mi.Color3f, self._colors[name], row, active)

    def _factor(self, name: str, row: Any, active: Any) -> Any:
        return dr.gather(mi.Float, self._factors[name], row, active)

    def _texel(self, use: int, row: Any, si: Any, active: Any) -> Any:
        return self.images.color(dr.gather(mi.Int32, self._pictures[use], row, active), si.uv, active)


def _between(kind: Any, table: Any, size: int, cosine: Any, roughness: Any, active: Any) -> Any:
    """Return what lies between the entries of a ``table`` of ``size`` x ``size`` of ``kind``, 0..1 end to end."""
    x, y = (dr.clip(value, 0.0, 1.0) * (size - 1) for value in (cosine, roughness))
    left, top = (dr.minimum(mi.UInt32(value), size - 2) for value in (x, y))

    def entry(column: Any, row: Any) -> Any:
        return dr.gather(kind, table, row * size + column, active)

    across, down = x - mi.Float(left), y - mi.Float(top)
    upper = dr.lerp(entry(left, top), entry(left + 1, top), across)
    return dr.lerp(upper, dr.lerp(entry(left, top + 1), entry(left + 1, top + 1), across), down)
