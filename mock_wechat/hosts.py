"""WeChat's hosts."""

API_HOSTS = tuple(f"{name}.weixin.qq.com" for name in ("api", "api2", "sh.api", "sz.api", "hk.api"))
"""WECHAT.md 0.11."""

HOSTS = (
    *API_HOSTS,
    "file.api.weixin.qq.com",  # media, in older SDKs
    "mp.weixin.qq.com",  # showqrcode
    "open.weixin.qq.com",  # the authorize page
    "res.wx.qq.com",  # the JS-SDK
)
"""All hosts that a certificate of the mock is for."""
