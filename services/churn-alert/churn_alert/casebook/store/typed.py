"""Statements in words of our own whose values have a type, which PostgreSQL cannot tell of a bare one in a list."""

import re
from typing import Any

from sqlalchemy import Date, DateTime, TextClause, bindparam, text

_AT = DateTime(timezone=True)
_TYPES = {"month": Date(), "begins": _AT, "ends": _AT, "since": _AT, "known_until": _AT, "now": _AT}


def typed(sql: str) -> TextClause:
    """The statement, with the months and moments that it names as such."""
    named: dict[str, Any] = {name: kind for name, kind in _TYPES.items() if re.search(rf":{name}\b", sql)}
    return text(sql).bindparams(*(bindparam(name, type_=kind) for name, kind in named.items()))
