"""What an operator should do about a refusal, a cooldown or a store that fails: the one place for such hints."""

import re

from ..accounts import Account
from ..errors import SecretRefused, WeChatError, WeChatRefused
from ..wechat import Hint, hint, named_hint

_ADDRESS = re.compile(r"invalid ip (\S+?)(?: ipv6 (\S+))?, not in whitelist")  # WECHAT.md 1.3
_NOT_WHITELISTED = (40164, 45035, 61004)
_TO_BE_CONFIRMED = (89501, 89502, 89503, 89504, 89505)
_FROZEN = 40243
_SETTINGS_OF = {
    "official": (
        "developers.weixin.qq.com/platform, My business, the account, Basic information, Development key",
        "微信开发者平台 → 我的业务 → 公众号/服务号 → 基础信息 → 开发密钥",
    ),
    "mini": ("mp.weixin.qq.com, Development, Development settings", "公众平台 → 开发管理 → 开发设置"),
    "web": ("open.weixin.qq.com, Management center, Website applications", "开放平台 → 管理中心 → 网站应用"),
}
"""where WeChat has AppID, AppSecret and IP whitelist of an account, by its kind"""


def store_hint(store_url: str) -> Hint:
    """What to do about a store that does not answer or takes no writes."""
    scheme = store_url.partition("://")[0]
    return named_hint("sentinel" if "+sentinel" in scheme else "redis" if scheme.startswith("redis") else "sqlite")


def advice(error: WeChatError, account: Account) -> Hint:
    """What to do about the error, as far as the account, its settings and WeChat's words tell. Holds no secret."""
    known = hint(error)
    if isinstance(error, WeChatRefused):
        if error.errcode in _NOT_WHITELISTED:
            return _enter(error, account)
        if error.errcode in _TO_BE_CONFIRMED:
            return _confirm(account)
        if isinstance(error, SecretRefused) and error.errcode != _FROZEN:
            return _compare(account)
    return known or named_hint("unknown")


def seen_address(errmsg: str) -> str | None:
    """The IP address that WeChat saw the call come from, if `errmsg` has one."""
    match = _ADDRESS.search(errmsg)
    if match is None:
        return None
    v4, v6 = match.groups()
    return v4 if v6 is None or v6.lower() == f"::ffff:{v4}" else f"{v4} ({v6})"


def _enter(error: WeChatRefused, account: Account) -> Hint:
    address = seen_address(error.errmsg)
    where, place = _SETTINGS_OF[account.kind]
    return Hint(
        en=f"Enter {address or 'the public address of this server (or of WECHAT_PROXY)'} in the IP whitelist of "
        f"{account.appid}: {where}. It takes about five minutes to act. "
        f"Then: wechat-central retry {account.name}",
        zh=f"请将 {address or '本服务器（或 WECHAT_PROXY）的公网 IP'} 加入 {account.appid} 的 IP白名单"
        f"（{place}），约五分钟后生效，然后运行：wechat-central retry {account.name}",
    )


def _confirm(account: Account) -> Hint:
    return Hint(
        en=f"The administrator of {account.name} ({account.appid}) has a message from WeChat on their phone and has to "
        "approve this server's IP address there; addresses on the IP whitelist need no approval. "
        f"Then: wechat-central retry {account.name}",
        zh=f"账号 {account.name}（{account.appid}）的管理员已在手机上收到微信消息，须由其确认本服务器的 IP；"
        f"已加入 IP白名单的 IP 无需确认。然后运行：wechat-central retry {account.name}",
    )


def _compare(account: Account) -> Hint:
    """Tells length and whitespace of the AppSecret, never the secret."""
    characters, has_whitespace = len(account.secret), any(map(str.isspace, account.secret))
    where, place = _SETTINGS_OF[account.kind]
    enter = ("in its file, which needs no restart", "写入其文件（无需重启）")
    if account.secret_file is None:
        enter = ("here; then restart", "填入此处后重启")
    return Hint(
        en=f"Compare with {where}: is {account.appid} the account that you mean, does the AppSecret belong to "
        f"it, was it reset since? The one set here has {characters} characters, "
        f"{'whitespace among them' if has_whitespace else 'no whitespace'} (WeChat's have 32 hexadecimal digits). "
        f"WeChat shows an AppSecret only once: if in doubt, reset it and enter the new one {enter[0]}. "
        "If WECHAT_API_BASE is another central server, the AppSecret here is one of its API keys.",
        zh=f"请与{place}核对：{account.appid} 是否为所指账号，AppSecret 是否属于它、是否已被重置？"
        f"此处的 AppSecret 有 {characters} 个字符（应为 32 位十六进制），{'含' if has_whitespace else '不含'}空白字符。"
        f"微信只显示一次 AppSecret，不确定时请重置，将新值{enter[1]}。"
        "若 WECHAT_API_BASE 指向另一台中控服务器，此处的 AppSecret 应为其 API 密钥。",
    )
