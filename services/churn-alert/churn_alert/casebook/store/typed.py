"""Statements in words of our own whose values have a type, which PostgreSQL cannot tell of a bare one in a list."""

import re
from typing import Any

from sqlalchemy import Boolean, Date, DateTime, Interval, TextClause, bindparam, text
from sqlalchemy.types import TypeEngine

_AT = DateTime(timezone=True)
_MOMENTS = ("begins", "ends", "since", "known_until", "now")
_TYPES: dict[str, TypeEngine[Any]] = {"month": Date(), "ripe_after": Interval(), "is_stream_time": Boolean()}
_TYPES |= dict.fromkeys(_MOMENTS, _AT)


def typed(sql: str) -> TextClause:
    """The statement, with the months and moments that it names as such."""
    named: dict[str, Any] = {name: kind for name, kind in _TYPES.items() if re.search(rf":{name}\b", sql)}
    return text(sql).bindparams(*(bindparam(name, type_=kind) for name, kind in named.items()))
