"""One step of the trained network, run by ONNX Runtime on the CPU: the same bytes every time."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import onnxruntime
from numpy.typing import NDArray
from onnxruntime.capi import onnxruntime_pybind11_state as native

from diorama.errors import CheckpointError, expected
from diorama.refine.guides import GUIDE_CHANNELS, MULTIPLE

Floats = NDArray[np.float32]

THREADS = 1
"""Fixed, so that sums are always added up in the same order; one is often as fast as two."""

INPUTS = ("guides", "previous", "validity", "hidden")
OUTPUTS = ("output", "next_hidden")

_REFUSALS = (
    native.EPFail,
    native.Fail,
    native.InvalidArgument,
    native.InvalidGraph,
    native.InvalidProtobuf,
    native.NotImplemented,
    native.RuntimeException,
)


@dataclass(frozen=True, eq=False)
class StepInput:
    """One frame's input to the network, channels first, sides a multiple of 8; see ``RefinerNetwork.step``."""

    guides: Floats
    previous: Floats
    validity: Floats
    hidden: Floats


class Session:
    """Holds the loaded network."""

    def __init__(self, model: bytes, hidden: int, *, place: str = "") -> None:
        """``model`` is the ONNX file's content, ``hidden`` the channels of its state; ``place`` names it in errors."""
        self._place = place
        try:
            self._session = onnxruntime.InferenceSession(model, _options(), providers=["CPUExecutionProvider"])
        except _REFUSALS as error:
            raise CheckpointError(
                f"expected a network that ONNX Runtime loads; it says: {error}", place=place
            ) from None
        self._check_inputs({"guides": GUIDE_CHANNELS, "previous": 3, "validity": 1, "hidden": hidden})
        self._try_out(hidden)

    def step(self, values: StepInput) -> tuple[Floats, Floats]:
        """Return the encoded output (3, H, W) and the next hidden state (C, H/2, W/2)."""
        given = (values.guides, values.previous, values.validity, values.hidden)
        output, hidden = self._session.run(
            list(OUTPUTS), {name: plane[None] for name, plane in zip(INPUTS, given, strict=True)}
        )
        return output[0], hidden[0]

    def _check_inputs(self, channels: dict[str, int]) -> None:
        found = {item.name: item.shape[1] for item in self._session.get_inputs() if len(item.shape) == 4}
        if found != channels:
            raise CheckpointError(expected(f"a network with inputs of {channels} channels", found), place=self._place)
        names = [item.name for item in self._session.get_outputs()]
        if names != list(OUTPUTS):
            raise CheckpointError(expected(f"a network with outputs {', '.join(OUTPUTS)}", names), place=self._place)

    def _try_out(self, hidden: int) -> None:
        """Run the smallest picture through, so that a network that cannot work is found at loading."""
        sizes = {"guides": GUIDE_CHANNELS, "previous": 3, "validity": 1}
        planes = {name: np.zeros((count, MULTIPLE, MULTIPLE), np.float32) for name, count in sizes.items()}
        state = (hidden, MULTIPLE // 2, MULTIPLE // 2)
        try:
            output, memory = self.step(StepInput(**planes, hidden=np.zeros(state, np.float32)))
        except _REFUSALS as error:
            raise CheckpointError(
                f"expected a network that runs; ONNX Runtime says: {error}", place=self._place
            ) from None
        if (output.shape, memory.shape) != ((3, MULTIPLE, MULTIPLE), state):
            shapes = output.shape, memory.shape
            raise CheckpointError(
                expected(f"outputs of shape {(3, MULTIPLE, MULTIPLE)} and {state}", shapes), place=self._place
            )
        if not (np.isfinite(output).all() and np.isfinite(memory).all()):
            raise CheckpointError("expected finite outputs, got NaN or infinity", place=self._place)


def _options() -> onnxruntime.SessionOptions:
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = THREADS
    options.inter_op_num_threads = 1
    options.execution_mode = onnxruntime.ExecutionMode.ORT_SEQUENTIAL
    options.use_deterministic_compute = True
    options.log_severity_level = 3
    return options
