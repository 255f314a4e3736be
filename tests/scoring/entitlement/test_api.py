"""What a customer is entitled to over REST: by tier and classes, each with its rule, its roles and its date."""

from datetime import UTC, datetime

from tests.scoring.entitlement.counter import Counter, by_measure, profile, stage
from tests.scoring.facts import DAY, MONDAY, deliver, holdings, transaction
from tests.scoring.segment.banks import BY_HAND
from tests.scoring.segment.keeping import keep_model
from tests.scoring.segment.test_api import ten_seconds_later


async def test_entitlements_follow_from_the_tier_and_the_classes_and_say_by_which_rule(counter: Counter) -> None:
    await deliver(counter.service, holdings(1, "600000.00", at=MONDAY - 40 * DAY), holdings(2, "600000.00"))
    await deliver(counter.service, profile(), stage("mature"))
    found = await counter.asked()
    assert (found["tier"], found["rank"], found["ladder"]) == ("high", 1, 3)
    assert by_measure(found["entitlements"]) == {
        "relationship-manager": (True, "top-tier"),
        "priority-queue": (True, "top-tier"),
        "fee-waiver": (100, "top-tier"),
        "service-hours": (24, "top-tier"),
        "contact-days": (30, "high-net-worth"),
    }
    assert by_measure(found["risk"]) == {
        "transfer-review": (200_000, "everybody"),
        "due-diligence-months": (12, "high-net-worth"),
        "enhanced-due-diligence": (True, "high-net-worth"),
    }
    assert (found["policy"], found["policy_version"], found["segment"]) == ("retail-cny", 1, None)
    assert datetime.fromisoformat(found["as_of"]) == MONDAY
    assert found["lag"] == 0


async def test_each_measure_says_who_carries_it_out_and_who_may_go_beyond_it(counter: Counter) -> None:
    await deliver(counter.service, holdings(1, "5000.00"))
    (waiver,) = (one for one in (await counter.asked())["entitlements"] if one["measure"] == "fee-waiver")
    assert (waiver["value"], waiver["unit"], waiver["rule"]) == (50, "percent", "second-tier")
    assert (waiver["apply"], waiver["exceed"]) == (["rm", "support"], ["team_lead"])


async def test_where_customers_are_served_controls_of_risk_are_withheld_and_the_answer_says_so(
    counter: Counter,
) -> None:
    await deliver(counter.service, holdings(1, "5000.00"))
    served = (await counter.manager.get("/entitlements/c-1")).json()
    whole = await counter.asked()
    assert (served["risk"], served["withheld"]) == (None, ["risk"])
    assert (whole["withheld"], len(whole["risk"])) == ([], 3)
    moving = {"risk", "withheld", "as_of", "lag_known_at"}
    assert served.keys() == whole.keys()
    assert all(served[name] == whole[name] for name in whole.keys() - moving)


async def test_a_customer_whom_nobody_has_profiled_gets_an_answer_that_says_what_is_missing(counter: Counter) -> None:
    await deliver(counter.service, holdings(1, "5000.00"))
    found = await counter.asked()
    assert found["missing"] == ["segment", "type", "lifecycle"]
    assert by_measure(found["risk"]) == {
        "transfer-review": (100_000, "type-not-told"),
        "due-diligence-months": (60, "everybody"),
        "manual-credit-decision": (True, "type-not-told"),
    }
    await deliver(counter.service, profile(), stage("mature"))
    found = await counter.asked()
    assert found["missing"] == ["segment"]
    assert by_measure(found["risk"]) == {
        "transfer-review": (200_000, "everybody"),
        "due-diligence-months": (60, "everybody"),
    }


async def test_a_lifecycle_that_is_told_moves_what_the_customer_gets_and_keeps_its_dates(counter: Counter) -> None:
    await deliver(counter.service, holdings(1, "5000.00"), profile(), stage("new", MONDAY - 9 * DAY))
    before = await counter.asked()
    assert by_measure(before["entitlements"])["contact-days"] == (30, "newcomers")
    assert by_measure(before["risk"])["transfer-review"] == (50_000, "newcomers")
    await deliver(counter.service, stage("lost", MONDAY - DAY, revision=3))
    await deliver(counter.service, stage("mature", MONDAY - 2 * DAY, revision=2))
    after = await counter.asked()
    assert by_measure(after["risk"])["manual-credit-decision"] == (True, "lost")
    assert by_measure(after["entitlements"])["contact-days"] == (180, "second-tier")
    assert (await counter.classes())["lifecycle"] == ("lost", MONDAY - DAY)
    assert await counter.history("lifecycle") == [("new", MONDAY - 9 * DAY), ("lost", MONDAY - DAY)]


async def test_of_states_the_highest_revision_counts_in_whatever_order_they_came(counter: Counter) -> None:
    told = [profile(revision=n, type=kind, as_of=MONDAY + n * DAY) for n, kind in ((2, "corporate"), (1, "personal"))]
    await deliver(counter.service, holdings(1, "5000.00"), *told)
    await deliver(counter.service, profile(revision=4, type="corporate", as_of=MONDAY + 4 * DAY))
    await deliver(counter.service, profile(revision=3, type="institution", as_of=MONDAY + 3 * DAY))
    assert (await counter.classes())["type"] == ("corporate", MONDAY + 2 * DAY)
    assert await counter.history("type") == [("corporate", MONDAY + 2 * DAY)]


async def test_a_posting_moves_the_activity_at_once_without_a_row_of_its_own(counter: Counter) -> None:
    days = [transaction(MONDAY + n * 7 * DAY) for n in range(12)]
    await deliver(counter.service, *days[:2])
    assert (await counter.classes())["activity"] == ("low", datetime(2025, 3, 2, 16, tzinfo=UTC))
    await deliver(counter.service, *days[2:])
    assert (await counter.classes())["activity"] == ("high", datetime(2025, 5, 18, 16, tzinfo=UTC))
    assert by_measure((await counter.asked())["entitlements"])["remote-adviser"] == (True, "active")
    assert await counter.service.rows("SELECT * FROM customer_classes") == []


async def test_a_segment_is_one_more_thing_a_rule_may_ask_for(counter: Counter) -> None:
    await deliver(counter.service, holdings(1, "5000.00"), profile(), stage("mature"))
    assert (await counter.asked())["segment"] is None
    await keep_model(counter.service.runtime.engine, BY_HAND)
    ten_seconds_later(counter.service)
    found = await counter.asked()
    standing = (await counter.manager.get("/standings/c-1")).json()
    assert found["segment"] == standing["segment"]["name"]
    assert found["missing"] == []


async def test_a_customer_of_whom_nothing_was_heard_is_404_and_a_channel_sees_nothing(counter: Counter) -> None:
    for shown in ("", "/classes"):
        assert (await counter.manager.get(f"/entitlements/c-9{shown}")).status_code == 404
        assert (await counter.channel.get(f"/entitlements/c-9{shown}")).status_code == 403
