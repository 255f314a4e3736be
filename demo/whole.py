"""One customer on one page, as the relationship manager of that customer is shown it over REST."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import httpx
from rich.console import Console

Token = Callable[[str, str | None], str]
"""An access token for a role and a subject."""


async def tell_whole(console: Console, client: httpx.AsyncClient, token: Token, customer_ids: Sequence[str]) -> None:
    """Print the portrait of the first of these customers whom somebody has charge of, else of the first, and how to ask
    for it; nothing where no file was told.
    """
    reader, who = token("compliance", None), "compliance, since nobody has charge of this customer"
    known = [portrait for one in customer_ids if (portrait := await _asked(client, one, reader))]
    if not known:
        return
    found = next((one for one in known if one["basic"]["relationship_manager"]), known[0])
    customer_id, manager = found["basic"]["customer_id"], found["basic"]["relationship_manager"]
    if manager:
        reader, who = token("rm", manager), f"relationship manager {manager}"
        found = await _asked(client, customer_id, reader) or found
    console.print(f"[bold]one customer, one file[/], as shown to {who}")
    for name, words in in_words(found).items():
        console.print(f"  {name:<17}{words}", soft_wrap=True, highlight=False, markup=False)
    command = f"curl -s '{client.base_url.join(_path(customer_id))}' -H 'Authorization: Bearer {reader}'"
    console.print(f"  {command}", soft_wrap=True, highlight=False, markup=False)


def _path(customer_id: str) -> str:
    return f"/customers/{customer_id}/portrait"


async def _asked(client: httpx.AsyncClient, customer_id: str, token: str) -> dict[str, Any] | None:
    answer = await client.get(_path(customer_id), headers={"Authorization": f"Bearer {token}"})
    found: dict[str, Any] | None = answer.json() if answer.status_code == httpx.codes.OK else None
    return found


def in_words(portrait: Mapping[str, Any]) -> dict[str, str]:
    """The parts of a portrait in a line each."""
    value = {name: part["value"] for name, part in portrait.items() if isinstance(part, dict) and "value" in part}
    basic, months = portrait["basic"], value["transactions"]
    identity, latest = basic["identity"] or {}, months[0] if months else None
    tier, risk = value["tier"], value["churn_risk"]
    asked = [one["purpose"] for one in value["consents"] if one["allowed"]]
    return {
        "identity": ", ".join(filter(None, map(identity.get, ("full_name", "id_number", "phone")))) or "none",
        "relationship": f"{basic['relationship']} since {basic['customer_since']}, {basic['customer_class']} customer",
        "accounts": f"{len(value['accounts'])}: {', '.join(_account(one) for one in value['accounts'])}",
        "postings": _postings(latest) if latest else "none",
        "tier": f"{tier['tier']}, by scorecard {tier['scorecard_version']}" if tier else "none yet",
        "risk of leaving": f"{risk['probability']:.0%}, crossed {risk['direction']}"
        if risk
        else "no threshold crossed",
        "open cases": str(len(value["open_cases"])),
        "allowed": ", ".join(asked) or "nothing",
    }


def _account(one: Mapping[str, Any]) -> str:
    return f"{one['type']} {one['balance']} {one['currency']}"


def _postings(month: Mapping[str, Any]) -> str:
    counts = [sum(one["count"] for one in month[way]) for way in ("credits", "debits")]
    return f"{month['month']}: {counts[0]} in, {counts[1]} out ({month['currency']})"
