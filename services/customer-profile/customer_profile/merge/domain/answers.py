"""What became of a recommendation: it follows from the set of the ECIF's words, in whatever order they came."""

from collections.abc import Collection

from customer_profile.merge.domain.acts import Act, latest, persons_by
from customer_profile.merge.domain.proposals import Proposal, State


def answered(proposal: Proposal, acts: Collection[Act], files: Collection[str]) -> State:
    """Adopted, not adopted, or still recommended. `files`: of both persons; `acts`: all that name one of them.

    A merge is adopted once its files are one person, by whichever words; an unmerge, once its pair is separated. The
    contrary said since the recommendation is a no; of what was said before it, people knew.
    """
    words = latest(acts)
    own = words.get(frozenset((proposal.survivor, proposal.merged)))
    if proposal.kind == "unmerge":
        contrary = [own] if own and own.kind == "merge" else []
        is_adopted = not contrary
    else:
        persons = {file: set(person) for person in persons_by(acts, files).values() for file in person}
        here, there = persons[proposal.survivor], persons[proposal.merged]
        is_adopted = here == there
        contrary = [act for pair, act in words.items() if act.kind == "unmerge" and pair & here and pair & there]
    if is_adopted:
        return "adopted"
    assert proposal.decided_at is not None
    return "not-adopted" if any(act.at >= proposal.decided_at for act in contrary) else "recommended"
