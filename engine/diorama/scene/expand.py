"""Make a scene concrete, section by section: chance becomes values, ``repeat`` becomes children."""

from __future__ import annotations

from typing import Any

from diorama.errors import expected
from diorama.scene.chance import Chance, Scope
from diorama.scene.draws import is_draw
from diorama.scene.schema.check import Location
from diorama.scene.schema.nodes import MOST_COPIES
from diorama.scene.source import MOST_VALUES
from diorama.scene.tree import Tree, error_at

_BY_NAME = ("params", "materials", "lights", "nodes")
_NOT_DRAWN = ("diorama", "seed")


class NodeExpansion:
    """Makes the nodes of one scene concrete, counting them."""

    def __init__(self, chance: Chance) -> None:
        self._chance = chance
        self._count = self._values = 0

    def node(self, tree: Tree, path: str) -> Tree:
        """Return the node at ``path``, its draws made, its ``repeat`` turned into children."""
        scope = Scope(path, f"nodes.{path}")
        self._count += 1
        if self._count > MOST_COPIES:
            raise error_at(tree.mark, scope.label, f"expected at most {MOST_COPIES} nodes in all, got more")
        tree, prefix = self._chance.pick(tree, scope, ())
        if not tree.is_map:
            return tree
        if tree.get("repeat") is not None:
            return self._repeated(tree, scope, prefix)
        return tree.with_value(
            {name: self._field(name, entry, scope, (*prefix, name)) for name, entry in tree.value.items()}
        )

    def _field(self, name: str, entry: Tree, scope: Scope, path: Location) -> Tree:
        if name == "children" and entry.is_map:
            children = {key: self.node(child, f"{scope.owner}/{key}") for key, child in entry.value.items()}
            return entry.with_value(children)
        made = self._chance.resolve(entry, scope, path)
        self._values += self._chance.size(made)
        if self._values > MOST_VALUES:
            message = f"expected at most {MOST_VALUES} values in all nodes, copies counted, got more"
            raise error_at(entry.mark, scope.show(path), message)
        named = name == "material" and isinstance(made.value, str)
        material = self._chance.materials.get(made.value) if named else None
        if material is not None and self._chance.varies(material):
            return self._chance.material(made.value, scope, path).with_key(entry)
        return made

    def _repeated(self, tree: Tree, scope: Scope, prefix: Location) -> Tree:
        count = self._chance.resolve(tree.value["repeat"], scope, (*prefix, "repeat"))
        if isinstance(count.value, bool) or not isinstance(count.value, int) or not 0 <= count.value <= MOST_COPIES:
            message = expected(f"an integer, 0 to {MOST_COPIES} copies", count.plain())
            raise error_at(count.mark, scope.show(("repeat",)), message)
        place, template = tree.get("place"), tree.without("repeat", "place")
        if place is not None:
            self._refuse_beside_place(template, scope)
        if self._count + count.value * _size(template) > MOST_COPIES:
            raise error_at(
                count.mark, scope.show(("repeat",)), f"expected at most {MOST_COPIES} nodes in all, got more"
            )
        copies = {str(row): self.node(template, f"{scope.owner}/{row}") for row in range(count.value)}
        group = {"repeat": count, "children": tree.with_value(copies)}
        if place is not None:
            group["place"] = self._chance.resolve(place, scope, (*prefix, "place"))
        return tree.with_value(group)

    def _refuse_beside_place(self, template: Tree, scope: Scope) -> None:
        for name in ("position", "orbit", "follow"):
            if (entry := template.get(name)) is not None:
                message = f"expected one of position, orbit, follow, place, got {name} and place"
                raise error_at(entry.mark, scope.show((name,)), message)


def expand(tree: Tree, seed: int) -> tuple[Tree, dict[str, Any]]:
    """Return the concrete tree of a scene and every value drawn for it by its dotted path."""
    sections = tree.value
    chance = Chance(seed, _named(sections.get("params")), _named(sections.get("materials")))
    made = {}
    for name, section in sections.items():
        if name in _BY_NAME and section.is_map:
            made[name] = section.with_value(_things(chance, name, section))
        else:
            made[name] = section if name in _NOT_DRAWN else _section(chance, name, section)
        if chance.size(made[name]) > MOST_VALUES:
            raise error_at(section.mark, name, f"expected at most {MOST_VALUES} values, params put in, got more")
    return tree.with_value(made), chance.drawn


def _section(chance: Chance, name: str, section: Tree) -> Tree:
    """Return a section that is one thing; the camera is a node, so its draws are keyed by that path."""
    if name == "camera":
        return chance.resolve(section, Scope(name, name), ())
    return chance.resolve(section, Scope(), (name,))


def _things(chance: Chance, section: str, things: Tree) -> dict[str, Tree]:
    """Return the things of a section of named ones, made concrete; a parameter that varies is none of them."""
    if section == "nodes":
        nodes = NodeExpansion(chance)
        return {name: nodes.node(thing, str(name)) for name, thing in things.value.items()}
    if section == "lights":
        scopes = {name: Scope(str(name), f"lights.{name}") for name in things.value}
        return {name: chance.resolve(thing, scopes[name], ()) for name, thing in things.value.items()}
    if section == "materials":
        return {name: chance.material(name, Scope(), (section, name)) for name in things.value}
    steady = {name: thing for name, thing in things.value.items() if not chance.varies(thing)}
    return {name: chance.param(name, thing, Scope(), (section, name)) for name, thing in steady.items()}


def _named(section: Tree | None) -> dict[str, Tree]:
    return dict(section.value) if section is not None and section.is_map else {}


def _size(tree: Tree) -> int:
    """Return how many nodes one copy of ``tree`` makes at least: a drawn ``repeat`` counts as one."""
    if not tree.is_map or is_draw(tree):
        return 1
    children = tree.get("children")
    inner = sum(_size(child) for _, child in children.entries()) if children is not None and children.is_map else 0
    repeat = tree.get("repeat")
    copies = repeat.value if repeat is not None and isinstance(repeat.value, int) else 0
    return 1 + inner if repeat is None else 1 + copies * (1 + inner)
