"""A gateway to the channels over HTTP: text messages, push and 企业微信 as a bank's message platform offers them.

One POST a message with the header `Idempotency-Key`; what is tried again, and when, is decided by who hands over.
"""

from pathlib import Path

import httpx

from customer_profile.contact.adapters import Message, NeverTaken, NotTaken
from customer_profile.contact.settings import GatewaySettings
from rapport.trust import trusting

_TIMEOUT = httpx.Timeout(10.0, connect=2.0)
_LATER = {
    httpx.codes.UNAUTHORIZED,
    httpx.codes.FORBIDDEN,
    httpx.codes.NOT_FOUND,
    httpx.codes.REQUEST_TIMEOUT,
    httpx.codes.CONFLICT,
    httpx.codes.TOO_EARLY,
    httpx.codes.TOO_MANY_REQUESTS,
}
"""Say nothing of the message: a token that ran out, an address that moved, the same key under way, too many at once."""


class HttpGateway:
    """Posts `{"channel", "address", "title", "text"}` as JSON; any 2xx says that the gateway has it."""

    name = "gateway"

    def __init__(self, settings: GatewaySettings, *, transport: httpx.AsyncBaseTransport | None = None) -> None:
        self._settings = settings
        self._client = httpx.AsyncClient(timeout=_TIMEOUT, verify=trusting(settings.ca_file), transport=transport)

    async def hand_over(self, key: str, message: Message) -> None:
        """Raises NotTaken, and NeverTaken for a message that the gateway will not have: neither says why, since what a
        gateway answers can hold the message.
        """
        body = {"channel": message.channel, "address": message.address, "title": message.title, "text": message.text}
        headers = {"Idempotency-Key": key, "Authorization": f"Bearer {_token(self._settings.token_file)}"}
        try:
            answer = await self._client.post(self._settings.address, json=body, headers=headers)
        except httpx.HTTPError:
            raise NotTaken from None
        if answer.is_success:
            return
        raise NeverTaken if answer.is_client_error and answer.status_code not in _LATER else NotTaken

    async def close(self) -> None:
        """Close the connections to the gateway."""
        await self._client.aclose()


def _token(path: Path) -> str:
    """Read each time: whoever renews it replaces the file. Raises NotTaken."""
    try:
        return path.read_text(encoding="ascii").strip()
    except (OSError, UnicodeDecodeError):
        raise NotTaken from None
