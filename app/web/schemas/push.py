"""WeChat's message push. `app.push` checks the requests; these models only describe them."""

from pydantic import BaseModel, ConfigDict

from .base import Text


class Signed(BaseModel):
    """What WeChat signs."""

    model_config = ConfigDict(use_attribute_docstrings=True)

    signature: Text | None = None
    """SHA-1 of token, timestamp and nonce."""
    timestamp: Text
    """Unix seconds; older than five minutes is refused."""
    nonce: Text
    """WeChat's."""


class UrlCheck(Signed):
    """WeChat checks the URL."""

    echostr: Text
    """What to answer."""


class Push(Signed):
    """WeChat delivers."""

    msg_signature: Text | None = None
    """Covers the encrypted body."""
    encrypt_type: Text | None = None
    """`aes` where the body is encrypted."""
    openid: Text | None = None
    """The user."""
