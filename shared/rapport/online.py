"""Changes of tables that have rows, for migrations: an index is built beside who writes, a check is validated apart,
and new columns are filled a page at a time.

Each ends the transaction of its migration, for neither can be done in one. So a migration that was broken off is run
again from its beginning, and every step of it must be able to: these are; add columns with `if_not_exists=True`.
"""

from collections.abc import Mapping, Sequence

from alembic import op
from sqlalchemy import text

_PAGE = 5000


def create_index(
    name: str, table: str, columns: Sequence[str], *, unique: bool = False, where: str | None = None
) -> None:
    """An index of an existing table. One that was left half built is built anew."""
    condition = None if where is None else text(where)
    with op.get_context().autocommit_block():
        # It waits for who began before, stopping nobody: for as long as that takes.
        op.execute("SET lock_timeout = 0")
        op.drop_index(name, table, if_exists=True, postgresql_concurrently=True)
        op.create_index(
            name, table, list(columns), unique=unique, postgresql_where=condition, postgresql_concurrently=True
        )
        op.execute("RESET lock_timeout")


def create_check(name: str, table: str, condition: str) -> None:
    """A check of an existing table, instead of one of that name: it holds for what is written from now on, then for
    what is there, which is read without stopping who writes.
    """
    op.drop_constraint(name, table, if_exists=True)
    op.create_check_constraint(name, table, condition, postgresql_not_valid=True)
    with op.get_context().autocommit_block():
        op.execute(f"ALTER TABLE {table} VALIDATE CONSTRAINT {name}")


def put_aside(aside: str, table: str, key: str, columns: str, *, where: str) -> None:
    """Keep columns that a downgrade drops and nothing can make again, in a table of their own; a row goes with the row
    it is of. `take_back` is for the upgrade.
    """
    op.execute(f"CREATE TABLE {aside} AS SELECT {key}, {columns} FROM {table} WHERE {where}")  # noqa: S608
    op.execute(f"ALTER TABLE {aside} ADD FOREIGN KEY ({key}) REFERENCES {table} ON DELETE CASCADE")


def demand_empty(table: str, waiting: str) -> None:
    """On the way back: refuse to drop a table with rows that nothing else has. `waiting`: what they are, in words."""
    op.execute(
        f"DO $$ DECLARE many bigint; BEGIN SELECT count(*) INTO many FROM {table}; IF many > 0 THEN RAISE EXCEPTION "  # noqa: S608 - our own name
        f"'{table}: the schema before has no place for % {waiting}: keep this schema until there are none, and go "
        "back with the processes alone, they run on it', many; END IF; END $$"
    )


def take_back(aside: str, table: str, key: str, columns: str) -> None:
    """Put what was put aside back into its rows, a page at a time; nothing where nothing was."""
    named = columns.split(", ")
    taken = ", ".join(f"{name} = page.{name}" for name in named)
    _paged(
        f"WITH page AS (DELETE FROM {aside} WHERE ctid = ANY(ARRAY(SELECT ctid FROM {aside} LIMIT {_PAGE})) "  # noqa: S608
        f"RETURNING {key}, {columns}) UPDATE {table} t SET {taken} FROM page WHERE page.{key} = t.{key}; "
        "EXIT WHEN NOT FOUND",
        after=f"DROP TABLE {aside}",
        only_if=f"to_regclass('{aside}') IS NOT NULL",
    )


def backfill(table: str, key: str, values: Mapping[str, str], *, where: str, kind: str = "uuid") -> None:
    """Give rows that are there their columns, in the order of `key` (of SQL type `kind`), a page at a time: who writes
    waits no longer than for one.

    `values`: by column, an expression over the row, which is named `t`. `where`: which rows; none of them again once it
    has its values.
    """
    taken = ", ".join(f"{column} = {value}" for column, value in values.items())
    _paged(
        f"page := ARRAY(SELECT t.{key} FROM {table} t WHERE ({where}) AND (reached IS NULL OR t.{key} > reached) "  # noqa: S608
        f"ORDER BY t.{key} LIMIT {_PAGE}); EXIT WHEN cardinality(page) = 0; "
        f"UPDATE {table} t SET {taken} WHERE t.{key} = ANY(page) AND ({where}); reached := page[cardinality(page)]",
        declared=f"page {kind}[]; reached {kind};",
    )


def _paged(step: str, *, declared: str = "", after: str = "NULL", only_if: str = "true") -> None:
    """Repeat a step until it leaves, each time in a transaction of its own that sees every row. The locks that the
    migration took are gone before the first.
    """
    with op.get_context().autocommit_block():
        op.execute(
            f"DO $$ DECLARE {declared} BEGIN IF {only_if} THEN LOOP "
            "PERFORM set_config('rapport.sight', 'all', true), set_config('rapport.archive', 'open', true); "
            f"{step}; COMMIT; END LOOP; {after}; END IF; END $$"
        )
