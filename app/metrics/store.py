"""Metrics that are the same for all processes, read at each scrape: the version, and what the store holds."""

from collections.abc import Callable, Iterable, Iterator

from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector

from ..account_services import AccountServices
from ..errors import StoreUnavailable
from ..version import __version__
from ..wechat import ENDPOINTS
from .table import BUILD, COOLDOWN_ENDS_AT, EXPIRES_AT, GENERATION, STORE_UP


class StoreCollector(Collector):
    """Expiry and generation of each credential, the cooldowns, and whether the store answers at all."""

    def __init__(self, accounts: Iterable[AccountServices], store_answers: Callable[[], bool]) -> None:
        self._accounts = accounts
        self._store_answers = store_answers

    def collect(self) -> Iterator[GaugeMetricFamily]:
        """See Collector. Never fetches and never fails: what cannot be read is left out."""
        expires_at, generation, ends_at, store_up = (
            GaugeMetricFamily(one.name, one.meaning, labels=one.labels)
            for one in (EXPIRES_AT, GENERATION, COOLDOWN_ENDS_AT, STORE_UP)
        )
        for one in self._accounts:
            name = one.account.name
            for provider in one.providers:
                labels = [name, provider.key.credential]
                try:
                    credential = provider.peek()
                except StoreUnavailable:
                    continue
                generation.add_metric(labels, credential.generation if credential else 0)
                if credential:
                    expires_at.add_metric(labels, credential.expires_at)
            for endpoint, cooldown in one.cooldowns.all_current(ENDPOINTS).items():
                ends_at.add_metric([name, endpoint, str(cooldown.facts.get("errcode", ""))], cooldown.until)
        store_up.add_metric([], self._store_answers())  # last: the reads above show it
        build = GaugeMetricFamily(BUILD.name, BUILD.meaning, labels=BUILD.labels)
        build.add_metric([__version__], 1)
        yield from (build, expires_at, generation, ends_at, store_up)
