"""What the tests of the web layer share."""

import pytest
from fastapi import FastAPI

from tests.shared.web.apps import make_app
from tests.support.tokens import TestIssuer


@pytest.fixture
def app(issuer: TestIssuer) -> FastAPI:
    return make_app(issuer)
