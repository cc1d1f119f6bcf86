"""What sensor and film add to light by chance: a pure function of the scene's seed and the frame."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import gaussian_filter1d

from diorama.rng import generator

Floats = NDArray[np.float32]

_REACH = 4.0
"""How many standard deviations of a grain's blur are added up."""


class SensorNoise:
    """The noise of one frame, drawn row by row: give it the rows of the picture in their order.

    Poisson's for the photons and Gauss' for reading, both as normal deviates of that variance: light
    times its electrons, plus the square of the read noise (Foi et al., Practical Poissonian-Gaussian
    noise modeling and fitting for single-image raw-data, 2008).
    """

    def __init__(self, seed: int, frame: int, *, electrons: float, read_noise: float) -> None:
        """``electrons`` are what light 1 gives, ``read_noise`` is their standard deviation."""
        self._random = generator(seed, "finish", f"noise {frame}")
        self._shot, self._read = np.float32(1 / electrons), np.float32((read_noise / electrons) ** 2)

    def add(self, light: Floats) -> Floats:
        """Return the next rows of light (H, W, 3), none of it negative, as they were counted."""
        deviate = self._random.standard_normal(light.shape, np.float32)
        deviate *= np.sqrt(light * self._shot + self._read)
        deviate += light
        return np.maximum(deviate, np.float32(0))


def grain(seed: int, frame: int, size: tuple[int, int], *, strength: float, blur: float) -> Floats:
    """Return factors (H, W, 1) of light for a picture of ``size`` (H, W); their mean is 1.

    Grain is noise of density, the logarithm of light: normal, ``strength`` stops wide, smoothed by a
    Gaussian of ``blur`` pixels and scaled back to that width.
    """
    stops = generator(seed, "finish", f"grain {frame}").standard_normal(size, np.float32)
    if blur > 0.0:
        for axis in (0, 1):
            stops = gaussian_filter1d(stops, blur, axis=axis, mode="wrap", truncate=_REACH)
        stops /= np.float32(_energy(blur))
    spread = np.float32(strength * np.log(2.0))
    return np.asarray(np.exp(stops * spread - spread**2 / 2)[..., None], np.float32)


def _energy(blur: float) -> float:
    """Return the standard deviation that is left of white noise after the blur along both axes."""
    reach = int(_REACH * blur + 0.5)
    kernel = np.exp(-0.5 * (np.arange(-reach, reach + 1) / blur) ** 2)
    return float((kernel**2).sum() / kernel.sum() ** 2)
