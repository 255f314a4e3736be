"""No migration stops who writes: on tables with rows, indexes are built beside them, checks are validated apart and
columns are filled in pages. None that is taken back deletes what was done.
"""

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


_PAGED = re.compile(r"DO \$\$(?:(?!\$\$).)*\bCOMMIT\b.*?\$\$", re.DOTALL)
_WRITTEN = re.compile(r"(?:^|BEGIN |THEN |LOOP )(?:UPDATE (?:ONLY )?|DELETE FROM (?:ONLY )?|INSERT INTO )(\w+)")
_DELETED = re.compile(r"(?:^|BEGIN |THEN |LOOP )(?:DELETE FROM (?:ONLY )?|TRUNCATE (?:TABLE )?)(\w+)")


def statements_of(script: Script, *, down: bool = False) -> str:
    """What a migration sends to the database, upwards or down."""
    sent = StringIO()
    context = MigrationContext.configure(dialect_name="postgresql", opts={"as_sql": True, "output_buffer": sent})
    with context.begin_transaction(), Operations.context(context):
        script.module.downgrade() if down else script.module.upgrade()
    return sent.getvalue()


def stopping(sent: str, existing: set[str]) -> Iterator[str]:
    """Each statement that holds a lock on a table of before for as long as it takes to read or write all of it."""
    for statement in _PAGED.sub("", sent).split(";"):
        line = " ".join(statement.split())
        for pattern in (_PLAIN_INDEX, _CONSTRAINT, _WRITTEN):
            if (found := pattern.search(line)) and found[1] in existing:
                yield line


def deleting(sent: str, existing: set[str]) -> Iterator[str]:
    """Each statement that deletes rows of a table that stays."""
    for statement in sent.split(";"):
        line = " ".join(statement.split())
        if (found := _DELETED.search(line)) and found[1] in existing:
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


@pytest.mark.parametrize("folder", SERVICES, ids=lambda folder: folder.parent.name)
def test_no_migration_that_is_taken_back_deletes_what_was_done(folder: Path) -> None:
    scripts, existing, found = scripts_of(folder), set[str](), []
    for script in reversed(list(scripts.walk_revisions())):
        service, _, number = script.revision.rpartition("_")
        if int(number) > BEFORE_THE_RULE.get(service, 0):
            found += [f"{script.revision}: {one}" for one in deleting(statements_of(script, down=True), existing)]
        existing |= set(_CREATED.findall(statements_of(script)))
    assert not found, "put the rows aside, or refuse while there are any"


@pytest.mark.parametrize(
    "sent",
    [
        "CREATE INDEX a ON t (b)",
        "CREATE UNIQUE INDEX a ON t (b) WHERE c",
        "ALTER TABLE t ADD CONSTRAINT a CHECK (b > 0)",
        "ALTER TABLE t ADD CONSTRAINT a FOREIGN KEY(b) REFERENCES o (b)",
        "UPDATE t SET b = c",
        "UPDATE t SET b = o.b FROM o WHERE o.c = t.c",
        "DELETE FROM t WHERE b IS NULL",
        "DO $$ BEGIN IF to_regclass('o') IS NOT NULL THEN UPDATE t SET b = c",
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
        "DO $$ BEGIN LOOP UPDATE t SET b = c WHERE b IS NULL; EXIT WHEN NOT FOUND; COMMIT; END LOOP; END $$",
        "CREATE TRIGGER a BEFORE UPDATE ON t FOR EACH ROW EXECUTE FUNCTION f()",
    ],
)
def test_the_rule_lets_pass_what_stops_nobody(sent: str) -> None:
    assert list(stopping(f"{sent};", {"t"})) == []


def test_the_rule_catches_what_deletes_on_the_way_back() -> None:
    """As the migration of contact plans did, of what had begun at a node that the schema before does not know."""
    sent = "DELETE FROM t WHERE NOT b = ANY(ARRAY['c']); ALTER TABLE t DROP COLUMN b; DROP TABLE o"
    assert list(deleting(sent, {"t"})) == ["DELETE FROM t WHERE NOT b = ANY(ARRAY['c'])"]
    assert list(deleting(sent, {"o"})) == []


@pytest.mark.parametrize("folder", SERVICES, ids=lambda folder: folder.parent.name)
def test_each_migration_has_a_number_of_its_own_and_follows_the_one_before(folder: Path) -> None:
    """Two of one number are both found by alembic, which warns and runs one of them."""
    numbers = [path.name[:4] for path in sorted((folder / "versions").glob("[0-9]*.py"))]
    assert numbers == [f"{number:04}" for number in range(1, len(numbers) + 1)]
    told = [one.revision[-4:] for one in scripts_of(folder).walk_revisions() if "delivery" not in one.revision]
    assert sorted(told) == numbers
