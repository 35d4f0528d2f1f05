"""The elements of each message and event, in the order of WeChat's documents (接收普通消息, 接收事件推送)."""

from collections.abc import Mapping

import pytest

from mock_wechat import MINI, OFFICIAL, Account
from mock_wechat.fields import WrongField
from mock_wechat.push.kinds import EVENTS, MESSAGES, read_content
from mock_wechat.push.messages import written

KEY = {"event_key": "6"}
MEDIA = {"media_id": "media_id"}
THUMB = {**MEDIA, "thumb_media_id": "thumb_media_id"}
LINK = {"title": "公众平台官网链接", "description": "公众平台官网链接", "Url": "url"}
PAGE = {"title": "Title", "AppId": "AppId", "page_path": "PagePath", "thumb_url": "ThumbUrl", "thumb_media_id": "Thumb"}
CODE = {"scene": "123123", "ticket": "TICKET"}
LOCATION = {"location_x": 23.134521, "location_y": 113.358803, "scale": 20, "label": "位置信息"}
PLACE = {
    **KEY,
    "location_x": 23,
    "location_y": 113,
    "scale": 15,
    "label": "广州市海珠区客村艺苑路 106号",
    "poiname": "",
}
PICTURES = {**KEY, "pic_md5sum": ["1b5f7c23b5bf75682a53e7b6d163e185"]}
SCANNED = {**KEY, "scan_type": "qrcode", "scan_result": "1"}
PICTURE_ELEMENTS = (
    "<EventKey>=6</EventKey><SendPicsInfo><Count>1</Count><PicList><item>"
    "<PicMd5Sum>=1b5f7c23b5bf75682a53e7b6d163e185</PicMd5Sum></item></PicList></SendPicsInfo>"
)
SCAN_ELEMENTS = (
    "<EventKey>=6</EventKey><ScanCodeInfo><ScanType>=qrcode</ScanType><ScanResult>=1</ScanResult></ScanCodeInfo>"
)
USER_ELEMENTS = "<OpenID>=o_user</OpenID><AppID>=wx0000000000000001</AppID>"
ANSWERS = (
    "<SubscribeMsgPopupEvent><List><TemplateId>=one</TemplateId><SubscribeStatusString>=reject</SubscribeStatusString>"
    "<PopupScene>2</PopupScene></List><List><TemplateId>=two</TemplateId>"
    "<SubscribeStatusString>=reject</SubscribeStatusString><PopupScene>2</PopupScene></List></SubscribeMsgPopupEvent>"
)
FORMS: list[tuple[str, Mapping[str, object], str]] = [
    ("text", {"content": "this is a test"}, "<Content>=this is a test</Content><MsgId>7</MsgId>"),
    (
        "image",
        {"pic_url": "this is a url", **MEDIA},
        "<PicUrl>=this is a url</PicUrl><MediaId>=media_id</MediaId><MsgId>7</MsgId>",
    ),
    (
        "voice",
        {**MEDIA, "Format": "speex", "recognition": "腾讯微信团队", "media_id16k": "high"},
        "<MediaId>=media_id</MediaId><Format>=speex</Format><Recognition>=腾讯微信团队</Recognition><MsgId>7</MsgId>"
        "<MediaId16K>=high</MediaId16K>",
    ),
    ("voice", MEDIA, "<MediaId>=media_id</MediaId><Format>=amr</Format><MsgId>7</MsgId>"),
    ("video", THUMB, "<MediaId>=media_id</MediaId><ThumbMediaId>=thumb_media_id</ThumbMediaId><MsgId>7</MsgId>"),
    ("shortvideo", THUMB, "<MediaId>=media_id</MediaId><ThumbMediaId>=thumb_media_id</ThumbMediaId><MsgId>7</MsgId>"),
    (
        "location",
        LOCATION,
        "<Location_X>23.134521</Location_X><Location_Y>113.358803</Location_Y><Scale>20</Scale><Label>=位置信息</Label>"
        "<MsgId>7</MsgId>",
    ),
    (
        "link",
        LINK,
        "<Title>=公众平台官网链接</Title><Description>=公众平台官网链接</Description><Url>=url</Url><MsgId>7</MsgId>",
    ),
    (
        "miniprogrampage",
        PAGE,
        "<MsgId>7</MsgId><Title>=Title</Title><AppId>=AppId</AppId><PagePath>=PagePath</PagePath>"
        "<ThumbUrl>=ThumbUrl</ThumbUrl><ThumbMediaId>=Thumb</ThumbMediaId>",
    ),
    ("subscribe", {}, "<EventKey>=</EventKey>"),
    ("subscribe", CODE, "<EventKey>=qrscene_123123</EventKey><Ticket>=TICKET</Ticket>"),
    ("unsubscribe", {}, "<EventKey>=</EventKey>"),
    ("SCAN", CODE, "<EventKey>=123123</EventKey><Ticket>=TICKET</Ticket>"),
    (
        "LOCATION",
        {"latitude": 23.137466, "longitude": 113.352425, "precision": 119.38504},
        "<Latitude>23.137466</Latitude><Longitude>113.352425</Longitude><Precision>119.385040</Precision>",
    ),
    ("CLICK", KEY, "<EventKey>=6</EventKey>"),
    ("VIEW", {**KEY, "menu_id": 417930093}, "<EventKey>=6</EventKey><MenuId>417930093</MenuId>"),
    ("view_miniprogram", {**KEY, "menu_id": 2**62}, f"<EventKey>=6</EventKey><MenuId>{2**62}</MenuId>"),
    ("scancode_push", SCANNED, SCAN_ELEMENTS),
    ("scancode_waitmsg", SCANNED, SCAN_ELEMENTS),
    ("pic_sysphoto", PICTURES, PICTURE_ELEMENTS),
    ("pic_photo_or_album", PICTURES, PICTURE_ELEMENTS),
    ("pic_weixin", KEY, PICTURE_ELEMENTS),
    (
        "location_select",
        PLACE,
        "<EventKey>=6</EventKey><SendLocationInfo><Location_X>=23</Location_X><Location_Y>=113</Location_Y>"
        "<Scale>=15</Scale><Label>=广州市海珠区客村艺苑路 106号</Label><Poiname>=</Poiname></SendLocationInfo>",
    ),
    (
        "TEMPLATESENDJOBFINISH",
        {"msg_id": 1338144854257483781, "status": "failed:user block"},
        "<MsgID>1338144854257483781</MsgID><Status>=failed:user block</Status>",
    ),
    (
        "subscribe_msg_popup_event",
        {"template_id": ["one", "two"], "subscribe_status_string": "reject", "popup_scene": 2},
        ANSWERS,
    ),
    ("user_info_modified", {}, USER_ELEMENTS),
    ("user_authorization_revoke", {}, f"{USER_ELEMENTS}<RevokeInfo>=201</RevokeInfo>"),
    (
        "user_authorization_revoke",
        {"revoke_info": "1", "plugin_id": "wx1", "open_pid": "G7"},
        f"{USER_ELEMENTS}<RevokeInfo>=1</RevokeInfo><PluginID>=wx1</PluginID><OpenPID>=G7</OpenPID>",
    ),
    ("user_authorization_cancellation", {}, USER_ELEMENTS),
    (
        "wxa_punish_event",
        {"punish_id": "1", "illegal_content": ["a", "b"], "n": 1.5, "detail": {"path": ""}},
        "<punish_id>=1</punish_id><illegal_content>=a</illegal_content><illegal_content>=b</illegal_content>"
        "<n>1.500000</n><detail><path>=</path></detail>",
    ),
]


