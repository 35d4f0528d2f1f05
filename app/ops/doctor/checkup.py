"""The checks in their order: what fails first explains what fails after it."""

from collections.abc import Iterator

from ...services import Services, build_services
from .credentials import check_credentials
from .findings import Finding, Verdict
from .network import CENTRAL, WECHAT, Host, Owner, Probing
from .server import check_account, check_settings
from .store import check_store, find_no_file, find_sealed
from .verification import check_domains


def examine(services: Services) -> Iterator[Finding]:
    """All findings, each as soon as it is known. A host or a credential takes a fetch's deadline at most.

    WeChat is asked for each credential, but for no classic access_token while there is a good one; in central mode the
    central server is asked in its place.
    """
    yield from check_settings(services.settings)
    absent = find_no_file(services.settings.store_url)
    if absent:  # nothing is made or written before the server has: what is fetched stays in memory
        services = build_services(services.settings.model_copy(update={"store_url": "memory://"}), clock=services.clock)
    settings = services.settings
    store = absent or check_store(settings.store_url, services.store)
    yield store
    sealed = find_sealed(services) if store.verdict is not Verdict.FAILED else None
    if sealed:
        yield sealed
    reachable = set()
    for base, owner, by in _hosts(services):
        for finding in _host(services, base, owner, by):
            if finding.check == "clock":  # it comes with an answer
                reachable.add(owner)
            yield finding
    for account_services in services.by_appid.values():
        source = CENTRAL if account_services.account.token_mode == "central" else WECHAT  # noqa: S105 -- a mode
        needed = "needs the store's key" if sealed else f"needs the store and {source.name}"
        if sealed or store.verdict is Verdict.FAILED or source not in reachable:
            yield Finding(account_services.account.name, "access_token", Verdict.SKIPPED, needed)
        else:
            yield from check_credentials(account_services, services)
        yield from check_account(account_services.account, settings)
        yield from check_domains(account_services.account, settings.verify_files)


def _hosts(services: Services) -> Iterator[tuple[str, Owner, Probing]]:
    """All that this server calls, by whom they are called."""
    if services.central:
        yield services.central.url, CENTRAL, services.central
    for base in services.settings.api_base:
        yield base, WECHAT, services.transport


def _host(services: Services, base: str, owner: Owner, by: Probing) -> Iterator[Finding]:
    proxy = services.settings.proxy if owner is WECHAT else None
    host = Host(base, by, proxy, services.clock, owner)
    name = host.check_name()
    yield name
    if name.verdict is Verdict.OK:
        yield from host.check_answer()
