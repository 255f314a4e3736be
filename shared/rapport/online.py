"""Changes of tables that have rows, for migrations: an index is built beside who writes, a check is validated apart.

Each ends the transaction of its migration, for neither can be done in one. So a migration that was broken off is run
again from its beginning, and every step of it must be able to: these are; add columns with `if_not_exists=True`.
"""

from collections.abc import Sequence

from alembic import op
from sqlalchemy import text


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


def take_back(aside: str, table: str, key: str, columns: str) -> None:
    """Put what was put aside back into its rows; nothing where nothing was."""
    op.execute(
        f"DO $$ BEGIN IF to_regclass('{aside}') IS NOT NULL THEN "  # noqa: S608
        f"UPDATE {table} SET ({columns}) = (SELECT {columns} FROM {aside} kept WHERE kept.{key} = {table}.{key}) "
        f"WHERE {key} IN (SELECT {key} FROM {aside}); DROP TABLE {aside}; END IF; END $$"
    )
