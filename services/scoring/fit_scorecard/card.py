"""The card of a fitted scorecard, in plain words: what it was fitted on, what it assumes, how it fares, its limits.

Markdown; every figure comes from the run that writes it.
"""

from collections.abc import Iterable, Sequence
from hashlib import sha256
from textwrap import fill

import numpy as np

from fit_scorecard.banks import Observed
from fit_scorecard.contribution import RATES
from fit_scorecard.documents import HIGH, MIDDLE, TOP, is_top, text_of
from fit_scorecard.fitting import Fitted
from fit_scorecard.judging import Judgement, Ranking
from fit_scorecard.lifetime import ASSUMED
from scoring.scorecard.documents import ScorecardDocument
from scoring.scorecard.domain import Values

_WORDS = {
    "rank_correlation": "rank correlation with the next year's contribution (Spearman)",
    "lift_at_a_tenth": "mean contribution of the best tenth against everybody's (lift)",
    "held_by_the_best": f"share of all contribution held by the best {HIGH:.0%}",
    "auc": f"AUC for being among the {TOP:.0%} who contribute most",
    "high_tier": "customers at or above the high threshold",
    "held_by_high_tier": "share of all contribution held by them",
}
_SEEN = 0.25
"""Of a sum that halves in a year: it was once within two years."""
_LIMITS = (
    "Decisions about credit, prices or refusals: it ranks whom to look after, not who is able to pay.",
    "A real bank without a fit on its own customers and its own contribution: customers and rates here are invented.",
    "Customers of whom only weeks are known: averages and turnover read low for whoever has just come.",
    "Contribution beyond the next year, or from products that scoring does not hear of.",
)


def card_of(
    document: ScorecardDocument, fitted: Fitted, bank: Observed, judgements: Sequence[Judgement], command: str
) -> str:
    """The whole page. `judgements`: that of the bank fitted on first."""
    own, *others = judgements
    parts = [
        *_opening(document, command),
        *_fitted_on(bank, document, fitted),
        *_assumptions(),
        *_figures(own, others),
        *_stability(own, others),
        "## What it is not for",
        _listed(_LIMITS),
    ]
    return "\n\n".join(parts) + "\n"


def _opening(document: ScorecardDocument, command: str) -> Iterable[str]:
    yield f"# The card of scorecard {document.name} {document.version}"
    yield _said("Written by the command that fitted it; no figure was typed in. The same command gives the same files:")
    yield f"```\n{command}\n```"
    digest = sha256(text_of(document).encode()).hexdigest()
    yield f"It belongs to `{document.name}-{document.version}.json` with SHA-256\n`{digest}`."


def _fitted_on(bank: Observed, document: ScorecardDocument, fitted: Fitted) -> Iterable[str]:
    money, limits = bank.contribution, document.thresholds
    _, middle, high = limits.tiers
    top = money[is_top(money) == 1]
    yield "## What it was fitted on"
    yield _said(
        f"The simulated bank of seed {bank.plan.seed}; nobody in it is real. Of its {bank.plan.customers:,} customers",
        f"the {len(money):,} whom scoring knew on {bank.scored_on}, after a year of history: those who had",
        "left by then",
        "are among them, those who came later are not. What scoring knew on that day, by its own fold, is set against",
        f"what each contributed in the 12 months that followed: {money.mean():,.0f} CNY on average,",
        f"{np.median(money):,.0f} CNY in the middle.",
    )
    yield _said(*_risk(bank))
    yield _said(*_lifetime(bank))
    yield _said(
        "No exchange rates were given, since these banks hold and book nothing but CNY; without a rate, what is held",
        "in another currency is left out.",
    )
    yield _said(
        f"Points follow the odds of being among the {TOP:.0%} who contribute most: {len(top):,} customers with",
        f"{top.min():,.0f} CNY or more, who hold {top.sum() / money.sum():.0%} of all contribution. That line",
        "lies between",
        "the two thresholds that the tiers need, so these odds order customers around either.",
        f"{document.pdo} points more double them.",
    )
    yield _said(
        "Bins are monotone: a feature may count only in the direction that experts gave it, so that a reason can be",
        "told. Weight of evidence, then logistic regression; a feature whose weight came out against its direction was",
        "dropped and the rest fitted again, until none was left.",
    )
    rows = [(one.name, f"{min(one.points)} to {max(one.points)}", f"{one.typical_points}") for one in document.features]
    yield _table(("feature", "points", "a typical customer has"), rows)
    yield "Dropped:"
    yield _listed(f"`{name}`: {why}" for name, why in fitted.dropped.items())
    yield _said(
        f"Thresholds: high from {high.start} points, middle from {middle.start}, so that about {HIGH:.0%} of these",
        f"customers are high and {MIDDLE:.0%} middle. Band ({limits.band} points), dwell ({limits.dwell_days}",
        "days) and",
        f"review ({limits.review_days} days) are the experts' as before.",
    )


def _risk(bank: Observed) -> Iterable[str]:
    """What the features of risk had to learn from."""
    loans, overdrafts, penalties = (
        bank.values[:, Values._fields.index(name)] for name in ("loan_class", "overdrafts", "penalty_interest")
    )
    known = loans[~np.isnan(loans)]
    yield "Risk is simulated too: how well a customer pays is drawn once and told nobody, and the weak overdraw, are"
    yield "charged penalty interest and fall behind with loans, by assumptions (`simulator/bank/credit.py`) that give"
    yield "shares such as Chinese retail banks report. On that day"
    yield f"{(overdrafts > _SEEN).sum()} had overdrawn an account within a year or so and"
    yield f"{(penalties > _SEEN).sum()} had been charged penalty interest; of {len(known)} with a loan"
    yield f"{(known == 1).sum()} stood at special mention and {(known > 1).sum()} worse."
    yield "Who has no loan earns as much as who repays one: a loan's margin must not pass for safety."


