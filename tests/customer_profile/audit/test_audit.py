"""The audit of a period counts what the trails say, finds who looked too often, and is shown to who watches over it."""

import os
import re
import subprocess
import sys
from collections import Counter
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET
from zoneinfo import ZoneInfo

import pytest
from fastapi import FastAPI
from httpx import AsyncClient
from hypothesis import given
from hypothesis import strategies as st

from customer_profile.audit.domain import FEW, UNUSUAL_FROM, scores, unusual
from rapport.clock import utc_now
from rapport.privacy.catalogue.document import published
from tests.customer_profile.access.bank import FOREIGN, LEAD, MANAGER, OWN, client_of, employee, open_bank
from tests.customer_profile.export.asking import ASKED, decided
from tests.customer_profile.facts import ZHANG
from tests.customer_profile.retention.leaving import approve, left, propose
from tests.support.delivering import Delivering
from tests.support.tokens import ISSUER, TestIssuer

FIRST, LAST = date(2026, 3, 1), date(2026, 3, 31)
COUNTS = st.dictionaries(st.text("abcdef", min_size=1, max_size=3), st.integers(0, 500), max_size=12)
UNMASK = "INSERT INTO unmaskings VALUES (gen_random_uuid(), '{}', '{}', '{}', 'call-back', '{} {}', '{}')"


def middle_of(values: list[float]) -> float:
    ordered, half = sorted(values), len(values) // 2
    return ordered[half] if len(values) % 2 else (ordered[half - 1] + ordered[half]) / 2


@given(COUNTS)
def test_a_score_is_the_distance_from_the_middle_in_units_of_the_middle_distance(counts: dict[str, int]) -> None:
    found = scores(counts)
    assert found.keys() == counts.keys()
    middle = middle_of([*map(float, counts.values())]) if counts else 0
    distances = [abs(count - middle) for count in counts.values()]
    for subject, count in counts.items():
        if middle_of(distances):
            assert found[subject] == pytest.approx(0.6745 * (count - middle) / middle_of(distances))
        elif sum(distances):
            assert found[subject] == pytest.approx((count - middle) * len(counts) / sum(distances) / 1.253314)
        else:
            assert found[subject] == 0
    assert unusual(counts) == {s: z for s, z in found.items() if z > UNUSUAL_FROM and counts[s] > FEW}


def test_who_copies_a_book_is_unusual_and_the_busy_among_the_busy_are_not() -> None:
    usual = {f"e-{number}": 20 + number for number in range(9)}
    assert unusual(usual) == {}
    assert unusual(usual | {"e-x": 200}).keys() == {"e-x"}
    assert unusual({f"e-{number}": 1 for number in range(20)} | {"e-x": FEW}) == {}


async def trails(service: Delivering) -> list[tuple[str, str, datetime]]:
    """A bank in which one person saw too much, at the edges of the month and beyond them: who, which field, when."""
    await open_bank(service)
    # The month of a bank in Shanghai begins and ends at 16:00 UTC of the day before.
    edges = [datetime(2026, 2, 28, 15, 59, tzinfo=UTC), datetime(2026, 2, 28, 16, tzinfo=UTC)]
    edges += [datetime(2026, 3, 31, 15, 59, tzinfo=UTC), datetime(2026, 3, 31, 16, tzinfo=UTC)]
    noon = datetime(2026, 3, 10, 4, tzinfo=UTC)
    acts = [(MANAGER, "phone", moment) for moment in edges]
    acts += [("e-copier", "id_number", noon + n * timedelta(hours=1)) for n in range(60)]
    acts += [(f"e-{n}", "phone", noon + k * timedelta(days=1)) for n in range(8) for k in range(n % 3 + 1)]
    await service.rows_written(*(UNMASK.format(OWN, what, "business", ISSUER, who, at) for who, what, at in acts))
    return acts


def today() -> str:
    """Of the bank."""
    return str(utc_now().astimezone(ZoneInfo("Asia/Shanghai")).date())


async def ask(api: AsyncClient, issuer: TestIssuer, role: str = "auditor", **asked: Any) -> Any:
    days = {"from": FIRST.isoformat(), "to": LAST.isoformat()} | asked
    return await api.get("/audits", params=days, headers=issuer.bearer(role, subject="e-audit"))


