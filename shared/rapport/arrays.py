"""What asyncpg takes for an array: docs/decisions/0088-what-a-worker-does-twice-for-an-event.md."""

from asyncpg.protocol import protocol


def install() -> None:
    """From now on asyncpg takes lists and tuples for arrays, and refuses whatever else it is given as one.

    It asks two abstract base classes of every element whether that is an array itself, which takes longer than writing
    a number. Two concrete classes are asked in a fraction of that. It has no setting for it.
    """
    protocol.IterableABC = (list, tuple)
