"""Kafka's files come from where this user's Maven would take them, and are what the lock says they are."""

import hashlib
import threading
from collections.abc import Iterator
from functools import partial
from http.server import BaseHTTPRequestHandler, SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from jgo.constants import MAVEN_CENTRAL_URL

from deploy.local import download
from deploy.local.errors import StackError
from deploy.local.jars import Jar
from deploy.local.maven import repository

CONTENT = b"a small jar"
JAR = Jar("org/example/small/1.0/small-1.0.jar", hashlib.sha256(CONTENT).hexdigest())


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty home folder, without any setting from outside."""
    for name in ("RAPPORT_MAVEN_REPOSITORY", "MAVEN_HOME", "M2_HOME", "M2_REPO", "http_proxy", "HTTP_PROXY"):
        monkeypatch.delenv(name, raising=False)
    folder = tmp_path / "home"
    (folder / ".m2").mkdir(parents=True)
    monkeypatch.setenv("HOME", str(folder))
    return folder


def write_settings(home: Path, body: str) -> None:
    text = f'<settings xmlns="http://maven.apache.org/SETTINGS/1.2.0">{body}</settings>'
    (home / ".m2" / "settings.xml").write_text(text)


def mirror(url: str, of: str = "*", *, name: str = "inner") -> str:
    return f"<mirrors><mirror><id>{name}</id><url>{url}</url><mirrorOf>{of}</mirrorOf></mirror></mirrors>"


@pytest.fixture
def server(tmp_path: Path) -> Iterator[str]:
    """A repository that holds the jar."""
    file = tmp_path / "served" / JAR.path
    file.parent.mkdir(parents=True)
    file.write_bytes(CONTENT)
    yield from served(partial(QuietHandler, directory=str(tmp_path / "served")))


class QuietHandler(SimpleHTTPRequestHandler):
    def log_message(self, *_: object) -> None:
        """Says nothing."""


def served(handler: object) -> Iterator[str]:
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as running:  # type: ignore[arg-type]
        threading.Thread(target=running.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{running.server_port}"
        running.shutdown()


def install(folder: Path) -> int:
    return download.install(folder=folder, wanted=[JAR])


def test_without_settings_maven_central_is_asked(home: Path) -> None:
    assert repository().url == MAVEN_CENTRAL_URL.rstrip("/")
    assert repository().cache == home / ".m2" / "repository"


@pytest.mark.parametrize("of", ["*", "central", "external:*", "other, central", "*,!other"])
def test_a_mirror_of_central_is_used(home: Path, of: str) -> None:
    write_settings(home, mirror("https://mirror.example/maven/", of))
    assert repository().url == "https://mirror.example/maven"


@pytest.mark.parametrize("of", ["other", "*,!central", "external:http:*"])
def test_a_mirror_of_something_else_is_not(home: Path, of: str) -> None:
    write_settings(home, mirror("https://mirror.example/maven", of))
    assert repository().url == MAVEN_CENTRAL_URL.rstrip("/")


def test_the_variable_wins_over_the_mirror(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write_settings(home, mirror("https://mirror.example/maven"))
    monkeypatch.setenv("RAPPORT_MAVEN_REPOSITORY", "https://asked.example/m2/")
    assert repository().url == "https://asked.example/m2"


def test_a_mirrors_login_is_sent_to_it(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("INNER_PASSWORD", "secret")
    login = "<id>inner</id><username>u</username><password>${env.INNER_PASSWORD}</password>"
    write_settings(home, mirror("https://mirror.example/maven") + f"<servers><server>{login}</server></servers>")
    assert repository().headers == {"Authorization": "Basic dTpzZWNyZXQ="}


def test_a_proxy_of_the_settings_is_used_unless_the_host_is_excluded(home: Path) -> None:
    where = "<host>proxy.example</host><port>3128</port><nonProxyHosts>*.inner|local</nonProxyHosts>"
    proxy = f"<proxies><proxy>{where}</proxy></proxies>"
    write_settings(home, proxy)
    assert repository().proxy == "http://proxy.example:3128"
    write_settings(home, proxy + mirror("https://maven.inner/x"))
    assert repository().proxy is None


def test_settings_that_cannot_be_read_are_passed_over(home: Path) -> None:
    (home / ".m2" / "settings.xml").write_text("<settings")
    assert repository().url == MAVEN_CENTRAL_URL.rstrip("/")


def test_a_jar_comes_from_the_mirror_once(home: Path, server: str, tmp_path: Path) -> None:
    write_settings(home, mirror(server))
    assert install(tmp_path / "jars") == 1
    assert (tmp_path / "jars" / JAR.name).read_bytes() == CONTENT
    assert install(tmp_path / "jars") == 0


def test_a_jar_in_the_users_own_maven_cache_is_not_downloaded(home: Path, tmp_path: Path) -> None:
    write_settings(home, mirror("http://127.0.0.1:9"))
    cached = home / ".m2" / "repository" / JAR.path
    cached.parent.mkdir(parents=True)
    cached.write_bytes(CONTENT)
    assert install(tmp_path / "jars") == 1


def test_a_jar_that_is_not_the_locked_one_is_refused(home: Path, server: str, tmp_path: Path) -> None:
    write_settings(home, mirror(server))
    (tmp_path / "served" / JAR.path).write_bytes(b"another jar")
    with pytest.raises(StackError, match=r"is not the file named in kafka\.lock"):
        install(tmp_path / "jars")
    assert not (tmp_path / "jars" / JAR.name).exists()


def test_a_repository_without_the_jar_is_one_line_with_the_remedy(home: Path, tmp_path: Path) -> None:
    class Empty(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_error(404)

        def log_message(self, *_: object) -> None:
            """Says nothing."""

    for address in served(Empty):
        write_settings(home, mirror(address))
        with pytest.raises(StackError, match=r"^cannot download small-1\.0\.jar .* 404: .*settings\.xml"):
            install(tmp_path / "jars")


def test_jars_of_an_older_lock_are_removed(home: Path, server: str, tmp_path: Path) -> None:
    write_settings(home, mirror(server))
    (tmp_path / "jars").mkdir()
    old = tmp_path / "jars" / "small-0.9.jar"
    old.write_bytes(b"old")
    install(tmp_path / "jars")
    assert not old.exists()