async def test_what_was_done_is_counted_by_operation_role_and_day_of_the_bank(
    service: Delivering, api: AsyncClient, issuer: TestIssuer
) -> None:
    acts = [act for act in await trails(service) if datetime(2026, 2, 28, 16, tzinfo=UTC) <= act[2]]
    acts = [act for act in acts if act[2] < datetime(2026, 3, 31, 16, tzinfo=UTC)]
    shown = (await ask(api, issuer)).json()
    of_unmasking = [one for one in shown["counted"] if one["operation"] == "unmasking"]
    found = {(one["detail"].split(",")[0], one["role"]): (one["acts"], one["callers"]) for one in of_unmasking}
    roles = {MANAGER: "rm"}
    wanted = Counter((what, roles.get(who, "unknown")) for who, what, _ in acts)
    people = {place: len({w for w, f, _ in acts if (f, roles.get(w, "unknown")) == place}) for place in wanted}
    assert found == {place: (n, people[place]) for place, n in wanted.items()}
    by_day = Counter(str((at + timedelta(hours=8)).date()) for _, _, at in acts)
    assert {one["day"]: one["acts"] for one in shown["daily"] if one["operation"] == "unmasking"} == by_day
    assert [one["subject"] for one in shown["callers"] if one["score"] is not None] == [f"{ISSUER} e-copier"]
    assert sum(one["unmaskings"] for one in shown["callers"]) == len(acts)


async def test_whose_rights_nobody_used_for_ninety_days_and_what_is_overdue_is_named(
    service: Delivering, api: AsyncClient, issuer: TestIssuer
) -> None:
    await trails(service)
    await service.deliver(service.feed.record(employee("e-left", "B1", active=False)))
    shown = (await ask(api, issuer)).json()
    unseen = {one["subject"]: one["last_at"] for one in shown["unseen"]}
    assert LEAD in unseen
    assert unseen[LEAD] is None
    assert not {MANAGER, "e-left"} & unseen.keys()
    later = (await ask(api, issuer, **{"from": "2026-07-01", "to": "2026-07-31"})).json()
    assert MANAGER in {one["subject"] for one in later["unseen"]}
    await left(service, "c-gone")
    await propose(service)
    asked = await api.post(
        f"/customers/{OWN}/corrections", json={"identity": {"phone": "13900139000"}, "channel": "web"}
    )
    assert asked.status_code == 201
    far = (utc_now() + timedelta(days=60)).date()
    shown = (await ask(api, issuer, **{"from": str(far), "to": str(far)})).json()
    assert (shown["corrections_overdue"], shown["corrections_answered_late"]) == (1, 0)
    assert [(one["state"], one["files"]) for one in shown["retention_waiting"]] == [("open", 1)]
    assert shown["policies"]["data catalogue"].startswith(f"version {published().version}, ")


async def test_who_only_proposes_and_agrees_is_seen_and_what_they_did_is_counted(
    service: Delivering, app: FastAPI, api: AsyncClient, issuer: TestIssuer
) -> None:
    await open_bank(service)
    hands = {"e-8": "compliance", "e-9": "dpo", "e-asks": "data_admin", "e-who-approves": "dpo"}
    staff = {"compliance": "compliance", "dpo": "agent", "data_admin": "teller"}
    await service.deliver(*(service.feed.record(employee(who, "B9", staff[role])) for who, role in hands.items()))
    await left(service, "c-gone", "c-held")
    clients = {who: issuer.bearer(role, subject=who) for who, role in hands.items()}
    held = {"reason": "tax", "until": str(utc_now().date() + timedelta(days=9))}
    hold = (await api.post("/customers/c-held/holds", json=held, headers=clients["e-8"])).json()
    assert (await api.post(f"/holds/{hold['hold_id']}/release", headers=clients["e-9"])).status_code == 201
    batch = await propose(service)
    assert batch is not None
    await approve(api, issuer, batch)
    exported = await api.post("/exports", json=ASKED, headers=clients["e-asks"])
    await decided(app, issuer, exported.json()["export_id"])
    merge = {"survivor": OWN, "merged": FOREIGN, "reason": "known-to-staff"}
    evidence = {"evidence": {"kind": "replaced-paper", "digest": "0" * 64}}
    proposed = (await api.post("/merges", json=merge | evidence, headers=clients["e-asks"])).json()
    refusal = await api.post(
        f"/merges/{proposed['merge_id']}/decision", json={"decision": "refuse"}, headers=clients["e-8"]
    )
    assert refusal.status_code == 201
    await service.rows_written(
        "INSERT INTO merge_proposals (merge_id, kind, survivor, merged, reason, state, proposed_by, proposed_at, "
        "decided_by, decided_at) VALUES (gen_random_uuid(), 'merge', 'c-1', 'c-2', 'known-to-staff', 'adopted', "
        f"'{ISSUER} e-asks', now(), '{ISSUER} e-9', now())"
    )
    shown = (await ask(api, issuer, **{"from": today(), "to": today()})).json()
    done = {(one["operation"], one["detail"], one["role"]) for one in shown["counted"]}
    assert done >= {
        ("merge", "proposed", "teller"),
        ("merge", "refused", "compliance"),
        ("merge", "recommended", "agent"),
        ("export", "approved", "agent"),
        ("hold", "release asked", "agent"),
        ("batch of files to end", "confirmed", "compliance"),
        ("batch of files to end", "approved", "agent"),
    }
    assert not hands.keys() & {one["subject"] for one in shown["unseen"]}


