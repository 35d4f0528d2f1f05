"""Which of WeChat's paths are forwarded, and for which keys."""

from posixpath import normpath
from typing import Any
from urllib.parse import quote

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.accounts import ApiKey
from app.gateway import GatewayRefusal, rules

paths = str.split
# As WeChat's documents write them.
EVERYDAY = paths("""
    /cgi-bin/token /cgi-bin/stable_token /cgi-bin/ticket/getticket /cgi-bin/getcallbackip /cgi-bin/callback/check
    /cgi-bin/message/custom/send /cgi-bin/message/template/send /cgi-bin/message/subscribe/send /cgi-bin/user/info
    /cgi-bin/user/get /cgi-bin/tags/create /cgi-bin/tags/members/batchtagging /cgi-bin/tags/members/getblacklist
    /cgi-bin/menu/get /cgi-bin/menu/trymatch /cgi-bin/media/upload /cgi-bin/media/get /cgi-bin/material/add_material
    /cgi-bin/material/get_materialcount /cgi-bin/draft/add /cgi-bin/draft/get /cgi-bin/freepublish/batchget
    /cgi-bin/template/api_add_template /cgi-bin/template/get_all_private_template /cgi-bin/qrcode/create
    /cgi-bin/comment/list /cgi-bin/openapi/quota/get /cgi-bin/open/get /cgi-bin/wxopen/getcategory
    /cgi-bin/account/getaccountbasicinfo /cgi-bin/customservice/getkflist /customservice/kfsession/create
    /wxa/msg_sec_check /wxa/img_sec_check /wxa/getwxacodeunlimit /wxa/generatescheme /wxa/get_latest_auditstatus
    /wxa/business/getuserphonenumber /wxa/getuserriskrank /wxa/get_effective_domain /wxa/sec/order/upload_shipping_info
    /wxaapi/newtmpl/gettemplate /wxaapi/newtmpl/addtemplate /wxaapi/broadcast/room/deleteroom /datacube/getusersummary
    /card/code/consume /tcb/invokecloudfunction /tcb/databasequery /xpay/query_order /shop/order/get
    /product/order/getaftersaleorder /channels/ec/order/get /sns/jscode2session /sns/oauth2/access_token
""")
MANAGE = paths("""
    /cgi-bin/message/mass/sendall /cgi-bin/message/mass/send /cgi-bin/message/mass/delete /cgi-bin/freepublish/submit
    /cgi-bin/freepublish/delete /cgi-bin/draft/delete /cgi-bin/draft/switch /cgi-bin/material/del_material
    /cgi-bin/menu/create /cgi-bin/menu/delete /cgi-bin/menu/addconditional /cgi-bin/menu/delconditional
    /cgi-bin/tags/members/batchblacklist /cgi-bin/tags/members/batchunblacklist /cgi-bin/comment/reply/delete
    /cgi-bin/guide/addguidemassendjob /cgi-bin/template/del_private_template /cgi-bin/template/api_set_industry
    /cgi-bin/open/create /cgi-bin/open/bind /cgi-bin/open/unbind /cgi-bin/account/modifyheadimage
    /cgi-bin/account/modifysignature /cgi-bin/account/componentrebindadmin /cgi-bin/wxopen/addcategory
    /cgi-bin/wxopen/qrcodejumpadd /wxa/setnickname /wxa/change_visitstatus /wxa/bind_tester /wxa/commit
    /wxa/submit_audit /wxa/release /wxa/revertcoderelease /wxa/grayrelease /wxa/undocodeaudit /wxa/modify_domain
    /wxa/modify_domain_directly /wxa/setwebviewdomain /wxa/setwebviewdomain_directly /tcb/getqcloudtoken
    /xpay/refund_order /xpay/create_withdraw_order /shop/pay/refundorder /shop/ecaftersale/acceptrefund
    /shop/funds/submitwithdraw /channels/ec/aftersale/acceptapply /retail/B2b/refund /card/giftcard/order/refund
    /customservice/kfaccount/del /wxaapi/newtmpl/deltemplate /wxa/security/apply_privacy_interface
    /cgi-bin/groups/delete /cgi-bin/guide/delguideacct /cgi-bin/poi/delpoi /merchant/del /product/spu/del /shop/spu/del
""")
OPS = paths("""
    /cgi-bin/clear_quota /cgi-bin/clear_quota/v2 /cgi-bin/openapi/quota/clear /cgi-bin/openapi/rid/get
    /wxaapi/comment/apikfquota/reset
""")
NEVER = paths("""
    /cgi-bin/component/api_component_token /cgi-bin/component/clear_quota/v2 /sns/component/jscode2session
    /sns/oauth2/component/access_token /wxa/component/fastregisterpersonalweapp
""")
GROUP: dict[str, str | None] = {
    **dict.fromkeys(EVERYDAY),
    **dict.fromkeys(MANAGE, "manage"),
    **dict.fromkeys(OPS, "ops"),
    **dict.fromkeys(NEVER, "never"),
}


def key(*scopes: str, **fields: Any) -> ApiKey:
    return ApiKey("a", b"digest", frozenset(scopes), **fields)


