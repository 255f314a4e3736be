"""From an alert to what came of it: the arm first, then messages, then people; over when the alert is."""

from uuid import UUID

import httpx

from churn_alert.alert.domain.lifecycle import Alert
from tests.churn_alert.conftest import Live
from tests.churn_alert.intervention.conftest import HELD_OUT, SILENT, TREATED, Answer, Told, employee, profiled
from tests.churn_alert.lives import DAY, salary
from tests.support.consenting import consents
from tests.support.delivering import Delivering
from tests.support.erasing import erased
from tests.support.grouping import merge
from tests.support.tokens import TestIssuer

BEFORE = SILENT - 200 * DAY
_STEPS = "SELECT number, status, outcome FROM intervention_steps ORDER BY number"


async def test_an_alert_has_a_message_asked_for_and_its_delivery_is_a_contact(
    service: Delivering, silent: str, told: Told, answer: Answer
) -> None:
    (alert,) = await service.rows("SELECT alert_id, playbook, playbook_version, experiment, arm, opened_at FROM alerts")
    assert (alert.playbook, alert.playbook_version, alert.arm) == ("care-of-all", 1, "treated")
    assert alert.experiment == "care-of-warned"
    (asked,) = await told("contact-requested")
    assert (asked["customer_id"], asked["purpose"], asked["template"]) == (silent, "churn-care", "care-check-in")
    assert asked["channels"] == ["push", "wecom", "sms"]
    await answer(asked["request_id"])
    facts = await told()
    assert [(fact["change"], fact["status"], fact["step"], fact["detail"]) for fact in facts] == [
        ("proposed", "proposed", None, None),
        ("requested", "proposed", 1, "care-message"),
        ("delivered", "contacted", 1, "push"),
        ("done", "done", None, "reached"),
    ]
    assert [fact["reached"] for fact in facts] == [False, False, True, True]
    assert {fact["alert_id"] for fact in facts} == {str(alert.alert_id)}
    assert {(fact["experiment"], fact["arm"]) for fact in facts} == {("care-of-warned", "treated")}
    assert [tuple(row) for row in await service.rows(_STEPS)] == [
        (1, "delivered", "push"),
        (2, "skipped", None),
        (3, "skipped", None),
    ]


async def test_what_the_cap_refuses_goes_on_by_the_next_channel_and_then_as_a_task(
    service: Delivering, silent: str, told: Told, answer: Answer, api: httpx.AsyncClient
) -> None:
    (first,) = await told("contact-requested")
    await answer(first["request_id"], "capped")
    _, second = await told("contact-requested")
    assert second["channels"] == ["email"]
    assert second["request_id"] != first["request_id"]
    await answer(second["request_id"], "no-address", days=0.2)
    (task,) = (await api.get("/tasks")).json()["items"]
    assert (task["customer_id"], task["action"], task["status"], task["role"]) == (silent, "care-call", "open", "rm")
    ended = await api.post(f"/tasks/{task['task_id']}/outcome", json={"outcome": "content"})
    assert (ended.status_code, ended.json()["status"], ended.json()["ended_by"]) == (201, "done", "employee-1")
    assert [(fact["change"], fact["status"]) for fact in (await told())[-2:]] == [
        ("task-done", "contacted"),
        ("done", "done"),
    ]
    assert len(await told("contact-requested")) == 2


async def test_of_who_is_held_out_nobody_is_asked_and_no_manager_sees_it(
    service: Delivering, live: Live, told: Told, api: httpx.AsyncClient, issuer: TestIssuer
) -> None:
    await live(HELD_OUT, until=SILENT)
    (alert,) = await service.rows("SELECT arm, status FROM alerts")
    assert (alert.arm, alert.status) == ("held-out", "opened")
    assert await told("contact-requested") == []
    assert [(fact["change"], fact["arm"]) for fact in await told()] == [
        ("proposed", "held-out"),
        ("held-out", "held-out"),
    ]
    assert await service.rows(_STEPS) == []
    watching = issuer.bearer("risk_manager")
    (shown,) = (await api.get("/interventions", headers=watching)).json()["items"]
    await service.deliver(service.feed.record(profiled(HELD_OUT, "employee-1"), time=SILENT))
    manager = issuer.bearer("rm", subject="employee-1")
    assert (await api.get("/interventions", headers=manager)).json()["items"] == []
    assert (await api.get(f"/interventions/{shown['intervention_id']}", headers=manager)).status_code == 404
    assert (await api.get(f"/interventions/{shown['intervention_id']}", headers=watching)).status_code == 200


