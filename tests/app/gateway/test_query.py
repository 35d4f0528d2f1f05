"""The query of a forwarded call: what is found in it, and what changes."""

from urllib.parse import parse_qsl, unquote_plus

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.gateway import GatewayRefusal, query

TOKEN = "t1_-.~ /+&=;#%"
PAIR = "access_token=t1_-.~%20%2F%2B%26%3D%3B%23%25"

encoded_names = st.tuples(*(st.sampled_from([one, f"%{ord(one):02x}", f"%{ord(one):02X}"]) for one in "access_token"))
names = encoded_names.map("".join)
values = st.text("ab01%=/+.;_-\u00e9\ud800", max_size=8)
pairs = st.text("acestkno_%65Ff=;+[]\0\u00e9 ", max_size=16) | values.map(lambda value: f"type={value}")


def refused(text: str) -> int | None:
    """The errcode that a query gets, None if its access_token can be replaced."""
    try:
        query.with_access_token(text, TOKEN)
    except GatewayRefusal as refusal:
        return refusal.errcode
    return None


@pytest.mark.parametrize(
    ("text", "token", "sent"),
    [
        ("", None, PAIR),
        ("a=1", None, f"a=1&{PAIR}"),
        ("a=1&", None, f"a=1&&{PAIR}"),
        ("access_token=p1.x", "p1.x", PAIR),
        ("access_token", "", PAIR),
        ("access_token=", "", PAIR),
        ("a=%2f%2F&access_token=p%31.x&b=+ %zz&&c", "p1.x", f"a=%2f%2F&{PAIR}&b=+ %zz&&c"),
        ("a=access_token=1&access_token=x=y", "x=y", f"a=access_token=1&{PAIR}"),
        ("%61ccess%5ftoken=x", "x", PAIR),
        ("component_access_token=1&access_tokens=2&my[access_token]=3", None, "component_access_token=1&"
         f"access_tokens=2&my[access_token]=3&{PAIR}"),
    ],
)  # fmt: skip
def test_only_the_access_token_changes(text: str, token: str | None, sent: str) -> None:
    assert query.access_token(text) == token
    assert query.with_access_token(text, TOKEN) == sent


@pytest.mark.parametrize(
    "other",
    [
        *("access_token", "access_token=p2", "%61ccess_token=p2", "access%5Ftoken=p2", "access%5ftoken=p2"),
        *("%61%63%63%65%73%73%5F%74%6F%6B%65%6E=p2", "ACCESS_TOKEN=p2", "Access_Token=p2", "%41ccess_token=p2"),
        *("%2561ccess_token=p2", "access%255Ftoken=p2", "a=1;access_token=p2", ";access_token=p2", "access_token[]=p2"),
        *("access_token%00=p2", "access_token%00x=p2", "+access_token=p2", "access_token+=p2", "%0aaccess_token=p2"),
        "access_token.x=p2",
    ],
)
def test_second_access_token_is_refused_in_every_spelling(other: str) -> None:
    for text in (f"access_token=p1&{other}", f"{other}&access_token=p1", f"access_token=p1&a=1&{other}&b=2"):
        assert refused(text) == 40001


@pytest.mark.parametrize(
    "only", ["ACCESS_TOKEN=p1", "%2561ccess_token=p1", "a=1;access_token=p1", "access_token%00=p1"]
)
def test_access_token_in_an_odd_spelling_is_refused_even_alone(only: str) -> None:
    assert refused(only) == 40001


@given(st.lists(pairs, max_size=4), names, values, st.lists(pairs, max_size=4))
def test_everything_outside_of_the_pair_stays(before: list[str], name: str, value: str, after: list[str]) -> None:
    if refused("&".join([*before, *after])) or query.access_token("&".join([*before, *after])) is not None:
        return
    if ";" in value and refused(f"{name}={value}"):
        return
    text = "&".join([*before, f"{name}={value}", *after])
    assert query.access_token(text) == unquote_plus(value)
    assert query.with_access_token(text, TOKEN) == "&".join([*before, PAIR, *after])


@given(st.lists(pairs | names.map(lambda name: f"{name}=p1"), max_size=5).map("&".join), st.sampled_from("&;"))
def test_every_reader_of_what_is_sent_finds_our_token_alone(text: str, separator: str) -> None:
    if refused(text):
        return
    sent = query.with_access_token(text, TOKEN)
    once = parse_qsl(sent, keep_blank_values=True, separator=separator)
    twice = [(unquote_plus(name), value) for name, value in once]
    for found in (once, twice):
        tokens = [value for name, value in found if name.strip().lower() == "access_token"]
        assert len(tokens) == 1 or (separator == ";" and not tokens)
        assert [token for token in tokens if not token.startswith(TOKEN)] == []


@pytest.mark.parametrize(
    "text", ["secret=K", "a=1&appsecret=K", "%73ecret=K", "SECRET=K", "a=1;secret=K", "appsecret[]=K"]
)
def test_secret_is_refused_where_wechat_takes_none(text: str) -> None:
    with pytest.raises(GatewayRefusal) as caught:
        query.check_secrets(text)
    assert caught.value.errcode == 48001
    assert "K" not in caught.value.errmsg.replace("WeChat", "")


def test_other_names_are_no_secrets() -> None:
    query.check_secrets("secrets=1&my_secret=2&a=secret&access_token=p1&component_appsecret=3")


def test_other_parameters_are_found_and_replaced_alike() -> None:
    text = "appid=wx1&secret=K%2b&js_code=c%2F1&grant_type=authorization_code"
    assert query.value(text, "secret") == "K+"
    assert query.replaced(text, "secret", "S") == "appid=wx1&secret=S&js_code=c%2F1&grant_type=authorization_code"
    with pytest.raises(GatewayRefusal) as caught:
        query.replaced(f"{text}&Secret=K", "secret", "S")
    assert caught.value.errcode == 40097
