"""A token that acts for one customer reaches that one, whatever its roles, and what is a customer's own needs one."""

from typing import Annotated, Any

import pytest
from fastapi import Depends, FastAPI

from rapport.web.authentication import TokenInvalid, require
from rapport.web.customers import OwnCustomer, require_customer
from rapport.web.principal import Principal
from tests.shared.web.apps import authenticator, client
from tests.support.tokens import TestIssuer

CUSTOMERS: tuple[dict[str, Any], ...] = ({"customer_id": "c-1"}, {"customer_id": "c-2"})


@pytest.mark.parametrize("named", ["", "has spaces", 7, ["c-1"], "x" * 65, "c-1\n"])
async def test_a_token_that_names_its_customer_wrongly_proves_nothing(issuer: TestIssuer, named: object) -> None:
    with pytest.raises(TokenInvalid):
        await authenticator(issuer).authenticate(issuer.token("channel", customer_id=named))


async def test_a_caller_that_acts_for_a_customer_is_another_caller_for_each(issuer: TestIssuer) -> None:
    gate = authenticator(issuer)
    keys = [(await gate.authenticate(issuer.token("channel", **of))).key for of in ({}, *CUSTOMERS)]
    assert len(set(keys)) == 3


async def test_a_token_of_one_customer_reaches_no_path_of_another(issuer: TestIssuer, app: FastAPI) -> None:
    @app.get("/files/{customer_id}")
    async def show_file(_: Annotated[Principal, Depends(require("alerts:read"))]) -> str:
        return "shown"

    async with client(app) as browser:
        answers = [await browser.get("/files/c-1", headers=issuer.bearer("rm", **of)) for of in ({}, *CUSTOMERS)]
    assert [answer.status_code for answer in answers] == [200, 200, 403]
    assert answers[-1].json()["detail"] == "This token acts for one customer, and not for this one"


async def test_what_is_a_customers_own_needs_a_token_of_one(issuer: TestIssuer, app: FastAPI) -> None:
    @app.get("/own")
    async def show_own(own: Annotated[OwnCustomer, Depends(require_customer("me:read"))]) -> str:
        return own.customer_id

    async with client(app) as browser:
        answers = [await browser.get("/own", headers=issuer.bearer("channel", **of)) for of in ({}, *CUSTOMERS)]
        stranger = await browser.get("/own", headers=issuer.bearer("rm", customer_id="c-1"))
    assert [answer.status_code for answer in (*answers, stranger)] == [403, 200, 200, 403]
    assert [answer.json() for answer in answers[1:]] == ["c-1", "c-2"]
    assert "claim customer_id" in answers[0].json()["detail"]
