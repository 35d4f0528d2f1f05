"""What to do about a refusal, as far as the account, its settings and WeChat's words tell."""

import re

from ...accounts import Account
from ...errors import SecretRefused, WeChatError, WeChatRefused
from ...wechat import Hint, hint

_ADDRESS = re.compile(r"invalid ip (\S+?)(?: ipv6 (\S+))?, not in whitelist")  # WECHAT.md 1.3
_NOT_ON_THE_LIST = (40164, 45035, 61004)
_TO_BE_CONFIRMED = (89501, 89502, 89503, 89504, 89505)
_SECRET_DIGITS = 32


def advice(error: WeChatError, account: Account) -> Hint | None:
    """What a person should do. Never holds the secret; its length and kind may be told."""
    if account.token_mode == "central":  # noqa: S105 -- a mode
        return _there(hint(error)) if isinstance(error, WeChatRefused) else hint(error)
    if isinstance(error, WeChatRefused):
        if error.errcode in _NOT_ON_THE_LIST:
            return _enter(error, account)
        if error.errcode in _TO_BE_CONFIRMED:
            return _confirm(account)
        if isinstance(error, SecretRefused) and error.errcode != 40243:  # frozen: there is nothing to compare
            return _compare(account)
    return hint(error)


def _there(known: Hint | None) -> Hint | None:
    """What WeChat said was said to the central server, and concerns its settings and its address."""
    if known is None:
        return None
    return Hint(en=f"On the central server: {known['en']}", zh=f"在中控服务器上：{known['zh']}")


def seen_address(errmsg: str) -> str | None:
    """The address that WeChat saw us come from, if it says so."""
    match = _ADDRESS.search(errmsg)
    if match is None:
        return None
    v4, v6 = match.groups()
    return v4 if v6 is None or v6.lower() == f"::ffff:{v4}" else f"{v4} ({v6})"


def _enter(error: WeChatRefused, account: Account) -> Hint:
    address = seen_address(error.errmsg)
    official = account.kind == "official"
    where = "Settings and Development, Basic configuration" if official else "Development, Development settings"
    place = "设置与开发，基本配置" if official else "开发管理，开发设置"
    return Hint(
        en=f"Enter {address or 'the public address of this server (or of WECHAT_PROXY)'} in the IP whitelist of "
        f"{account.appid}: mp.weixin.qq.com, {where}. It takes about five minutes to act. Then: {_retry(account)}",
        zh=f"请将 {address or '本服务器（或 WECHAT_PROXY）的公网 IP'} 加入 {account.appid} 的 IP白名单"
        f"（mp.weixin.qq.com，{place}），约五分钟后生效，然后运行：{_retry(account)}",
    )


def _confirm(account: Account) -> Hint:
    return Hint(
        en=f"The administrator of {account.name} ({account.appid}) has a message from WeChat on their phone and has to "
        "approve this server's address there; nobody is asked about an address on the IP whitelist. "
        f"Then: {_retry(account)}",
        zh=f"账号 {account.name}（{account.appid}）的管理员已在手机上收到微信消息，须由其确认本服务器的 IP；"
        f"已加入 IP白名单的 IP 无需确认。然后运行：{_retry(account)}",
    )


def _compare(account: Account) -> Hint:
    return Hint(
        en=f"Compare with mp.weixin.qq.com: is {account.appid} the account that you mean, does the AppSecret belong to "
        f"it, was it reset since? The one set here has {_shape(account.secret)}. WeChat shows an AppSecret only once: "
        f"in doubt reset it and enter the new one {_where(account)}.",
        zh=f"请与 mp.weixin.qq.com 核对：{account.appid} 是否为所指账号，AppSecret 是否属于它、是否已被重置？"
        f"此处的 AppSecret 有 {len(account.secret)} 个字符（应为 {_SECRET_DIGITS} 位十六进制），"
        f"{'含' if _has_whitespace(account.secret) else '不含'}空白字符。微信只显示一次 AppSecret，"
        f"不确定时请重置，将新值{'写入其文件（无需重启）' if account.secret_file else '填入此处后重启'}。",
    )


def _where(account: Account) -> str:
    return "in its file, which needs no restart" if account.secret_file else "here; then restart"


def _shape(secret: str) -> str:
    spaces = "whitespace among them" if _has_whitespace(secret) else "no whitespace"
    return f"{len(secret)} characters, {spaces} (WeChat's have {_SECRET_DIGITS} hexadecimal digits)"


def _has_whitespace(text: str) -> bool:
    return any(character.isspace() for character in text)


def _retry(account: Account) -> str:
    return f"wechat-central retry {account.name}"
