"""The table of directional albedos that the BRDF and the environment read; see ``brdf_table.comp``."""

from __future__ import annotations

import moderngl

from diorama.gl.device import Device
from diorama.renderer.ltc import LTC_SIZE, ltc_table

TABLE_SIZE = 64
"""Texels along each axis; ``lib/brdf.glsl`` says the same."""

assert TABLE_SIZE == LTC_SIZE


def make_brdf_table(device: Device) -> moderngl.Texture:
    """Compute the (64, 64, 4) float32 table on ``device``; across: n·v, down: perceptual roughness.

    Below it lies that of :mod:`diorama.renderer.ltc`, and below that is room for :func:`add_sheen`.
    """
    table = device.texture((TABLE_SIZE, 4 * TABLE_SIZE), 4, "f4")
    table.write(ltc_table().tobytes(), viewport=(0, TABLE_SIZE, TABLE_SIZE, TABLE_SIZE))
    table.filter = (moderngl.LINEAR, moderngl.LINEAR)
    table.repeat_x = table.repeat_y = False
    _fill(device, table, "brdf_table")
    return table


def add_sheen(device: Device, table: moderngl.Texture) -> None:
    """Compute the albedos of sheen below the other two tables; only layered materials need them."""
    _fill(device, table, "sheen_table")


def _fill(device: Device, table: moderngl.Texture, program: str) -> None:
    table.bind_to_image(0, read=False, write=True)
    device.compute(program).run(TABLE_SIZE // 8, TABLE_SIZE // 8)
    device.context.memory_barrier()