def _lifetime(bank: Observed) -> Iterable[str]:
    model, refusal = bank.lifetime
    yield f"What customers will bring in the year to come, `lifetime_value`, was asked of bank {bank.plan.seed} alone,"
    yield f"by what was known on {bank.scored_on}: the code of `python -m scoring refit-lifetime-value` was given"
    yield f"their active days and own money, a margin of {ASSUMED.lifetime_margin:.1%} and a discount of"
    yield f"{ASSUMED.lifetime_discount:.0%} a year."
    if model is None:
        yield f"It refused to fit a model ({refusal}), as it would have refused the service that day. So"
        yield "`lifetime_value` was known of nobody, and nothing here says what it would be worth as a feature."
        return
    figures, terms = model.fitted.figures, model.fitted.terms
    yield f"It fitted MBG/NBD to active days and Gamma-Gamma to money on {figures.fitted_on:,} customers, with a"
    yield f"calibration of {terms.calibration:.3f} ± {model.fitted.standard_error:.3f} from its hold-out. By this one"
    yield "model the customers of every bank here were valued, at both dates. Another model says other amounts: a bank"
    yield "whose model, margin or discount differs has to fit its own scorecard."


def _assumptions() -> Iterable[str]:
    yield "## What contribution is"
    yield _said(
        "An assumption, not accounting: plausible rates of a Chinese retail bank, no bank's own. A bank that",
        "fits its own",
        "scorecard puts its own rates into `fit_scorecard/contribution.py`. In a year a customer contributes, in CNY:",
    )
    yield _listed(_rates())
    yield _said(
        "A loan earns while it is normal or special mention. An allowance that shrinks comes back, a written-off loss",
        "does not. The shares are those of the Guidelines on Loan Loss Provisioning (People's Bank of China, 2002),",
        "with no regard to collateral. Where a posting is taken back, so is its fee.",
    )
    yield _said(
        "These rates, and how hard weak customers are pressed, were chosen so that risk can be seen in a bank of this",
        "size: they were tried on banks 303 and 1. On bank 101 bins of 1% and a loan margin of 1.4% were tried too,",
        "and not kept.",
    )


def _rates() -> Iterable[str]:
    yield from (
        f"{rate:.1%} of the average credit balance of a {kind} account" for kind, rate in RATES.balances.items()
    )
    yield f"{RATES.overdrawn:.0%} of the average overdrawn balance, for funding and expected losses"
    yield from (
        f"{rate:.1%} of the average amount held in products of kind {kind}" for kind, rate in RATES.holdings.items()
    )
    yield from (f"{rate:.2%} of the amount of each {kind}" for kind, rate in RATES.turnover.items())
    yield from (f"less {cost:.2f} for each {kind}" for kind, cost in RATES.items.items())
    yield f"less {RATES.account:.2f} for each open account"
    shares = ", ".join(f"{share:.0%} {name}" for name, share in RATES.allowances.items())
    yield f"less what the allowance for a loan's losses grew by; it is of the amount owed {shares}"


def _figures(own: Judgement, others: Sequence[Judgement]) -> Iterable[str]:
    yield "## How it ranks"
    yield _said(
        "On banks of other seeds, on which nothing was fitted, beside the experts' scorecard that it",
        "replaces and beside",
        "the average balance alone. The bank fitted on comes last: its figures flatter.",
    )
    titles = [f"Bank {one.seed}" for one in others] + [f"Bank {own.seed}, fitted on"]
    for title, judgement in zip(titles, [*others, own], strict=True):
        yield f"### {title}: {judgement.customers:,} customers"
        rankings = judgement.rankings.values()
        rows = [(words, *(_figure(ranking, field) for ranking in rankings)) for field, words in _WORDS.items()]
        yield _table(("", *judgement.rankings), rows)


def _figure(ranking: Ranking, field: str) -> str:
    value = getattr(ranking, field)
    match field:
        case _ if value is None:
            return ""
        case "rank_correlation" | "auc":
            return f"{value:.3f}"
        case "lift_at_a_tenth":
            return f"{value:.2f}"
        case _:
            return f"{value:.1%}"


def _stability(own: Judgement, others: Sequence[Judgement]) -> Iterable[str]:
    yield "## How stable it is"
    yield _said(
        "Population stability index of points (in tenths) and of each feature (in its own bins). Below 0.1",
        "nothing moved,",
        f"above 0.25 much did; chance alone gives about 9 / {own.customers:,} = {9 / own.customers:.3f} for",
        "the points.",
    )
    heads = [f"bank {one.seed} against {own.seed}" for one in others]
    heads += [f"bank {one.seed} half a year later" for one in (own, *others)]
    columns = [one.psi_between_banks for one in others]
    columns += [one.psi_half_a_year_later for one in (own, *others)]
    rows = [(name, *(f"{column[name]:.3f}" for column in columns)) for name in own.psi_between_banks]
    yield _table(("", *heads), rows)


def _said(*parts: str) -> str:
    return fill(" ".join(parts), 120, break_long_words=False, break_on_hyphens=False)


def _table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def _listed(items: Iterable[str]) -> str:
    return "\n".join(f"* {item}" for item in items) or "* nothing"
