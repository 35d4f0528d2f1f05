"""What a caller of a login can meet beside the errors of `app.errors`."""

from ..errors import CentralServerError, WeChatError


class UnknownSession(CentralServerError):
    """The session is another API key's, has ended, or never was."""

    def __init__(self) -> None:
        super().__init__("There is no such session of this API key, or it has ended: log in again (wx.login).")


class DecryptionFailed(CentralServerError):
    """Encrypted user data that cannot be opened. The text never says why: that would help to forge such data."""

    def __init__(self) -> None:
        super().__init__("The data cannot be decrypted: send encryptedData and iv of this user as the page got them.")


class CodeLost(CentralServerError):
    """WeChat gave no usable answer to the exchange of a code. It may be used up, so it is never sent again."""

    def __init__(self, error: WeChatError) -> None:
        super().__init__(f"The code may be used up: get a new one from the page. {error}")
