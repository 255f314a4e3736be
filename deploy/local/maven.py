"""Where Maven artifacts come from for this user: mirrors, credentials and proxy of the user's own Maven settings.

The address of Maven Central itself comes from jgo, which resolves Kafka's dependencies when the lock is made.
"""

import base64
import os
import re
import urllib.parse
import xml.etree.ElementTree as ET
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

from jgo.constants import MAVEN_CENTRAL_URL

VARIABLE = "RAPPORT_MAVEN_REPOSITORY"


@dataclass(frozen=True, slots=True)
class Repository:
    """A remote repository: its address, the headers it wants, the proxy to it, and the user's local cache."""

    url: str
    headers: dict[str, str] = field(default_factory=dict)
    proxy: str | None = None
    cache: Path | None = None


def repository() -> Repository:
    """RAPPORT_MAVEN_REPOSITORY when set, else the user's mirror of Maven Central, else Maven Central itself."""
    settings = _Settings.of_user()
    name, url = settings.mirror_of_central()
    asked = os.environ.get(VARIABLE)
    if asked:
        name, url = VARIABLE, asked
    return Repository(url.rstrip("/"), settings.headers_for(name), settings.proxy_for(url), settings.cache())


@dataclass(frozen=True, slots=True)
class _Settings:
    """The user's settings.xml first, the installation's second: the first that says something wins."""

    documents: tuple[ET.Element, ...]

    @classmethod
    def of_user(cls) -> "_Settings":
        files = [Path.home() / ".m2" / "settings.xml"]
        homes = [os.environ[name] for name in ("MAVEN_HOME", "M2_HOME") if os.environ.get(name)]
        files += [Path(home) / "conf" / "settings.xml" for home in homes]
        files.append(Path("/etc/maven/settings.xml"))
        return cls(tuple(document for file in files if (document := _parsed(file)) is not None))

    def mirror_of_central(self) -> tuple[str, str]:
        for mirror in self._all("mirrors/mirror"):
            url, layout = _text(mirror, "url"), _text(mirror, "layout") or "default"
            if url and layout == "default" and _mirrors_central(_text(mirror, "mirrorOf")):
                return _text(mirror, "id"), url
        return "central", MAVEN_CENTRAL_URL

    def headers_for(self, server: str) -> dict[str, str]:
        for entry in self._all("servers/server"):
            if _text(entry, "id") != server:
                continue
            headers = {
                _text(header, "name"): _text(header, "value")
                for header in entry.iterfind("configuration/httpHeaders/property")
            }
            user, password = _text(entry, "username"), _text(entry, "password")
            if user and password:
                pair = base64.b64encode(f"{user}:{password}".encode()).decode()
                headers["Authorization"] = f"Basic {pair}"
            return headers
        return {}

    def proxy_for(self, url: str) -> str | None:
        host = urllib.parse.urlsplit(url).hostname or ""
        for entry in self._all("proxies/proxy"):
            if _text(entry, "active") == "false" or _excluded(host, _text(entry, "nonProxyHosts")):
                continue
            user, password = _text(entry, "username"), _text(entry, "password")
            login = f"{urllib.parse.quote(user, '')}:{urllib.parse.quote(password, '')}@" if user else ""
            return f"http://{login}{_text(entry, 'host')}:{_text(entry, 'port') or '8080'}"
        return None

    def cache(self) -> Path:
        if os.environ.get("M2_REPO"):
            return Path(os.environ["M2_REPO"])
        for document in self.documents:
            if _text(document, "localRepository"):
                return Path(_text(document, "localRepository"))
        return Path.home() / ".m2" / "repository"

    def _all(self, path: str) -> Iterable[ET.Element]:
        return (element for document in self.documents for element in document.iterfind(path))


def _parsed(file: Path) -> ET.Element | None:
    try:
        root = ET.fromstring(file.read_text(encoding="utf-8"))  # noqa: S314 - the user's own file
    except (OSError, ET.ParseError):
        return None
    for element in root.iter():
        element.tag = element.tag.rpartition("}")[2]
    return root


def _text(element: ET.Element, path: str) -> str:
    """The text with ${env.NAME} and ${user.home} filled in, as Maven does."""
    text = (element.findtext(path) or "").strip()
    text = re.sub(r"\$\{env\.([^}]+)\}", lambda found: os.environ.get(found[1], ""), text)
    return text.replace("${user.home}", str(Path.home()))


def _mirrors_central(pattern: str) -> bool:
    """Maven's own rule: `*`, `external:*`, `central`, lists of these; `!central` excludes."""
    parts = [part.strip() for part in pattern.split(",")]
    return "!central" not in parts and any(part in ("*", "external:*", "central") for part in parts)


def _excluded(host: str, patterns: str) -> bool:
    return any(
        re.fullmatch(re.escape(pattern.strip()).replace(r"\*", ".*"), host)
        for pattern in patterns.split("|")
        if pattern
    )
