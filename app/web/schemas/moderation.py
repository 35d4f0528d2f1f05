"""Texts, images and media to check, and verdicts."""

from typing import Annotated, Any, ClassVar, Literal, Self

from pydantic import BeforeValidator, Field, model_validator

from ...accounts import OnUnavailable
from ...moderation import COMMENT, LABEL_NAMES, MOST_CHARACTERS_BESIDE, Suggest, cleaned
from .base import AccountOrMini, Answer, Problem, Request
from .base import Text as _Text

MOST_TEXTS = 100
"""of a batch"""

RISKY_EXAMPLE = "特3456书yuuo莞6543李zxcz蒜7782法fgnv级"
"""WeChat's own test string (WECHAT.md 3.1)"""


def _visible(value: object) -> object:
    """The text that is sent; empty if it shows nothing."""
    if not isinstance(value, str):
        return value
    text = cleaned(value)
    return text if text.strip() else ""


def _number(value: object) -> object:
    """A scene of a query, where numbers are texts."""
    return int(value) if isinstance(value, str) and value in ("1", "2", "3", "4") else value


Openid = Annotated[str, Field(pattern=r"^[!-~]{1,128}$")]
_SCENES = "1 profile (资料), 2 comment (评论), 3 forum (论坛), 4 social log (社交日志)."
Scene = Annotated[int, Field(ge=1, le=4, description=_SCENES)]
_Written = Annotated[str, Field(min_length=1), BeforeValidator(_visible)]
_Beside = Annotated[str, Field(min_length=1, max_length=MOST_CHARACTERS_BESIDE), BeforeValidator(_visible)]


class Text(Request):
    """A text to check."""

    content: _Written
    """A longer text than WeChat takes is split, with an overlap; the worst verdict wins."""
    openid: Openid | None = None
    """The user; WeChat must have seen them within two hours. With it WeChat's version 2 is asked."""
    scene: Scene = COMMENT
    title: _Beside | None = None
    nickname: _Beside | None = None
    signature: _Beside | None = None
    """Of a profile: WeChat reads it in scene 1, else it is part of the content."""
    on_unavailable: OnUnavailable | None = None
    """What to answer when WeChat can't be asked: stricter than the account's setting, never looser."""

    @property
    def beside(self) -> dict[str, str]:
        """Title, nickname and signature, where given."""
        given = {"title": self.title, "nickname": self.nickname, "signature": self.signature}
        return {name: text for name, text in given.items() if text is not None}


class TextOfAccount(Text):
    """A text to check, and for which account."""

    example: ClassVar[dict[str, Any]] = {"content": RISKY_EXAMPLE}

    account: AccountOrMini = None


class Texts(Request):
    """Several texts to check."""

    example: ClassVar[dict[str, Any]] = {"items": [{"content": "你好"}, {"content": RISKY_EXAMPLE}]}

    items: Annotated[list[Any], Field(min_length=1, max_length=MOST_TEXTS)]
    """Each as the body of `/api/moderation/text`, without `account`; an error takes its place in the answer."""
    account: AccountOrMini = None


class ImageQuery(Request):
    """How to check the image."""

    advice: ClassVar[str] = " With mode=async an image takes openid and scene, without it on_unavailable."

    account: AccountOrMini = None
    mode: Literal["async"] | None = None
    """`async` asks WeChat's version 2, which answers later."""
    openid: Openid | None = None
    """With `mode=async`: the user."""
    scene: Annotated[Scene, BeforeValidator(_number)] = COMMENT
    on_unavailable: OnUnavailable | None = None
    """What to answer when WeChat can't be asked: stricter than the account's setting, never looser."""

    @model_validator(mode="after")
    def _fits_mode(self) -> Self:
        other = {"on_unavailable"} if self.mode else {"openid", "scene"}
        if wrong := sorted(other & self.model_fields_set):
            raise ValueError(f"The parameter {wrong[0]} is unknown here.{self.advice}")
        if self.mode and self.openid is None:
            raise ValueError("The parameter openid is missing.")
        return self


class Media(Request):
    """An image or a sound that WeChat downloads."""

    example: ClassVar[dict[str, Any]] = {
        "media_url": "https://img.example.com/1.jpg",
        "media_type": 2,
        "openid": "o...",
        "scene": 2,
    }

    media_url: _Text
    """http or https, a public host. WeChat fetches it, this server does not."""
    media_type: Annotated[int, Field(ge=1, le=2)]
    """1 audio, 2 image."""
    openid: Openid
    """The user; WeChat must have seen them within two hours."""
    scene: Scene
    account: AccountOrMini = None


class SentImage(Answer):
    """A file that WeChat got."""

    bytes: Annotated[int, Field(ge=1)]
    width: Annotated[int, Field(ge=1)]
    """Pixels."""
    height: Annotated[int, Field(ge=1)]
    """Pixels."""
    content_type: Annotated[str, Field(examples=["image/jpeg"])]


class Verdict(Answer):
    """A verdict: a result, not an error."""

    suggest: Suggest
    """`review`: a person decides."""
    label: Annotated[int | None, Field(examples=[20001])]
    """Why, as WeChat numbers it; null where the API gives no reason (version 1)."""
    label_name: Annotated[str | None, Field(examples=list(LABEL_NAMES.values()))]
    """The same in a word; null for a number that is new at WeChat."""
    api: Literal["msg_sec_check/1", "msg_sec_check/2", "img_sec_check/1", "media_check_async/1", "media_check_async/2"]
    """Which of WeChat's APIs was asked, and its version."""
    checked: bool
    """false: WeChat could not be asked about all of it, and a setting decided."""
    cached: bool
    """The same content was checked a short while ago."""
    reason: str | None = None
    """Why something was not checked."""
    errcode: int | None = None
    """WeChat's, where it refused to check."""
    trace_id: str | None = None
    """WeChat's id of the check, for its support."""
    detail: list[dict[str, Any]] | None = None
    """What each of WeChat's strategies found, in WeChat's own words."""
    frames: Annotated[int, Field(ge=1)] | None = None
    """Of an animation."""
    frames_checked: Annotated[int, Field(ge=1)] | None = None
    """How many of them WeChat saw."""
    sent: list[SentImage] | None = None
    """Of an image: the files that WeChat got, after fitting to its limits."""


class Pending(Answer):
    """WeChat checks it; ask for the result by its `trace_id`."""

    trace_id: _Text
    """WeChat's id of the check."""
    status: Literal["pending"]


class Job(Answer):
    """The state of a check."""

    trace_id: _Text
    status: Literal["pending", "done", "failed", "timeout"]
    """`failed`: WeChat could not check it; `timeout`: it said nothing within 30 minutes."""
    verdict: Verdict | None = None
    errcode: int | None = None
    """WeChat's, where it failed."""
    reason: str | None = None
    """Why it failed."""


class Verdicts(Answer):
    """One result for each text, in order: a verdict, or what went wrong."""

    items: list[Verdict | Problem]
