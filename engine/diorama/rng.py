"""Keyed random generators: every random choice names its seed, its node and its purpose.

A draw depends on nothing else, so adding one object to a scene changes no other, and any
process draws the same values in any order. Philox is counter-based (Salmon et al. 2011,
"Parallel random numbers: as easy as 1, 2, 3").
"""

from __future__ import annotations

from hashlib import blake2b

from numpy.random import Generator, Philox


def generator(seed: int, path: str, purpose: str) -> Generator:
    """Return the generator of one ``purpose`` at one node ``path`` of a scene with ``seed``."""
    text = f"{seed}\x1f{path}\x1f{purpose}".encode()
    key = int.from_bytes(blake2b(text, digest_size=16).digest(), "little")
    return Generator(Philox(key=key))
