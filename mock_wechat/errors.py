"""WeChat's errcodes and their texts, and the body of an error (WECHAT.md 0 to 5, 7, 9.2)."""

from random import Random

ERRMSG = {
    -1: "system error",
    10003: "redirect_uri域名与后台配置不一致",
    10004: "此公众号被封禁",
    10005: "此公众号没有这些scope的权限",
    10006: "必须关注此测试号",
    10009: "操作太频繁了，请稍候再试",
    10010: "scope不能为空",
    10011: "redirect_uri不能为空",
    10012: "appid不能为空",
    10013: "state不能为空",
    10015: "公众号未授权第三方平台，请检查授权状态",
    10016: "不支持微信开放平台的Appid，请使用公众号Appid",
    40001: "invalid credential, access_token is invalid or not latest, could get access_token by getStableAccessToken, "
    "more details at https://mmbizurl.cn/s/JtxxFh33r",
    40002: "invalid grant_type",
    40003: "invalid openid",
    40004: "invalid media type",
    40006: "invalid media size",
    40013: "invalid appid",
    40014: "invalid access_token",
    40029: "invalid code",
    40030: "invalid refresh_token",
    40066: "invalid url",
    40097: "invalid args",
    40125: "invalid appsecret",
    40129: "invalid scene",
    40163: "code been used",
    40164: "invalid ip, not in whitelist",
    40201: "invalid url",
    40202: "invalid action",
    40203: "invalid check_operator",
    40226: "code blocked",
    40243: "AppSecret已被冻结，请解冻后再次调用。",
    41001: "access_token missing",
    41002: "appid missing",
    41004: "appsecret missing",
    41005: "media data missing",
    41008: "missing code",
    42001: "access_token expired",
    42002: "refresh_token expired",
    42003: "code expired",
    42007: "access_token and refresh_token exception",
    43001: "require GET method",
    43002: "require POST method",
    43003: "require https",
    43104: "The openid does not match the appid",
    44002: "empty post data",
    44991: "reach max api minute frequence",
    45002: "content size out of limit",
    45009: "reach max api daily quota limit",
    45011: "api minute-quota reach limit, must slower, retry next minute",
    45035: "access clientip is not registered, not in ip-white-list",
    47001: "data format error",
    48001: "api unauthorized",
    48004: "api forbidden for irregularities, view detail on mp.weixin.qq.com",
    48006: "forbid to clear quota because of reaching the limit",
    50002: "user limited",
    50004: "user not allow to use accesstoken, maybe for punishment",
    50007: "账号已冻结",
    61004: "access clientip is not registered",
    61010: "code is expired",
    61024: "must use api(api_component_token) to get token for component acct",
    76001: "rid not found, please check",
    76002: "rid is error",
    76003: "could not query this rid,no permission",
    76004: "rid time is error",
    76021: "cgi_path not found, please check",
    76022: "could not use this cgi_path，no permission",
    87014: "risky content",
    87020: "repeat request limit exceeded",
    89501: "公众号有未处理的确认请求，请稍候重试",
    89502: "请耐心等待管理员确认",
    89503: "此次调用需要管理员确认，请耐心等候",
    89504: "正在等管理员确认，请耐心等待",
    89505: "正在等管理员确认，请稍候重试",
    89506: "该IP调用求请求已被公众号管理员拒绝，请24小时后再试，建议调用前与管理员沟通确认",
    89507: "该IP调用求请求已被公众号管理员拒绝，请1小时后再试，建议调用前与管理员沟通确认",
}


class WeChatError(Exception):
    """An error answer; `errmsg` has no rid yet."""

    def __init__(self, errcode: int, errmsg: str | None = None) -> None:
        super().__init__(errcode)
        self.errcode = errcode
        self.errmsg = errmsg or ERRMSG.get(errcode, "unknown error")


def new_rid(now: float, random: Random) -> str:
    """Three groups of eight hex digits; the first is the time in Unix seconds (WECHAT.md 0.6)."""
    return f"{int(now):08x}-{random.getrandbits(32):08x}-{random.getrandbits(32):08x}"
