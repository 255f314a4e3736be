"""Key-encryption keys that never leave Vault (or OpenBao): its transit engine wraps and opens data keys, by the batch.

What a file wrapped before is opened with the file; `rotate-master-keys` brings it to Vault.
"""

import base64
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx

from rapport.errors import NotReady
from rapport.privacy.encryption import CannotDecrypt, KeyUnknown
from rapport.privacy.key_stores import FileKeys, Item, Wrapped
from rapport.privacy.settings import VaultSettings
from rapport.trust import trusting

_PREFIX = b"vault:v"
_BATCH = 1000
"""Items a request: far below the 32 MiB that Vault takes, and a few milliseconds of its work."""
_TIMEOUT = httpx.Timeout(2.0, connect=1.0)


class VaultAway(NotReady):
    """Vault cannot be reached, is sealed, or does not let us in. Nothing is lost: it is tried again."""


class VaultKeys:
    """One key of the transit engine, of an authenticating type (aes256-gcm96), for this service alone."""

    def __init__(
        self, settings: VaultSettings, before: FileKeys, *, transport: httpx.AsyncBaseTransport | None = None
    ) -> None:
        self._settings = settings
        self._before = before
        self._client = httpx.AsyncClient(
            base_url=httpx.URL(settings.address),
            timeout=_TIMEOUT,
            verify=trusting(settings.ca_file),
            transport=transport,
        )

    async def newest(self) -> int:
        """Minus the latest version of the key."""
        answer = await self._ask("GET", f"keys/{self._settings.key}")
        with self._understanding():
            return -int(answer["latest_version"])

    async def wrap(self, keys: Sequence[Item]) -> list[Wrapped]:
        """See KeyStore."""
        wrapped: list[Wrapped] = []
        for done in await self._each("encrypt", "plaintext", [Item(o, base64.b64encode(key)) for o, key in keys]):
            with self._understanding():
                value = str(done["ciphertext"]).encode("ascii")
                wrapped.append(Wrapped(-_version(value), value))
        return wrapped

    async def unwrap(self, wrapped: Sequence[Item]) -> list[bytes]:
        """See KeyStore."""
        ours = [item for item in wrapped if item.value.startswith(_PREFIX)]
        answered = await self._each("decrypt", "ciphertext", ours)
        with self._understanding():
            opened = [base64.b64decode(done["plaintext"], validate=True) for done in answered]
        files = await self._before.unwrap([item for item in wrapped if not item.value.startswith(_PREFIX)])
        of_vault, of_file = iter(opened), iter(files)
        return [next(of_vault if item.value.startswith(_PREFIX) else of_file) for item in wrapped]

    async def close(self) -> None:
        """Close the connections to Vault."""
        await self._client.aclose()

    async def _each(self, act: str, name: str, items: Sequence[Item]) -> list[Mapping[str, Any]]:
        done: list[Mapping[str, Any]] = []
        for start in range(0, len(items), _BATCH):
            batch = [
                {name: value.decode("ascii"), "associated_data": base64.b64encode(owner).decode()}
                for owner, value in items[start : start + _BATCH]
            ]
            answer = await self._ask("POST", f"{act}/{self._settings.key}", {"batch_input": batch})
            with self._understanding():
                results = [dict(one) for one in answer["batch_results"]]
                done += [_sound(one) for _, one in zip(batch, results, strict=True)]
        return done

    @contextmanager
    def _understanding(self) -> Iterator[None]:
        """An answer without what Vault's interface says is in it is of something else, such as a proxy's own page."""
        try:
            yield
        except (KeyError, TypeError, ValueError):
            raise VaultAway(f"what answers at {self._settings.address} is no Vault") from None

    async def _ask(self, method: str, path: str, body: Mapping[str, Any] | None = None) -> Mapping[str, Any]:
        """The `data` of Vault's answer. The token is read each time: an agent replaces the file before it expires."""
        try:
            token = _token(self._settings.token_file)
            answer = await self._client.request(
                method,
                f"/v1/{self._settings.mount}/{path}",
                headers={"X-Vault-Token": token, "X-Vault-Request": "true"},
                json=body,
            )
        except httpx.HTTPError as error:
            raise VaultAway(f"Vault cannot be reached at {self._settings.address} ({type(error).__name__})") from None
        if answer.status_code == httpx.codes.OK:
            with self._understanding():
                return dict(answer.json()["data"])
        if answer.status_code == httpx.codes.BAD_REQUEST and (failed := _failed(answer)):
            _sound(failed)
        raise VaultAway(
            f"Vault at {self._settings.address} answered {answer.status_code} to {method} "
            f"{self._settings.mount}/{path}: is it unsealed, is the token in {self._settings.token_file} valid, "
            "and may it use this key?"
        )


def _token(path: Path) -> str:
    try:
        return path.read_text(encoding="ascii").strip()
    except (OSError, UnicodeDecodeError) as error:
        raise VaultAway(f"the token file {path} cannot be read ({type(error).__name__})") from None


def _failed(answer: httpx.Response) -> Mapping[str, Any] | None:
    """The first item of a batch that Vault refused; None where it refused the request as a whole."""
    try:
        results = answer.json()["data"]["batch_results"]
    except (ValueError, KeyError, TypeError):
        return None
    return next((dict(one) for one in results if one.get("error")), None)


def _sound(done: Mapping[str, Any]) -> Mapping[str, Any]:
    """What Vault did with one item. Raises CannotDecrypt, or KeyUnknown for a version that it no longer opens."""
    error = str(done.get("error") or "")
    if "version" in error:
        raise KeyUnknown("Vault no longer opens this version of the key: lower its min_decryption_version")
    if error:
        raise CannotDecrypt
    return done


def _version(wrapped: bytes) -> int:
    """N of `vault:vN:…`."""
    number = wrapped[len(_PREFIX) :].partition(b":")[0]
    if not wrapped.startswith(_PREFIX) or not number.isdigit():
        raise VaultAway("what Vault answered is no ciphertext of its transit engine")
    return int(number)
