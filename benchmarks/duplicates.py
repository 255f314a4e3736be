"""The job that finds probable duplicates, as a bank runs it: over the files of two simulated banks, twice each.

What it puts before people is judged by the truth, beside the rule of one paper or one phone and name.
"""

import asyncio
import os
import subprocess
import sys
from collections.abc import Mapping, Sequence
from functools import partial
from time import perf_counter

import asyncpg

from benchmarks.files import SERVICE, Profile, customer, profile
from benchmarks.ground import CONSOLE, Ground, table
from customer_profile.customer.domain import checked
from deploy.local.processes import PROJECT
from fit_linkage.judging import Judgement, by_rule, judged
from fit_linkage.twins import Book, Person, make_book

SIZES = (10_000, 100_000)
SEED = 202
_FACTS = """
UPDATE profiles SET birth_year = told.birth_year, gender = told.gender, region = told.region
FROM unnest($1::text[], $2::smallint[], $3::text[], $4::text[]) AS told(customer_id, birth_year, gender, region)
WHERE profiles.customer_id = told.customer_id
"""


def run(ground: Ground, sizes: Sequence[int] = SIZES) -> None:
    """Fill a bank of each size, run the job, run it again, and judge what it has kept."""
    columns = ("s", "again, s", "MB", "pairs", "precision", "recall", "rule: precision", "recall")
    shown = table("python -m customer_profile duplicates", "files", *columns)
    for size in sizes:
        book = make_book(SEED, size)
        persons = list(book.persons.values())
        with profile(ground, size, identity_of=partial(_identity, persons)) as bank:
            asyncio.run(_write_facts(bank, persons))
            CONSOLE.print(f"duplicates: {size:,} files, round 1 of 2", highlight=False)
            seconds, megabytes = _job(bank)
            CONSOLE.print(f"duplicates: {size:,} files, round 2 of 2", highlight=False)
            again, _ = _job(bank)
            kept, rule = asyncio.run(_judged(bank, book)), judged(by_rule(book.files()), book.truth)
        figures = [f"{share:.1%}" for one in (kept, rule) for share in (one.precision, one.recall)]
        times = (f"{seconds:.1f}", f"{again:.1f}", f"{megabytes:,.0f}", f"{kept.proposed:,}")
        shown.add_row(f"{size:,}", *times, *figures)
    CONSOLE.print(shown)


def _identity(persons: Sequence[Person], number: int) -> Mapping[str, str | None]:
    return checked(persons[number].identity).identity


def _job(bank: Profile) -> tuple[float, float]:
    """Seconds of the whole command, and the most memory it held."""
    began = perf_counter()
    process = subprocess.Popen(
        [sys.executable, "-m", SERVICE, "duplicates"], env=bank.environment, cwd=PROJECT, stdout=subprocess.DEVNULL
    )
    _, status, usage = os.wait4(process.pid, 0)
    if status:
        raise SystemExit("duplicates failed")
    return perf_counter() - began, usage.ru_maxrss / 1024


async def _write_facts(bank: Profile, persons: Sequence[Person]) -> None:
    facts = [person.facts for person in persons]
    connection = await asyncpg.connect(bank.dsn)
    told = [[getattr(one, name) for one in facts] for name in ("birth_year", "gender", "region")]
    await connection.execute(_FACTS, list(map(customer, range(len(facts)))), *told)
    await connection.close()


async def _judged(bank: Profile, book: Book) -> Judgement:
    connection = await asyncpg.connect(bank.dsn)
    rows = await connection.fetch("SELECT file_a, file_b FROM duplicate_pairs")
    await connection.close()
    tokens = dict(zip(map(customer, range(len(book.persons))), book.persons, strict=True))
    pairs = [sorted((tokens[row["file_a"]], tokens[row["file_b"]])) for row in rows]
    return judged({(one, other) for one, other in pairs}, book.truth)
