"""The store: does it exist, does it answer, do our keys decrypt what it holds?"""

import re
import secrets

from ...errors import StoreUnavailable
from ...services import Services
from ...stores import FallbackStore, SharedEntries, sqlite_file
from ...wechat import Hint
from ..hints import store_hint
from .findings import Finding, Verdict

_ENTRY_SECONDS = 5.0

_START = Hint(
    en="Is a server running with this WECHAT_STORE_URL (from this folder)? It makes the file when it starts.",
    zh="是否有服务器以此 WECHAT_STORE_URL（并从此目录）运行？该文件由服务器启动时创建。",
)
_KEY = Hint(
    en="Give this command the server's WECHAT_STORE_KEY, or none if the server has none. If it is the same, it was "
    "changed: the server replaces what it cannot decrypt with its next fetch.",
    zh="请让本命令使用与服务器相同的 WECHAT_STORE_KEY（服务器未设置则不设置）。若已相同，则是密钥被更换过："
    "无法解开的凭据由服务器在下次获取时自行替换。",
)


def find_no_file(store_url: str) -> Finding | None:
    """A finding if the SQLite file does not exist yet: the server creates it, so that its own user owns it."""
    file = sqlite_file(store_url)
    if file is None:
        return None
    try:
        file.stat()
    except FileNotFoundError:
        return Finding("server", "store", Verdict.SKIPPED, f"There is no store at {file.absolute()} yet.", _START)
    except OSError:  # opening it says what is wrong
        pass
    return None


def find_sealed(services: Services) -> Finding | None:
    """A finding if the store has credentials that our keys do not decrypt: this command must not write there.

    Raises StoreUnavailable.
    """
    sealed = ", ".join(
        f"{provider.key.credential} of {one.account.name}"
        for one in services.by_appid.values()
        for provider in one.providers
        if (stored := provider.peek()) and not stored.value  # SealedStore's sign for it
    )
    if not sealed:
        return None
    if services.settings.store_key:
        found = f"The WECHAT_STORE_KEY of this command does not decrypt what the store holds: {sealed}."
    else:
        found = f"The store is encrypted with a key that this command does not have: {sealed}."
    return Finding("server", "store_key", Verdict.FAILED, found, _KEY)


def check_store(store_url: str, store: FallbackStore, *, in_server: bool = False) -> Finding:
    """Whether the store keeps what is written. `in_server`: this process is the server."""
    if store_url == "memory://" and not in_server:
        return Finding("server", "store", Verdict.SKIPPED, "memory:// is inside the server: not visible from here")
    where = store_url
    if not store_url.startswith("sqlite"):  # without the passwords, which only Redis has
        where = re.sub(r"(?<=://)[^/]*@", "", store_url).partition("?")[0]
    try:
        _try_out(store)
    except StoreUnavailable as error:
        return Finding("server", "store", Verdict.FAILED, f"{where}: {error}", store_hint(store_url))
    return Finding("server", "store", Verdict.OK, f"{where}: writes and reads")


def _try_out(store: FallbackStore) -> None:
    """Raises StoreUnavailable. Leaves nothing in the store."""
    entries, name = SharedEntries(store), f"doctor:{secrets.token_hex(8)}"
    entries.put(name, "written", _ENTRY_SECONDS)
    if entries.get(name) != "written":
        raise StoreUnavailable("what was written is not there")
    entries.put(name, "", 0)
