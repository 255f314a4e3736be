"""What the demo shows of one customer is what the API answers to who has charge of that customer."""

from io import StringIO
from typing import Any

import httpx
from fastapi import FastAPI, HTTPException, Request
from rich.console import Console

from customer_profile.portrait.examples import PORTRAIT
from demo.whole import in_words, tell_whole

EMPTY = {"is_hidden": False, "as_of": None, "lag": 0, "value": None}


def test_a_portrait_is_told_in_a_line_for_each_part() -> None:
    words = in_words(PORTRAIT)
    assert words["identity"] == "张*, 110***********1234, 138****1234"
    assert words["accounts"] == "1: savings 10250.75 CNY"
    assert words["postings"] == "2026-03: 1 in, 21 out (CNY)"
    assert words["allowed"] == "marketing-sms"


def test_a_customer_of_whom_nothing_was_told_has_every_line_too() -> None:
    nothing = EMPTY | {"value": []}
    bare = {"accounts": nothing, "transactions": nothing, "consents": nothing, "tier": EMPTY}
    words = in_words(PORTRAIT | bare | {"basic": PORTRAIT["basic"] | {"identity": None}})
    assert set(words) == set(in_words(PORTRAIT))
    assert (words["identity"], words["postings"], words["tier"]) == ("none", "none", "none yet")


class Answering:
    """A service that answers portraits of customers, by who has charge of each."""

    def __init__(self, managers: dict[str, str | None]) -> None:
        self.managers, self.asked = managers, list[tuple[str, str]]()
        self.app = FastAPI()
        self.app.get("/customers/{customer_id}/portrait")(self.portrait)

    def portrait(self, customer_id: str, request: Request) -> dict[str, Any]:
        self.asked.append((customer_id, request.headers["authorization"].removeprefix("Bearer ")))
        if customer_id not in self.managers:
            raise HTTPException(404)
        basic = {"customer_id": customer_id, "relationship_manager": self.managers[customer_id]}
        return PORTRAIT | {"basic": PORTRAIT["basic"] | basic}

    async def told(self, *customer_ids: str) -> list[str]:
        output = StringIO()
        transport = httpx.ASGITransport(self.app)
        async with httpx.AsyncClient(transport=transport, base_url="http://here") as client:
            await tell_whole(Console(file=output, width=100), client, "{}-{}".format, customer_ids)
        return output.getvalue().splitlines()


async def test_of_several_it_is_one_that_somebody_has_charge_of_and_as_shown_to_that_person() -> None:
    service = Answering({"c-1": None, "c-2": "e-4471", "c-3": "e-5"})
    first, *_, last = await service.told("c-0", "c-1", "c-2", "c-3")
    assert first == "one customer, one file, as shown to relationship manager e-4471"
    assert service.asked[-1] == ("c-2", "rm-e-4471")
    assert last.strip() == "curl -s 'http://here/customers/c-2/portrait' -H 'Authorization: Bearer rm-e-4471'"


async def test_where_nobody_has_charge_of_any_it_is_the_first_as_shown_to_compliance() -> None:
    service = Answering({"c-1": None, "c-2": None})
    first, *_, last = await service.told("c-1", "c-2")
    assert first == "one customer, one file, as shown to compliance, since nobody has charge of this customer"
    assert last.strip() == "curl -s 'http://here/customers/c-1/portrait' -H 'Authorization: Bearer compliance-None'"


async def test_of_a_bank_that_tells_no_files_nothing_is_said() -> None:
    assert await Answering({}).told("c-1", "c-2") == []
