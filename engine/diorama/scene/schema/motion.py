"""Constraints: where a node or a camera stays relative to another node."""

from __future__ import annotations

from typing import Annotated, TypeAlias

from diorama.scene.schema.keys import Keys
from diorama.scene.schema.model import Spec
from diorama.scene.schema.numbers import Number
from diorama.scene.schema.values import FARTHEST, Aim, NodePath, Position, Seconds

Height: TypeAlias = Annotated[float | Keys, Number(-FARTHEST, FARTHEST, "metres")]
Radius: TypeAlias = Annotated[float | Keys, Number(0, FARTHEST, "metres")]
Start: TypeAlias = Annotated[float, Number(-1e6, 1e6, "degrees", animated=False)]
Speed: TypeAlias = Annotated[float, Number(-1e6, 1e6, "degrees a second", animated=False)]


class Orbit(Spec):
    """Circle ``target`` about +Y at ``radius`` metres and ``height`` metres above it.

    The angle, ``start`` + ``speed`` · t in degrees, is 0 at +Z of the target and grows towards +X.
    It moves and does not turn: ``look_at`` the target as well to face it.
    """

    target: Aim = (0.0, 0.0, 0.0)
    radius: Radius
    height: Height = 0.0
    speed: Speed = 0.0
    start: Start = 0.0


class Follow(Spec):
    """Stay at ``offset`` metres from ``target``, along that node's own axes.

    With a ``damping`` of tau seconds the position lags: p' = (wanted - p) / tau.
    """

    target: NodePath
    offset: Position = (0.0, 0.0, 0.0)
    damping: Seconds = 0.0
