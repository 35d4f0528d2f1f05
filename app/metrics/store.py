"""What the store knows, read when Prometheus asks: it is the same for all processes and nodes."""

from collections.abc import Callable, Iterable, Iterator
from typing import Protocol

from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector

from ..accounts import Account
from ..credentials import CredentialProvider
from ..errors import StoreUnavailable
from ..wechat import Cooldowns
from .table import COOLDOWN_ENDS_AT, EXPIRES_AT, GENERATION, STORE_UP, Described


class AccountServices(Protocol):
    """What serves one account, as far as metrics need it."""

    @property
    def account(self) -> Account:
        """Whose it is."""

    @property
    def cooldowns(self) -> Cooldowns:
        """Of its endpoints."""

    @property
    def endpoints(self) -> tuple[str, ...]:
        """May be in cooldown."""

    @property
    def providers(self) -> tuple[CredentialProvider, ...]:
        """Know the credentials."""


class StoreCollector(Collector):
    """Expiry and generation of each credential, the cooldowns, and whether the store answers at all."""

    def __init__(self, accounts: Iterable[AccountServices], store_answers: Callable[[], bool]) -> None:
        self._accounts = accounts
        self._store_answers = store_answers

    def collect(self) -> Iterator[GaugeMetricFamily]:
        """See Collector. Never fetches, and never fails: of what cannot be read nothing is said."""
        expires_at, generation, cooldown_ends_at = (_gauge(one) for one in (EXPIRES_AT, GENERATION, COOLDOWN_ENDS_AT))
        for account in self._accounts:
            for provider in account.providers:
                _add_credential(account.account.name, provider, expires_at, generation)
            _add_cooldowns(account, cooldown_ends_at)
        yield from (expires_at, generation, cooldown_ends_at)
        store_up = _gauge(STORE_UP)  # said last: whether it answers shows while it is read
        store_up.add_metric([], self._store_answers())
        yield store_up


def _add_credential(
    account: str, provider: CredentialProvider, expires_at: GaugeMetricFamily, generation: GaugeMetricFamily
) -> None:
    try:
        credential = provider.peek()
    except StoreUnavailable:
        return
    labels = [account, provider.key.credential]
    generation.add_metric(labels, credential.generation if credential else 0)
    if credential:
        expires_at.add_metric(labels, credential.expires_at)


def _add_cooldowns(account: AccountServices, cooldown_ends_at: GaugeMetricFamily) -> None:
    for endpoint in account.endpoints:
        cooldown = account.cooldowns.current(endpoint)
        if cooldown:
            errcode = str(cooldown.facts.get("errcode", ""))
            cooldown_ends_at.add_metric([account.account.name, endpoint, errcode], cooldown.until)


def _gauge(described: Described) -> GaugeMetricFamily:
    return GaugeMetricFamily(described.name, described.meaning, labels=described.labels)
