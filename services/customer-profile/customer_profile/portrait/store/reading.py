"""A whole portrait in one statement, so that all of it is of one moment; of the files of a person that are in sight."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import TextualSelect, column, select, text
from sqlalchemy.ext.asyncio import AsyncConnection

from customer_profile.account.domain import Account
from customer_profile.account.store import account_of, accounts
from customer_profile.consent.domain.ledger import Entry
from customer_profile.consent.store import consent_acts, entry_of
from customer_profile.customer.domain import File
from customer_profile.customer.store import file_of, files_in_sight, in_sight, profiles
from customer_profile.portrait.domain import Kind, Month, Told, of_person, summed
from customer_profile.portrait.store.months import ahead_of, entries_of
from rapport.events.customer_profile import Person
from rapport.privacy.keyring import Owner
from rapport.row_security import Sight

_ACCOUNT = tuple(column.name for column in accounts.columns)
_ACT = tuple(column.name for column in consent_acts.columns)
# A file whose survivor is another's is a person of its own to this caller.
_PERSON = """
SELECT coalesce(m.survivor, :customer_id) AS survivor,
    CASE WHEN m.survivor IS NULL THEN ARRAY[CAST(:customer_id AS text)] ELSE seen.files END AS files
FROM seen LEFT JOIN merged_files m ON m.customer_id = :customer_id AND m.survivor = ANY(seen.files)
"""
_FIND = f"""
SELECT asked.*, person.survivor, person.files,
    (SELECT coalesce(jsonb_agg(jsonb_build_array(f.kind, f.customer_id, f.as_of, f.document)
        ORDER BY f.rank DESC, f.event_id DESC), '[]')
        FROM portrait_facts f WHERE f.customer_id = ANY(person.files)) AS portrait_facts,
    (SELECT coalesce(jsonb_agg(jsonb_build_array(m.month, m.as_of, m.entries, m.ahead)), '[]') FROM (
        SELECT *, dense_rank() OVER (ORDER BY month DESC) AS place
        FROM portrait_months WHERE customer_id = ANY(person.files) AND month <= :until
    ) m WHERE m.place <= :months) AS portrait_months,
    (SELECT coalesce(jsonb_object_agg(o.topic, o.lag), '{{}}') FROM (
        SELECT topic, sum(greatest(log_end_offset - next_offset, 0)) AS lag
        FROM consumer_offsets WHERE partition = ANY(partitions.theirs) GROUP BY topic
    ) o) AS lags,
    (SELECT min(o.advanced_at) FROM consumer_offsets o WHERE o.partition = ANY(partitions.theirs)) AS lag_known_at,
    (SELECT array_agg(ROW({", ".join(_ACCOUNT)}) ORDER BY account_id) FROM (
        SELECT DISTINCT ON (account_id) * FROM accounts WHERE customer_id = ANY(person.files)
        ORDER BY account_id, as_of DESC, event_id DESC
    ) a) AS accounts,
    (SELECT array_agg(ROW({", ".join(_ACT)}) ORDER BY customer_id, revision)
        FROM acts_of_person(asked.customer_id)) AS consent_acts,
    (SELECT array_agg(ROW(k.generation, k.wrapped)) FROM data_keys k WHERE k.customer_id = asked.customer_id) AS keys
FROM asked, person, (
    SELECT array_agg(DISTINCT partition) AS theirs FROM profiles, person WHERE customer_id = ANY(person.files)
) partitions
"""  # noqa: S608 - our own columns


@dataclass(frozen=True, slots=True)
class Found:
    """All that is known of a person, asked for by one of its files.

    `person`: of the files in sight. `facts`: of each kind the latest first. `consents`: the acts on each file of the
    person, in sight or not. `lags`: records to handle, by topic. `keys`: of the file, wrapped.
    """

    file: File
    person: Person
    accounts: list[Account]
    months: list[Month]
    facts: Mapping[Kind, list[Told]]
    consents: Mapping[str, list[Entry]]
    lags: Mapping[str, int]
    lag_known_at: datetime | None
    keys: Mapping[Owner, bytes]


async def find(
    connection: AsyncConnection, customer_id: str, *, sight: Sight, months: int, until: datetime
) -> Found | None:
    """The portrait of one customer over the files of the person that are in sight, with the last `months` that anything
    was posted in, and of these what had come by `until`, which is of the bank's zone: cores date postings ahead. None
    where there is no file in sight.
    """
    asked = statement(customer_id, sight=sight, months=months, until=until.date())
    row = (await connection.execute(asked)).mappings().one_or_none()
    if row is None:
        return None
    person = Person(survivor=row["survivor"], files=tuple(row["files"]))
    facts: dict[Kind, list[Told]] = {}
    for kind, of, as_of, document in row["portrait_facts"]:
        facts.setdefault(kind, []).append(Told(of, datetime.fromisoformat(as_of), document))
    known = [
        Month(
            customer_id,
            date.fromisoformat(month),
            datetime.fromisoformat(as_of),
            entries_of(entries),
            ahead_of(customer_id, ahead),
        ).come_by(until)
        for month, as_of, entries, ahead in row["portrait_months"]
    ]
    return Found(
        file=file_of(row),
        person=person,
        accounts=[account_of(dict(zip(_ACCOUNT, one, strict=True))) for one in row["accounts"] or ()],
        months=summed(known, person.survivor),
        facts={kind: of_person(kind, told, person.survivor) for kind, told in facts.items()},
        consents=_by_file(person.files, [dict(zip(_ACT, one, strict=True)) for one in row["consent_acts"] or ()]),
        lags=row["lags"],
        lag_known_at=row["lag_known_at"],
        keys={(customer_id, generation): wrapped for generation, wrapped in row["keys"] or ()},
    )


def statement(customer_id: str, *, sight: Sight, months: int, until: date) -> TextualSelect:
    """What is asked for a portrait: one row, or none."""
    asked = select(profiles).where(profiles.c.customer_id == customer_id, in_sight(sight)).cte("asked")
    seen = files_in_sight(customer_id, sight=sight).cte("seen")
    person = (
        text(_PERSON).bindparams(customer_id=customer_id).columns(column("survivor"), column("files")).cte("person")
    )
    return text(_FIND).bindparams(months=months, until=until).columns().add_cte(asked, seen, person)


def _by_file(files: Iterable[str], acts: Iterable[Mapping[str, Any]]) -> dict[str, list[Entry]]:
    ledgers: dict[str, list[Entry]] = {file: [] for file in files}
    for act in map(entry_of, acts):
        ledgers.setdefault(act.customer_id, []).append(act)
    return ledgers
