"""The card of a model, for a person: its figures beside those of the version before, and what they mean."""

from dataclasses import asdict

from rich.console import Group
from rich.table import Table

from rapport.behaviour.fit import NOBODY_LEAVES
from scoring.lifetime_value.domain.fitting import Book
from scoring.lifetime_value.domain.model import Figures, LifetimeModel

_MEANING = (
    (0.10, "independent enough: the sum serves"),
    (0.15, "the sum is some per cent off"),
    (0.25, "do not compare customers of one active day with others"),
)
"""Of the correlation, up to so much; measured in docs/decisions/0014-lifetime-value-in-closed-form.md."""


def card_of(model: LifetimeModel, former: LifetimeModel | None, book: Book, currency: str, digits: int) -> Group:
    """`book`: the customers that both versions are asked to value. `digits`: decimal places of the currency."""
    versions = [model, *([former] if former else [])]
    table = Table("", *(f"version {one.version}" for one in versions), title="lifetime model", title_justify="left")
    columns = [_figures(one, book, currency, digits) for one in versions]
    for name in columns[0]:
        table.add_row(name, *(column[name] for column in columns))
    return Group(table, *_said(model.fitted.figures))


def _figures(model: LifetimeModel, book: Book, currency: str, digits: int) -> dict[str, str]:
    fitted, terms, figures = model.fitted, model.fitted.terms, model.fitted.figures
    spend, unit = fitted.spend, 10**digits
    activity = " ".join(f"{name}={value:.4g}" for name, value in asdict(fitted.activity).items())
    return {
        "as of": f"{fitted.as_of:%Y-%m-%d %H:%M}",
        "customers, fitted on": f"{figures.customers:,}, {figures.fitted_on:,}",
        "activity in days (MBG/NBD)": activity,
        "its log-likelihood": f"{figures.activity_log_likelihood:,.1f}",
        "money of a day (Gamma-Gamma)": f"p={spend.p:.4g} q={spend.q:.4g} gamma={spend.gamma / unit:,.{digits}f}",
        "its log-likelihood ": f"{figures.spend_log_likelihood:,.1f}",
        "a new customer's active day": f"{spend.population_mean / unit:,.{digits}f} {currency}",
        "correlation of days and money": f"{figures.correlation:.3f}",
        "calibration": f"{terms.calibration:.3f} ± {fitted.standard_error:.3f}",
        "months, margin, discount": f"{terms.periods}, {terms.margin:.3%}, {terms.discount:.3%} a month",
        "value of everybody": f"{book.value_by(fitted) / unit:,.{digits}f} {currency}",
    }


def _said(figures: Figures) -> list[str]:
    size = abs(figures.correlation)
    meaning = next((words for most, words in _MEANING if size <= most), "fit segments of customers apart")
    days = f"{figures.days_expected:,.0f} active days were expected in 90 days, and {figures.days_came:,} came"
    lines = [
        f"Hold-out: of {figures.held_out:,} customers {days}; every value is multiplied by the quotient.",
        f"A correlation of {figures.correlation:.2f}: {meaning}.",
    ]
    if figures.b_is_held:
        lines.append(f"Nobody is seen to leave: one in {NOBODY_LEAVES + 1:,.0f} active days is taken to be the last.")
    elif figures.a_is_held:
        lines.append("The free fit was refused, since hardly anybody leaves after any one day: a is held at 1.")
    if figures.mean_is_held:
        lines.append("Some move far more money than all others: the mean of a day is held at the customers' own.")
    return lines
