"""Passes: whose each is, how long it lives, and that no other text is one."""

import hashlib
import hmac
from base64 import urlsafe_b64decode

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.accounts import ApiKey, ApiKeys
from app.gateway import GatewayRefusal, Pass, Passes
from tests.doubles import START, FakeClock

OLD_SECRET, SECRET = "5ecre7-that-signed-until-last-week", "5ecre7-that-signs-as-of-this-week"
APPID = "wx00000000000000a1"


def key(text: str, *scopes: str, name: str = "crm") -> ApiKey:
    return ApiKey(name, hashlib.sha256(text.encode()).digest(), frozenset(scopes or {"gateway"}))


CRM, SHOP = key("key-of-the-crm" * 2), key("key-of-the-shop" * 2, name="shop")


def passes(*keys: ApiKey, signing: tuple[str, ...] = (SECRET,), now: float = START) -> Passes:
    return Passes(ApiKeys(keys or (SHOP, CRM)), signing, FakeClock(now))


ISSUED = passes().issue(CRM, APPID)


def test_pass_tells_key_and_account_on_every_node() -> None:
    assert passes().read(ISSUED) == passes(CRM).read(ISSUED) == Pass(CRM, APPID)


def test_each_pass_is_new_and_shows_neither_key_nor_secret() -> None:
    other = passes().issue(CRM, APPID)
    assert other != ISSUED
    assert ISSUED.startswith(f"p1.{CRM.id}.{APPID}.{int(START) + 7500}.")
    assert len(ISSUED) <= 512  # what WeChat tells callers to have room for
    assert CRM.digest.hex() not in ISSUED


@pytest.mark.parametrize(("age", "alive"), [(0, True), (7499, True), (7500, False), (10**9, False)])
def test_pass_lives_for_7500_seconds(age: int, *, alive: bool) -> None:
    later = passes(now=START + age)
    if alive:
        assert later.read(ISSUED)
    else:
        with pytest.raises(GatewayRefusal):
            later.read(ISSUED)


@pytest.mark.parametrize(
    "others",
    [
        passes(SHOP),
        passes(key("another-key-of-the-crm" * 2)),
        passes(key("key-of-the-crm" * 2, "token", "sns")),
        passes(signing=(OLD_SECRET,)),
        Passes(ApiKeys(), (SECRET,), FakeClock()),
        Passes(ApiKeys((CRM,)), (), FakeClock()),
    ],
    ids=["key gone", "key changed", "scope gone", "other secret", "no keys", "no secret"],
)
def test_pass_dies_with_its_key_and_with_the_secret(others: Passes) -> None:
    with pytest.raises(GatewayRefusal):
        others.read(ISSUED)


def test_first_secret_signs_and_all_verify() -> None:
    before, during, after = (passes(signing=each) for each in ((OLD_SECRET,), (SECRET, OLD_SECRET), (SECRET,)))
    assert during.read(before.issue(CRM, APPID)) == after.read(during.issue(CRM, APPID)) == Pass(CRM, APPID)
    with pytest.raises(GatewayRefusal):
        after.read(before.issue(CRM, APPID))


def test_mac_is_made_of_the_secret_and_the_whole_digest_of_the_key() -> None:
    body, _, mac = ISSUED.rpartition(".")
    expected = hmac.digest(SECRET.encode(), b"gateway pass" + CRM.digest + body.encode(), "sha256")
    assert urlsafe_b64decode(f"{mac}=") == expected


def test_key_cannot_sign_for_another_or_for_itself() -> None:
    body = f"p1.{SHOP.id}.{ISSUED.split('.', 2)[2].rpartition('.')[0]}"
    mac = hmac.digest(SHOP.digest, body.encode(), "sha256").hex()
    for text in (f"{body}.{ISSUED.rpartition('.')[2]}", f"{body}.{mac}"):
        with pytest.raises(GatewayRefusal):
            passes().read(text)


@given(st.data())
def test_changed_pass_is_none(data: st.DataObject) -> None:
    start, end = sorted(data.draw(st.tuples(*[st.integers(0, len(ISSUED))] * 2)))
    changed = ISSUED[:start] + data.draw(st.text("p1.=-_ aZ\u00e9\ud800\0", max_size=5)) + ISSUED[end:]
    if changed != ISSUED:
        with pytest.raises(GatewayRefusal):
            passes().read(changed)


@given(st.text() | st.lists(st.text(max_size=5) | st.just(CRM.id), min_size=6, max_size=6).map(".".join))
def test_other_text_is_no_pass(text: str) -> None:
    with pytest.raises(GatewayRefusal):
        passes().read(text)


def test_all_secrets_are_compared_even_after_one_fits(monkeypatch: pytest.MonkeyPatch) -> None:
    compared = []
    original = hmac.compare_digest

    def compare(theirs: str, ours: str) -> bool:
        compared.append(ours)
        return original(theirs, ours)

    monkeypatch.setattr(hmac, "compare_digest", compare)
    assert passes(signing=(SECRET, OLD_SECRET)).read(ISSUED)
    assert len(compared) == 2


def test_refused_pass_makes_sdks_ask_for_another() -> None:
    with pytest.raises(GatewayRefusal) as caught:
        passes().read("t1")
    assert caught.value.errcode == 40001
    assert "access_token expired" in caught.value.errmsg
    assert "42001" in caught.value.errmsg
