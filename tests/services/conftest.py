"""The tests here are about each service in turn."""

import pytest

from tests.support.serving import SUBJECTS, Subject


@pytest.fixture(params=SUBJECTS.values(), ids=SUBJECTS, scope="session")
def subject(request: pytest.FixtureRequest) -> Subject:
    return request.param
