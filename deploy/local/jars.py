"""Kafka's jars, each pinned by hash in kafka.lock: from the bundle, the user's own Maven cache, or the repository."""

import hashlib
import os
import shutil
import ssl
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from deploy.local.errors import StackError
from deploy.local.maven import VARIABLE, Repository, repository

PROJECT = Path(__file__).resolve().parents[2]
LOCK = Path(__file__).with_name("kafka.lock")
BUNDLED = PROJECT / "bundle" / "kafka"
FOLDER = PROJECT / ".local" / "kafka"
# Corporate roots are told to pip and curl by these; the standard library itself only reads SSL_CERT_FILE.
CERTIFICATE_VARIABLES = ("SSL_CERT_FILE", "REQUESTS_CA_BUNDLE", "PIP_CERT", "CURL_CA_BUNDLE")


@dataclass(frozen=True, slots=True)
class Jar:
    """One artifact: its path in a Maven repository, and the hash its content must have."""

    path: str
    sha256: str

    @property
    def name(self) -> str:
        """The file's name."""
        return self.path.rpartition("/")[2]


def locked() -> list[Jar]:
    """The jars of kafka.lock."""
    lines = [line.split() for line in LOCK.read_text().splitlines() if line and not line.startswith("#")]
    return [Jar(path, sha256) for path, sha256 in lines]


def classpath() -> str:
    """The class path of a complete installation."""
    missing = [jar.name for jar in locked() if not (FOLDER / jar.name).exists()]
    if missing:
        raise StackError(f"{len(missing)} of Kafka's files are missing: run `make install`")
    return os.pathsep.join(str(FOLDER / jar.name) for jar in locked())


def install(
    progress: Callable[[int, int], None] = lambda _done, _total: None,
    *,
    folder: Path = FOLDER,
    wanted: Sequence[Jar] | None = None,
) -> int:
    """Brings every locked jar into the folder and gives how many were new; others in the folder are removed."""
    folder.mkdir(parents=True, exist_ok=True)
    jars = locked() if wanted is None else wanted
    missing = [jar for jar in jars if _hash(folder / jar.name) != jar.sha256]
    for stale in set(folder.glob("*.jar")) - {folder / jar.name for jar in jars}:
        stale.unlink()
    if not missing:
        return 0
    source = repository()
    trust = _trust()
    done = len(jars) - len(missing)
    with ThreadPoolExecutor(6) as threads:
        for _ in threads.map(lambda jar: _bring(jar, folder, source, trust), missing):
            done += 1
            progress(done, len(jars))
    return len(missing)


def _bring(jar: Jar, folder: Path, source: Repository, trust: ssl.SSLContext) -> None:
    target = folder / jar.name
    draft = target.with_suffix(f".{os.getpid()}.part")
    nearby = [BUNDLED / jar.name] + ([source.cache / jar.path] if source.cache else [])
    copy = next((file for file in nearby if _hash(file) == jar.sha256), None)
    if copy is not None:
        shutil.copyfile(copy, draft)
    else:
        draft.write_bytes(_download(jar, source, trust))
    draft.replace(target)


def _download(jar: Jar, source: Repository, trust: ssl.SSLContext) -> bytes:
    proxies = urllib.request.getproxies()
    if source.proxy and not {"http", "https"} & set(proxies):
        proxies = {"http": source.proxy, "https": source.proxy}
    opener = urllib.request.build_opener(
        urllib.request.ProxyHandler(proxies), urllib.request.HTTPSHandler(context=trust)
    )
    # The address is the user's own setting.
    request = urllib.request.Request(f"{source.url}/{jar.path}", headers=source.headers)  # noqa: S310
    remedy = f"set a mirror in ~/.m2/settings.xml or {VARIABLE}, or install from a bundle (`make bundle`)"
    for attempt in (1, 2, 3):
        try:
            with opener.open(request, timeout=60) as answer:
                content: bytes = answer.read()
            break
        except (urllib.error.URLError, OSError) as error:
            if attempt == 3 or getattr(error, "code", 500) in (401, 403, 404):
                raise StackError(f"cannot download {jar.name} from {source.url}: {error}: {remedy}") from None
            time.sleep(attempt * 2)
    if hashlib.sha256(content).hexdigest() != jar.sha256:
        raise StackError(f"{jar.name} from {source.url} is not the file named in {LOCK.name}: {remedy}")
    return content


def _trust() -> ssl.SSLContext:
    trust = ssl.create_default_context()
    files = {os.environ[name] for name in CERTIFICATE_VARIABLES if os.environ.get(name)}
    # Python of python.org on macOS trusts nothing of its own; pip, just installed, brings roots along.
    bundled = next((PROJECT / ".venv").glob("lib/python*/site-packages/pip/_vendor/certifi/cacert.pem"), None)
    for file in (*files, *([str(bundled)] if bundled else [])):
        if Path(file).is_file():
            trust.load_verify_locations(file)
    return trust


def _hash(file: Path) -> str | None:
    return hashlib.sha256(file.read_bytes()).hexdigest() if file.is_file() else None


def main() -> int:
    """`python -m deploy.local.jars`: brings the jars and prints how far it is."""
    try:
        install(lambda done, total: print(f"{done}/{total}", flush=True))
    except StackError as error:
        print(error)
        return 1
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
