"""Who acts for a customer is the same person with any other token, and no other person is."""

from hypothesis import given
from hypothesis import strategies as st

from rapport.callers import person_of
from rapport.web import Principal

SUBJECTS = st.text("abc-1 ", min_size=1, max_size=8)
CUSTOMERS = st.none() | st.text("abc-1", min_size=1, max_size=8)


def caller(subject: str, customer: str | None) -> Principal:
    return Principal("https://login.bank.example", subject, frozenset(), frozenset(), "t", customer)


@given(SUBJECTS, SUBJECTS, CUSTOMERS, CUSTOMERS)
def test_two_tokens_are_of_one_person_where_their_subject_is_one_whomever_they_act_for(
    first: str, second: str, of_first: str | None, of_second: str | None
) -> None:
    one, other = caller(first, of_first), caller(second, of_second)
    assert (person_of(one.key) == person_of(other.key)) == (first == second)
    assert person_of(one.key) == caller(first, None).key
    assert (one.key == other.key) == ((first, of_first) == (second, of_second))
