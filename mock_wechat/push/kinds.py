"""What users send: the elements of each message and event, in the order in which WeChat's documents print them.

Defaults are those of the documents. The fields of a call are the elements' names in lower case: `media_id` is MediaId.
"""

import re
from collections.abc import Callable, Mapping
from typing import Final

from ..fields import MAX, Check, Fields, WrongField, list_of, number, text, whole
from ..state.accounts import Account

Read = Callable[[Fields, str, Account, str], object]
"""Reads an element: from a call's fields, the field's name, the account and the user's openid. None leaves it out."""
Elements = Mapping[str, "Read | Elements"]

MAX_ID = 2**63 - 1
MAX_DEPTH = 5
NEW_FILE = ""
"""Stands for the media_id of a file that the mock makes later."""
PIC_URL = "http://mmbiz.qpic.cn/mmbiz_jpg/mock/0"
PIC_MD5 = "1b5f7c23b5bf75682a53e7b6d163e185"
ENVELOPE = ("ToUserName", "FromUserName", "CreateTime", "MsgType", "Event", "MsgId", "Encrypt")
_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_.-]*")


def _words(value: object) -> str:
    """A text that may be empty."""
    return "" if value == "" else text(value)


def _may(check: Check[object], default: object = None) -> Read:
    return lambda given, name, *_: given.may(name, check, default)


def _need(check: Check[object]) -> Read:
    return lambda given, name, *_: given.need(name, check)


def _degrees(most: int, default: float) -> Read:
    return lambda given, name, *_: float(given.may(name, number(-most, most), default))


def _as_text(read: Read) -> Read:
    """The value as text: location_select has its numbers in CDATA."""
    return lambda *arguments: str(read(*arguments))


def _scene(given: Fields, *_: object) -> str:
    """Empty without a QR code: documents leave it out, captured events have it."""
    scene = given.may("scene", text, None)
    return "" if scene is None else f"qrscene_{scene}"


def _pictures(given: Fields, *_: object) -> object:
    sums = given.may("pic_md5sum", list_of(text), (PIC_MD5,))
    return {"Count": len(sums), "PicList": {"item": [{"PicMd5Sum": each} for each in sums]}}


def _answers(given: Fields, _: str, account: Account, __: str) -> object:
    """The user's answer, accept or reject, to each template of a dialog."""
    templates = given.need("template_id", lambda it: (text(it),) if isinstance(it, str) else list_of(text)(it))
    status = given.may("subscribe_status_string", text, "accept")
    scene = given.may("popup_scene", whole(0), 0 if account.kind == "mini" else 1)
    return {"List": [{"TemplateId": it, "SubscribeStatusString": status, "PopupScene": scene} for it in templates]}


_msg_id = _may(whole(1, MAX_ID), 0)
_media_id = _may(text, NEW_FILE)
_event_key: Elements = {"EventKey": _need(text)}
_video: Elements = {"MediaId": _media_id, "ThumbMediaId": _media_id}
_menu_view: Elements = {**_event_key, "MenuId": _may(whole(0, MAX_ID), 1)}
_scan: Elements = {**_event_key, "ScanCodeInfo": {"ScanType": _may(text, "qrcode"), "ScanResult": _may(text, "1")}}
_pictures_sent: Elements = {**_event_key, "SendPicsInfo": _pictures}
_user: Elements = {"OpenID": lambda _, __, ___, openid: openid, "AppID": lambda _, __, account, ___: account.appid}

MESSAGES: Final[Mapping[str, Elements]] = {
    "text": {"Content": _need(text)},
    "image": {"PicUrl": _may(text, PIC_URL), "MediaId": _media_id},
    "voice": {
        "MediaId": _media_id,
        "Format": _may(text, "amr"),
        "Recognition": _may(text),  # only of accounts that had speech recognition
        "MsgId": _msg_id,
        "MediaId16K": _may(text),
    },
    "video": _video,
    "shortvideo": _video,
    "location": {
        "Location_X": _degrees(90, 23.134521),
        "Location_Y": _degrees(180, 113.358803),
        "Scale": _may(whole(0), 20),
        "Label": _may(text, "位置信息"),
    },
    "link": {
        "Title": _may(text, "公众平台官网链接"),
        "Description": _may(text, "公众平台官网链接"),
        "Url": _may(text, "https://mp.weixin.qq.com/"),
    },
    "miniprogrampage": {
        "MsgId": _msg_id,
        "Title": _may(text, "title"),
        "AppId": lambda given, name, account, _: given.may(name, text, account.appid),
        "PagePath": _may(text, "pages/index/index"),
        "ThumbUrl": _may(text, PIC_URL),
        "ThumbMediaId": _media_id,
    },
}
"""By MsgType. Where MsgId is not listed, it comes last; 0 asks for a new one."""

