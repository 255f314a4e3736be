"""States that are folds, recounted in SQL: one row a customer, of plain columns and of sums that decay."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import product

COME = "SELECT count(*) FROM events_ahead WHERE due_at <= now()"
"""What was dated ahead and is to be handled now: the verdict waits for it."""
HALF_LIVES = (7, 30, 90, 365)

# What is dated ahead has no effect before its time.
# A reversal is booked in the opposite direction: it takes back a credit by a debit, at the time the credit had.
POSTINGS = """
CREATE TABLE recount.postings AS
SELECT customer_id, account_id, at AS booked_at, coalesce(reverses_at, at) AS at, sign,
    reverses_at IS NOT NULL AS is_reversal, is_own AND reverses_at IS NULL AS is_activity,
    CASE WHEN currency = 'CNY' AND is_credit = (sign = 1) THEN sign * minor ELSE 0 END AS credit,
    CASE WHEN currency = 'CNY' AND is_credit <> (sign = 1) THEN sign * minor ELSE 0 END AS debit,
    sign * (currency <> 'CNY')::int AS foreign_currency, sign * is_own::int AS own, minor, counterparty,
    sign * (kind IN ('penalty-interest', 'sanction-interest'))::int AS penalty,
    sign * coalesce(is_credit <> (sign = 1) AND kind NOT IN ('penalty-interest', 'sanction-interest')
        AND CASE WHEN sign = 1 THEN balance_after ELSE reverses_balance END < 0, false)::int AS overdraft,
    CASE WHEN is_credit THEN minor ELSE -minor END AS signed, balance_after
FROM (SELECT *, CASE WHEN reverses_at IS NULL THEN 1 ELSE -1 END AS sign FROM recount.book
    WHERE what = 'posting' AND coalesce(reverses_at, at) <= now()) AS b;
"""


@dataclass(frozen=True, slots=True)
class Folding:
    """How the states of a service are recounted.

    `heard`: what of the book they are made of. `expected` makes the table `recount.expected`, one row a customer.
    `exact`: column of it, and what it must equal of the service's row `s`. `counts`: those that count events, in which
    loss and repetition show. `zero`: those that are zero where nothing was said. `sums`: name and column of
    `recount.folded`, decayed.
    """

    heard: Sequence[str]
    table: str
    expected: str
    exact: Mapping[str, str]
    counts: Sequence[str]
    zero: Sequence[str]
    sums: Mapping[str, str]

    def script(self) -> str:
        """From the filled book to `recount.compared`: one row a customer, `wrong` names the columns that differ."""
        return POSTINGS + self.expected + self._decayed() + self._compared()

    def _decayed(self) -> str:
        columns = ", ".join(
            _decayed(name, column, days) for (name, column), days in product(self.sums.items(), HALF_LIVES)
        )
        return f"""
CREATE TABLE recount.decayed AS SELECT customer_id, max(as_of) AS sums_as_of, {columns}
FROM (SELECT *, max(at) OVER (PARTITION BY customer_id) AS as_of FROM recount.folded) AS f GROUP BY customer_id;
"""

    def _compared(self) -> str:
        """A customer who is on one side only has counts of zero and differs in them."""
        ours = {name: f"coalesce({cell}, 0)" if name in self.counts else cell for name, cell in self.exact.items()}
        none = {*self.counts, *self.zero}
        theirs = {name: f"coalesce(e.{name}, 0)" if name in none else f"e.{name}" for name in self.exact}
        wrong = [f"CASE WHEN {theirs[n]} IS DISTINCT FROM {ours[n]} THEN ' {n}' ELSE '' END" for n in self.exact]
        wrong += ["CASE WHEN d.sums_as_of IS DISTINCT FROM s.sums_as_of THEN ' sums_as_of' ELSE '' END"]
        decayed = [f"{name}_{days}d" for name, days in product(self.sums, HALF_LIVES)]
        wrong += [f"CASE WHEN abs(s.{n} - d.{n}) > 1e-9 * d.{n}_gross THEN ' {n}' ELSE '' END" for n in decayed]
        lost = " + ".join(f"greatest({theirs[name]} - {ours[name]}, 0)" for name in self.counts)
        double = " + ".join(f"greatest({ours[name]} - {theirs[name]}, 0)" for name in self.counts)
        heard = ", ".join(f"'{what}'" for what in self.heard)
        return f"""
CREATE TABLE recount.compared AS
SELECT customer_id, {" || ".join(wrong)} AS wrong, {lost} AS lost, {double} AS double
FROM (SELECT customer_id FROM recount.book WHERE what IN ({heard}) UNION SELECT customer_id FROM {self.table}) AS k
LEFT JOIN recount.expected e USING (customer_id) LEFT JOIN recount.decayed d USING (customer_id)
LEFT JOIN {self.table} s USING (customer_id);
"""


def _decayed(name: str, column: str, days: int) -> str:
    weight = f"power(2::float8, -extract(epoch FROM as_of - at)::float8 / 86400 / {days})"
    return f"sum({column} * {weight}) AS {name}_{days}d, sum(abs({column}) * {weight}) AS {name}_{days}d_gross"
