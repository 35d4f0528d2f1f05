"""A peer: signatures as a Flask application makes them with wechatpy, and nothing else: no log, no metrics.

The session storage is wechatpy's default, in memory: not for production, but the fastest one.
"""

import os
import time
from typing import Any

from flask import Flask, Response, jsonify, request
from wechatpy import WeChatClient  # type: ignore[import-untyped]
from wechatpy.utils import random_string  # type: ignore[import-untyped]


class Client(WeChatClient):  # type: ignore[misc]
    """wechatpy's client; only the host differs, which wechatpy writes out in two places."""

    API_BASE_URL = os.environ["WECHAT_API_BASE"] + "/cgi-bin/"

    def fetch_access_token(self) -> Any:
        """See wechatpy."""
        parameters = {"grant_type": "client_credential", "appid": self.appid, "secret": self.secret}
        return self._fetch_access_token(self.API_BASE_URL + "token", parameters)


app = Flask(__name__)
client = Client(os.environ["WECHAT_APPID"], os.environ["WECHAT_SECRET"])


@app.get("/api/jssdk/signature")
def signature() -> Response:
    """Sign the URL of a page."""
    url, noncestr, timestamp = request.args["url"], random_string(), int(time.time())
    ticket = client.jsapi.get_jsapi_ticket()
    signed = client.jsapi.get_jsapi_signature(noncestr, ticket, timestamp, url)
    return jsonify(appId=client.appid, timestamp=timestamp, nonceStr=noncestr, signature=signed, url=url)
