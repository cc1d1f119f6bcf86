"""Write the tables of the documents that follow from the code: ``python docs/reference.py``.

Each table stands between ``<!-- begin NAME -->`` and ``<!-- end NAME -->`` and is replaced whole.
A test runs this with ``check`` and fails where a document is out of date.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any, Literal, get_args, get_origin

import typer
from limits import limits, ranges
from pydantic.fields import FieldInfo
from pydantic_core import PydanticUndefined

from diorama.animation.easing import EASE_NAMES
from diorama.cli.application import app
from diorama.dataset.layout import CONVENTIONS, channel_names, file_name, storage
from diorama.frame import FILTERED, PASSES
from diorama.scene import schema
from diorama.scene.load import FILLED_IN
from diorama.scene.schema import SceneSpec, numbers, values
from diorama.scene.schema.model import Spec
from diorama.scene.schema.nodes import Node, _Corners

DOCS = Path(__file__).resolve().parent
MODELS = (
    SceneSpec, schema.Video, schema.Camera, schema.Intrinsics, schema.Distortion, schema.Environment, schema.Gradient,
    schema.Sky, schema.Fog, schema.Sun, schema.Point, schema.Spot, schema.SphereLight, schema.RectangleLight,
    schema.DiscLight,
    schema.Material, Node, schema.Place, schema.Orbit, schema.Follow, schema.Plane, schema.Box, schema.Sphere,
    schema.Cylinder, schema.Cone, schema.Torus, schema.Capsule, schema.MeshFile, schema.Finish, schema.Bloom,
    schema.Noise, schema.Grain, schema.WhiteBalance, schema.Overlay, schema.Title,
)  # fmt: skip
_NAMES = {SceneSpec: "Scene file"}


def row(*cells: str) -> str:
    """Return one row of a table."""
    return f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in cells)} |"


def table(heads: Iterable[str], rows: Iterable[Iterable[str]]) -> str:
    """Return a table in Markdown."""
    heads = tuple(heads)
    return "\n".join([row(*heads), row(*["---"] * len(heads)), *(row(*cells) for cells in rows)])


def prose(text: str) -> str:
    """Return a docstring as a paragraph of Markdown."""
    return "\n\n".join(" ".join(part.split()) for part in (text or "").replace("``", "`").split("\n\n"))


def fields() -> str:
    """Return the reference of all sections of a scene file."""
    return "\n\n".join(_model(model) for model in MODELS)


def _model(model: type[Spec]) -> str:
    shown = [(name, info) for name, info in model.model_fields.items() if name not in (*FILLED_IN, "type")]
    rows = [(f"`{info.alias or name}`", _takes(info), _default(info)) for name, info in shown]
    kind = model.model_fields.get("type")
    heading = _NAMES.get(model, model.__name__) + (f" (`type: {kind.default}`)" if kind is not None else "")
    text = re.sub(r" `drawn` holds.*", "", prose(model.__doc__ or ""))
    return f"### {heading}\n\n{text}\n\n{table(('field', 'takes', 'default'), rows)}"


def _default(info: FieldInfo) -> str:
    if info.default_factory is not None or info.default is None:
        return ""
    if info.default is PydanticUndefined:
        return "needed"
    value = info.default
    text = str(value).lower() if isinstance(value, bool) else str(list(value) if isinstance(value, tuple) else value)
    return f"`{text.replace('.0,', ',').replace('.0]', ']').removesuffix('.0')}`"


def _takes(info: FieldInfo) -> str:
    found = list(dict.fromkeys(_kinds(info.annotation, info.metadata)))
    animated = any(getattr(check, "animated", False) for check in _checks(info.annotation, info.metadata))
    return " or ".join(found) + (" · keys" if animated else "")


def _checks(annotation: Any, metadata: Iterable[Any] = ()) -> Iterator[Any]:
    yield from metadata
    for inner in (*getattr(annotation, "__metadata__", ()), *get_args(annotation)):
        yield from _checks(inner) if get_args(inner) or hasattr(inner, "__metadata__") else (inner,)


def _kinds(annotation: Any, metadata: Iterable[Any]) -> Iterator[str]:
    """Yield what may be written for a field, in words."""
    for check in metadata:
        if type(check) in _WORDS:
            yield _WORDS[type(check)](check)
            return
    if hasattr(annotation, "__metadata__"):
        yield from _kinds(annotation.__origin__, annotation.__metadata__)
    elif annotation is bool:
        yield "true or false"
    elif get_origin(annotation) is Literal:
        yield " or ".join(f"`{choice}`" for choice in get_args(annotation))
    elif get_origin(annotation) is dict:
        values_of = " or ".join(dict.fromkeys(_kinds(get_args(annotation)[1], ())))
        yield f"names with {values_of or 'any value'}"
    elif get_origin(annotation) is tuple and get_args(annotation)[-1] is Ellipsis:
        yield f"a list of {' or '.join(_kinds(get_args(annotation)[0], ()))}"
    elif isinstance(annotation, type) and issubclass(annotation, Spec):
        yield f"[{annotation.__name__}](#{_anchor(annotation)})"
    else:
        for inner in get_args(annotation):
            yield from _kinds(inner, ())


def _anchor(model: type[Spec]) -> str:
    kind = model.model_fields.get("type")
    return model.__name__.lower() + (f"-type-{kind.default}" if kind is not None else "")


def _vector(check: numbers.Vector) -> str:
    if check.nonzero:
        return "a direction [x, y, z]"
    return ", ".join(filter(None, [check.wanted, check.item.unit]))


def _file(check: values.File) -> str:
    return f"{check.wanted} ({', '.join(check.suffixes)})"


_WORDS: dict[type, Callable[[Any], str]] = {
    numbers.Number: lambda check: check.wanted.replace(f"{2**63 - 1:g}", "2^63 - 1"),
    numbers.Vector: _vector,
    numbers.Color: lambda check: "a colour" if check.high == 1 else "a colour, as bright as you like",
    numbers.Rotation: lambda check: "3 angles in degrees or a quaternion [x, y, z, w]",
    numbers.Scale: lambda check: "a factor or 3 factors",
    values.Target: lambda check: "the path of a node" + (" or a point" if check.point else ""),
    values.Time: lambda check: "seconds or `12f`",
    values.Text: lambda check: check.wanted.removesuffix(" or a material").removeprefix("a camera or "),
    values.Choice: lambda check: " or ".join(f"`{str(one).lower()}`" for one in check.choices),
    values.File: _file,
    _Corners: lambda check: "two corners, the lower one first",
}


def passes() -> str:
    """Return the table of passes and where the native folder keeps them."""
    rows = []
    for spec in PASSES.values():
        kind = storage(spec.name, 1)
        place = file_name("layers" if kind == "layers" else spec.name, kind, 12)
        if place.endswith(".exr"):
            place += f": {', '.join(channel_names(spec.name))}"
        shape = "(H, W)" if not spec.channels else f"(H, W, {spec.channels})"
        label = "filtered" if spec.name in FILTERED else "label"
        dtype = getattr(spec.dtype, "__name__", str(spec.dtype)).removesuffix("_")
        rows.append((f"`{spec.name}`", f"{shape} {dtype}", label, spec.meaning, f"{spec.background:g}", f"`{place}`"))
    return table(("pass", "array", "", "meaning", "background", "stored as"), rows)


def conventions() -> str:
    """Return what each number in the native folder means."""
    return table(("what", "convention"), ((f"`{name}`", text) for name, text in CONVENTIONS.items()))


def easings() -> str:
    """Return the names of all easings."""
    return ", ".join(f"`{name}`" for name in EASE_NAMES)


def bounds() -> str:
    """Return the table of what is bounded, and how far."""
    return table(("what", "limit"), limits())


def held() -> str:
    """Return the ranges in which keys are held, and the fields that have them."""
    checks = (
        (f"{_NAMES.get(model, model.__name__)}.{info.alias or name}", check)
        for model in MODELS
        for name, info in model.model_fields.items()
        for check in _checks(info.annotation, info.metadata)
    )
    return table(("range", "fields"), ranges(checks))


def options() -> str:
    """Return the options of every command."""
    commands: Any = typer.main.get_command(app)
    return "\n\n".join(_command(name, command) for name, command in commands.commands.items())


def _command(name: str, command: Any) -> str:
    rows = []
    for option in command.params:
        if option.param_type_name == "option":
            spelled = ", ".join(f"`{text}`" for text in option.opts)
            argument = "" if option.is_flag else f" `{option.metavar}`"
            rows.append((spelled + argument, option.help or "", _shown(option)))
    arguments = " ".join(entry.metavar or entry.name for entry in command.params if entry.param_type_name == "argument")
    head = f"### diorama {name} {arguments}".rstrip() + f"\n\n{prose(command.help)}"
    return f"{head}\n\n{table(('option', 'meaning', 'default'), rows)}" if rows else head


def _shown(option: Any) -> str:
    if option.required:
        return "needed"
    if isinstance(option.show_default, str):
        return str(option.show_default)
    return "" if option.default in (None, False, ()) else f"`{option.default}`"


TABLES: dict[str, dict[str, Callable[[], str]]] = {
    "scene-file.md": {"fields": fields, "easings": easings, "limits": bounds, "ranges": held},
    "dataset.md": {"passes": passes, "conventions": conventions},
    "cli.md": {"options": options},
}


def written(text: str, tables: dict[str, Callable[[], str]]) -> str:
    """Return a document with its tables as the code has them now."""
    for name, make in tables.items():
        begin, end = f"<!-- begin {name} -->", f"<!-- end {name} -->"
        before, rest = text.split(begin)
        text = f"{before}{begin}\n{make()}\n{end}{rest.split(end)[1]}"
    return text


def main() -> int:
    """Write the documents, or with ``check`` name those that are out of date."""
    stale = []
    for document, tables in TABLES.items():
        path = DOCS / document
        text = path.read_text("utf-8")
        made = written(text, tables)
        if made != text:
            stale.append(document)
            if "check" not in sys.argv[1:]:
                path.write_text(made, "utf-8")
    only_check = "check" in sys.argv[1:]
    found = "out of date" if only_check else "written"
    print(f"{found}: {', '.join(stale)}" if stale else "up to date")
    return 1 if stale and only_check else 0


if __name__ == "__main__":
    sys.exit(main())
