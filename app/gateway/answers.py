"""The gateway's own answers: HTTP 200 with errcode and errmsg, as SDKs read them.

An HTTP error makes some SDKs write the API key into an exception.
"""

UNANSWERED = 599001
"""WeChat got the call and did not answer; outside of WeChat's table, so that no SDK repeats it"""


class GatewayRefusal(Exception):
    """The gateway answers by itself. `errmsg` says so, and holds nothing of the request."""

    def __init__(self, errcode: int, errmsg: str) -> None:
        super().__init__(errmsg)
        self.errcode = errcode
        self.errmsg = errmsg
