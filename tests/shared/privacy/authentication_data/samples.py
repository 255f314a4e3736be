"""Authentication data as people and machines write it, made by a seeded generator: a thousand and no two alike."""

import base64
import random
from collections.abc import Callable, Iterator
from typing import NamedTuple

from rapport.privacy.authentication_data import Kind


class Sample(NamedTuple):
    """A text with authentication data of one kind in it. `secret`: what of it must lie nowhere."""

    kind: Kind
    text: str
    secret: str


def card_number(rng: random.Random) -> str:
    """Sixteen digits that a card could have: the last is the check digit of ISO/IEC 7812-1."""
    digits = [int(d) for d in rng.choice(("62", "4", "51", "37"))]
    digits += [rng.randrange(10) for _ in range(15 - len(digits))]
    doubled = (d * 2 - 9 * (d > 4) if place % 2 == 0 else d for place, d in enumerate(reversed(digits)))
    return "".join(map(str, digits)) + str(-sum(doubled) % 10)


def _digits(rng: random.Random, length: int) -> str:
    return "".join(rng.choice("0123456789") for _ in range(length))


def _secret(rng: random.Random) -> str:
    letters = "".join(rng.choice("abcdefghkmnpqrstuvwxyzABCDEFGHKMNPQRSTUVWXYZ") for _ in range(rng.randint(4, 8)))
    return letters + _digits(rng, rng.randint(2, 4)) + rng.choice(("", "!", "#", "@x"))


def _password(rng: random.Random) -> str:
    word = rng.choice(
        ("密码", "登录密码", "支付密码", "交易密码", "取款密码", "口令", "password", "Password", "passcode", "pwd")
    )
    link = rng.choice(
        ("是", "：", ": ", " 是 ", "就是", "改成了") if word > "z" else (": ", " is ", "=", " was ", " = ", " - ")
    )
    secret = _secret(rng) if rng.random() < 0.6 else _digits(rng, 6)
    return f"{word}{link}{secret}"


def _pin(rng: random.Random) -> str:
    if rng.random() < 0.25:
        length = rng.choice((4, 6))
        block = f"{rng.choice('02')}{length}{_digits(rng, length)}{'F' * (14 - length)}"
        return block if rng.random() < 0.5 else f"block {block}"
    word = rng.choice(("PIN", "pin", "PIN code", "Pin number", "PIN码", "个人识别码"))
    return f"{word}{rng.choice((': ', ' is ', ' = ', '：', ' '))}{_digits(rng, rng.choice((4, 6)))}"


def _card_verification(rng: random.Random) -> str:
    if rng.random() < 0.3:
        month, year = f"{rng.randint(1, 12):02}", rng.randint(26, 34)
        return f"{card_number(rng)} {rng.choice(('exp ', '有效期', ''))}{month}/{year} {_digits(rng, 3)}"
    word = rng.choice(
        ("CVV", "CVV2", "CVN2", "cvc", "CVN", "安全码", "卡校验码", "security code", "背面三位数字", "Cvc2")
    )
    beside = f"{card_number(rng)} " if rng.random() < 0.3 else ""
    return f"{beside}{word}{rng.choice((': ', ' ', '：', '='))}{_digits(rng, rng.choice((3, 3, 4)))}"


def _expiry(rng: random.Random) -> str:
    return f"{rng.randint(26, 34)}{rng.randint(1, 12):02}"


def _track(rng: random.Random) -> str:
    number, service = card_number(rng), "201"
    if rng.random() < 0.4:
        name = rng.choice(("ZHANG/SAN", "LI/SI MS", "WANG/WU"))
        return f"%B{number}^{name}^{_expiry(rng)}{service}{_digits(rng, 12)}?"
    if rng.random() < 0.3:
        return f"{number}D{_expiry(rng)}{service}{_digits(rng, 10)}F"
    return f";{number}={_expiry(rng)}{service}{_digits(rng, 10)}?"


def _chip(rng: random.Random) -> str:
    cryptogram = rng.randbytes(8).hex().upper()
    if rng.random() < 0.3:
        return f"5713{card_number(rng)}D{_expiry(rng)}201{_digits(rng, 13)}F"
    if rng.random() < 0.3:
        return f"5A08{card_number(rng)}5F3401{_digits(rng, 2)}"
    issuer = f"9F10120110A00003220000{rng.randbytes(9).hex().upper()}"
    tags = f"9F2608{cryptogram}9F270180{issuer}9F3704{rng.randbytes(4).hex()}"
    return tags if rng.random() < 0.6 else " ".join(tags[i : i + 2] for i in range(0, len(tags), 2))


def _biometric(rng: random.Random) -> str:
    head = rng.choice(
        (
            b"\xff\xd8\xff\xe0\x00\x10JFIF", b"\x89PNG\r\n\x1a\n\x00\x00", b"\xff\xa0\xff\xa4\x00\x3a\x09",
            b"FMR\x00 20\x00", b"FIR\x00010\x00", b"FAC\x00010\x00", b"IIR\x00010\x00",
            b"\x00\x00\x00\x0cjP  \r\n\x87\n",
        )
    )  # fmt: skip
    body = head + rng.randbytes(rng.randint(60, 300))
    if rng.random() < 0.2:
        return body.hex()
    encoded = (base64.b64encode if rng.random() < 0.8 else base64.urlsafe_b64encode)(body).decode()
    return f"data:image/{rng.choice(('jpeg', 'png', 'x-wsq'))};base64,{encoded}" if rng.random() < 0.3 else encoded


def _full_width(text: str) -> str:
    return "".join(chr(ord(sign) + 0xFEE0) if "!" <= sign <= "~" else sign for sign in text)


def _zero_width(text: str) -> str:
    return "\u200b".join(text)


def _surrounded(text: str) -> str:
    return f"你好，我的{text}，请尽快处理。 Thank you!"


def _in_english(text: str) -> str:
    return f"Hello, please help me with my card. My {text} and it does not work"


FORMS: tuple[Callable[[str], str], ...] = (str, str, _surrounded, _in_english, _full_width, _zero_width)
MAKERS: tuple[tuple[Kind, Callable[[random.Random], str]], ...] = (
    ("password", _password),
    ("pin", _pin),
    ("card-verification", _card_verification),
    ("magnetic-track", _track),
    ("chip-data", _chip),
    ("biometric", _biometric),
)


def samples(count: int, *, seed: int = 20261127) -> Iterator[Sample]:
    """So many samples, of all kinds in turn and in all forms."""
    rng = random.Random(seed)
    for number in range(count):
        kind, make = MAKERS[number % len(MAKERS)]
        text = make(rng)
        form = rng.choice(FORMS)
        yield Sample(kind, form(text), text if form in {_surrounded, _in_english} else form(text))
