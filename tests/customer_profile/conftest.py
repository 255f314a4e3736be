"""The tests here are about customer-profile; see `tests/support/serving.py`."""

import pytest

from tests.support.serving import SUBJECTS, Subject


@pytest.fixture(scope="session")
def subject() -> Subject:
    return SUBJECTS["customer_profile"]
