"""Central mode: the server to read credentials from."""

import logging
from collections.abc import Iterable, Sequence

from ..exceptions import SettingsError
from ..js_domains import PageUrl, is_loopback
from .entries import Entry
from .environment import environment_name
from .problems import Problems, examples_of
from .settings import AccountSettings, CentralAccess, Settings

log = logging.getLogger(__name__)

_EXAMPLES = examples_of(CentralAccess) | {"key_file": "/run/secrets/wechat-central-key"}
_EVERYWHERE = ("", "0.0.0.0", "::", "[::]")  # noqa: S104 -- compared with, not bound


def read_central(settings: AccountSettings, accounts: Sequence[Entry], problems: Problems) -> CentralAccess | None:
    """Where to read credentials and with which key; None if no account is in central mode. What is wrong is noted."""
    given = {
        field: getattr(settings, f"central_{field}")
        for field in ("url", "key", "key_file")
        if getattr(settings, f"central_{field}") is not None
    }
    if any(account.values.get("token_mode") == "central" for account in accounts):
        entry = Entry("central", given, _spelled)
        return problems.checked(CentralAccess, entry.with_secret("key", problems), _spelled, _EXAMPLES)
    for field in given:
        log.warning("%s is not used: no account has the token mode central", _spelled(field))
    return None


def check_central(settings: Settings, addresses: Iterable[object]) -> None:
    """Refuse to read from ourselves. `addresses`: (host, port) where we listen. Raises SettingsError."""
    if settings.central is None:
        return
    url = PageUrl.parse(settings.central.url)
    for address in addresses:
        if isinstance(address, tuple) and url.port == address[1] and _same_host(url.host, str(address[0])):
            raise SettingsError(
                [f"{_spelled('url')}: is this server itself; right is the address of the one that asks WeChat"]
            )


def _same_host(named: str, bound: str) -> bool:
    if bound in _EVERYWHERE:
        return is_loopback(named)  # of other names nobody here knows where they lead
    return named.strip("[]") == bound.strip("[]") or (named == "localhost" and is_loopback(bound))


def _spelled(field: str) -> str:
    return environment_name(f"central_{field}")
