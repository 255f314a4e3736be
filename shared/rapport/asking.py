"""What can be asked, of any service, about what it keeps because it could not be handled."""

import argparse
from functools import partial
from typing import Literal
from uuid import UUID


class NotKept(Exception):
    """The service keeps nothing of this id: it was handled meanwhile, or never was."""


def add_listing_options(parser: argparse.ArgumentParser, noun: str) -> None:
    """What can be asked about what is kept because it could not be handled: `limit`, `after`, `replay`."""
    parser.add_argument("--limit", metavar="N", type=_count, default=1000, help="list at most this many")
    either = parser.add_mutually_exclusive_group()
    either.add_argument("--after", metavar="ID", type=UUID, default=UUID(int=0), help="list those after this one")
    either.add_argument(
        "--replay",
        metavar="ID|all",
        type=partial(_id_or_all, noun=noun),
        help=f"ask the worker to handle this {noun}, or all, again",
    )


def _count(text: str) -> int:
    if not text.isdecimal() or int(text) == 0:
        raise argparse.ArgumentTypeError("is not a number from 1 on")
    return int(text)


def _id_or_all(text: str, noun: str) -> UUID | Literal["all"]:
    try:
        return "all" if text == "all" else UUID(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"is neither the id of a {noun} nor `all`") from None
