"""Hints: what an operator should do about an error, in English and Chinese. Source: WECHAT.md 1.3, 3.3, 7.1."""

from typing import TypedDict

from ..errors import CentralRefused, CentralUnavailable, WeChatBusy, WeChatError, WeChatRefused
from .errcodes import TOKEN_ENDPOINTS

_MEDIA_ENDPOINT = "/wxa/media_check_async"


class Hint(TypedDict):
    """The same advice in both languages."""

    en: str
    zh: str


_UNAVAILABLE = Hint(
    en="Can this machine reach WeChat? Run: wechat-central doctor",
    zh="请检查本机能否访问微信，可运行：wechat-central doctor",
)
_CENTRAL = Hint(
    en="Can this machine reach WECHAT_CENTRAL_URL, and does that server work (wechat-central status, there)? "
    "Run here: wechat-central doctor",
    zh="请检查本机能否访问 WECHAT_CENTRAL_URL，以及该中控服务器是否正常（在其上运行 wechat-central status）。"
    "本机可运行：wechat-central doctor",
)
_CENTRAL_KEY = Hint(
    en="Compare WECHAT_CENTRAL_URL and WECHAT_CENTRAL_KEY with that server's settings: it must have this account, "
    "the key needs the scopes token and ticket and the account, the URL must lead to its internal listener.",
    zh="请将 WECHAT_CENTRAL_URL 和 WECHAT_CENTRAL_KEY 与该中控服务器的配置核对："
    "须配置此账号，密钥须有 token 和 ticket 权限并允许此账号，URL 须指向其 internal 入口。",
)
_BUSY = Hint(
    en="WeChat is busy. There is nothing to do: the server tries again by itself, try again shortly.",
    zh="微信系统繁忙，无需处理：服务会自动重试，请稍后再试。",
)
_TOKEN = Hint(
    en="WeChat refused the access_token, and a new one as well. Is another server fetching tokens for this appid?",
    zh="微信不接受该 access_token，重新获取后仍被拒绝。是否有其他服务器也在为此 appid 获取 access_token？",
)
_SECRET = Hint(
    en="Compare AppID and AppSecret with those shown at mp.weixin.qq.com: same account, no spaces, secret not reset "
    "since? Correct the AppSecret: its file is read again at once, the environment after a restart.",
    zh="请与 mp.weixin.qq.com 上的 AppID 和 AppSecret 核对：是否同一账号、有无空格、是否已被重置。"
    "改正 AppSecret 后，密钥文件会立即重新读取；环境变量须重启后生效。",
)
_MANGLED = Hint(
    en="The call did not arrive as it was sent. Look for a proxy or gateway on the way (WECHAT_PROXY, WECHAT_API_BASE) "
    "that rewrites requests; if there is none, it is a fault of this server: report it with the rid.",
    zh="请求到达微信时已被改动。请检查途中的代理或网关（WECHAT_PROXY、WECHAT_API_BASE）是否改写请求；"
    "若无，则为本服务的缺陷，请附 rid 反馈。",
)
_CONFIRM = Hint(
    en="WeChat has asked the account's administrator to confirm this server's IP address. Ask them to approve it on "
    "their phone, or add the address to the IP whitelist, which needs no confirmation.",
    zh="微信已请公众号管理员确认本服务器的 IP。请管理员在手机上确认，或将该 IP 加入 IP白名单，以后便无需确认。",
)
_WHITELIST = Hint(
    en="Add the IP address named in errmsg to the account's IP whitelist (mp.weixin.qq.com, Settings and Development, "
    "Basic configuration). It takes effect after about five minutes.",
    zh="请把 errmsg 中的 IP 加入该账号的 IP白名单（mp.weixin.qq.com，设置与开发，基本配置），约五分钟后生效。",
)
_MINUTE = Hint(
    en="Too many calls in this minute: slow down. If it was a call for a token, look for another server that fetches "
    "tokens as well.",
    zh="本分钟调用次数已达上限，请放慢调用。若为获取 access_token，请检查是否有其他服务器也在获取。",
)
_DAY = Hint(
    en="The day's quota is used up. It starts anew at midnight in Shanghai; clear_quota (ten times a month) resets it.",
    zh="当日调用次数已达上限，北京时间零点重置；也可调用 clear_quota（每月十次）清零。",
)
_BANNED = Hint(
    en="The account is restricted or frozen. Its administrator finds the reason at mp.weixin.qq.com.",
    zh="该账号已被限制或冻结，请管理员登录 mp.weixin.qq.com 查看原因。",
)
_OPENID = Hint(
    en="Send the openid that this mini program has for the user (wx.login), at most two hours after the user's last "
    "visit. For other users leave it out, or set WECHAT_ON_OPENID_REFUSED to review or v1.",
    zh="请使用该小程序自己的 openid（wx.login），且用户须在近两小时内访问过；"
    "否则请不传 openid，或将 WECHAT_ON_OPENID_REFUSED 设为 review 或 v1。",
)
_OPENID_OF_MEDIA = Hint(
    en="Send the openid that this mini program has for the user (wx.login), at most two hours after the user's last "
    "visit: WeChat checks no media of other users. Send their images to POST /api/moderation/image without mode=async, "
    "which takes no openid.",
    zh="请使用该小程序自己的 openid（wx.login），且用户须在近两小时内访问过：否则微信不检测其音视频和图片。"
    "其他用户的图片请改用 POST /api/moderation/image（不带 mode=async），无需 openid。",
)

