"""Where C3 is in what comes in: in a text, in what JSON can hold, in bytes of any kind.

Nearly all that comes in holds none, and is let through by a look at its bytes that costs some microseconds.
"""

import json
import re
from functools import lru_cache
from typing import Any, NamedTuple
from unicodedata import normalize

from pydantic_core import SchemaValidator, core_schema

from rapport.privacy.authentication_data import forms, words
from rapport.privacy.authentication_data.forms import Formed, formed, formed_in_bytes
from rapport.privacy.authentication_data.words import Said, said

Kind = Said | Formed

# Whatever holds C3 holds one of these, its letters maybe apart: each is as long as its commonest innocent kin allow.
_SIGNS = (
    *("passw", "passc", "passp", "pwd", "pin", "cvv", "cvc", "cvn", "security", "verification", "digitson", "digitsat"),
    *("track", "magstripe", "chipdata", "emvdata", "iccdata", "arqc", "fingerprint", "face", "iris", "voiceprint"),
    *("9f26", "9f10", "0x", "ffffff", "image/", "audio/", "video/", "9j", "ivborw0kggo", "aaaadgpqican", "6d/p"),
    *("6d_p", "rk1s", "rkls", "rkfd", "suls", "ffd8ff", "89504e47", "0000000c6a50", "ffa0ff", "464d5200"),
    *("46495200", "46414300", "49495200", "^", "密", "口", "识别", "安全", "校验", "验证", "后面", "背面", "签名栏"),
)
_APART = r"[ .*_:,|\t\r\n-]*"
# A moment of the day with microseconds has twelve.
_DIGITS_OF_A_CARD = "[0-9](?:[ :.,|-]?[0-9]){12}"


def _any_sign() -> SchemaValidator:
    """Whether a text holds a sign. Rust's regular expressions, which pydantic brings, read it once for all signs.

    Python's took twenty times as long, three times what reading an event by its contract takes.
    """
    signs = (_APART.join(map(re.escape, sign)) for sign in _SIGNS)
    return SchemaValidator(core_schema.str_schema(pattern=f"(?i:{'|'.join(signs)}|{_DIGITS_OF_A_CARD})"))


_GATE = _any_sign().isinstance_python
# Controls, marks that combine with a letter, signs that show nothing: Cc, and what is common of Mn and Cf.
_INVISIBLE = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\xad\u0300-\u036f\u061c\u180b-\u180e\u200b-\u200f\u202a-\u202e\u2060-\u206f"
    "\ufe00-\ufe0f\ufeff\ufff9-\ufffb\U000e0000-\U000e0fff]"
)
_ESCAPE = re.compile(r"\\(?:u([0-9a-fA-F]{4})|(.))")
_HARMLESS = re.compile(r"[A-Za-z][A-Za-z_]{0,39}|[0-9]{1,3}")


class Found(NamedTuple):
    """What was found and where: a JSON pointer (RFC 6901) whose parts are names of a harmless form or `?`."""

    pointer: str
    kind: Kind


class _Pairs(list[tuple[str, Any]]):
    """An object with all its fields: one that is there twice must not hide the first."""


def may_hold(value: bytes) -> bool:
    """False: there is no C3 in these bytes. True for a few in a hundred of those that hold none, and all but ASCII."""
    return not value.isascii() or b"\\" in value or _GATE(value.decode("ascii"))


def find(text: str) -> Kind | None:
    """The first kind of C3 that a text holds. Full width, zero width and split-up forms are the same text."""
    plain = _plain(text)
    if len(plain) < 4 or not _GATE(plain):
        return None
    lower = plain.casefold()
    return said(lower) or formed(plain, lower)


def find_in(content: Any) -> Found | None:
    """The first C3 in what JSON can hold; names of fields are looked at too, however deep."""
    left: list[tuple[str, Any]] = [("", content)]
    while left:
        place, part = left.pop()
        if isinstance(part, str):
            if kind := find(part):
                return Found(place, kind)
        elif isinstance(part, dict | _Pairs):
            for name, value in part.items() if isinstance(part, dict) else part:
                known = _name(name)
                inner = f"{place}/{known.shown}"
                if kind := known.holds or (known.says if _is_said(value) else None):
                    return Found(inner, kind)
                left.append((inner, value))
        elif isinstance(part, list):
            left += [(f"{place}/{number}", value) for number, value in enumerate(part)]
    return None


def find_in_bytes(value: bytes) -> Found | None:
    """The first C3 in a record or a body: in JSON by field, in anything else as a whole."""
    if not may_hold(value):
        return None
    try:
        return find_in(json.loads(value, object_pairs_hook=_Pairs))
    except (ValueError, RecursionError):
        kind = find(_unescaped(value.decode("utf-8", "replace"))) or formed_in_bytes(value)
        return Found("", kind) if kind else None


def _unescaped(text: str) -> str:
    """What is nearly JSON, with its escapes as the signs they stand for."""
    return _ESCAPE.sub(lambda escape: chr(int(escape[1], 16)) if escape[1] else escape[2], text)


class _Name(NamedTuple):
    """What a field's name holds itself, what it says its value is, and how it may be shown."""

    holds: Kind | None
    says: Kind | None
    shown: str


@lru_cache(maxsize=2048)
def _name(name: str) -> _Name:
    letters = re.sub(r"[\W_]", "", _plain(name)).casefold()
    says = words.named(letters) or forms.named(letters)
    is_harmless = _HARMLESS.fullmatch(name) or (says and name.isascii())
    return _Name(find(name), says, name if is_harmless else "?")


def _is_said(value: Any) -> bool:
    """Whether a value can be a secret, a number too."""
    return isinstance(value, int | float | str) and not isinstance(value, bool) and len(str(value)) >= 3


def _plain(text: str) -> str:
    """Compatibility forms as what they stand for, no invisible signs, one blank for many."""
    # Half a surrogate pair would make the gate take the whole for no text.
    folded = text if text.isascii() else normalize("NFKC", text).encode("utf-8", "replace").decode()
    return " ".join(_INVISIBLE.sub("", folded).split())
