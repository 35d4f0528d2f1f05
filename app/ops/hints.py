"""What an operator should do about a refusal, a cooldown or a store that fails: the one place for such hints."""

import re

from ..accounts import Account
from ..errors import SecretRefused, WeChatError, WeChatRefused
from ..wechat import Hint, hint

_ADDRESS = re.compile(r"invalid ip (\S+?)(?: ipv6 (\S+))?, not in whitelist")  # WECHAT.md 1.3
_NOT_WHITELISTED = (40164, 45035, 61004)
_TO_BE_CONFIRMED = (89501, 89502, 89503, 89504, 89505)
_FROZEN = 40243

BUDGET = Hint(
    en="WeChat refuses one access_token after the other. Is another server fetching tokens for this appid? If WeChat "
    "returns the same stable token each time, run: wechat-central refresh ACCOUNT access_token --force",
    zh="微信接连拒绝新的 access_token。是否有其他服务器也在为此 appid 获取 access_token？"
    "若微信每次返回同一个稳定版 token，请运行：wechat-central refresh ACCOUNT access_token --force",
)
_UNKNOWN = Hint(
    en="Look the errcode up in WeChat's documentation; its support finds the call by its rid.",
    zh="请在微信官方文档的返回码说明中查找该 errcode；向微信客服反馈时请提供 rid。",
)
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


def store_hint(store_url: str) -> Hint:
    """What to do about a store that does not answer or takes no writes."""
    return _REDIS if store_url.startswith("redis") else _SQLITE


def advice(error: WeChatError, account: Account) -> Hint:
    """What to do about the error, as far as the account, its settings and WeChat's words tell. Holds no secret."""
    known = hint(error)
    if isinstance(error, WeChatRefused):
        if account.token_mode == "central":  # noqa: S105 -- a mode
            # WeChat refused the central server: its settings and its IP address are meant.
            known = known or _UNKNOWN
            return Hint(en=f"On the central server: {known['en']}", zh=f"在中控服务器上：{known['zh']}")
        if error.errcode in _NOT_WHITELISTED:
            return _enter(error, account)
        if error.errcode in _TO_BE_CONFIRMED:
            return _confirm(account)
        if isinstance(error, SecretRefused) and error.errcode != _FROZEN:
            return _compare(account)
    return known or _UNKNOWN


def seen_address(errmsg: str) -> str | None:
    """The IP address that WeChat saw the call come from, if `errmsg` has one."""
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
        f"{account.appid}: mp.weixin.qq.com, {where}. It takes about five minutes to act. "
        f"Then: wechat-central retry {account.name}",
        zh=f"请将 {address or '本服务器（或 WECHAT_PROXY）的公网 IP'} 加入 {account.appid} 的 IP白名单"
        f"（mp.weixin.qq.com，{place}），约五分钟后生效，然后运行：wechat-central retry {account.name}",
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
    where = ("in its file, which needs no restart", "写入其文件（无需重启）")
    if account.secret_file is None:
        where = ("here; then restart", "填入此处后重启")
    return Hint(
        en=f"Compare with mp.weixin.qq.com: is {account.appid} the account that you mean, does the AppSecret belong to "
        f"it, was it reset since? The one set here has {characters} characters, "
        f"{'whitespace among them' if has_whitespace else 'no whitespace'} (WeChat's have 32 hexadecimal digits). "
        f"WeChat shows an AppSecret only once: if in doubt, reset it and enter the new one {where[0]}.",
        zh=f"请与 mp.weixin.qq.com 核对：{account.appid} 是否为所指账号，AppSecret 是否属于它、是否已被重置？"
        f"此处的 AppSecret 有 {characters} 个字符（应为 32 位十六进制），{'含' if has_whitespace else '不含'}空白字符。"
        f"微信只显示一次 AppSecret，不确定时请重置，将新值{where[1]}。",
    )
