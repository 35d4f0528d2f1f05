"""What the store knows, read when Prometheus asks: it is the same for all processes and nodes."""

from collections.abc import Callable, Iterable, Iterator
from typing import Protocol

from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector

from ..accounts import Account
from ..exceptions import StoreUnavailable
from ..provider import CredentialProvider
from ..wechat import WeChatClient
from .table import EXPIRES_AT, GENERATION, HOLD_ENDS_AT, STORE_UP, Described


class Desk(Protocol):
    """What serves one account, as far as it matters here."""

    @property
    def account(self) -> Account:
        """Whose it is."""

    @property
    def client(self) -> WeChatClient:
        """Knows the holds."""

    @property
    def endpoints(self) -> tuple[str, ...]:
        """May be on hold."""

    @property
    def providers(self) -> tuple[CredentialProvider, ...]:
        """Know the credentials."""


class StoreCollector(Collector):
    """Expiry and generation of each credential, the holds, and whether the store answers at all."""

    def __init__(self, desks: Iterable[Desk], store_answers: Callable[[], bool]) -> None:
        self._desks = desks
        self._store_answers = store_answers

    def collect(self) -> Iterator[GaugeMetricFamily]:
        """See Collector. Never fetches, and never fails: of what cannot be read nothing is said."""
        expires_at, generation, hold_ends_at = (_gauge(one) for one in (EXPIRES_AT, GENERATION, HOLD_ENDS_AT))
        for desk in self._desks:
            for provider in desk.providers:
                _add_credential(desk.account.name, provider, expires_at, generation)
            _add_holds(desk, hold_ends_at)
        yield from (expires_at, generation, hold_ends_at)
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


def _add_holds(desk: Desk, hold_ends_at: GaugeMetricFamily) -> None:
    for endpoint in desk.endpoints:
        failure = desk.client.holds.current(endpoint)
        if failure:
            errcode = str(failure.facts.get("errcode", ""))
            hold_ends_at.add_metric([desk.account.name, endpoint, errcode], failure.until)


def _gauge(described: Described) -> GaugeMetricFamily:
    return GaugeMetricFamily(described.name, described.meaning, labels=described.labels)
