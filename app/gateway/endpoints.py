"""WeChat's endpoints that are counted by name."""

OTHER = "other"
_ENDPOINTS = frozenset(
    (
        *("/cgi-bin/token", "/cgi-bin/stable_token", "/cgi-bin/ticket/getticket", "/cgi-bin/get_api_domain_ip"),
        *("/cgi-bin/getcallbackip", "/cgi-bin/callback/check", "/cgi-bin/clear_quota", "/cgi-bin/clear_quota/v2"),
        *("/cgi-bin/openapi/quota/get", "/cgi-bin/openapi/quota/clear", "/cgi-bin/openapi/rid/get"),
        *("/sns/jscode2session", "/sns/oauth2/access_token", "/sns/oauth2/refresh_token", "/sns/userinfo", "/sns/auth"),
        *("/cgi-bin/user/info", "/cgi-bin/user/info/batchget", "/cgi-bin/user/get", "/cgi-bin/user/info/updateremark"),
        *("/cgi-bin/tags/create", "/cgi-bin/tags/get", "/cgi-bin/tags/members/batchtagging", "/cgi-bin/tags/getidlist"),
        *("/cgi-bin/message/custom/send", "/cgi-bin/message/custom/typing", "/cgi-bin/message/template/send"),
        *("/cgi-bin/message/template/subscribe", "/cgi-bin/message/subscribe/send"),
        *("/cgi-bin/message/wxopen/updatablemsg/send", "/cgi-bin/message/wxopen/activityid/create"),
        *("/cgi-bin/message/mass/sendall", "/cgi-bin/message/mass/send", "/cgi-bin/message/mass/preview"),
        *("/cgi-bin/template/get_all_private_template", "/wxaapi/newtmpl/gettemplate", "/wxaapi/newtmpl/addtemplate"),
        *("/cgi-bin/menu/create", "/cgi-bin/menu/get", "/cgi-bin/menu/delete", "/cgi-bin/get_current_selfmenu_info"),
        *("/cgi-bin/media/upload", "/cgi-bin/media/get", "/cgi-bin/media/get/jssdk", "/cgi-bin/media/uploadimg"),
        *("/cgi-bin/material/add_material", "/cgi-bin/material/get_material", "/cgi-bin/material/batchget_material"),
        *("/cgi-bin/draft/add", "/cgi-bin/draft/batchget", "/cgi-bin/freepublish/submit", "/cgi-bin/freepublish/get"),
        *("/cgi-bin/qrcode/create", "/cgi-bin/shorturl", "/cgi-bin/wxaapp/createwxaqrcode"),
        *("/wxa/getwxacode", "/wxa/getwxacodeunlimit", "/wxa/generatescheme", "/wxa/generate_urllink"),
        *("/wxa/genwxashortlink", "/wxa/business/getuserphonenumber", "/wxa/checksession", "/wxa/resetusersessionkey"),
        *("/wxa/msg_sec_check", "/wxa/img_sec_check", "/wxa/media_check_async", "/wxa/getuserriskrank"),
        *("/wxa/business/getuserencryptkey", "/wxa/sec/order/upload_shipping_info", "/xpay/query_user_balance"),
        *("/datacube/getusersummary", "/datacube/getweanalysisappiddailysummarytrend", "/card/create"),
    )
)


def label(path: str) -> str:
    """The path if it is one of WeChat's common endpoints, else `other`: callers may invent paths."""
    return path if path in _ENDPOINTS else OTHER
