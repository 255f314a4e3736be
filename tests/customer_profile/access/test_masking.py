"""What is shown of personal data goes through one layer: no operation shows any role more than the catalogue says."""

from collections.abc import Iterator
from typing import Any

import pytest
from fastapi import FastAPI
from fastapi.routing import iter_route_contexts
from pydantic import BaseModel

from rapport.privacy.catalogue.document import published
from rapport.privacy.catalogue.fields import parts_of
from rapport.privacy.showing import Hideable, Shown, display
from tests.customer_profile.access.bank import open_bank
from tests.customer_profile.access.made import open_bank_with_acts
from tests.customer_profile.access.test_matrix import MATRIX, asked
from tests.customer_profile.export.asking import ASKERS, taken
from tests.customer_profile.marks import MARKED, needles
from tests.support.delivering import Delivering
from tests.support.sight import FOREIGN, OWN, SUBJECTS, client_of
from tests.support.tokens import TestIssuer

NAMED_ALIKE = {
    *(f"{view}.occurred_at" for view in ("ActView", "StepView", "CopiedAct")),  # of no posting
    *(f"{view}.probability" for view in ("PairView", "SideBySide")),  # of one person, not of leaving
    *(f"{view}.decided_at" for view in ("PairView", "SideBySide", "MergeView", "ExportView")),  # of no tier
    *(f"{view}.decided_at" for view in ("OwnCorrectionView", "CorrectionView", "CorrectionDetail")),
}
"""Named like an attribute and none; the catalogue says so itself where no other model has the name."""
IN_CLEAR = {"POST /customers/{customer_id}/unmaskings", "GET /me/copy"}
"""What is noted each time, and asks for a step-up."""


def unlayered(model: type[BaseModel], roles: set[str]) -> Iterator[str]:
    """Fields of an answer to these roles that name an attribute which one of them may not see in clear, and go by."""
    names = published().by_name
    for name, field in model.model_fields.items():
        entry = names.get(f"{model.__name__}.{name}") or names.get(name)
        parts = list(parts_of(field.annotation))
        is_layered = "Shown" in str(field.annotation) or (bool(parts) and all(issubclass(p, Hideable) for p in parts))
        is_of_concern = not is_layered and f"{model.__name__}.{name}" not in NAMED_ALIKE
        if (
            entry
            and entry.data_class == "C2"
            and is_of_concern
            and any(display(entry, [role]) != "clear" for role in roles)
        ):
            yield f"{model.__name__}.{name} is {entry.code}"
        for part in parts:
            yield from unlayered(part, roles)


def answers(app: FastAPI) -> dict[str, type[BaseModel]]:
    """The model of what each operation of ours answers."""
    found = {}
    for context in iter_route_contexts(app.routes):
        for model in parts_of(getattr(context, "response_model", None)):
            found |= {f"{method} {context.path}": model for method in context.methods or ()}
    return found


def test_every_field_that_somebody_may_not_see_in_clear_goes_through_the_layer(app: FastAPI) -> None:
    models = answers(app)
    assert {operation for operation in MATRIX if operation.split()[1].startswith("/customers")} <= models.keys()
    for operation in sorted(MATRIX.keys() & models.keys()):
        roles = {role for role, cell in MATRIX[operation].cells.items() if cell != "no"}
        assert list(unlayered(models[operation], roles)) == [], operation


def test_a_field_around_the_layer_is_found() -> None:
    class Inner(BaseModel):
        phone: str | None

    class Outer(BaseModel):
        churn: Hideable
        probability: str
        people: list[Inner]
        full_name: Shown

    assert list(unlayered(Outer, {"rm", "support"})) == [
        "Outer.probability is churn-risk",
        "Inner.phone is phone",
    ]


