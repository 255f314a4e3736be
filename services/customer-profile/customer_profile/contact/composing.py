"""Contact put together from its settings: its rules, its adapters, and the loop that hands over."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import tzinfo
from typing import Self

from customer_profile.consent.domain.purposes import Purposes
from customer_profile.contact.adapters import Adapter
from customer_profile.contact.adapters.file_sink import FileSink
from customer_profile.contact.adapters.http_gateway import HttpGateway
from customer_profile.contact.documents import read_policy, read_templates
from customer_profile.contact.domain.policy import Channel
from customer_profile.contact.handlers import HandOver, Rules
from customer_profile.contact.settings import ContactSettings
from customer_profile.customer.identity import Locks

_ALL: tuple[Channel, ...] = ("sms", "push", "wecom", "email")


@dataclass(frozen=True, slots=True)
class Contacting:
    """By what customers are reached, and through what."""

    rules: Rules
    adapters: Mapping[Channel, Adapter]

    @classmethod
    def of(cls, settings: ContactSettings, purposes: Purposes, zone: tzinfo) -> Self:
        """Raises DocumentInvalid, which names every fault of a document."""
        needs_consent = {code: purpose.rests_on_consent for code, purpose in purposes.by_code.items()}
        policy = read_policy(settings.policy, zone, needs_consent=needs_consent)
        templates = read_templates(settings.templates, policy, needs_consent=needs_consent)
        adapters = adapters_of(settings)
        return cls(Rules(policy, templates, purposes, frozenset(adapters)), adapters)

    def hand_over(self, locks: Locks) -> HandOver:
        """The loop of the worker."""
        return HandOver(self.rules, self.adapters, locks)

    async def close(self) -> None:
        """Close what the adapters hold open."""
        for adapter in set(self.adapters.values()):
            await adapter.close()


def adapters_of(settings: ContactSettings) -> dict[Channel, Adapter]:
    """The adapter of each channel that has one."""
    adapters: dict[Channel, Adapter] = {}
    if settings.sink_folder is not None:
        adapters |= dict.fromkeys(_ALL, FileSink(settings.sink_folder))
    if settings.gateway is not None:
        adapters |= dict.fromkeys(settings.gateway.channels, HttpGateway(settings.gateway))
    return adapters