_HINTS: dict[int, Hint] = {
    **dict.fromkeys((40003, 43104, 61010), _OPENID),
    **dict.fromkeys((40001, 40014, 42001), _TOKEN),
    **dict.fromkeys((40002, 41002, 41004, 43002), _MANGLED),
    **dict.fromkeys((40164, 45035, 61004), _WHITELIST),
    **dict.fromkeys(range(89501, 89506), _CONFIRM),
    **dict.fromkeys((45011, 44991), _MINUTE),
    **dict.fromkeys((45009, 48006, 9410009), _DAY),
    **dict.fromkeys((48004, 50001, 50002, 50004, 50007, 61007), _BANNED),
    40013: Hint(
        en="WeChat knows no such AppID. Compare it, letter by letter, with the one shown at mp.weixin.qq.com: wx and "
        "16 hexadecimal digits. Then restart the server.",
        zh="微信没有此 AppID。请与 mp.weixin.qq.com 上的逐字核对（wx 加 16 位十六进制），修改后重启服务。",
    ),
    40125: _SECRET,
    40243: Hint(
        en="The AppSecret is frozen. Unfreeze it at mp.weixin.qq.com; that takes effect after ten minutes.",
        zh="AppSecret 已被冻结，请在 mp.weixin.qq.com 解冻，约十分钟后生效。",
    ),
    48017: Hint(
        en="WeChat has retired the IP address that was called. Call its hosts by name (WECHAT_API_BASE).",
        zh="所调用的微信 IP 已停用，请使用域名（WECHAT_API_BASE）。",
    ),
    89506: Hint(
        en="The administrator refused this IP address twice; WeChat blocks it for 24 hours. Talk to them first, or use "
        "the IP whitelist.",
        zh="管理员已两次拒绝该 IP，24 小时内不可再试。请先与管理员沟通，或使用 IP白名单。",
    ),
    89507: Hint(
        en="The administrator refused this IP address; WeChat blocks it for one hour. Talk to them first, or use the "
        "IP whitelist.",
        zh="管理员已拒绝该 IP，1 小时内不可再试。请先与管理员沟通，或使用 IP白名单。",
    ),
    48001: Hint(
        en="This kind of account may not call this API: content checks need a mini program (小程序), tickets an "
        "official account (公众号).",
        zh="该类型账号无此接口权限：内容安全接口需小程序，jsapi_ticket 需公众号。",
    ),
    61024: Hint(
        en="This appid belongs to a third-party platform (第三方平台), whose tokens are of another kind: remove the "
        "account from this server's settings, or enter the appid of the official account or mini program itself.",
        zh="该 appid 属于第三方平台，须使用 component_access_token：请从本服务的配置中移除该账号，"
        "或改填公众号、小程序自身的 appid。",
    ),
}

_HINTS_ON_TOKEN_CALLS: dict[int, Hint] = {
    40001: _SECRET,
    45009: Hint(
        en="The day's quota of token calls is used up: find and stop other servers that fetch tokens for this appid. "
        "It starts anew at midnight in Shanghai; clear_quota (ten times a month) resets it. In classic mode, "
        "WECHAT_TOKEN_MODE=stable has a far larger quota.",
        zh="当日获取 access_token 的次数已达上限：请查明还有谁在为此 appid 获取并停止。北京时间零点重置；"
        "也可调用 clear_quota（每月十次）清零。classic 模式可改用 WECHAT_TOKEN_MODE=stable，额度大得多。",
    ),
    48001: Hint(
        en="WeChat answers this to token calls during its incidents, as if it were busy: the server tries again by "
        "itself. If it lasts for hours, ask WeChat's support with the rid.",
        zh="微信故障期间获取 access_token 会返回此错误，按系统繁忙处理，服务会自动重试；"
        "持续数小时请附 rid 联系微信客服。",
    ),
    50004: Hint(
        en="WeChat forbids this account to fetch tokens, maybe as a punishment. Its administrator finds the reason in "
        "the notices at mp.weixin.qq.com, and appeals there.",
        zh="该账号被禁止获取 access_token（可能因违规处罚），请管理员登录 mp.weixin.qq.com 查看通知并申诉。",
    ),
    50007: Hint(
        en="The account is frozen. Its administrator unfreezes it, or finds the reason, at mp.weixin.qq.com.",
        zh="该账号已被冻结，请管理员登录 mp.weixin.qq.com 查看原因并解冻。",
    ),
}


def hint(error: WeChatError) -> Hint | None:
    """What an operator should do about this error, or None if its text says all we know."""
    if isinstance(error, CentralRefused):
        return _CENTRAL_KEY
    if not isinstance(error, WeChatRefused):
        return _CENTRAL if isinstance(error, CentralUnavailable) else _UNAVAILABLE
    known = _HINTS.get(error.errcode, _BUSY if isinstance(error, WeChatBusy) else None)
    if error.endpoint in TOKEN_ENDPOINTS:
        return _HINTS_ON_TOKEN_CALLS.get(error.errcode, known)
    # There the openid is required.
    return _OPENID_OF_MEDIA if known is _OPENID and error.endpoint == _MEDIA_ENDPOINT else known
