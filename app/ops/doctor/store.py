"""The store: is it there, does it answer, do our keys open what it holds."""

import secrets
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

from ...errors import StoreUnavailable
from ...services import Services
from ...stores import FallbackStore, Key, sqlite_file
from ...wechat import Hint
from .findings import Finding, Verdict

_SUBJECT = "server"
_LEASE_SECONDS = 5.0

_SQLITE = Hint(
    en="Is the disk full, or mounted read-only? May the server's user write the file and its folder? Has another "
    "program locked the file? If it is damaged: stop the server, move the file away with its -wal and -shm files, and "
    "start the server. It makes a new file and fetches each credential once.",
    zh="请检查：磁盘是否已满或只读；运行用户能否写入该文件及其目录；是否有其他程序锁住了该文件。"
    "文件若已损坏：停止服务，将该文件及其 -wal、-shm 文件移走，再启动服务；会自动新建文件，每个凭据重新获取一次。",
)
_REDIS = Hint(
    en="Is Redis up, and reachable from this machine? Do user, password and rediss:// in WECHAT_STORE_URL fit? Is it "
    "out of memory, or a read-only replica?",
    zh="请检查：Redis 是否在运行、本机能否连上；WECHAT_STORE_URL 中的用户、密码、rediss:// 是否正确；"
    "Redis 是否内存已满，或是只读副本。",
)
_START = Hint(
    en="Is a server running with this WECHAT_STORE_URL (from this folder)? It makes the file when it starts.",
    zh="是否有服务器以此 WECHAT_STORE_URL（并从此目录）运行？该文件由服务器启动时创建。",
)
_KEY = Hint(
    en="Give this command the server's WECHAT_STORE_KEY, or none if the server has none. If it is the same, it was "
    "changed: the server itself replaces what it cannot open with its next fetch.",
    zh="请让本命令使用与服务器相同的 WECHAT_STORE_KEY（服务器未设置则不设置）。若已相同，则是密钥被更换过："
    "无法解开的凭据由服务器在下次获取时自行替换。",
)


def store_hint(store_url: str) -> Hint:
    """What to do about a store that does not answer or takes no writes."""
    return _REDIS if store_url.startswith("redis") else _SQLITE


def find_no_file(store_url: str) -> Finding | None:
    """What to say of an SQLite store that nobody has made yet; the server does, so that the file is its user's."""
    file = sqlite_file(store_url)
    if file is None or not _is_missing(file):
        return None
    return Finding(_SUBJECT, "store", Verdict.SKIPPED, f"There is no store at {file.absolute()} yet.", _START)


def find_sealed(services: Services) -> Finding | None:
    """What to say if the store holds what our keys do not open. Who has the wrong keys must not write there.

    Raises StoreUnavailable.
    """
    closed = ", ".join(_closed(services))
    if not closed:
        return None
    if services.settings.store_key:
        found = f"The WECHAT_STORE_KEY of this command does not open what the store holds: {closed}."
    else:
        found = f"The store is sealed with a key that this command has not: {closed}."
    return Finding(_SUBJECT, "store_key", Verdict.FAILED, found, _KEY)


def check_store(store_url: str, store: FallbackStore) -> Finding:
    """Whether the store keeps what is written, and lets one have a lease at a time."""
    if store_url == "memory://":
        return Finding(_SUBJECT, "store", Verdict.SKIPPED, "memory:// is inside the server: not to be seen from here")
    where = _without_password(store_url)
    try:
        _try_out(store)
    except StoreUnavailable as error:
        return Finding(_SUBJECT, "store", Verdict.FAILED, f"{where}: {error}", store_hint(store_url))
    return Finding(_SUBJECT, "store", Verdict.OK, f"{where}: writes, reads, leases")


def _is_missing(file: Path) -> bool:
    try:
        file.stat()
    except FileNotFoundError:
        return True
    except OSError:  # whoever opens it says what is wrong
        return False
    return False


def _closed(services: Services) -> Iterator[str]:
    for account_services in services.by_appid.values():
        for provider in account_services.providers:
            stored = provider.peek()
            if stored and not stored.value:  # how SealedStore says that it opens no more
                yield f"{provider.key.credential} of {account_services.account.name}"


def _try_out(store: FallbackStore) -> None:
    """Raises StoreUnavailable. Leaves nothing behind."""
    key, name = Key(f"doctor-{secrets.token_hex(8)}", "access_token"), f"doctor:{secrets.token_hex(8)}"
    if not store.acquire(key, "first", _LEASE_SECONDS) or store.acquire(key, "second", _LEASE_SECONDS):
        raise StoreUnavailable("two had the same lease, or nobody got it")
    store.release(key, "first")
    store.put(name, "written", _LEASE_SECONDS)
    read = store.get(name)
    store.put(name, "", 0)
    if store.failure:  # notes were kept in memory meanwhile
        raise store.failure
    if read != "written":
        raise StoreUnavailable("what was written is not there")


def _without_password(store_url: str) -> str:
    url = urlsplit(store_url)
    if url.scheme == "sqlite":
        return store_url
    return f"{url.scheme}://{url.hostname}" + (f":{url.port}" if url.port else "") + url.path
