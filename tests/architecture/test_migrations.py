"""No migration stops who writes: on tables with rows, indexes are built beside them and checks are validated apart."""

import re
from collections.abc import Iterator
from io import StringIO
from pathlib import Path

import pytest
from alembic.operations import Operations
from alembic.runtime.migration import MigrationContext
from alembic.script import Script

from rapport.migrations import scripts_of

SERVICES = sorted((Path(__file__).parents[2] / "services").glob("*/migrations"))
BEFORE_THE_RULE = {"churn_alert": 8, "customer_profile": 28, "scoring": 26, "feedback": 5, "delivery": 6}
"""By service, the last migration that is older than the rule: what has run everywhere is left as it is."""
_CREATED = re.compile(r"CREATE (?:UNLOGGED )?TABLE (?:IF NOT EXISTS )?(\w+)")
_PLAIN_INDEX = re.compile(r"CREATE (?:UNIQUE )?INDEX (?!CONCURRENTLY)(?:IF NOT EXISTS )?\w+ ON (\w+)")
_CONSTRAINT = re.compile(r"ALTER TABLE (?:ONLY )?(\w+) ADD (?:CONSTRAINT \w+ )?(?:CHECK|FOREIGN KEY)(?!.*NOT VALID)")


def statements_of(script: Script) -> str:
    """What a migration sends to the database."""
    sent = StringIO()
    context = MigrationContext.configure(dialect_name="postgresql", opts={"as_sql": True, "output_buffer": sent})
    with context.begin_transaction(), Operations.context(context):
        script.module.upgrade()
    return sent.getvalue()


def stopping(sent: str, existing: set[str]) -> Iterator[str]:
    """Each statement that holds a lock on a table of before for as long as it takes to read all of it."""
    for statement in sent.split(";"):
        line = " ".join(statement.split())
        for pattern in (_PLAIN_INDEX, _CONSTRAINT):
            if (found := pattern.search(line)) and found[1] in existing:
                yield line


@pytest.mark.parametrize("folder", SERVICES, ids=lambda folder: folder.parent.name)
def test_no_migration_reads_a_table_of_before_under_a_lock_that_stops_writing(folder: Path) -> None:
    scripts, existing, found = scripts_of(folder), set[str](), []
    for script in reversed(list(scripts.walk_revisions())):
        sent = statements_of(script)
        service, _, number = script.revision.rpartition("_")
        if int(number) > BEFORE_THE_RULE.get(service, 0):
            found += [f"{script.revision}: {one}" for one in stopping(sent, existing)]
        existing |= set(_CREATED.findall(sent))
    assert not found, "use rapport.online"


@pytest.mark.parametrize(
    "sent",
    [
        "CREATE INDEX a ON t (b)",
        "CREATE UNIQUE INDEX a ON t (b) WHERE c",
        "ALTER TABLE t ADD CONSTRAINT a CHECK (b > 0)",
        "ALTER TABLE t ADD CONSTRAINT a FOREIGN KEY(b) REFERENCES o (b)",
    ],
)
def test_the_rule_catches_what_stops_who_writes(sent: str) -> None:
    assert list(stopping(f"{sent};", {"t"})) == [sent]
    assert list(stopping(f"{sent};", {"o"})) == [], "a table that is made by the same migration has no rows"


@pytest.mark.parametrize(
    "sent",
    [
        "CREATE INDEX CONCURRENTLY a ON t (b)",
        "CREATE UNIQUE INDEX CONCURRENTLY IF NOT EXISTS a ON t (b)",
        "ALTER TABLE t ADD CONSTRAINT a CHECK (b > 0) NOT VALID",
        "ALTER TABLE t ADD COLUMN b TEXT",
        "ALTER TABLE t VALIDATE CONSTRAINT a",
    ],
)
def test_the_rule_lets_pass_what_stops_nobody(sent: str) -> None:
    assert list(stopping(f"{sent};", {"t"})) == []
