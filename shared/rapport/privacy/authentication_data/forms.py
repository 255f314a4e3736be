"""Secrets that are known by their form alone: tracks, chip data, PIN blocks, a number beside its card, biometrics.

What an encrypted PIN block and a random token look like is the same: that one is known by its field's name alone.
"""

import re
from typing import Literal

from rapport.privacy.authentication_data.chip import holds_chip_data, is_card

Formed = Literal["magnetic-track", "chip-data", "pin", "card-verification", "biometric"]

_UUID = re.compile(r"(?<![0-9a-z])[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}(?![0-9a-z])")
_SEPARATORS = re.compile(r"0x|[ :.,|-]")
# ISO/IEC 7813. Track 1 has the name between carets. Track 2 with a D is told from the digits of a token by what stands
# around it, by a month and by a service code.
_TRACK_1 = re.compile(r"b[0-9]{13,19}\^[^^]{2,40}\^[0-9]{2}(?:0[1-9]|1[0-2])[0-9]{3}")
_TRACK_2 = re.compile(r"([0-9]{13,19})=[0-9]{2}(?:0[1-9]|1[0-2])[0-9]{3,}")
_TRACK_2_IN_HEX = re.compile(r"(?<![0-9a-z])([0-9]{13,19})d[2-4][0-9](?:0[1-9]|1[0-2])[12567][0-9]{2,17}f?(?![0-9a-z])")
# ISO 9564 formats 0 and 2 before the card's number is mixed in: control, length, the digits, F to the end.
_PIN_BLOCK = re.compile(
    "(?<![0-9a-z])(?:" + "|".join(f"[02]{n}[0-9]{{{n}}}f{{{14 - n}}}" for n in range(4, 9)) + ")(?![0-9a-z])"
)
_BESIDE_CARD = re.compile(
    r"(?<![0-9])((?:[0-9][ -]?){12,18}[0-9])[^0-9]{1,16}(?:0[1-9]|1[0-2])[ /-]{0,3}(?:20)?[2-4][0-9][^0-9]{1,16}"
    r"[0-9]{3}(?![0-9])"
)

_IMAGE = re.compile(r"data:(?:image|audio|video)/[a-z0-9.+-]{2,40}[;,]", re.IGNORECASE)
# JPEG, PNG, JPEG 2000, WSQ (FBI IAFIS-IC-0110), then templates of ISO/IEC 19794-2, -4, -5, -6: FMR, FIR, FAC, IIR.
# No photo and no template has less than forty bytes after its head; a digest and a token have.
_BASE64 = re.compile(
    r"(?:[/_]9j[/_]|iVBORw0KGgo|AAAADGpQICAN|[/_]6D[/_]p|Rk1S[AI]|RklS[AI]|RkFD[AI]|SUlS[AI])"
    r"[A-Za-z0-9+/_-]{54,}"
)
_HEX = re.compile(
    r"(?:ffd8ff[de]|89504e470d0a1a0a|0000000c6a5020200d0a870a|ffa0ffa[48]|(?:464d52|464952|464143|494952)00)"
    r"[0-9a-f]{80,}"
)
_BYTES = re.compile(
    rb"\xff\xd8\xff[\xd0-\xef]|\x89PNG\r\n\x1a\n|\x00\x00\x00\x0cjP  \r\n\x87\n|\xff\xa0\xff[\xa4\xa8]|"
    rb"(?:FMR|FIR|FAC|IIR)\x00"
)
_NAMES: dict[str, Formed] = {
    **dict.fromkeys(("track1", "track2", "track3", "trackdata", "magstripe"), "magnetic-track"),
    **dict.fromkeys(("chipdata", "emvdata", "iccdata", "arqc"), "chip-data"),
    **dict.fromkeys(("fingerprint", "faceimage", "iris", "voiceprint", "facetemplate"), "biometric"),
}


def formed(plain: str, lower: str) -> Formed | None:
    """What a text holds by its form, also with blanks, hyphens and line breaks between; `lower`: in small letters."""
    lower = _UUID.sub("|", lower)
    dense = _SEPARATORS.sub("", lower)
    if _is_track(lower, dense):
        return "magnetic-track"
    if holds_chip_data(lower, dense):
        return "chip-data"
    if _PIN_BLOCK.search(lower):
        return "pin"
    if any(is_card(re.sub("[ -]", "", found[1])) for found in _BESIDE_CARD.finditer(lower)):
        return "card-verification"
    if _IMAGE.search(plain) or _BASE64.search(plain.replace(" ", "")) or _HEX.search(dense):
        return "biometric"
    return None


def formed_in_bytes(value: bytes) -> Formed | None:
    """A photo or a template as it is, not as text."""
    return "biometric" if _BYTES.search(value) else None


def named(name: str) -> Formed | None:
    """What a field of this name holds; `name`: small letters and digits only."""
    return _NAMES.get(name)


def _is_track(lower: str, dense: str) -> bool:
    """The last digits of a run are the card's: what was before them belonged to something else."""
    if _TRACK_1.search(dense.replace("%", "")):
        return True
    runs = [found[1] for found in _TRACK_2.finditer(dense)]
    return any(is_card(run[at:]) for run in runs for at in range(len(run) - 12)) or any(
        is_card(found[1]) for found in _TRACK_2_IN_HEX.finditer(lower)
    )