async def test_who_has_charge_of_customers_is_shown_nothing_by_which_an_arm_could_be_told(
    service: Delivering, silent: str, api: httpx.AsyncClient, issuer: TestIssuer
) -> None:
    await service.deliver(service.feed.record(profiled(silent, "employee-1"), time=SILENT))
    paths = ("/interventions", "/playbooks", "/playbooks/care-of-all")
    manager, watching = issuer.bearer("rm", subject="employee-1"), issuer.bearer("risk_manager")
    for path in paths:
        shown = (await api.get(path, headers=manager)).text
        assert '"share":0.2' not in shown, path
        assert "care-of-warned" not in shown, path
        assert "care-of-warned" in (await api.get(path, headers=watching)).text, path
    (mine,) = (await api.get("/interventions", headers=manager)).json()["items"]
    assert (mine["experiment"], mine["arm"]) == (None, None)
    whole = (await api.get(f"/interventions/{mine['intervention_id']}", headers=manager)).json()
    assert (whole["experiment"], whole["arm"]) == (None, None)


async def test_the_arm_is_the_same_when_the_stream_is_heard_again(service: Delivering, live: Live) -> None:
    """The lot is drawn in the transaction that opens the alert, by nothing but the experiment and the customer."""
    assign = service.runtime.composition.state["alerting"].assign
    await live(HELD_OUT, until=SILENT)
    await live(TREATED, until=SILENT)
    rows = await service.rows("SELECT * FROM alerts ORDER BY customer_id")
    for row in rows:
        cells = {name: row._mapping[name] for name in Alert.__dataclass_fields__} | {"arm": None, "indicators": ()}
        assert assign(Alert(**cells), frozenset()).arm == row.arm


async def test_it_ends_with_the_alert_and_says_how_the_alert_closed(
    service: Delivering, silent: str, told: Told, api: httpx.AsyncClient, answer: Answer
) -> None:
    (alert,) = (await api.get("/alerts")).json()["items"]
    await api.post(f"/alerts/{alert['alert_id']}/closure", json={"outcome": "false-alarm"})
    last = (await told())[-1]
    assert (last["change"], last["status"], last["reason"]) == ("cancelled", "cancelled", "false-alarm")
    (asked,) = await told("contact-requested")
    await answer(asked["request_id"], "capped")
    assert (await told())[-1] == last, "nothing is asked after the end"
    assert len(await told("contact-requested")) == 1


async def test_who_refuses_care_is_left_alone_at_once(service: Delivering, silent: str, told: Told) -> None:
    await service.deliver(service.feed.record(consents(silent, refused=["churn-care"]), time=SILENT + DAY))
    last = (await told())[-1]
    assert (last["status"], last["reason"]) == ("cancelled", "consent-refused")


async def test_who_is_restricted_is_left_alone_at_once_also_where_no_alert_began_it(
    service: Delivering, silent: str, told: Told, api: httpx.AsyncClient
) -> None:
    body = {"customer_id": silent, "product": "WM-30D"}
    assert (await api.post("/product-pitches", json=body)).status_code == 201
    begun = [(fact["node"], fact["product"]) for fact in await told() if fact["change"] == "begun"]
    assert begun == [("product-pitch", "WM-30D")], "a survey can ask about the product that was pitched"
    over = profiled(silent, None, relationship="restricted")
    await service.deliver(service.feed.record(over, time=SILENT + DAY))
    ended = [(fact["node"], fact["reason"]) for fact in await told() if fact["status"] == "cancelled"]
    assert sorted(ended) == [("churn-warning", "restricted"), ("product-pitch", "restricted")]
    await api.post("/product-pitches", json=body)
    assert len([fact for fact in await told() if fact["change"] == "begun"]) == 1, "nothing begins while it lasts"


