"""What to say of each mistake, in English and Chinese. The debugger page says the same; a test compares."""

from collections.abc import Sequence
from typing import TypedDict


class Hint(TypedDict):
    """One text in both languages."""

    en: str
    zh: str


HINTS: dict[str, Hint] = {
    "fragment_left_in": {
        "en": "The URL was signed together with its #fragment. Cut it off: location.href.split('#')[0].",
        "zh": "签名时 URL 带上了 # 及其后面的部分。请先去掉：location.href.split('#')[0]。",
    },
    "landing_url": {
        "en": "The other URL was signed. iOS verifies against the URL with which the app was entered, Android against "
        "the current one: sign the one that counts there.",
        "zh": "签名用的是另一个 URL。iOS 按首次进入页面时的 URL 校验，Android 按当前 URL 校验：请按平台选择。",
    },
    "url_decoded": {
        "en": "The URL was decoded before it was signed. Sign it as location.href has it, %XX included; "
        "request.url in Flask, for one, is already decoded.",
        "zh": "签名前 URL 被解码了。请按 location.href 原样签名，保留 %XX；例如 Flask 的 request.url 就已解码。",
    },
    "url_encoded": {
        "en": "The URL was still percent-encoded when it was signed, or was encoded anew. Encode it once to send it, "
        "decode it once on the server, sign what comes out.",
        "zh": "签名时 URL 仍是编码后的，或又被编码了一次。发送时编码一次，服务器解码一次，然后原样签名。",
    },
    "ampersand_escaped": {
        "en": "The & in the URL had become &amp;, or the reverse: a template or an editor escaped it as HTML. "
        "Sign the address as the browser has it.",
        "zh": "URL 里的 & 与 &amp; 混淆了：模板或编辑器做了 HTML 转义。请按浏览器里的地址签名。",
    },
    "scheme_changed": {
        "en": "http and https were mixed up: behind a proxy a server often sees http where the phone sees https. "
        "Sign the URL that the page sends.",
        "zh": "http 与 https 不一致：服务器在代理后面常看到 http，而手机看到的是 https。请用页面发来的 URL 签名。",
    },
    "slash_changed": {
        "en": "A slash was added to the URL or taken away from it. Sign it as it is, never normalised.",
        "zh": "URL 多了或少了一个斜杠。请原样签名，不要规范化。",
    },
    "share_parameters": {
        "en": "from= or isappinstalled=, which WeChat appends to shared links, is in one of the two URLs only. "
        "Sign the address that the page has now, not a fixed one.",
        "zh": "微信在分享链接后追加的 from= 或 isappinstalled= 只出现在其中一个 URL 里。"
        "请对页面当前的地址签名，不要用固定的 URL。",
    },
    "query_left_out": {
        "en": "The URL was signed without its query. Sign everything up to the #; encode it with encodeURIComponent "
        "to send it, or it is cut off at its first &.",
        "zh": "签名的 URL 没有查询部分。# 之前的内容都要签名；"
        "发送时用 encodeURIComponent 编码，否则会在第一个 & 处截断。",
    },
    "port_changed": {
        "en": "The URL was signed with a port that the browser does not show, or without the one that it shows.",
        "zh": "签名的 URL 带了浏览器不显示的端口，或少了浏览器显示的端口。",
    },
    "key_case": {
        "en": "A name in string1 has a capital letter. There it is noncestr and timestamp, all lower case; "
        "only wx.config has nonceStr.",
        "zh": "string1 里的参数名用了大写字母。那里必须是全小写的 noncestr 和 timestamp；只有 wx.config 用 nonceStr。",
    },
    "milliseconds": {
        "en": "Seconds and milliseconds were mixed up: the timestamp that was signed is not the one in wx.config. "
        "Use seconds for both.",
        "zh": "秒与毫秒混淆了：签名用的 timestamp 与 wx.config 里的不同。两处都请用秒。",
    },
    "wx_card_ticket": {
        "en": "It was signed with the wx_card ticket. wx.config takes the one of type=jsapi.",
        "zh": "签名用了 wx_card 的 ticket。wx.config 需要 type=jsapi 的 ticket。",
    },
    "other_account": {
        "en": "It was signed with the jsapi_ticket of another account. Ticket and appId must be one account's.",
        "zh": "签名用了另一个公众号的 jsapi_ticket。ticket 与 appId 必须属于同一个公众号。",
    },
}
"""by the name of the mistake"""

RIGHT: Hint = {
    "en": "The signature is right for this URL and the current ticket.",
    "zh": "对这个 URL 和当前的 ticket，签名正确。",
}
NOT_LISTED: Hint = {
    "en": "The page is not on the account's JS domains: WeChat answers invalid url domain, whatever the signature.",
    "zh": "该页面不在公众号的 JS 接口安全域名内：无论签名如何，微信都会返回 invalid url domain。",
}
UNKNOWN: Hint = {
    "en": "No known mistake gives this signature. Is it an older ticket's? Is the URL the page's own, are timestamp "
    "and nonceStr those of the same wx.config?",
    "zh": "没有已知的错误能得到这个签名。是旧 ticket 的签名吗？URL 是页面自己的吗？"
    "timestamp 和 nonceStr 来自同一个 wx.config 吗？",
}
OLDER: Hint = {
    "en": "The signature is older than the current ticket: it was probably made with the one before, which is not "
    "kept.",
    "zh": "这个签名早于当前的 ticket：可能用的是上一个 ticket，而它没有被保留。",
}


def hint(mistakes: Sequence[str] | None, *, listed: bool, older: bool) -> Hint:
    """What to tell people who have made these mistakes; () is none, None is unknown ones."""
    said = [OLDER if older else UNKNOWN]
    if mistakes is not None:
        said = [HINTS[name] for name in mistakes] or [RIGHT]
    if not listed:
        said.append(NOT_LISTED)
    return {"en": " ".join(text["en"] for text in said), "zh": "".join(text["zh"] for text in said)}
