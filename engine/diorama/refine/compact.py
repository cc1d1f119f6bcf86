"""Makes an ONNX graph small: equal constants once, short names; what it computes stays the same, bit by bit.

Exported graphs name every value by its path through the modules and write every index anew.
"""

from __future__ import annotations

from collections.abc import Iterable

import onnx


def compact(model: onnx.ModelProto) -> onnx.ModelProto:
    """Return ``model`` without repeated constants, names of nodes and long names of values between its ends."""
    made = onnx.ModelProto()
    made.CopyFrom(model)
    del made.graph.node[:]
    short = {value.name: value.name for value in _ends(model.graph)}
    constants: dict[bytes, str] = {}
    for node in model.graph.node:
        if node.op_type == "Constant":
            key = b"".join(attribute.SerializeToString() for attribute in node.attribute)
            if key in constants:
                short[node.output[0]] = constants[key]
                continue
        kept = made.graph.node.add()
        kept.CopyFrom(node)
        kept.ClearField("name")
        kept.ClearField("doc_string")
        for name in node.output:
            short.setdefault(name, f"v{len(short)}")
        _rename(kept, short)
        if node.op_type == "Constant":
            constants[key] = kept.output[0]
    onnx.checker.check_model(made)
    return made


def _ends(graph: onnx.GraphProto) -> Iterable[onnx.ValueInfoProto | onnx.TensorProto]:
    """Return what keeps its name: inputs, outputs, weights."""
    return (*graph.input, *graph.output, *graph.initializer)


def _rename(node: onnx.NodeProto, names: dict[str, str]) -> None:
    for values in (node.input, node.output):
        renamed = [names[name] if name else name for name in values]
        del values[:]
        values.extend(renamed)
