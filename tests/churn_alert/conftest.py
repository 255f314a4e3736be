"""The tests here are about churn-alert; see `tests/support/serving.py`."""

import pytest

from tests.support.serving import SUBJECTS, Subject


@pytest.fixture(scope="session")
def subject() -> Subject:
    return SUBJECTS["churn_alert"]