OFFICIAL_EVENTS: Final[Mapping[str, Elements]] = {
    "subscribe": {"EventKey": _scene, "Ticket": _may(text)},
    "unsubscribe": {"EventKey": lambda *_: ""},
    "SCAN": {"EventKey": lambda given, *_: given.need("scene", text), "Ticket": _may(text)},
    "LOCATION": {
        "Latitude": _degrees(90, 23.137466),
        "Longitude": _degrees(180, 113.352425),
        "Precision": _degrees(MAX, 119.38504),
    },
    "CLICK": _event_key,
    "VIEW": _menu_view,
    "view_miniprogram": _menu_view,
    "scancode_push": _scan,
    "scancode_waitmsg": _scan,
    "pic_sysphoto": _pictures_sent,
    "pic_photo_or_album": _pictures_sent,
    "pic_weixin": _pictures_sent,
    "location_select": {
        **_event_key,
        "SendLocationInfo": {
            "Location_X": _as_text(_may(number(-90, 90), 23)),
            "Location_Y": _as_text(_may(number(-180, 180), 113)),
            "Scale": _as_text(_may(whole(0), 15)),
            "Label": _may(text, "广州市海珠区客村艺苑路 106号"),
            "Poiname": _may(_words, ""),
        },
    },
    "TEMPLATESENDJOBFINISH": {"MsgID": _may(whole(0, MAX_ID), 200163836), "Status": _may(text, "success")},
}
MINI_EVENTS: Final[Mapping[str, Elements]] = {"user_enter_tempsession": {"SessionFrom": _may(_words, "")}}
EVENTS: Final[Mapping[str, Elements]] = {
    **OFFICIAL_EVENTS,
    **MINI_EVENTS,
    "subscribe_msg_popup_event": {"SubscribeMsgPopupEvent": _answers},
    "user_info_modified": _user,
    "user_authorization_revoke": {
        **_user,
        "RevokeInfo": lambda given, name, account, _: given.may(name, text, "1" if account.kind == "mini" else "201"),
        "PluginID": _may(text),
        "OpenPID": _may(text),
    },
    "user_authorization_cancellation": _user,
}
"""By Event. Other events have the elements that the call gives."""


def read_content(kind: str, given: Mapping[str, object], account: Account, openid: str) -> dict[str, object]:
    """The message from its MsgType on; MsgId is 0 unless the call gives one. Raises WrongField."""
    if kind in MESSAGES:
        elements = MESSAGES[kind]
        if "MsgId" not in elements:
            elements = {**elements, "MsgId": _msg_id}
        return {"MsgType": kind, **_read(elements, given, account, openid)}
    event = {"MsgType": "event", "Event": kind}
    if kind in EVENTS:
        for of, events in (("official", OFFICIAL_EVENTS), ("mini", MINI_EVENTS)):
            if kind in events and account.kind != of:
                raise WrongField("type", f"{kind} is of {of} accounts; {account.appid} is {account.kind}")
        return {**event, **_read(EVENTS[kind], given, account, openid)}
    for known in (*MESSAGES, *EVENTS):
        if known.lower() == kind.lower():
            raise WrongField("type", f"unknown type {kind!r}, did you mean {known!r}?")
    for name in given:
        if name in ENVELOPE:
            raise WrongField(name, f"{name} is set by the mock")
    return {**event, **_checked(given)}


def in_lower_case(name: str) -> str:
    """The field of an element: `pic_url` of PicUrl, `media_id16k` of MediaId16K."""
    return re.sub(r"(?<=[a-z])(?=[A-Z])", "_", name).lower()


def _read(elements: Elements, given: Mapping[str, object], account: Account, openid: str) -> dict[str, object]:
    fields = Fields({in_lower_case(name): value for name, value in given.items()})
    built = _built(elements, fields, account, openid)
    fields.done()
    return built


def _built(elements: Elements, fields: Fields, account: Account, openid: str) -> dict[str, object]:
    built: dict[str, object] = {}
    for name, read in elements.items():
        if isinstance(read, Mapping):
            built[name] = _built(read, fields, account, openid)
        elif (value := read(fields, in_lower_case(name), account, openid)) is not None:
            built[name] = value
    return built


def _checked(given: Mapping[str, object], depth: int = 1) -> dict[str, object]:
    """The elements of an event that is not in the table. Raises WrongField for what XML cannot hold."""
    return {name: _checked_value(name, value, depth) for name, value in given.items()}


def _checked_value(name: str, value: object, depth: int) -> object:
    if not _NAME.fullmatch(name):
        raise WrongField(name, f"{name!r} is not the name of an XML element")
    if depth > MAX_DEPTH:
        raise WrongField(name, f"{name} has more than {MAX_DEPTH} levels")
    if isinstance(value, dict):
        return _checked(value, depth + 1)
    if isinstance(value, list):
        if any(isinstance(item, list) for item in value):
            raise WrongField(name, f"{name} has a list in a list")
        return [_checked_value(name, item, depth + 1) for item in value]
    try:
        if isinstance(value, str):
            return _words(value)
        return whole(-MAX_ID, MAX_ID)(value) if isinstance(value, int) else number(-MAX, MAX)(value)
    except (TypeError, ValueError) as problem:
        raise WrongField(name, f"{name} {problem}") from None
