"""Replace draws and parameters by their values.

Every draw has a generator of its own, keyed by the scene's seed, the path of the node that it
belongs to and the field, so that a scene with one more object draws the same for all others. A
draw in ``params`` or ``materials`` happens once; ``{each: draw}`` happens for every node that
uses it. A parameter with ``each`` has one value per node, however often the node uses it.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from diorama.errors import SceneError, expected
from diorama.rng import generator
from diorama.scene.draws import kind_of, number_drawn, row_drawn
from diorama.scene.schema.check import BadValueError, Location, nearest
from diorama.scene.source import MOST_VALUES
from diorama.scene.tree import Counts, Tree, error_at, locate, unfolded


@dataclass(frozen=True)
class Scope:
    """Whose values are drawn: the node ``owner`` (empty: the scene), shown as ``label`` in messages."""

    owner: str = ""
    label: str = ""

    def show(self, path: Location) -> str:
        """Return the dotted path of a field."""
        return ".".join(filter(None, [self.label, *map(str, path)]))


@dataclass
class Chance:
    """The draws of one scene; ``drawn`` holds every value drawn so far by its dotted path."""

    seed: int
    params: dict[str, Tree]
    materials: dict[str, Tree]
    drawn: dict[str, Any] = field(default_factory=dict)
    _values: dict[tuple[str, str], Tree] = field(default_factory=dict)
    _once: dict[tuple[str, str], Tree] = field(default_factory=dict)
    _varies: dict[str, bool] = field(default_factory=dict)
    _busy: list[str] = field(default_factory=list)
    _sizes: Counts = field(default_factory=dict)

    def resolve(self, tree: Tree, scope: Scope, path: Location) -> Tree:
        """Return ``tree`` with every draw and parameter in it replaced by its value."""
        tree, path, whole = self._picked(tree, scope, path)
        if whole or not (tree.is_map or tree.is_list):
            return tree
        entries = [(key, entry, self.resolve(entry, scope, (*path, key))) for key, entry in tree.entries()]
        if all(before is after for _, before, after in entries):
            return tree
        made = tree.with_value(
            {key: value for key, _, value in entries} if tree.is_map else [value for *_, value in entries]
        )
        if self.size(made) > MOST_VALUES:
            message = f"expected at most {MOST_VALUES} values, params put in, got more"
            raise error_at(tree.mark, scope.show(path), message)
        return made

    def size(self, tree: Tree) -> int:
        """Return how many values ``tree`` unfolds to."""
        return unfolded(tree, self._sizes)

    def pick(self, tree: Tree, scope: Scope, path: Location) -> tuple[Tree, Location]:
        """Resolve ``tree`` itself, not what is in it, and return the path by which that is drawn."""
        return self._picked(tree, scope, path)[:2]

    def _picked(self, tree: Tree, scope: Scope, path: Location) -> tuple[Tree, Location, bool]:
        """Do as :meth:`pick`, and say whether what is in it is resolved as well."""
        while (kind := self._kind(tree, scope, path)) is not None:
            argument = tree.value[kind]
            if kind == "param":
                return self._param(argument, scope, path).with_key(tree), path, True
            if kind == "each":
                tree = argument.with_key(tree)
            elif kind == "choice":
                tree, path = self._choice(tree, scope, path), (*path, "choice")
            else:
                return self._number(kind, tree, scope, path), path, True
        return tree, path, False

    def varies(self, tree: Tree) -> bool:
        """Whether ``tree`` holds an ``each``, in itself or in a parameter that it uses."""
        if tree.is_map and "each" in tree.value:
            return True
        name = tree.value["param"].value if tree.is_map and "param" in tree.value else None
        if isinstance(name, str) and name in self.params:
            return self._param_varies(name)
        return any(self.varies(entry) for _, entry in tree.entries())

    def _param_varies(self, name: str) -> bool:
        if name not in self._varies:
            self._varies[name] = False
            self._varies[name] = self.varies(self.params[name])
        return self._varies[name]

    def param(self, name: str, mark: Tree, scope: Scope, path: Location) -> Tree:
        """Return the value of the parameter ``name`` as ``scope`` sees it."""
        if name not in self.params:
            message = f"expected the name of a parameter, got {name!r}{nearest(name, self.params)}"
            raise error_at(mark.mark, scope.show(path), message)
        if not self._param_varies(name):
            scope = Scope()
        known = self._values.get((scope.owner, name))
        if known is not None:
            return known
        if name in self._busy:
            circle = " -> ".join([*self._busy[self._busy.index(name) :], name])
            raise error_at(mark.mark, f"params.{name}", f"expected parameters without a circle, got {circle}")
        self._busy.append(name)
        value = self.resolve(self._steady("params", name, self.params[name]), scope, ("params", name))
        self._busy.pop()
        self._values[scope.owner, name] = value
        return value

    def material(self, name: str, scope: Scope, path: Location) -> Tree:
        """Return the material ``name`` with what varies drawn for ``scope``."""
        steady = self._steady("materials", name, self.materials[name])
        return self.resolve(steady, scope, path) if self.varies(self.materials[name]) else steady

    def _steady(self, section: str, name: str, tree: Tree) -> Tree:
        """Return a material or a parameter with what is drawn once drawn, and what varies left as it is."""
        if (section, name) not in self._once:
            self._once[section, name] = self._drawn_once(tree, (section, name))
        return self._once[section, name]

    def _drawn_once(self, tree: Tree, path: Location) -> Tree:
        if not self.varies(tree):
            return self.resolve(tree, Scope(), path)
        if self._kind(tree, Scope(), path) is not None:
            return tree
        values = [self._drawn_once(entry, (*path, key)) for key, entry in tree.entries()]
        return tree.with_value(dict(zip(tree.value, values, strict=True)) if tree.is_map else values)

    def _kind(self, tree: Tree, scope: Scope, path: Location) -> str | None:
        try:
            return kind_of(tree)
        except BadValueError as error:
            raise self._error(tree, scope, path, error) from None

    def _param(self, name: Tree, scope: Scope, path: Location) -> Tree:
        if not isinstance(name.value, str):
            raise error_at(name.mark, scope.show(path), expected("the name of a parameter", name.plain()))
        return self.param(name.value, name, scope, path)

    def _choice(self, tree: Tree, scope: Scope, path: Location) -> Tree:
        options = tree.value["choice"]
        if not options.is_list or not options.value:
            raise error_at(options.mark, scope.show(path), expected("a list of choices", options.plain()))
        weights = tree.get("weights")
        plain = None if weights is None else self.resolve(weights, scope, (*path, "weights")).plain()
        try:
            row = row_drawn(len(options.value), plain, generator(self.seed, scope.owner, _field_key(path)))
        except BadValueError as error:
            raise self._error(tree, scope, path, error) from None
        chosen: Tree = options.value[row]
        self.drawn[scope.show(path)] = row if chosen.is_map or chosen.is_list else chosen.value
        return chosen.with_key(tree)

    def _number(self, kind: str, tree: Tree, scope: Scope, path: Location) -> Tree:
        arguments = self.resolve(tree.value[kind], scope, (*path, kind)).plain()
        clip = tree.get("clip")
        limits = None if clip is None else self.resolve(clip, scope, (*path, "clip")).plain()
        try:
            value = number_drawn(kind, arguments, limits, generator(self.seed, scope.owner, _field_key(path)))
        except BadValueError as error:
            raise self._error(tree, scope, path, error) from None
        self.drawn[scope.show(path)] = value
        return tree.with_value(value)

    def _error(self, tree: Tree, scope: Scope, path: Location, error: BadValueError) -> SceneError:
        mark, _ = locate(tree, error.loc)
        return error_at(mark, scope.show(path), error.message)


def _field_key(path: Location) -> str:
    return ".".join(map(str, path))
