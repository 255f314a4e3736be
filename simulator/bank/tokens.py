"""Random-looking tokens that are a function of the seed: what the edge of a bank makes of its own numbers."""

import hashlib
from random import Random


def digest(seed: object, *parts: object) -> int:
    """80 bits that depend on nothing but the arguments, in every process."""
    text = "\x1f".join(map(str, (seed, *parts)))
    return int.from_bytes(hashlib.blake2b(text.encode(), digest_size=10).digest(), "big")


def token(letter: str, seed: object, *parts: object) -> str:
    """`c_5e0f…`: a token; nothing of the number it stands for can be read from it."""
    return f"{letter}_{digest(seed, letter, *parts):020x}"


def chance(seed: object, *parts: object) -> Random:
    """A source of chance of its own: what one customer does never depends on how many others there are."""
    return Random(digest(seed, *parts))
