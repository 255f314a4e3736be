"""What happens seldom: feedback, a move of house, money from others, trades of products, and the steps of a decline."""

from rapport.events.bank import Channel, FeedbackSubmitted
from simulator.bank.intents import Intent, Leaving, NewAddress, Outflow, Posting, Word
from simulator.bank.kinds import PURCHASE, REDEMPTION, TRANSFER_IN
from simulator.bank.life import HOUR, Life
from simulator.bank.own import usual_sum
from simulator.bank.plan import BusinessDay
from simulator.bank.voices import Kind, comment, say
from simulator.wire import moment

_YEAR = 365.0
_WORDS, _MOVES, _INFLOWS = 0.7, 0.05, 4.0
"""Mean count a year."""
_TRADES, _TRADES_OF_WEALTHY = 1.2, 9.0
_CHANNELS: tuple[Channel, ...] = ("mobile", "web", "contact-centre", "branch")
_KINDS: tuple[Kind, ...] = ("rating", "enquiry", "complaint", "praise", "suggestion")
_KIND_SHARES = (0.5, 0.2, 0.13, 0.09, 0.08)


def seldom(life: Life, day: BusinessDay, pace: float) -> list[Intent]:
    """At most one seldom thing a day, by one draw, and whatever the customer's course has for that day."""
    intents: list[Intent] = []
    draw = life.rng.random() * _YEAR
    if draw < _WORDS + _MOVES + _INFLOWS + _TRADES_OF_WEALTHY:
        intents += _by_draw(life, day, pace, draw)
    course = life.course
    if day.index == course.complains_on:
        intents.append(_words(life, day, "complaint"))
    if day.index in course.outflows or day.index in (course.declines_from, course.closes_on):
        intents += _steps(life, day)
    return intents


def _by_draw(life: Life, day: BusinessDay, pace: float, draw: float) -> list[Intent]:
    trades = (_TRADES_OF_WEALTHY if life.persona.name == "wealthy" else _TRADES) * pace
    if draw < _WORDS:
        return [_words(life, day, life.rng.choices(_KINDS, _KIND_SHARES)[0])]
    if draw < _WORDS + _MOVES:
        return [NewAddress(day.start_ms + 11 * HOUR)]
    if draw < _WORDS + _MOVES + _INFLOWS:
        return [Posting(day.start_ms + 15 * HOUR, life.accounts[0], usual_sum(life, 2.5), TRANSFER_IN)]
    return _trade(life, day) if draw < _WORDS + _MOVES + _INFLOWS + trades else []


def _trade(life: Life, day: BusinessDay) -> list[Intent]:
    rng, account = life.rng, life.accounts[0]
    ms = day.start_ms + 10 * HOUR + int(rng.random() * HOUR)
    sellable = life.holdings.redeemable
    if sellable and rng.random() < 0.4:
        code = rng.choice(sellable)
        return [Posting(ms, account, life.holdings.amounts[code], REDEMPTION, product=code)]
    spare = int(account.balance * 0.4) // 100_000 * 100_000
    code = rng.choice(("WM-STEADY", "WM-BALANCE", "FD-MONEY", "FD-BOND", "DEP-TERM-12"))
    return [Posting(ms, account, -spare, PURCHASE, product=code)] if spare > 0 else []


def _steps(life: Life, day: BusinessDay) -> list[Intent]:
    """Products are sold in the morning, the money leaves in the afternoon, the accounts are closed after that."""
    course, held = life.course, life.holdings
    intents: list[Intent] = []
    if day.index == course.declines_from and course.kind in ("drain", "abrupt"):
        at_nine = day.start_ms + 9 * HOUR
        intents += [Posting(at_nine, life.accounts[0], held.amounts[c], REDEMPTION, product=c) for c in held.redeemable]
    if day.index in course.outflows:
        ms, share = day.start_ms + 14 * HOUR + int(life.rng.random() * HOUR), course.outflows[day.index]
        intents += [Outflow(ms, account, share) for account in life.accounts]
    if day.index == course.closes_on:
        intents.append(Leaving(day.start_ms + 16 * HOUR))
    return intents


def _words(life: Life, day: BusinessDay, kind: Kind) -> Word:
    rng = life.rng
    ms = day.start_ms + rng.randint(9, 20) * HOUR + int(rng.random() * HOUR)
    rating: int | None = None
    if kind == "rating":
        rating = rng.choices((1, 2, 3, 4, 5), (0.05, 0.07, 0.18, 0.35, 0.35))[0]
        text = comment(rng, rating, life.language)
    else:
        text = say(rng, kind, life.language)
        if kind == "complaint" and rng.random() < 0.5:
            rating = rng.choice((1, 1, 2))
    feedback = FeedbackSubmitted(
        customer_id=life.customer_id,
        channel=rng.choice(_CHANNELS),
        kind=kind,
        rating=rating,
        text=text,
        language=life.language,
        unit=life.unit,
        submitted_at=moment(ms),
    )
    return Word(ms, feedback)
