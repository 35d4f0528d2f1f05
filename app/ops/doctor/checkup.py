"""All checks in order, as a failure explains those after it; and the checks of settings and credentials."""

import math
from collections.abc import Callable, Iterator

from ...account_services import AccountServices
from ...accounts import Account
from ...errors import CentralServerError, WeChatError, WeChatUnavailable
from ...services import Services, build_services
from ...settings import Settings
from ...stores import Credential, State
from ...wechat import Hint
from ..hints import advice
from .findings import Finding, Verdict
from .network import NO_ANSWER, check_domains, check_host
from .store import check_store, find_no_file, find_sealed

_KEYS = Hint(
    en="Set WECHAT_API_KEYS (name:scope+scope=key), if backends call this server.",
    zh="如有后端需要访问，请设置 WECHAT_API_KEYS（name:scope+scope=key）。",
)
_JS_DOMAINS = Hint(
    en="Set WECHAT_JS_DOMAINS (js_domains in the account's table of the TOML file) to the hosts of your pages.",
    zh="请将页面的域名填入 WECHAT_JS_DOMAINS（TOML 文件中为该账号的 js_domains）。",
)
_PUSH = Hint(
    en="If media are checked, set WECHAT_PUSH_TOKEN (push_token in the account's table of the TOML file) and enter the "
    "message push at mp.weixin.qq.com.",
    zh="如需检测音频或图片链接，请设置 WECHAT_PUSH_TOKEN（TOML 文件中为该账号的 push_token），"
    "并在 mp.weixin.qq.com 配置消息推送。",
)
_LOGIN = Hint(
    en="Set login_origins in the account's table of the TOML file, WECHAT_PUBLIC_URL, and WECHAT_SECRET_KEY.",
    zh="请设置 TOML 文件中该账号的 login_origins，以及 WECHAT_PUBLIC_URL 和 WECHAT_SECRET_KEY。",
)


def examine(services: Services, *, in_server: bool = False) -> Iterator[Finding]:
    """All findings, each as soon as it is known. A host or a credential takes a fetch's deadline at most.

    WeChat is asked for each credential, but for no classic access_token while there is a valid one. `in_server`: this
    process is the server, so the store may be in its memory.
    """
    yield from check_settings(services.settings)
    absent = None if in_server else find_no_file(services.settings.store_url)
    if absent:  # the server creates the file, not this command: credentials fetched here stay in memory
        services = build_services(services.settings.model_copy(update={"store_url": "memory://"}), clock=services.clock)
    settings = services.settings
    store = absent or check_store(settings.store_url, services.store, in_server=in_server)
    yield store
    sealed = find_sealed(services) if store.verdict is not Verdict.FAILED else None
    if sealed:
        yield sealed
    reachable = False
    for base in settings.api_base:
        for finding in check_host(base, services.transport.probe, settings.proxy, services.clock):
            reachable |= finding.check == "clock"  # only a host that answers has one
            yield finding
    for of_account in services.by_appid.values():
        if of_account.own_token is None:
            yield _check_login(of_account.account, settings)
            continue
        if sealed or store.verdict is Verdict.FAILED or not reachable:
            needed = "needs the store's key" if sealed else "needs the store and WeChat"
            yield Finding(of_account.account.name, "access_token", Verdict.SKIPPED, needed)
        else:
            unseen = settings.store_url == "memory://" and not in_server
            yield from _check_credentials(of_account, services, unseen=unseen)
        yield from check_account(of_account.account, settings)
        yield from check_domains(of_account.account, settings.verify_files)


def check_settings(settings: Settings) -> Iterator[Finding]:
    """A summary of the settings, and a note where no caller can use the `internal` listener."""
    names = ", ".join(account.name for account in settings.accounts)
    found = f"accounts: {names}; API keys: {len(settings.keys)}; egress: {settings.egress}"
    yield Finding("server", "settings", Verdict.OK, found)
    if settings.listener != "public" and not len(settings.keys):
        yield Finding("server", "api_keys", Verdict.NOTE, "none: no caller gets tokens, tickets or verdicts", _KEYS)


def check_account(account: Account, settings: Settings) -> Iterator[Finding]:
    """Notes on what this account's pages or content checks lack."""
    if settings.listener == "internal":
        return
    if account.kind == "official" and not account.js_domains:
        yield Finding(account.name, "js_domains", Verdict.NOTE, "none: no page of this account is signed", _JS_DOMAINS)
    if account.kind == "mini" and account.push is None:
        yield Finding(account.name, "push", Verdict.NOTE, "none: media checks never get a result", _PUSH)


def _check_login(account: Account, settings: Settings) -> Finding:
    """What a website's users need to log in; only a login shows whether the AppSecret is right."""
    missing = [
        name
        for name, given in (
            ("login origins", account.login_origins),
            ("WECHAT_PUBLIC_URL", settings.public_url),
            ("WECHAT_STORE_KEY or WECHAT_SECRET_KEY", settings.store_key or settings.secret_key),
        )
        if not given
    ]
    if missing:
        return Finding(account.name, "login", Verdict.NOTE, f"no user can log in without {', '.join(missing)}", _LOGIN)
    return Finding(account.name, "login", Verdict.OK, f"sites: {', '.join(sorted(account.login_origins))}")


def _check_credentials(of_account: AccountServices, services: Services, *, unseen: bool) -> Iterator[Finding]:
    """The access_token, and for an official account the jsapi_ticket, which shows that WeChat takes the token.

    `unseen`: the server's credentials are not visible from here.
    """
    account = of_account.account
    if account.token_mode == "classic" and unseen:  # noqa: S105 -- a mode
        yield Finding(account.name, "access_token", Verdict.SKIPPED, "asking would replace the one that the server has")
        return
    token = _fetched(account, "access_token", lambda: _access_token(of_account, services.clock), services.clock)
    yield token
    if of_account.jsapi_ticket is None:
        return
    if token.verdict is Verdict.FAILED:
        stored = of_account.access_token.peek()
        if stored is None or stored.state(services.clock()) is State.EXPIRED:
            found = "needs an access_token, and none is valid"
            yield Finding(account.name, "jsapi_ticket", Verdict.SKIPPED, found)
            return
    yield _fetched(account, "jsapi_ticket", of_account.jsapi_ticket.renew, services.clock)


def _access_token(of_account: AccountServices, clock: Callable[[], float]) -> Credential:
    """A token that WeChat confirmed just now. A valid classic one stays; a stable one is asked for in its place.

    Neither kind revokes the other (WECHAT.md 1.2), and both need the same AppID, secret and IP address.
    """
    stored = of_account.access_token.peek()
    fresh = stored is not None and stored.state(clock()) is State.FRESH
    if stored and fresh and of_account.account.token_mode == "classic":  # noqa: S105 -- a mode
        of_account.client.stable_token()
        return stored
    return of_account.access_token.renew()


def _fetched(account: Account, check: str, fetch: Callable[[], Credential], clock: Callable[[], float]) -> Finding:
    try:
        credential = fetch()
    except CentralServerError as error:
        known = advice(error, account) if isinstance(error, WeChatError) else None
        if isinstance(error, WeChatUnavailable):  # callers are sent here
            known = NO_ANSWER
        wait = f" (asked again in {math.ceil(error.retry_after)} s at the earliest)" if error.retry_after else ""
        return Finding(account.name, check, Verdict.FAILED, f"{error}{wait}", known)
    left = credential.expires_at - clock()
    return Finding(account.name, check, Verdict.OK, f"generation {credential.generation}, {left:.0f} s left")
