"""The forms of a push, by WECHAT.md 5 and 6."""

import json
from dataclasses import replace
from random import Random
from xml.etree import ElementTree as ET

import pytest

from mock_wechat import Account
from mock_wechat.crypto import decrypt
from mock_wechat.push.messages import PushRequest, event, pack, written
from mock_wechat.state.accounts import PushFormat, PushMode
from mock_wechat.state.pushes import MediaCheck, PushFault
from mock_wechat.state.words import Suggest

ACCOUNT = Account("wx1", "s", "mini", push_token="AAAAA", push_aes_key="A" * 43)


def check(version: int = 2) -> MediaCheck:
    trace_id = "60f96f1d-3845297a-1976a3ae" if version == 2 else "bd8117e7041fd2424bdac93effdb745f"
    return MediaCheck(trace_id, "wx1", version, "http://localhost/a.png", True, "o4_user", 0, 7, PushFault())


def as_json(message: dict[str, object]) -> str:
    return written(message, "json").decode()


def packed(mode: PushMode, form: PushFormat) -> PushRequest:
    account = replace(ACCOUNT, push_mode=mode, push_format=form)
    return pack(event(check(), "risky", 1626959646), account, 1714112445, Random(1))  # noqa: S311


def test_version_2_in_wechats_order_of_keys() -> None:
    assert as_json(event(check(), "pass", 1626959646)) == (
        '{"ToUserName":"gh_5d3f7e3c255e","FromUserName":"o4_user","CreateTime":1626959646,"MsgType":"event",'
        '"Event":"wxa_media_check","appid":"wx1","trace_id":"60f96f1d-3845297a-1976a3ae","version":2,'
        '"detail":[{"strategy":"content_model","errcode":0,"suggest":"pass","label":100,"prob":90}],'
        '"errcode":0,"errmsg":"ok","result":{"suggest":"pass","label":100}}'
    )


@pytest.mark.parametrize(("suggest", "label"), [("risky", 20002), ("review", 20006)])
def test_version_2_with_a_finding_has_a_keyword_item(suggest: str, label: int) -> None:
    message = event(check(), suggest, 1)  # type: ignore[arg-type]  # one of the literals
    assert message["result"] == {"suggest": suggest, "label": label}
    assert message["detail"] == [
        {"strategy": "content_model", "errcode": 0, "suggest": suggest, "label": label, "prob": 90},
        {"strategy": "keyword", "errcode": 0},
    ]


def test_failed_version_2_has_a_result_of_pass() -> None:
    message = event(check(), "pass", 1, -1008)
    assert (message["errcode"], message["detail"]) == (-1008, [])
    assert message["result"] == {"suggest": "pass", "label": 100}


def test_version_1_in_wechats_order_of_keys() -> None:
    assert as_json(event(check(1), "risky", 1626959646)) == (
        '{"ToUserName":"gh_5d3f7e3c255e","FromUserName":"o4_user","CreateTime":1626959646,"MsgType":"event",'
        '"Event":"wxa_media_check","isrisky":1,"extra_info_json":"","appid":"wx1",'
        '"trace_id":"bd8117e7041fd2424bdac93effdb745f","status_code":0,"detail":[]}'
    )


@pytest.mark.parametrize(
    ("suggest", "errcode", "status_code"),
    [("pass", 0, 0), ("review", 0, 0), ("pass", -1008, 4294966288), ("pass", -1009, 4294966287)],
)
def test_version_1_has_unsigned_numbers_and_no_review(suggest: Suggest, errcode: int, status_code: int) -> None:
    message = event(check(1), suggest, 1, errcode)
    assert (message["isrisky"], message["status_code"]) == (0, status_code)


def test_xml_repeats_detail_and_wraps_texts_in_cdata() -> None:
    assert written(event(check(), "risky", 1659967849), "xml").decode() == (
        "<xml><ToUserName><![CDATA[gh_5d3f7e3c255e]]></ToUserName><FromUserName><![CDATA[o4_user]]></FromUserName>"
        "<CreateTime>1659967849</CreateTime><MsgType><![CDATA[event]]></MsgType>"
        "<Event><![CDATA[wxa_media_check]]></Event><appid><![CDATA[wx1]]></appid>"
        "<trace_id><![CDATA[60f96f1d-3845297a-1976a3ae]]></trace_id><version>2</version>"
        "<detail><strategy><![CDATA[content_model]]></strategy><errcode>0</errcode>"
        "<suggest><![CDATA[risky]]></suggest><label>20002</label><prob>90</prob></detail>"
        "<detail><strategy><![CDATA[keyword]]></strategy><errcode>0</errcode></detail>"
        "<errcode>0</errcode><errmsg><![CDATA[ok]]></errmsg>"
        "<result><suggest><![CDATA[risky]]></suggest><label>20002</label></result></xml>"
    )


def test_xml_escapes_cdata_ends() -> None:
    root = ET.fromstring(written({"a": "x]]>y<&中"}, "xml"))  # noqa: S314 -- our own text
    assert root.findtext("a") == "x]]>y<&中"


@pytest.mark.parametrize("mode", ["compat", "secure"])
def test_encrypted_push_has_msg_signature(mode: PushMode) -> None:
    query = packed(mode, "json").query
    assert list(query) == ["signature", "timestamp", "nonce", "openid", "encrypt_type", "msg_signature"]
    assert query["encrypt_type"] == "aes"
    assert query["msg_signature"] != query["signature"]


def test_secure_push_shows_only_its_addressee() -> None:
    body = json.loads(packed("secure", "json").body)
    assert list(body) == ["ToUserName", "Encrypt"]
    message, appid = decrypt(body["Encrypt"], "A" * 43)
    assert appid == "wx1"
    assert json.loads(message)["result"] == {"suggest": "risky", "label": 20002}


def test_compat_push_has_plain_message_and_encrypt() -> None:
    body = json.loads(packed("compat", "json").body)
    encrypted = body.pop("Encrypt")
    assert json.loads(decrypt(encrypted, "A" * 43)[0]) == body
    assert list(body)[-1] == "result"


def test_encrypted_xml_holds_xml() -> None:
    request = packed("secure", "xml")
    assert request.content_type == "text/xml"
    root = ET.fromstring(request.body)  # noqa: S314 -- our own text
    assert [child.tag for child in root] == ["ToUserName", "Encrypt"]
    inner = ET.fromstring(decrypt(root.findtext("Encrypt") or "", "A" * 43)[0])  # noqa: S314 -- our own text
    assert len(inner.findall("detail")) == 2
