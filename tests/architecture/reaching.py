"""What a function can come to by the names in its code: for rules about functions that no import shows."""

from collections.abc import Iterator
from functools import partial
from types import CodeType, FunctionType, ModuleType
from typing import Any


def reaches(function: Any, target: object) -> bool:
    """Whether a function names the target, or names a function that does, and so on."""
    seen: set[FunctionType] = set()
    pending = [function]
    while pending:
        found = pending.pop()
        found = found.func if isinstance(found, partial) else found
        if found is target:
            return True
        if isinstance(found, FunctionType) and found not in seen:
            seen.add(found)
            pending += _named(found)
    return False


def _named(function: FunctionType) -> Iterator[Any]:
    """The globals a function names, itself or in functions and comprehensions within it, also through their module."""
    names = set(_names(function.__code__))
    for name in names & function.__globals__.keys():
        value = function.__globals__[name]
        yield value
        if isinstance(value, ModuleType):
            yield from (getattr(value, attribute) for attribute in names if hasattr(value, attribute))


def _names(code: CodeType) -> Iterator[str]:
    yield from code.co_names
    for constant in code.co_consts:
        if isinstance(constant, CodeType):
            yield from _names(constant)
