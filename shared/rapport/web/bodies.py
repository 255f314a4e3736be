"""What a request may say: the base of every request model. What it does not know is malformed, never ignored."""

from typing import Any

from pydantic import BaseModel, ConfigDict, model_validator

_LEVELS = 50
_FIELDS = 200
"""Of one object: each that is unknown is told, and 80,000 in a body of 1 MB took two seconds."""


class Body(BaseModel):
    """Base of request models. Frozen, strict about unknown fields; texts are trimmed and at most 4,000 characters."""

    model_config = ConfigDict(
        extra="forbid", frozen=True, allow_inf_nan=False, str_strip_whitespace=True, str_max_length=4000
    )

    @model_validator(mode="before")
    @classmethod
    def _without_nul(cls, content: Any) -> Any:
        """PostgreSQL's text holds no NUL, and Python's stack no nesting without end: each would be a 500 there."""
        if _has_nul(content):
            raise ValueError("holds a NUL character")
        return content


def _has_nul(content: Any, levels: int = _LEVELS) -> bool:
    if levels < 0:
        raise ValueError(f"is nested deeper than {_LEVELS} levels")
    match content:
        case str():
            return "\x00" in content
        case dict():
            if len(content) > _FIELDS:
                raise ValueError(f"has more than {_FIELDS} fields")
            return any(_has_nul(key) or _has_nul(value, levels - 1) for key, value in content.items())
        case list():
            return any(_has_nul(item, levels - 1) for item in content)
        case _:
            return False
