"""A portrait is looked at by a role that sees every part of it."""

from dataclasses import replace

import pytest

from tests.support.serving import SUBJECTS, Subject


@pytest.fixture(scope="session")
def subject() -> Subject:
    return replace(SUBJECTS["customer_profile"], roles=("compliance",))