async def test_a_customers_own_copy_is_counted_and_names_nobody_and_is_not_what_staff_are_measured_by(
    service: Delivering, app: FastAPI, api: AsyncClient, issuer: TestIssuer
) -> None:
    await open_bank(service)
    async with client_of(app, issuer, "channel", subject="app-1") as channel:
        assert (await channel.get("/me/copy")).status_code == 200
    answer = await ask(api, issuer, **{"from": today(), "to": today()})
    copied = [one for one in answer.json()["counted"] if one["role"] == "channel"]
    assert sum(one["acts"] for one in copied) == 5
    assert answer.json()["callers"] == []
    assert OWN not in answer.text


async def test_it_is_for_who_answers_for_data_or_audits_it_and_for_a_year_at_most(
    service: Delivering, api: AsyncClient, issuer: TestIssuer
) -> None:
    assert (await ask(api, issuer, "dpo")).status_code == 200
    assert (await ask(api, issuer, "support")).status_code == 403
    assert (await ask(api, issuer, to="2027-04-01")).status_code == 422
    assert (await ask(api, issuer, to="2026-02-01")).status_code == 422


def audit(service: Delivering, *options: str) -> subprocess.CompletedProcess[str]:
    """The command over the database of this service."""
    settings = service.runtime.settings
    key = str(settings.encryption.key_file)
    environment = dict(os.environ) | {
        "CUSTOMER_PROFILE_DATABASE__URL": settings.database.url.get_secret_value(),
        "CUSTOMER_PROFILE_KAFKA__BOOTSTRAP_SERVERS": "127.0.0.1:1",
        "CUSTOMER_PROFILE_AUTH__ISSUER": settings.auth.issuer,
        "CUSTOMER_PROFILE_AUTH__JWKS": settings.auth.jwks,
        "CUSTOMER_PROFILE_ENCRYPTION__KEY_FILE": key,
        "CUSTOMER_PROFILE_LOOK_UP__KEY_FILE": key,
        "COLUMNS": "200",
    }
    command = [sys.executable, "-m", "customer_profile", "audit", *options]
    return subprocess.run(command, env=environment, capture_output=True, text=True, timeout=60, check=False)


async def test_the_command_prints_it_and_draws_it(service: Delivering, tmp_path: Path) -> None:
    await trails(service)
    done = audit(service, "--from", FIRST.isoformat(), "--to", LAST.isoformat(), "--html", str(tmp_path / "page.html"))
    assert done.returncode == 0, done.stderr
    rows = [line.split() for line in done.stdout.splitlines()]
    assert ["unmasking", "id_number,", "business", "unknown", "60", "1"] in rows
    page = (tmp_path / "page.html").read_text(encoding="utf-8")
    pictures = [ET.fromstring(one) for one in re.findall(r"<svg .*?</svg>", page)]
    assert [len(one.findall("polyline")) + len(one.findall("rect")) for one in pictures] == [1, 10]
    assert ZHANG.full_name not in page + done.stdout
    assert OWN not in page + done.stdout
