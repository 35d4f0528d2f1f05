"""What WeChat pushes when a media check is over: bodies from WECHAT.md 5."""

import json
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from app.moderation.media_results import MediaResult, media_result
from app.push import read_message

ENVELOPE = (
    '{"ToUserName":"gh_9df7d78a1234","FromUserName":"o4_t144jTUSEoxydysUA2E234_tc","CreateTime":1626959646,'
    '"MsgType":"event","Event":"wxa_media_check","appid":"wx8f16a5e77871234",'
)
VERSION_2 = ENVELOPE + (
    '"trace_id":"60f96f1d-3845297a-1976a3ae","version":2,"detail":[{"strategy":"content_model","errcode":0,'
    '"suggest":"pass","label":100,"prob":90}],"errcode":0,"errmsg":"ok","result":{"suggest":"pass","label":100}}'
)
VERSION_1 = ENVELOPE + (
    '"isrisky":0,"extra_info_json":"","trace_id":"bd8117e7041fd2424bdac93effdb745f","status_code":0,"detail":[]}'
)
XML_VERSION_2 = """<xml><ToUserName><![CDATA[gh_9df7d78a1234]]></ToUserName><CreateTime>1626959646</CreateTime>
<MsgType><![CDATA[event]]></MsgType><Event><![CDATA[wxa_media_check]]></Event>
<trace_id><![CDATA[60f96f1d-3845297a-1976a3ae]]></trace_id><version>2</version>
<detail><strategy><![CDATA[content_model]]></strategy><errcode>0</errcode><suggest><![CDATA[risky]]></suggest>
<label>20002</label><prob>90</prob></detail>
<errcode>0</errcode><errmsg><![CDATA[ok]]></errmsg>
<result><suggest><![CDATA[risky]]></suggest><label>20002</label></result></xml>"""
ABSENT = object()


def result(body: str) -> MediaResult:
    found = media_result(read_message(body.encode()).fields)
    assert found
    return found


def changed(body: str, **fields: object) -> MediaResult:
    document = json.loads(body) | fields
    found = media_result({name: value for name, value in document.items() if value is not ABSENT})
    assert found
    return found


def test_published_result_of_version_2_is_a_verdict_with_label_and_detail() -> None:
    verdict = result(VERSION_2).verdict
    assert verdict
    assert verdict.document() == {
        "suggest": "pass",
        "label": 100,
        "label_name": "normal",
        "api": "media_check_async/2",
        "checked": True,
        "cached": False,
        "trace_id": "60f96f1d-3845297a-1976a3ae",
        "detail": [{"strategy": "content_model", "errcode": 0, "suggest": "pass", "label": 100, "prob": 90}],
    }


def test_xml_says_the_same_as_json() -> None:
    verdict = result(XML_VERSION_2).verdict
    assert verdict
    assert (verdict.suggest, verdict.label, verdict.label_name) == ("risky", 20002, "porn")
    assert verdict.detail == [
        {"strategy": "content_model", "errcode": 0, "suggest": "risky", "label": 20002, "prob": 90}
    ]


@pytest.mark.parametrize(("isrisky", "suggest"), [(0, "pass"), (1, "risky"), ("0", "pass"), ("1", "risky")])
def test_version_1_has_a_verdict_without_label(isrisky: object, suggest: str) -> None:
    found = changed(VERSION_1, isrisky=isrisky)
    assert found.trace_id == "bd8117e7041fd2424bdac93effdb745f"
    assert found.verdict
    assert (found.verdict.suggest, found.verdict.label) == (suggest, None)
    assert found.verdict.api == "media_check_async/1"


@pytest.mark.parametrize(
    ("body", "fields"),
    [
        (VERSION_2, {"errcode": -1008, "errmsg": "download failed"}),
        (VERSION_2, {"errcode": "-1008"}),
        (VERSION_1, {"status_code": "4294966288"}),
        (VERSION_1, {"status_code": -1008}),
    ],
)
def test_failed_download_is_a_failure_whatever_the_result_says(body: str, fields: dict[str, object]) -> None:
    found = changed(body, **fields)
    assert (found.verdict, found.errcode) == (None, -1008)
    assert "could not download" in str(found.reason)


def test_unknown_errcode_is_a_failure_with_wechats_errmsg() -> None:
    found = changed(VERSION_2, errcode=-1234, errmsg="no idea" * 100)
    assert found.verdict is None
    assert str(found.reason).startswith("WeChat could not check the file (errcode -1234: no idea")
    assert len(str(found.reason)) < 300


@pytest.mark.parametrize(
    ("body", "fields"),
    [
        (VERSION_2, {"result": ABSENT}),
        (VERSION_2, {"result": "pass"}),
        (VERSION_2, {"result": {}}),
        (VERSION_2, {"result": {"suggest": "fine"}}),
        (VERSION_2, {"result": {"suggest": ["pass"]}}),
        (VERSION_2, {"errcode": ABSENT}),
        (VERSION_2, {"errcode": "zero"}),
        (VERSION_2, {"errcode": False}),
        (VERSION_1, {"isrisky": ABSENT}),
        (VERSION_1, {"isrisky": 2}),
        (VERSION_1, {"status_code": ABSENT}),
    ],
)
def test_result_that_cannot_be_read_is_a_failure_and_no_pass(body: str, fields: dict[str, object]) -> None:
    found = changed(body, **fields)
    assert (found.verdict, found.errcode) == (None, None)
    assert found.reason


@pytest.mark.parametrize("trace_id", [ABSENT, "", 7, None, "../../x", "a:b-c:d-12345678", "x" * 65, ["a" * 10]])
def test_without_a_trace_id_there_is_no_result(trace_id: object) -> None:
    document = json.loads(VERSION_2) | {"trace_id": trace_id}
    assert media_result({name: value for name, value in document.items() if value is not ABSENT}) is None


def test_detail_is_bounded_and_has_texts_and_whole_numbers_only() -> None:
    item = {"strategy": "keyword", "prob": float("nan"), "keyword": float("inf"), "more": {"a": 1}, "level": 20}
    large = {"keyword": "x" * 900_000, "z" * 900_000: 1, **{f"field{number}": "y" for number in range(1000)}}
    verdict = changed(VERSION_2, detail=[item, "no item", large, *[{}] * 50]).verdict
    assert verdict
    assert verdict.detail
    assert verdict.detail[0] == {"strategy": "keyword", "level": 20}
    assert len(json.dumps(verdict.document())) < 5_000


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
)


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.dictionaries(st.sampled_from(["errcode", "result", "detail", "isrisky", "status_code", "errmsg"]), JSON))
def test_any_pushed_fields_give_a_verdict_or_a_reason(fields: dict[str, Any]) -> None:
    found = media_result({"trace_id": "60f96f1d-3845297a-1976a3ae", **fields})
    assert found
    assert (found.verdict is None) == bool(found.reason)


@pytest.mark.parametrize(
    "fields",
    [
        {"version": 2, "isrisky": 0, "status_code": 0, "errcode": 0, "result": {"suggest": "risky"}},
        {"isrisky": 0, "status_code": 0, "errcode": -1008},
        {"version": 2, "isrisky": 0, "status_code": 0, "errcode": 0},
    ],
)
def test_result_that_contradicts_itself_is_no_pass(fields: dict[str, Any]) -> None:
    result = media_result({"trace_id": "60f96f1d-3845297a-1976a3ae", **fields})
    assert result
    assert result.verdict is None or result.verdict.suggest == "risky"
