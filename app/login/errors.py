"""The errors of logins, beside those of `app.errors`."""

from typing import Literal

from ..errors import CentralServerError, WeChatError

LoginFailure = Literal["unknown", "expired", "cookie", "code", "used", "wechat", "busy"]
"""`unknown`: no such attempt; `cookie`: another browser's; `used`: its code was exchanged a while ago"""


class LoginFailed(CentralServerError):
    """A login that came back from WeChat and cannot be finished.

    `start_again` is the query of `/api/oauth/start` that begins the same login anew; empty if that is unknown.
    """

    def __init__(self, reason: LoginFailure, start_again: str = "") -> None:
        super().__init__(f"The login cannot be finished: {reason}.")
        self.reason = reason
        self.start_again = start_again


class TicketRefused(CentralServerError):
    """The login ticket is unknown, used, too old, or not for this verifier; the text is the same for all."""

    def __init__(self) -> None:
        super().__init__("The ticket is unknown, used or older than a minute, or the verifier is not its challenge's.")


class UnknownSession(CentralServerError):
    """The session is another API key's, has ended, or never existed."""

    def __init__(self) -> None:
        super().__init__("There is no such session of this API key, or it has ended: log in again (wx.login).")


class DecryptionFailed(CentralServerError):
    """Encrypted user data that cannot be decrypted. The text never says why: that would help to forge such data."""

    def __init__(self) -> None:
        super().__init__("The data cannot be decrypted: send encryptedData and iv of this user as the page got them.")


class CodeLost(CentralServerError):
    """WeChat gave no usable answer to the exchange of a code. It may be used up, so it is never sent again."""

    def __init__(self, error: WeChatError) -> None:
        super().__init__(f"The code may be used up: get a new one from the page. {error}")
