"""Brings Kafka's jars from the bundle, the user's Maven cache, or the repository; each must have its locked hash."""

import hashlib
import os
import shutil
import ssl
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from deploy.local.errors import StackError
from deploy.local.jars import FOLDER, LOCK, Jar, locked
from deploy.local.maven import VARIABLE, Repository, repository
from deploy.local.processes import PROJECT

BUNDLED = PROJECT / "bundle" / "kafka"
# Corporate roots are told to pip and curl by these; the standard library itself only reads SSL_CERT_FILE.
CERTIFICATE_VARIABLES = ("SSL_CERT_FILE", "REQUESTS_CA_BUNDLE", "PIP_CERT", "CURL_CA_BUNDLE")


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
    """`python -m deploy.local.download`: brings the jars and prints how far it is."""
    try:
        install(lambda done, total: print(f"{done}/{total}", flush=True))
    except StackError as error:
        print(error)
        return 1
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
