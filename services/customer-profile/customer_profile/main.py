"""Puts the service together: the only file that knows all of it."""

from functools import partial
from pathlib import Path

from customer_profile.adapter.composing import readers_of
from customer_profile.adapter.figures import FIGURES
from customer_profile.adapter.handlers import Topics
from customer_profile.consent.documents import read_purposes
from customer_profile.consent.handlers import CONSENTS, present_consents
from customer_profile.contact.composing import Contacting
from customer_profile.contact.handlers import decide_due
from customer_profile.contact.store import contacts
from customer_profile.customer.handlers import fire_due_age_bands, present_states
from customer_profile.customer.store import profiles
from customer_profile.export.handing_out import Exporting
from customer_profile.keys import read_keys
from customer_profile.merge.handlers import present_persons
from customer_profile.quality.handlers import count_book
from customer_profile.served import PROBLEMS, ROUTERS
from customer_profile.settings import Settings
from customer_profile.subscriptions import subscriptions
from customer_profile.tables import metadata
from rapport.composition import Composition
from rapport.messaging.retelling import States
from rapport.messaging.sweeper import Sweep
from rapport.web.idempotency import forget_old_answers

NAME = "customer-profile"
_DESCRIPTION = """
Who the bank's customers are. A customer's file has two halves: identity, encrypted field by field under a key of the
customer's own and masked until it is unmasked, and facts without identity, each change told as `customer-profiled`.

Customers and accounts are named by tokens. What the core tells and what staff correct over REST meet here: the later
word counts, field by field.
"""


def compose(settings: Settings) -> Composition:
    """The service from its settings; nothing is connected yet. Raises DocumentInvalid where a document is at fault."""
    purposes = read_purposes(settings.consent.purposes)
    contacting = Contacting.of(settings.contact, purposes, settings.bank.zone)
    locks, key_files = read_keys(NAME, settings)
    readers = readers_of(settings.adapter)
    adapters = {settings.kafka.topic_prefix + reader.adapter.topic: reader.adapter for reader in readers}
    topics = Topics.of(adapters, settings.kafka.partitions)
    raw = [reader.event for reader in readers]
    return Composition(
        name=NAME,
        title="Customer profile",
        description=_DESCRIPTION,
        migrations=Path(__file__).parents[1] / "migrations",
        metadata=metadata,
        subscriptions=subscriptions(locks, settings.bank.zone, contacting.rules.policy, topics, raw),
        routers=ROUTERS,
        problems=PROBLEMS,
        sweeps=(
            Sweep("age bands", profiles, fire_due_age_bands),
            Sweep("contacts", contacts, partial(decide_due, rules=contacting.rules)),
        ),
        states=(
            States("profiles", present_states),
            States(CONSENTS, partial(present_consents, purposes=purposes), purposes.version),
            States("persons", present_persons),
        ),
        # A replay of history reaches nobody.
        jobs={
            "data quality": count_book,
            **({} if settings.time.mode == "stream" else {"contacts": contacting.hand_over(locks).next}),
        },
        upkeep=(forget_old_answers,),
        figures=(FIGURES,),
        readers={reader.event: reader for reader in readers},
        state={
            "locks": locks,
            "look_ups_per_minute": settings.look_up.per_minute,
            "unmaskings_per_minute": settings.unmasking.per_minute,
            "purposes": purposes,
            "exporting": Exporting.of(settings.export),
            "adapters": adapters,
            "contact_rules": contacting.rules,
            "merge_master": settings.merge.master,
            "tier_explanation": settings.links.tier_explanation,
            "calendar": settings.correction.calendar(settings.bank.zone),
        },
        keyring=locks.keyring,
        key_files=key_files,
        closing=(contacting.close,),
        has_row_security=True,
    )
