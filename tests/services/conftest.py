"""The tests here are about each service in turn."""

from pathlib import Path

import pytest

from rapport.composition import Composition
from tests.support.serving import NOWHERE, SUBJECTS, Subject


@pytest.fixture(params=SUBJECTS.values(), ids=SUBJECTS, scope="session")
def subject(request: pytest.FixtureRequest) -> Subject:
    return request.param


@pytest.fixture
def composition(subject: Subject, key_folder: Path) -> Composition:
    return subject.compose(subject.settings(NOWHERE, key_folder, mode="wall"))