async def test_of_a_file_that_is_merged_into_another_what_is_done_ends(
    service: Delivering, silent: str, told: Told, api: httpx.AsyncClient
) -> None:
    await api.post("/product-pitches", json={"customer_id": silent, "product": "WM-30D"})
    await service.deliver(*(service.feed.record(one, time=SILENT + DAY) for one in merge(1, "c-2", silent)))
    ended = [(fact["node"], fact["reason"]) for fact in await told() if fact["status"] == "cancelled"]
    assert sorted(ended) == [("churn-warning", "merged"), ("product-pitch", "merged")]


async def test_of_who_is_destroyed_no_row_is_left_and_an_answer_is_nobodys(
    service: Delivering, silent: str, told: Told, answer: Answer
) -> None:
    (asked,) = await told("contact-requested")
    await service.deliver(service.feed.record(erased(silent), time=SILENT + DAY))
    for table in ("interventions", "intervention_steps", "intervention_events"):
        assert await service.rows(f"SELECT 1 FROM {table}") == []
    before = len(await told())
    await answer(asked["request_id"], days=2)
    assert len(await told()) == before


async def test_what_the_alert_is_given_to_somebody_for_is_that_persons(
    service: Delivering, live: Live, told: Told, api: httpx.AsyncClient, issuer: TestIssuer
) -> None:
    await service.deliver(service.feed.record(employee("e-1")), service.feed.record(employee("e-2")))
    await service.deliver(service.feed.record(profiled(TREATED, "e-1", as_of=BEFORE), time=BEFORE))
    await live(TREATED, until=SILENT)
    assert [(fact["change"], fact["assignee"]) for fact in await told()][-1] == ("assigned", "e-1")
    (one,) = (await api.get("/interventions")).json()["items"]
    path = f"/interventions/{one['intervention_id']}/assignment"
    lead = issuer.bearer("team_lead", "support", subject="e-9")
    given = await api.post(path, json={"assignee": "e-2"}, headers=lead)
    assert (given.status_code, given.json()["assignee"]) == (201, "e-2")
    refused = await api.post(path, json={"assignee": "e-nobody"}, headers=lead)
    assert (refused.status_code, refused.json()["title"]) == (422, "Nobody who could have it")
    shown = (await api.get(f"/interventions/{one['intervention_id']}")).json()
    assert [(line["move"], line["done_by"], line["detail"]) for line in shown["history"]] == [
        ("proposed", None, None),
        ("requested", None, "care-message"),
        ("assigned", None, "e-1"),
        ("assigned", "e-9", "e-2"),
    ]
    assert UUID(shown["steps"][0]["step_id"])
    where = f"/interventions/{one['intervention_id']}"
    seen = [(await api.get(where, headers=issuer.bearer("rm", subject=who))).status_code for who in ("e-2", "e-3")]
    assert seen == [200, 404]
    mine = await api.get("/interventions", headers=issuer.bearer("rm", subject="e-2"))
    assert [item["intervention_id"] for item in mine.json()["items"]] == [one["intervention_id"]]


async def test_what_falls_due_while_nobody_says_anything_is_done_as_of_its_moment(
    service: Delivering, silent: str, told: Told
) -> None:
    (asked,) = await told("contact-requested")
    await service.deliver(service.feed.record(salary(silent, SILENT + 60 * DAY), time=SILENT + 60 * DAY))
    sweep = next(one for one in service.runtime.composition.sweeps if one.name == "interventions")
    async with service.runtime.transactions.begin(customers=[silent]) as tx:
        await sweep.fire(tx, [silent])
    changes = [(fact["change"], fact["detail"], fact["changed_at"]) for fact in (await told())[2:]]
    assert [change[:2] for change in changes] == [
        ("refused", "unanswered"),
        ("requested", "care-letter"),
        ("refused", "unanswered"),
        ("begun", "care-call"),
        ("overdue", None),
    ]
    assert changes[0][2] > asked["expires_at"]
    assert len({moment for _, _, moment in changes}) == 3
