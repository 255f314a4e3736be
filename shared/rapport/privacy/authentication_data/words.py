"""Secrets that are known by the word before them: passwords, PINs, card verification numbers.

A code sent by message is class C2 (it authenticates once, with something else) and no matter of this module.
"""

import re
from typing import Literal

Said = Literal["password", "pin", "card-verification"]

# What may stand between the word and the value. Blanks and quotes are no link, so that no two parts match the same.
_LINK = (
    r"(?:[ \"'`“”‘’「」<(\[{]*(?:is|was|as|to|of|are|equals|code|number|no\.?|now|still|set|changed|that'?s|"
    r"是|为|為|叫|用|的|了|号|號|码|碼|数字|设|設|设置|改|换|成|就|[:=,;>→~#*_-]))"
)
_OPEN = r"[ \"'`“”‘’「」<(\[{]*"
_S = r"[ .*_-]?"
# "密码6位", "password 3 times": a number that counts something is no secret. Nor is what goes on like a token.
_NUMBER_WORD = (
    r"(?![0-9a-z_]|[ ]?(?:位|次|年|天|日|月|元|块|万|个|种|条|号线|days?|hours?|times?|digits?|characters?|letters?))"
)
_SENT = (
    r"(?<!动态)(?<!短信)(?<!一次性)(?<!验证)(?<!手机)"
    r"(?<!one time )(?<!one-time )(?<!onetime )(?<!single use )(?<!single-use )"
)
_PASSWORD_ZH = _SENT + rf"(?:密{_S}[码碼]|口{_S}令)"
_PASSWORD_EN = (
    _SENT
    + r"(?<![a-z])(?:"
    + _S.join("password")
    + rf"|{_S.join('passwd')}|{_S.join('pwd')}|pass{_S}code|pass{_S}phrase)s?(?![a-z])"
)
_PIN = rf"(?<![a-z0-9])p{_S}i{_S}n(?:{_S}(?:code|number|no))?(?![a-z])|个人识别[码碼]"
_CVN = (
    rf"(?<![a-z0-9])c{_S}v{_S}[cvn]{_S}2?(?![a-z])|(?<![a-z])cvc2?(?![a-z])|安全[码碼]|卡片?(?:校验|验证)[码碼]|"
    r"(?:背面|签名栏|后面)的?(?:最后|末|后)?(?:三|3)(?:位|个)(?:数字?|数)?|"
    r"card (?:security|verification) (?:code|number|value)|security code|(?:three|3) digits (?:on|at) the back"
)
_DIGITS = r"[0-9〇零一二三四五六七八九幺](?:[ .-]?[0-9〇零一二三四五六七八九幺])"
_SIGNS = r"[!-~]{4,64}"

_SAID: tuple[tuple[Said, re.Pattern[str]], ...] = (
    ("password", re.compile(rf"(?:{_PASSWORD_ZH}){_LINK}{{0,5}}{_OPEN}{_DIGITS}{{3,18}}{_NUMBER_WORD}")),
    ("password", re.compile(rf"(?:{_PASSWORD_EN}){_LINK}{{0,5}}{_OPEN}[0-9](?:[ .-]?[0-9]){{3,18}}{_NUMBER_WORD}")),
    ("pin", re.compile(rf"(?:{_PIN}){_LINK}{{0,5}}{_OPEN}{_DIGITS}{{3,11}}{_NUMBER_WORD}")),
    ("card-verification", re.compile(rf"(?:{_CVN}){_LINK}{{0,5}}{_OPEN}{_DIGITS}{{2,3}}{_NUMBER_WORD}")),
)
_WORDS = re.compile(rf"(?P<word>{_PASSWORD_ZH}|{_PASSWORD_EN})(?P<link>{_LINK}{{0,5}}{_OPEN})(?P<value>{_SIGNS})")
_CERTAIN = re.compile(r"[:=]")
_CHINESE_LINK = re.compile(r"[是为為]|[设改换]成")
_ODD = re.compile(r"[@#$%^&*+=~]|[a-z].*[0-9]|[0-9].*[a-z]")

_NAMES: dict[str, Said] = {
    **dict.fromkeys(
        ("password", "passwd", "pwd", "passcode", "passphrase", "密码", "口令", "paypassword", "loginpassword"),
        "password",
    ),
    **dict.fromkeys(("pin", "pincode", "pinnumber", "pinblock", "个人识别码"), "pin"),
    **dict.fromkeys(("cvv", "cvv2", "cvc", "cvc2", "cvn", "cvn2", "securitycode", "安全码"), "card-verification"),
}


def said(lower: str) -> Said | None:
    """The first secret that a word announces in a text of small letters without odd signs."""
    found = next((kind for kind, form in _SAID if form.search(lower)), None)
    return found or _in_words(lower)


def named(name: str) -> Said | None:
    """What a field of this name holds; `name`: small letters and digits only."""
    return _NAMES.get(name)


def _in_words(lower: str) -> Said | None:
    """A password that is not digits alone: after a colon whatever it is, else only what is no plain word.

    Between word and password there is something, or it is the middle of a token.
    """
    for match in _WORDS.finditer(lower):
        value = match["value"].strip(".,!?;:)]}>\"'")
        sure = _CERTAIN.search(match["link"]) or _CHINESE_LINK.search(match["link"])
        if len(value) >= 4 and (match["link"] or not match["word"].isascii()) and (sure or _ODD.search(value)):
            return "password"
    return None
