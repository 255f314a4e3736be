"""Scorecards over REST."""

from datetime import date

import httpx

from scoring.scorecard.files import read_documents
from scoring.scorecard.handlers import keep_scorecards
from tests.support.delivering import Delivering


async def test_scorecards_are_listed_and_shown_as_they_were_written(
    service: Delivering, api: httpx.AsyncClient
) -> None:
    (document,) = read_documents("CNY")
    later = document.model_copy(update={"version": 2, "reason": "The next one", "effective_from": date(2025, 1, 1)})
    await keep_scorecards(service.runtime.transactions, documents=[document, later])
    first = (await api.get("/scorecards", params={"limit": 1})).json()
    second = (await api.get("/scorecards", params={"limit": 1, "cursor": first["next"]})).json()
    assert [page["items"][0]["version"] for page in (first, second)] == [2, 1]
    assert (first["items"][0]["reason"], second["next"]) == ("The next one", None)
    shown = await api.get("/scorecards/1")
    said = document.model_dump(mode="json") | {"effective_from": "1990-01-01T00:00:00Z", "status": "superseded"}
    assert shown.json() == said


async def test_a_version_that_never_was_is_404_and_one_that_cannot_be_422(api: httpx.AsyncClient) -> None:
    answer = await api.get("/scorecards/7")
    assert (answer.status_code, answer.json()["title"]) == (404, "No such version")
    for version in ("0", "9999999999", "one"):
        answer = await api.get(f"/scorecards/{version}")
        assert (answer.status_code, answer.json()["errors"][0]["field"]) == (422, "version")
