"""What is on our side: settings, and what they leave undone."""

from collections.abc import Iterator

from ...accounts import Account
from ...settings import Settings
from ...wechat import Hint
from .findings import Finding, Verdict

_SUBJECT = "server"

_KEYS = Hint(
    en="Set WECHAT_API_KEYS (name:scope+scope=key), if a backend shall ask for them.",
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


def check_settings(settings: Settings) -> Iterator[Finding]:
    """They are right, or there would be no server to ask: says what they amount to, and what nobody can use so."""
    names = ", ".join(account.name for account in settings.accounts)
    found = f"accounts: {names}; API keys: {len(settings.keys)}; egress: {settings.egress}"
    yield Finding(_SUBJECT, "settings", Verdict.OK, found)
    if settings.listener != "public" and not len(settings.keys):
        yield Finding(_SUBJECT, "api_keys", Verdict.NOTE, "none: nobody gets tokens, tickets or verdicts", _KEYS)


def check_account(account: Account, settings: Settings) -> Iterator[Finding]:
    """What this account's pages or content checks go without."""
    if settings.listener == "internal":
        return
    if account.kind == "official" and not account.js_domains:
        yield Finding(account.name, "js_domains", Verdict.NOTE, "none: no page of this account is signed", _JS_DOMAINS)
    if account.kind == "mini" and account.push is None:
        yield Finding(account.name, "push", Verdict.NOTE, "none: media checks never get a result", _PUSH)
