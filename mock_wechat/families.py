"""Which paths are WeChat's: the first segments that its documents and five SDKs use on api.weixin.qq.com."""

FAMILIES = (
    *("bizwifi", "card", "cgi-bin", "channels", "cityservice", "componenttcb", "customservice", "cv", "datacube"),
    *("device", "donut", "hardware", "intp", "marketing", "merchant", "nontax", "pay", "payfeedback", "product"),
    *("promoter", "publisher", "redpacketcover", "retail", "scan", "semantic", "shakearound", "shop", "sns", "tcb"),
    *("union", "user-order", "wedata", "wxa", "wxaapi", "wxadrama", "xpay"),
)
AUTHORIZE = "/connect/oauth2/authorize"
QRCONNECT = "/connect/qrconnect"
LOGIN_PAGES = (AUTHORIZE, QRCONNECT)
_PREFIXES = tuple(f"/{family}/" for family in FAMILIES)


def is_wechat_path(path: str) -> bool:
    return path.startswith(_PREFIXES) or path in LOGIN_PAGES


def wechat_path(given: object) -> str:
    """Check for a path of WeChat. Raises TypeError or ValueError."""
    return _checked(given, may_end_in_star=False)


def wechat_pattern(given: object) -> str:
    """Check for a path of WeChat, or a prefix of some that ends in `*`. Raises TypeError or ValueError."""
    return _checked(given, may_end_in_star=True)


def _checked(given: object, *, may_end_in_star: bool) -> str:
    if not isinstance(given, str):
        raise TypeError("must be a string")
    prefix = given[:-1] if may_end_in_star and given.endswith("*") else None
    known = (*_PREFIXES, *LOGIN_PAGES)
    if not given.isascii() or not given.isprintable() or set(given) & set(" ?#"):
        raise ValueError(f"must be a path without a query, not {given!r}")
    if is_wechat_path(given) or (prefix is not None and any(each.startswith(prefix) for each in known)):
        return given
    star = "; a prefix ends in *" if may_end_in_star else ""
    raise ValueError(f"{given!r} is not in WeChat's families, {', '.join(known)}{star}")
