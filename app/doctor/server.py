"""What is on our side: settings and store."""

import secrets
from urllib.parse import urlsplit

from ..config import Settings
from ..credential import Key
from ..errcodes import Hint
from ..exceptions import StoreUnavailable
from ..stores import FallbackShelf
from .findings import Finding, Verdict

_SUBJECT = "server"
_LEASE_SECONDS = 5.0

_STORE = Hint(
    en="Look at WECHAT_STORE_URL. SQLite: does the disk have room, may this user write the file and its folder? "
    "Redis: does it run, is it reachable, is the password right?",
    zh="请检查 WECHAT_STORE_URL。SQLite：磁盘是否已满，当前用户能否写入该文件及其目录？"
    "Redis：是否运行、可达，密码是否正确？",
)


def check_settings(settings: Settings) -> Finding:
    """They are right, or there would be no server to ask: says what they amount to."""
    names = ", ".join(account.name for account in settings.accounts)
    found = f"accounts: {names}; API keys: {len(settings.keys)}; egress: {settings.egress}"
    return Finding(_SUBJECT, "settings", Verdict.OK, found)


def check_store(store_url: str, shelf: FallbackShelf) -> Finding:
    """Whether the store keeps what is written, and lets one have a lease at a time."""
    if store_url == "memory://":
        return Finding(_SUBJECT, "store", Verdict.SKIPPED, "memory:// is inside the server: not to be seen from here")
    where = _without_password(store_url)
    try:
        _try_out(shelf)
    except StoreUnavailable as error:
        return Finding(_SUBJECT, "store", Verdict.FAILED, f"{where}: {error}", _STORE)
    return Finding(_SUBJECT, "store", Verdict.OK, f"{where}: writes, reads, leases")


def _try_out(shelf: FallbackShelf) -> None:
    """Raises StoreUnavailable. Leaves nothing behind."""
    key, name = Key(f"doctor-{secrets.token_hex(8)}", "access_token"), f"doctor:{secrets.token_hex(8)}"
    if not shelf.acquire(key, "first", _LEASE_SECONDS) or shelf.acquire(key, "second", _LEASE_SECONDS):
        raise StoreUnavailable("two had the same lease, or nobody got it")
    shelf.release(key, "first")
    shelf.put(name, "written", _LEASE_SECONDS)
    read = shelf.get(name)
    shelf.put(name, "", 0)
    if shelf.failure:  # notes were kept in memory meanwhile
        raise shelf.failure
    if read != "written":
        raise StoreUnavailable("what was written is not there")


def _without_password(store_url: str) -> str:
    url = urlsplit(store_url)
    if url.scheme == "sqlite":
        return store_url
    return f"{url.scheme}://{url.hostname}" + (f":{url.port}" if url.port else "") + url.path
