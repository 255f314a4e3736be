"""The tests here are about scoring; see `tests/support/serving.py`."""

import pytest

from tests.support.serving import SUBJECTS, Subject


@pytest.fixture(scope="session")
def subject() -> Subject:
    return SUBJECTS["scoring"]
