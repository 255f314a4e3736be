"""Which word about an account counts, without a database."""

from datetime import UTC, date, datetime, timedelta
from functools import reduce
from random import Random
from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st

from customer_profile.account.domain import Account, latest, opened

NOON = datetime(2025, 3, 1, 12, tzinfo=UTC)
words = st.lists(
    st.builds(
        lambda hours, number, status, minor: Account(
            "c-1",
            "a-1",
            "savings",
            status,
            date(2020, 1, 1),
            None,
            minor,
            "CNY",
            NOON + timedelta(hours=hours),
            UUID(int=number),
        ),
        st.integers(0, 5),
        st.integers(0, 2**32),
        st.sampled_from(["open", "dormant", "frozen", "closed"]),
        st.integers(-(10**17), 10**17),
    ),
    min_size=1,
    max_size=8,
    unique_by=lambda account: (account.as_of, account.event_id),
)


def after(words: list[Account]) -> Account:
    folded = reduce(latest, words, None)
    assert folded is not None
    return folded


@given(words, st.randoms(use_true_random=False))
def test_the_account_is_the_same_for_any_order_and_duplication_of_the_same_words(
    words: list[Account], random: Random
) -> None:
    shuffled = words + random.choices(words, k=3)
    random.shuffle(shuffled)
    assert after(shuffled) == after(words) == max(words, key=lambda account: (account.as_of, account.event_id))


@given(words)
def test_the_steps_add_up_to_the_accounts_that_are_open(words: list[Account]) -> None:
    known, count = None, 0
    for word in words:
        kept = latest(known, word)
        count += opened(known, kept)
        known = kept
    assert count == after(words).is_open
