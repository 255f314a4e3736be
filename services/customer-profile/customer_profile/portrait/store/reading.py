"""A whole portrait in one statement, so that all of it is of one moment; of the files of a person that are in sight."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy.ext.asyncio import AsyncConnection

from customer_profile.account.domain import Account
from customer_profile.account.store import account_of, accounts
from customer_profile.consent.domain.ledger import Entry
from customer_profile.consent.store import consent_acts, entry_of
from customer_profile.customer.domain import File
from customer_profile.customer.store import file_of, profiles
from customer_profile.portrait.domain import Kind, Month, Told, of_person, summed
from customer_profile.portrait.store.months import entries_of
from rapport.database import fetch
from rapport.events.customer_profile import Person

_ACCOUNT = tuple(column.name for column in accounts.columns)
_ACT = tuple(column.name for column in consent_acts.columns)
_FIND = f"""
WITH person AS MATERIALIZED (SELECT $2::text AS survivor, $3::text[] AS files),
partitions AS MATERIALIZED (
    SELECT array_agg(DISTINCT partition) AS theirs FROM profiles, person WHERE customer_id = ANY(person.files)
)
SELECT {", ".join(f"p.{column.name}" for column in profiles.columns)},
    (SELECT coalesce(jsonb_agg(jsonb_build_array(f.kind, f.customer_id, f.as_of, f.document)
        ORDER BY f.rank DESC, f.event_id DESC), '[]')
        FROM portrait_facts f WHERE f.customer_id = ANY(person.files)) AS portrait_facts,
    (SELECT coalesce(jsonb_agg(jsonb_build_array(m.month, m.as_of, m.entries)), '[]') FROM (
        SELECT *, dense_rank() OVER (ORDER BY month DESC) AS place
        FROM portrait_months WHERE customer_id = ANY(person.files)
    ) m WHERE m.place <= $4) AS portrait_months,
    (SELECT coalesce(jsonb_object_agg(o.topic, o.lag), '{{}}') FROM (
        SELECT topic, sum(greatest(log_end_offset - next_offset, 0)) AS lag
        FROM consumer_offsets WHERE partition = ANY(partitions.theirs) GROUP BY topic
    ) o) AS lags,
    (SELECT min(o.advanced_at) FROM consumer_offsets o WHERE o.partition = ANY(partitions.theirs)) AS lag_known_at,
    (SELECT array_agg(ROW({", ".join(_ACCOUNT)}) ORDER BY account_id) FROM (
        SELECT DISTINCT ON (account_id) * FROM accounts WHERE customer_id = ANY(person.files)
        ORDER BY account_id, as_of DESC, event_id DESC
    ) a) AS accounts,
    (SELECT array_agg(ROW({", ".join(_ACT)}) ORDER BY customer_id, revision) FROM consent_acts
        WHERE customer_id = ANY(person.files)) AS consent_acts
FROM profiles p, person, partitions WHERE p.customer_id = $1
"""  # noqa: S608 - our own columns


@dataclass(frozen=True, slots=True)
class Found:
    """All that is known of a person, asked for by one of its files.

    `facts`: of each kind the latest first. `consents`: of each file the acts. `lags`: records to handle, by topic.
    """

    file: File
    person: Person
    accounts: list[Account]
    months: list[Month]
    facts: Mapping[Kind, list[Told]]
    consents: Mapping[str, list[Entry]]
    lags: Mapping[str, int]
    lag_known_at: datetime | None


async def find(connection: AsyncConnection, customer_id: str, person: Person, *, months: int) -> Found | None:
    """The portrait of one customer over these files, with the last `months` that anything was posted in; None without a
    file.
    """
    rows = await fetch(connection, _FIND, customer_id, person.survivor, list(person.files), months)
    if not rows:
        return None
    row = rows[0]
    facts: dict[Kind, list[Told]] = {}
    for kind, of, as_of, document in row["portrait_facts"]:
        facts.setdefault(kind, []).append(Told(of, datetime.fromisoformat(as_of), document))
    known = [
        Month(customer_id, date.fromisoformat(month), datetime.fromisoformat(as_of), entries_of(entries))
        for month, as_of, entries in row["portrait_months"]
    ]
    held = [account_of(dict(zip(_ACCOUNT, one, strict=True))) for one in row["accounts"] or ()]
    acts: dict[str, list[Entry]] = {file: [] for file in person.files}
    for one in row["consent_acts"] or ():
        act = entry_of(dict(zip(_ACT, one, strict=True)))
        acts[act.customer_id].append(act)
    theirs = {kind: of_person(kind, told, person.survivor) for kind, told in facts.items()}
    months_of_all = summed(known, person.survivor)
    return Found(file_of(row), person, held, months_of_all, theirs, acts, row["lags"], row["lag_known_at"])