async def test_no_operation_shows_any_role_an_identity_in_clear(
    app: FastAPI, service: Delivering, issuer: TestIssuer
) -> None:
    made = await open_bank_with_acts(service, app, issuer, identity=MARKED)
    marks, masked, seen = needles(), 0, set[str]()
    for role, subject in SUBJECTS.items():
        async with client_of(app, issuer, role, subject=subject) as client:
            for operation in MATRIX.keys() - IN_CLEAR:
                for customer_id in (OWN, FOREIGN):
                    answer = await asked(client, app, operation, made.ids(operation, role, customer_id))
                    whole = answer.content + str(answer.headers).encode()
                    assert [mark for mark in marks if mark in whole] == [], (role, operation)
                    masked += answer.text.count("欧*")
                    seen |= {operation} if answer.is_success else set()
    assert masked > 50, "the files that were walked held the marks"
    assert {operation for operation, row in MATRIX.items() if row.status < 300} - IN_CLEAR <= seen


async def test_no_export_holds_an_identity_in_clear_or_another_managers_customer_for_any_role(
    app: FastAPI, service: Delivering, issuer: TestIssuer
) -> None:
    await open_bank(service, identity=MARKED)
    cells = MATRIX["POST /exports"].cells
    assert {role for role, cell in cells.items() if cell != "no"} == set(ASKERS)
    for role in ASKERS:
        for form in ("csv", "ndjson"):
            content = await taken(app, issuer, role, form)
            assert [mark for mark in needles() if mark in content] == [], (role, form)
            assert content.count("欧*".encode()) == (1 if cells[role] == "own" else 2), (role, form)
            assert (FOREIGN.encode() in content) == (cells[role] == "all"), (role, form)


async def test_what_a_correction_asks_for_is_masked_for_whoever_reads_the_request(
    app: FastAPI, service: Delivering, issuer: TestIssuer
) -> None:
    await open_bank(service)
    readers = [role for role, cell in MATRIX["GET /corrections/{correction_id}"].cells.items() if cell != "no"]
    async with client_of(app, issuer, "rm", subject=SUBJECTS["rm"]) as client:
        identity = {
            "full_name": MARKED.full_name,
            "phone": MARKED.phone,
            "id_type": "passport",
            "id_number": "E12345678",
        }
        body = {"identity": identity, "channel": "branch", "evidence_digest": "a" * 64}
        made = await client.post(f"/customers/{OWN}/corrections", json=body)
    for role in readers:
        async with client_of(app, issuer, role, subject=SUBJECTS[role]) as client:
            shown = (await client.get(made.headers["location"])).json()["asked"]
        masked = {"full_name": "欧*", "phone": "139****4321", "id_type": "passport", "id_number": "****78"}
        assert shown == masked, role


async def test_what_a_role_may_not_see_of_a_portrait_is_empty_and_says_so(
    app: FastAPI, service: Delivering, issuer: TestIssuer
) -> None:
    await open_bank(service)
    hidden: dict[str, set[str]] = {}
    for role in ("rm", "support", "data_admin"):
        async with client_of(app, issuer, role, subject=SUBJECTS[role]) as client:
            found: dict[str, Any] = (await client.get(f"/customers/{OWN}/portrait")).json()
        parts = {name: part for name, part in found.items() if isinstance(part, dict) and "is_hidden" in part}
        hidden[role] = {name for name, part in parts.items() if part["is_hidden"]}
        assert all(not part["value"] and part["as_of"] is None for part in parts.values() if part["is_hidden"])
        assert parts["accounts"]["value"], role
    assert hidden == {
        "rm": set(),
        "support": {"risk_preference", "churn_risk", "open_alert"},
        "data_admin": {"transactions", "holdings", "tier", "churn_risk", "open_alert", "open_cases"},
    }


@pytest.mark.parametrize(
    ("roles", "purpose", "expected"),
    [
        (["rm"], None, "masked"),
        (["rm"], "complaint-handling", "clear"),
        (["rm"], "product-promotion", "masked"),
        (["service"], "complaint-handling", "masked"),
        (["analyst"], "complaint-handling", "hidden"),
        (["analyst", "rm"], None, "masked"),
        ([], None, "hidden"),
    ],
)
def test_role_and_purpose_decide_how_a_phone_is_shown(roles: list[str], purpose: str | None, expected: str) -> None:
    assert display(published().by_code["phone"], roles, purpose) == expected
