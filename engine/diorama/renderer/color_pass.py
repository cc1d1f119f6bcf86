"""The compute passes that shade: lit samples averaged over the pixel, or one and smoothed edges."""

from __future__ import annotations

import moderngl

from diorama.gl import bindings
from diorama.gl.device import Device
from diorama.renderer.dispatch import PLAIN, Variant, buckets_variant, dispatch_size
from diorama.renderer.output import COLOR, HIDDEN_SKY, LUMA, Layout
from diorama.renderer.tiles import BACKGROUND, SURFACE, Tiles


class ColorPass:
    """Adds shaded pictures of one or more shutter times into the colour and alpha of a layout."""

    def __init__(self, device: Device) -> None:
        self._device, self._tiles = device, Tiles(device)
        self._mirrored: moderngl.Buffer | None = None

    def draw(
        self,
        seen: moderngl.Texture,
        layout: Layout,
        buckets: int,
        *,
        samples: int,
        finer: int,
        weight: float,
        first: bool,
        exposure: float,
        indirect: tuple[int, int] | None = None,
        soft: bool = False,
        variant: Variant = PLAIN,
        coated: bool = False,
        fog: bool = False,
    ) -> None:
        """Shade the ids ``seen``, ``samples`` times the picture's size, into the buffer bound as output.

        Textures are read as if samples lay ``finer`` times closer. ``indirect`` is the size of the picture of
        indirect light that is bound, None where there is none; ``soft``: lights have sizes; ``coated``: materials
        have layers; ``fog``: the one that is bound takes its share of all light, see
        :class:`diorama.renderer.fog.FogPass`.
        """
        self._tiles.sort(seen, layout.width, layout.height, samples)
        defines = {"BUCKETS": buckets_variant(buckets), "SAMPLES": samples, "FINER": finer} | variant.defines
        defines |= {"BOUNCES": int(indirect is not None), "SOFT": int(soft), "COATED": int(coated), "FOG": int(fog)}
        surfaces = self._device.compute("shade", defines)
        variant.tell(surfaces)
        sky = self._device.compute("sky", {"SAMPLES": samples, "FOG": int(fog)} | variant.defines)
        if indirect is not None:
            surfaces["indirect_size"] = indirect
        for program, kind in ((surfaces, SURFACE), (sky, BACKGROUND)):
            layout.place(program, (*COLOR, HIDDEN_SKY, LUMA))
            program["weight"], program["first"], program["exposure"] = weight, first, exposure
            self._tiles.run(program, kind)

    def add_mirrors(
        self,
        seen: moderngl.Texture,
        layout: Layout,
        buckets: int,
        *,
        samples: int,
        weight: float,
        in_picture: bool,
        variant: Variant = PLAIN,
        coated: bool = False,
        fog: bool = False,
    ) -> None:
        """Add what smooth metals show of their surroundings, the voxels and lights being bound; draw() comes first.

        ``in_picture``: the colour in the buffer bound as output is that of the present time alone.
        """
        size = 16 * layout.width * layout.height
        if self._mirrored is None or self._mirrored.size != size:
            self._release_mirrored()
            self._mirrored = self._device.buffer(reserve=size)
        self._mirrored.bind_to_storage_buffer(bindings.INDIRECT_OUT)
        defines = {"BUCKETS": buckets_variant(buckets), "SAMPLES": samples} | variant.defines
        look = self._device.compute("mirror", defines | {"COATED": int(coated), "FOG": int(fog)})
        variant.tell(look)
        look["weight"], look["in_picture"] = weight, in_picture
        seen.use(bindings.VISIBILITY)
        for program in (look, self._device.compute("mirror_add")):
            layout.place(program, COLOR[:1])
            self._tiles.run(program, SURFACE)

    def _release_mirrored(self) -> None:
        if self._mirrored is not None:
            self._device.release(self._mirrored)
        self._mirrored = None

    def release(self) -> None:
        """Give the memory back."""
        self._tiles.release()
        self._release_mirrored()


class EdgePass:
    """Smooths the edges of a picture with one sample a pixel; owns the picture before smoothing."""

    def __init__(self, device: Device) -> None:
        self._device = device
        self._buffer: moderngl.Buffer | None = None

    def bind_input(self, layout: Layout) -> Layout:
        """Bind the buffer to shade into instead of the output; return where colour, alpha, luma and hidden sky go."""
        pixels = layout.width * layout.height
        places = {COLOR[0]: 0, COLOR[1]: 3 * pixels, LUMA: 4 * pixels}
        if layout.holds(HIDDEN_SKY):
            places[HIDDEN_SKY] = 5 * pixels
        rough = Layout(layout.width, layout.height, places, (8 if layout.holds(HIDDEN_SKY) else 5) * pixels)
        size = max(16, 4 * rough.words)
        if self._buffer is None or self._buffer.size != size:
            self.release()
            self._buffer = self._device.buffer(reserve=size)
        self._buffer.bind_to_storage_buffer(bindings.OUTPUT)
        return rough

    def draw(self, output: moderngl.Buffer, layout: Layout) -> None:
        """Write the smoothed picture to ``output``, which is bound as output afterwards."""
        assert self._buffer is not None, "bind_input() comes first"
        self._buffer.bind_to_storage_buffer(bindings.EDGE_INPUT)
        output.bind_to_storage_buffer(bindings.OUTPUT)
        program = self._device.compute("fxaa")
        layout.place(program, (*COLOR, HIDDEN_SKY))
        program["size"] = layout.width, layout.height
        program.run(*dispatch_size(layout.width, layout.height))

    def release(self) -> None:
        """Give the memory back."""
        if self._buffer is not None:
            self._device.release(self._buffer)
        self._buffer = None
