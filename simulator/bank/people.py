"""Who the customers are: made-up people whose papers have the right form and can belong to nobody.

Resident ids carry a correct check digit under a code of province (71) with which none is issued; phones are of a range
of data cards that take no calls (145); mail goes to example.com.
"""

from dataclasses import dataclass
from datetime import date, timedelta
from random import Random
from typing import Literal

from rapport.events.bank import Identity

_SURNAMES = (
    "王李张刘陈杨黄赵吴周徐孙马朱胡林郭何高罗郑梁谢宋唐许邓冯韩曹曾彭萧蔡潘田董袁于余叶蒋杜苏魏程"
    "吕丁沈任姚卢傅钟姜崔谭廖范汪陆金石戴贾韦夏邱方侯邹熊孟秦白江阎薛尹段雷黎史龙陶贺顾毛郝龚邵万钱严"
)
_DOUBLE_SURNAMES = ("欧阳", "上官", "司徒", "诸葛", "皇甫")
_GIVEN = {
    "female": "静怡雅婷雪梅兰芳丽娜敏慧琳佳欣悦萍玲燕秀英霞洁颖倩妍薇瑶诗涵梦琪思语若彤",
    "male": "伟强磊军洋勇杰涛超明刚平辉健波斌鹏浩宇航志远建国文博俊凯子轩泽睿天佑晨阳",
}
_STREETS = ("长青路", "和顺街", "文汇路", "望湖大道", "金桂巷", "朝晖路", "云溪街", "书香路")
_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
_CHECK_DIGITS = "10X98765432"

Gender = Literal["female", "male"]


@dataclass(frozen=True, slots=True)
class Person:
    """A made-up person."""

    identity: Identity
    born: date
    gender: Gender
    speaks: Literal["zh", "en"]

    def moved(self, rng: Random) -> "Person":
        """The same person at another address, with another phone."""
        changed = self.identity.model_copy(update={"address": _address(rng), "phone": _phone(rng)})
        return Person(changed, self.born, self.gender, self.speaks)


def make_person(rng: Random, ages: tuple[int, int], today: date) -> Person:
    """A person of that age, in years."""
    gender: Gender = "female" if rng.random() < 0.5 else "male"
    days = rng.randint(ages[0] * 365 + ages[0] // 4 + 1, ages[1] * 365 + ages[1] // 4)
    born = today - timedelta(days=days)
    identity = Identity(
        full_name=_name(rng, gender),
        id_type="resident-id",
        id_number=_resident_id(rng, born, gender),
        phone=_phone(rng),
        email=f"u{rng.getrandbits(32):08x}@example.com" if rng.random() < 0.4 else None,
        address=_address(rng),
    )
    return Person(identity, born, gender, "en" if rng.random() < 0.12 else "zh")


def check_digit(first_17: str) -> str:
    """The 18th place of a resident id, ISO 7064 MOD 11-2 as GB 11643 prescribes."""
    return _CHECK_DIGITS[sum(int(digit) * weight for digit, weight in zip(first_17, _WEIGHTS, strict=True)) % 11]


def _resident_id(rng: Random, born: date, gender: Gender) -> str:
    order = rng.randrange(0, 999, 2) + (1 if gender == "male" else 0)
    first_17 = f"71{rng.randrange(10_000):04d}{born:%Y%m%d}{order:03d}"
    return first_17 + check_digit(first_17)


def _name(rng: Random, gender: Gender) -> str:
    surname = rng.choice(_DOUBLE_SURNAMES) if rng.random() < 0.02 else rng.choice(_SURNAMES)
    return surname + "".join(rng.choices(_GIVEN[gender], k=2 if rng.random() < 0.75 else 1))


def _phone(rng: Random) -> str:
    return f"145{rng.randrange(100_000_000):08d}"


def _address(rng: Random) -> str:
    return f"虚拟市{rng.choice(_STREETS)}{rng.randint(1, 399)}号{rng.randint(1, 32)}幢{rng.randint(101, 2906)}室"
