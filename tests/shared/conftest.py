"""What the tests of the shared package share."""

import pytest

from tests.support.tokens import TestIssuer


@pytest.fixture(scope="session")
def issuer() -> TestIssuer:
    return TestIssuer()
