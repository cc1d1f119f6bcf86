"""The store of things built or read: what it keeps, and what goes first."""

from __future__ import annotations

from diorama.scene.kept import Kept


def test_the_longest_unused_go_first_and_the_budget_holds() -> None:
    made: list[str] = []

    def make(name: str) -> bytes:
        made.append(name)
        return bytes(4)

    kept: Kept[bytes] = Kept(len, budget=8)
    for name in ("a", "b", "a", "c", "a", "b"):
        kept.get(name, lambda name=name: make(name))
    assert made == ["a", "b", "c", "b"]  # c pushed b out, since a had been used after it


def test_what_exceeds_the_budget_is_given_but_not_kept() -> None:
    kept: Kept[bytes] = Kept(len, budget=8)
    small = kept.get("small", lambda: bytes(8))
    large = kept.get("large", lambda: bytes(9))
    assert kept.get("large", lambda: bytes(9)) is not large
    assert kept.get("small", lambda: bytes(8)) is not small
