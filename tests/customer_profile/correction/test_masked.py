"""What a request asks for is shown as a type of its own: a value as it was given does not pass the type check."""

import re
from pathlib import Path

import pytest
from mypy import api

from customer_profile.correction.views import masked
from rapport.web.scopes import ROLE_SCOPES
from tests.customer_profile.marks import MARKED, MARKS

PROJECT = Path(__file__).parents[3]

ASSIGNED = """
from customer_profile.correction.handlers import InClear
from customer_profile.correction.views import Asked
from rapport.privacy.showing import Shown
def through(shown: Shown) -> Asked: return {"phone": shown, "birth_year": 1977, "email": None}
def around(clear: InClear) -> Asked: return dict(clear)
def by_hand(clear: str) -> Asked: return {"phone": clear}
"""


def test_mypy_lets_what_is_shown_through_and_refuses_a_value_as_it_was_given(tmp_path: Path) -> None:
    program = tmp_path / "assigned.py"
    program.write_text(ASSIGNED)
    told, complaint, _ = api.run(["--config-file", str(PROJECT / "pyproject.toml"), str(program)])
    assert complaint == ""
    assert re.findall(r"assigned.py:(\d+): error", told) == ["6", "7"], told


@pytest.mark.parametrize("role", sorted(ROLE_SCOPES))
def test_no_role_sees_what_is_asked_for_in_clear(role: str) -> None:
    asked = masked(MARKED.model_dump() | {"birth_year": 1977, "gender": "male"}, [role])
    assert [mark for mark in MARKS if mark in str(asked)] == []
    assert asked["birth_year"] == 1977
