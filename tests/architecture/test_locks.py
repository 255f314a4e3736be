"""What is installed is pinned by hash, and the lock names no download address."""

import re
from pathlib import Path

PROJECT = Path(__file__).parents[2]


def _entries() -> dict[str, str]:
    text = (PROJECT / "requirements.lock").read_text()
    blocks = re.split(r"\n(?=[a-z0-9])", "\n".join(line for line in text.splitlines() if not line.startswith("#")))
    return {block.split("==")[0].strip(): block for block in blocks if "==" in block}


def test_everything_locked_has_hashes() -> None:
    unpinned = [name for name, block in _entries().items() if "--hash=sha256:" not in block]
    assert not unpinned


def test_everything_asked_for_is_locked() -> None:
    lines = (PROJECT / "requirements.in").read_text().splitlines()
    asked = {re.split(r"[\[ ;=<>]", line)[0] for line in lines if line and not line.startswith("#")}
    assert asked <= set(_entries())


def test_locks_name_no_download_address() -> None:
    for name in ("requirements.lock", "deploy/local/kafka.lock"):
        assert "://" not in (PROJECT / name).read_text()


def test_every_member_builds_with_what_is_locked() -> None:
    for file in (PROJECT / "shared" / "pyproject.toml", *PROJECT.glob("services/*/pyproject.toml")):
        wanted = re.findall(r'requires = \["([a-z-]+)', file.read_text())
        assert set(wanted) <= set(_entries()), file
