"""What a request may say: the base of every request model. An unknown field, NaN or infinity is malformed, never ignored."""

from pydantic import BaseModel, ConfigDict


class Body(BaseModel):
    """Base of request models. Frozen, strict about unknown fields; texts are trimmed and at most 4,000 characters."""

    model_config = ConfigDict(
        extra="forbid", frozen=True, allow_inf_nan=False, str_strip_whitespace=True, str_max_length=4000
    )
