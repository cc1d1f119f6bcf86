"""Values of the finish at a time, whether they stand still or have keys."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from diorama.animation.bank import TrackBank
from diorama.scene.schema import Keys
from diorama.scene.values import track_of


def value_at(value: Any, time: float) -> NDArray[np.float64]:
    """Return a plain or animated value as (C,) components at ``time`` in seconds."""
    if isinstance(value, Keys):
        return np.asarray(TrackBank([track_of(value, "finish")]).sample(time)[0])
    return np.atleast_1d(np.asarray(value, np.float64))
