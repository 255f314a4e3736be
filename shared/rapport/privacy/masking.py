"""What of a personal value may be shown: one function per type, on by default.

Each shows a bounded part and hides the rest behind a fixed number of stars, so that the length tells nothing; what does
not look like its type is hidden whole, since nobody knows what it is.
"""

import re
import unicodedata

HIDDEN = "****"
_SEPARATORS = str.maketrans("", "", " -().\t")
_RESIDENT_ID = re.compile(r"[1-9][0-9]{16}[0-9X]")
_RESIDENT_ID_OF_15 = re.compile(r"[1-9][0-9]{14}")
_DOMAIN = re.compile(r"(?=.{3,64}$)[a-z0-9](?:[a-z0-9-]*[a-z0-9])?(?:\.[a-z0-9](?:[a-z0-9-]*[a-z0-9])?)+")
# GB/T 2260: the 34 divisions of province level. No pattern can tell where a free-form city ends and a street begins.
_PROVINCES = re.compile(
    "(?:北京|天津|上海|重庆)市?|"
    "(?:河北|山西|辽宁|吉林|黑龙江|江苏|浙江|安徽|福建|江西|山东|河南|湖北|湖南|广东|海南|四川|贵州|云南|陕西|甘肃|青海|台湾)省?|"
    "内蒙古(?:自治区)?|广西(?:壮族自治区)?|西藏(?:自治区)?|宁夏(?:回族自治区)?|新疆(?:维吾尔自治区)?|"
    "(?:香港|澳门)(?:特别行政区)?"
)


def mask_name(name: str) -> str:
    """`张三` → `张*`, `Anna Berg` → `A*`: the first letter, whatever the length. A name of one letter is hidden."""
    letters = unicodedata.normalize("NFC", name).strip()
    return f"{letters[0]}*" if len(letters) > 1 and letters[0].isalpha() else "*"


def mask_phone(phone: str) -> str:
    """`13812341234` and `+86 138 1234 1234` → `138****1234`; shorter numbers keep their last two digits at most."""
    digits = unicodedata.normalize("NFKC", phone).translate(_SEPARATORS)
    if digits.startswith(("+86", "0086")) and len(digits.lstrip("+0")) in {12, 13}:
        digits = digits.lstrip("+0")[2:]
    digits = digits.removeprefix("+")
    if not (digits.isascii() and digits.isdigit()) or len(digits) < 7:
        return HIDDEN
    return f"{digits[:3]}{HIDDEN}{digits[-4:]}" if len(digits) >= 11 else f"{HIDDEN}{digits[-2:]}"


def mask_resident_id(number: str) -> str:
    """`110101199003071234` → `110***********1234` (GB 11643: region, birthday, order, check); others are hidden."""
    cleaned = unicodedata.normalize("NFKC", number).translate(_SEPARATORS).upper()
    if _RESIDENT_ID.fullmatch(cleaned):
        return f"{cleaned[:3]}{'*' * 11}{cleaned[-4:]}"
    if _RESIDENT_ID_OF_15.fullmatch(cleaned):
        return f"{cleaned[:3]}{'*' * 8}{cleaned[-4:]}"
    return HIDDEN


def mask_document(number: str) -> str:
    """A passport's or another paper's number: the last two characters of seven or more."""
    cleaned = unicodedata.normalize("NFKC", number).translate(_SEPARATORS).upper()
    return f"{HIDDEN}{cleaned[-2:]}" if len(cleaned) >= 7 and cleaned.isascii() and cleaned.isalnum() else HIDDEN


def mask_email(address: str) -> str:
    """`zhang.san@example.com` → `z****@example.com`; a local part of one or two characters is hidden whole."""
    local, at, domain = address.strip().rpartition("@")
    if not at or not _DOMAIN.fullmatch(domain.lower()) or not local or "@" in local:
        return HIDDEN
    shown = local[0] if len(local) > 2 and local[0].isascii() and local[0].isalnum() else ""
    return f"{shown}{HIDDEN}@{domain.lower()}"


def mask_address(address: str) -> str:
    """`广东省深圳市南山区…` → `广东省****`: the province if the address begins with one, else nothing."""
    province = _PROVINCES.match(address.strip())
    return f"{province.group()}{HIDDEN}" if province else HIDDEN
