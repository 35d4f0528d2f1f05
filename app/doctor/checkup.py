"""The checks in their order: what fails first explains what fails after it."""

from collections.abc import Iterator

from ..services import Services
from .credentials import check_credentials
from .findings import Finding, Verdict
from .network import Host
from .server import check_settings, check_store
from .verification import check_domains


def examine(services: Services) -> Iterator[Finding]:
    """All findings, each as soon as it is known. A host or a credential takes a fetch's deadline at most.

    WeChat is asked for each credential, but for no classic access_token while there is a good one.
    """
    settings = services.settings
    yield check_settings(settings)
    store = check_store(settings.store_url, services.shelf)
    yield store
    reachable = False
    for base in settings.api_base:
        for finding in _host(services, base):
            reachable |= finding.check == "clock"  # it comes with an answer
            yield finding
    for desk in services.desks.values():
        if store.verdict is Verdict.FAILED or not reachable:
            yield Finding(desk.account.name, "access_token", Verdict.SKIPPED, "needs the store and WeChat")
        else:
            yield from check_credentials(desk, services)
        yield from check_domains(desk.account, settings.verify_files)


def _host(services: Services, base: str) -> Iterator[Finding]:
    host = Host(base, services.transport, services.settings.proxy, services.clock)
    name = host.check_name()
    yield name
    if name.verdict is Verdict.OK:
        yield from host.check_answer()
