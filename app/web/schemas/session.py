"""Mini program sessions."""

from typing import Annotated, Any, ClassVar

from pydantic import Field

from .base import AccountOrMini, Answer, Request, Text

_Code = Annotated[str, Field(pattern=r"^[!-~]{1,512}$")]
_Handle = Annotated[str, Field(pattern=r"^[A-Za-z0-9_-]{43}$")]


class LoginCode(Request):
    """A login."""

    example: ClassVar[dict[str, Any]] = {"code": "0e3Fi9Ga1Pp4BI06nwIa1lof2C1Fi9GL"}

    code: _Code
    """Of `wx.login`: good once, for five minutes."""
    account: AccountOrMini = None


class PhoneCode(Request):
    """A phone number."""

    example: ClassVar[dict[str, Any]] = {"code": "e31968a7f94cc5ee25fafc2aef2773f0bb8c3937b22520eb8ee345274d00c144"}

    code: _Code
    """Of the phone number button (`getPhoneNumber`), not of `wx.login`."""
    account: AccountOrMini = None


class OfSession(Request):
    """A session."""

    example: ClassVar[dict[str, Any]] = {"session": "W0Vq5lT6Fh3n2oXJx9bQk8sYcR1uZ4mDgA7eLpHiN_M"}

    session: _Handle


class EncryptedData(OfSession):
    """Encrypted user data, as the page got it."""

    example: ClassVar[dict[str, Any]] = {**OfSession.example, "encryptedData": "CiyLU1Aw...", "iv": "r7BXXKkLb8qr..."}

    encryptedData: str  # noqa: N815 -- as WeChat spells it
    iv: str


class SignedText(OfSession):
    """A text to sign."""

    example: ClassVar[dict[str, Any]] = {**OfSession.example, "data": '{"offerId":"123"}'}

    data: Text
    """Exactly the text that is sent to WeChat."""


class NewSession(Answer):
    """A session of 30 days without use."""

    session: _Handle
    """For this API key alone. Keep it on the server: never give it to the mini program."""
    openid: Text
    unionid: Text | None = None


class User(Answer):
    """Whose session it is."""

    openid: Text
    unionid: Text | None = None


class Decrypted(Answer):
    """What was encrypted."""

    data: dict[str, Any]
    """In WeChat's own words, with its `watermark`."""


class UserSignature(Answer):
    """HMAC-SHA256 with the session_key."""

    signature: Annotated[str, Field(pattern="^[0-9a-f]{64}$")]


class PhoneNumber(Answer):
    """The user's phone number."""

    phoneNumber: Text  # noqa: N815 -- as WeChat spells it
    """With the country code, where that is not 86."""
    purePhoneNumber: Text  # noqa: N815 -- as WeChat spells it
    countryCode: Text  # noqa: N815 -- as WeChat spells it