ALL = key("gateway", "sns", "ops", groups=frozenset({"manage"}))


def refused(path: str, caller: ApiKey) -> int | None:
    """The errcode that this caller gets, None if the path is forwarded."""
    try:
        rules.check(path, caller)
    except GatewayRefusal as refusal:
        return refusal.errcode
    return None


@pytest.mark.parametrize("path", GROUP)
def test_each_documented_path_is_in_its_family_and_group(path: str) -> None:
    assert path.split("/")[1] in rules.FAMILIES
    assert rules.group(path) == GROUP[path]
    assert rules.group(path.upper()) == GROUP[path]


def test_key_with_scope_alone_gets_all_but_the_groups() -> None:
    allowed = {path for path in GROUP if refused(path, key("gateway")) is None}
    assert allowed == set(EVERYDAY) - set(rules.CODE_PATHS)


def test_each_group_is_to_be_had_alone_and_never_is_never() -> None:
    opened = {path for path in GROUP if refused(path, key("gateway", groups=frozenset({"manage"}))) is None}
    assert opened - set(EVERYDAY) == set(MANAGE)
    opened = {path for path in GROUP if refused(path, key("gateway", "ops")) is None}
    assert opened - set(EVERYDAY) == set(OPS)
    assert [path for path in GROUP if refused(path, ALL)] == NEVER


def test_codes_need_the_scope_sns_and_nothing_else_opens_by_it() -> None:
    assert {path for path in GROUP if refused(path, key("sns")) is None} == set(rules.CODE_PATHS)


@pytest.mark.parametrize("scopes", [(), ("ops",), ("token", "ticket", "moderation")])
def test_without_the_scopes_nothing_is_forwarded(scopes: tuple[str, ...]) -> None:
    assert {refused(path, key(*scopes, groups=frozenset({"manage"}))) for path in GROUP} == {48001}


def test_paths_restrict_all_but_the_pass_and_open_no_group() -> None:
    restricted = key("gateway", "sns", paths=("/wxa/*", "/cgi-bin/menu/create", "/cgi-bin/user/info"))
    allowed = {path for path in GROUP if refused(path, restricted) is None}
    wxa = {path for path in EVERYDAY if path.startswith("/wxa/")}
    assert allowed == {*wxa, "/cgi-bin/user/info", *rules.TOKEN_PATHS}


@pytest.mark.parametrize(
    "path",
    [
        *("", "/", "cgi-bin/user/info", "/cgi-bin/", "/cgi-bin//user/info", "//cgi-bin/user/info"),
        *("/cgi-bin/user/info/", "/cgi-bin/../wxa/release", "/cgi-bin/..", "/cgi-bin/./user", "/cgi-bin/."),
        *("/cgi-bin/menu/create.", "/cgi-bin/menu./create", "/cgi-bin/menu/create..", "/cgi-bin/..."),
        *("/wxa/%72elease", "/wxa/a%2Fb", "/wxa/release;x", "/wxa/release?x", "/wxa/release#x", "/wxa/a\\b"),
        *("/wxa/a b", "/wxa/a\n", "/wxa/a\0", "/wxa/\u00e4", "/wxa/\u0661", "/wxa/\ud800"),
        *("/cgi-bin/TOKEN", "/cgi-bin/Clear_Quota/v2", "/sns/JSCode2Session"),
    ],
)
def test_path_in_an_odd_form_is_refused(path: str) -> None:
    assert refused(path, ALL) == 40066


@settings(max_examples=50)
@given(st.text("/.-_aB9%;?#\\ \n\u00e9", max_size=20).map(lambda text: f"/wxa/{text}") | st.text())
def test_what_was_matched_is_what_is_sent(path: str) -> None:
    """No server can read a forwarded path in another way: nothing in it is encoded, resolved or cut."""
    if refused(path, ALL) is None:
        assert quote(path, safe="/") == path == normpath(path)


@given(st.sampled_from([*MANAGE, *OPS, *NEVER]), st.integers(0, 2**60))
def test_no_spelling_leads_into_a_group(path: str, upper: int) -> None:
    spelt = "".join(one.upper() if upper >> place & 1 else one for place, one in enumerate(path))
    assert refused(spelt, key("gateway"))


def test_patterns_are_lower_case_and_of_the_families() -> None:
    patterns = [pattern for patterns in rules._GROUPS.values() for pattern in patterns]
    assert len(patterns) == len(set(patterns))
    assert [one for one in patterns if one != one.lower()] == []
    assert {one.split("/")[1] for one in patterns if "*" not in one.split("/")[1]} <= set(rules.FAMILIES)


def test_paths_with_a_secret_and_those_sent_once() -> None:
    secret = {*rules.TOKEN_PATHS, *rules.CODE_PATHS, "/cgi-bin/clear_quota/v2"}
    assert {path for path in GROUP if rules.takes_secret(path)} == secret
    assert all(map(rules.once, [*rules.CODE_PATHS, *rules.USER_TOKEN_PATHS, "/wxa/business/getUserPhoneNumber"]))
    assert not rules.once("/cgi-bin/message/custom/send")
