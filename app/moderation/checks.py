"""Asks WeChat about a text or an image. A refused access_token is replaced and the whole content sent once more."""

from collections.abc import Callable

from ..exceptions import RiskyContent
from ..provider import CredentialProvider
from ..wechat import WeChatClient
from .verdicts import Verdict


def check_text(access_token: CredentialProvider, client: WeChatClient, content: str) -> Verdict:
    """The verdict on a text. Raises WeChatError when WeChat gives none."""
    return _verdict("msg_sec_check/1", access_token, lambda token: client.msg_sec_check(token, content))


def check_image(access_token: CredentialProvider, client: WeChatClient, image: bytes) -> Verdict:
    """The verdict on an image file. Raises WeChatError when WeChat gives none."""
    return _verdict("img_sec_check/1", access_token, lambda token: client.img_sec_check(token, image))


def _verdict(api: str, access_token: CredentialProvider, call: Callable[[str], None]) -> Verdict:
    try:
        access_token.use(call)
    except RiskyContent:
        return Verdict.without_label("risky", api)
    return Verdict.without_label("pass", api)