def as_xml(kind: str, given: Mapping[str, object], account: Account = OFFICIAL) -> str:
    """The elements after the MsgType or Event; texts in CDATA are shown as `=text`."""
    given = {"msg_id": 7, **given} if kind in MESSAGES else given
    xml = written(read_content(kind, given, account, "o_user"), "xml").decode()
    head = f"<MsgType>={kind}</MsgType>" if kind in MESSAGES else f"<MsgType>=event</MsgType><Event>={kind}</Event>"
    plain = xml.replace("<![CDATA[", "=").replace("]]>", "")
    assert plain.startswith(f"<xml>{head}")
    return plain.removeprefix(f"<xml>{head}").removesuffix("</xml>")


@pytest.mark.parametrize(("kind", "given", "elements"), FORMS)
def test_elements_are_those_of_the_documents(kind: str, given: Mapping[str, object], elements: str) -> None:
    assert as_xml(kind, given) == elements


def test_customer_service_session_of_a_mini_program() -> None:
    assert as_xml("user_enter_tempsession", {"session_from": "a"}, MINI) == "<SessionFrom>=a</SessionFrom>"


def test_every_kind_is_tested() -> None:
    assert {kind for kind, _, _ in FORMS} | {"user_enter_tempsession"} == {*MESSAGES, *EVENTS, "wxa_punish_event"}


@pytest.mark.parametrize(
    ("kind", "given", "field"),
    [
        ("text", {}, "content"),
        ("text", {"content": ""}, "content"),
        ("text", {"content": "\ud800"}, "content"),
        ("text", {"content": "a", "contents": "b"}, "contents"),
        ("text", {"content": "a", "msg_id": 2**63}, "msg_id"),
        ("location", {"location_x": 91}, "location_x"),
        ("location", {"location_x": float("nan")}, "location_x"),
        ("pic_weixin", {**KEY, "pic_md5sum": "1"}, "pic_md5sum"),
        ("subscribe_msg_popup_event", {"template_id": 1}, "template_id"),
        ("CLICK", {}, "event_key"),
        ("click", KEY, "type"),
        ("user_enter_tempsession", {}, "type"),
        ("new_event", {"MsgType": "text"}, "MsgType"),
        ("new_event", {"a b": "1"}, "a b"),
        ("new_event", {"a": True}, "a"),
        ("new_event", {"a": None}, "a"),
        ("new_event", {"a": [["b"]]}, "a"),
        ("new_event", {"a": float("inf")}, "a"),
        ("new_event", {"a": "\udfff"}, "a"),
        ("new_event", {"a": {"b": {"c": {"d": {"e": {"f": "1"}}}}}}, "f"),
    ],
)
def test_wrong_field_is_refused_by_name(kind: str, given: Mapping[str, object], field: str) -> None:
    with pytest.raises(WrongField) as caught:
        read_content(kind, given, OFFICIAL, "o_user")
    assert caught.value.field == field
