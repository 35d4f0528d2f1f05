"""Metrics of the store's content."""

import pytest
from prometheus_client import CollectorRegistry, generate_latest

from app.errors import StoreUnavailable, WeChatRefused
from app.metrics import StoreCollector
from app.metrics.table import COOLDOWN_ENDS_AT, EXPIRES_AT, GENERATION, STORE_UP
from app.services import Services, build_services
from app.settings import load_settings
from app.stores import Credential, Key
from app.version import __version__
from app.wechat import refusal
from tests.doubles import START, FakeClock
from tests.exposition import read, value

OFFICIAL = "wx0000000000000001"
TOKEN = "/cgi-bin/stable_token"
ENVIRONMENT = {
    "WECHAT_APPID": OFFICIAL,
    "WECHAT_SECRET": "mock-official-secret",
    "WECHAT_MINI_APPID": "wx0000000000000002",
    "WECHAT_MINI_SECRET": "mock-mini-secret",
    "WECHAT_STORE_URL": "memory://",
    "WECHAT_API_BASE": "http://127.0.0.1:1",  # a call fails
}


@pytest.fixture
def services(clock: FakeClock) -> Services:
    return build_services(load_settings(ENVIRONMENT), clock=clock)


def exposed(services: Services) -> str:
    registry = CollectorRegistry()
    registry.register(StoreCollector(services.by_appid.values(), lambda: services.store.failure is None))
    return generate_latest(registry).decode()


def save(services: Services, credential: str, generation: int) -> None:
    saved = Credential(f"value {generation}", START, START + 6900, START + 7200.5, generation, START)
    services.store.save(Key(OFFICIAL, credential), saved, generation - 1)


def refuse(services: Services, errcode: int) -> None:
    with pytest.raises(WeChatRefused), services.by_appid[OFFICIAL].cooldowns.watch(TOKEN):
        raise refusal(errcode, "text", endpoint=TOKEN)


def break_the_store(services: Services, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(_: Key) -> None:
        raise StoreUnavailable("broken")

    monkeypatch.setattr(services.store._inner, "load", fail)


def test_an_empty_store_has_generation_0_and_no_expiry(services: Services) -> None:
    text = exposed(services)
    for account, credential in (("default", "access_token"), ("default", "jsapi_ticket"), ("mini", "access_token")):
        assert value(text, "wechat_credential_generation", account=account, credential=credential) == 0
    assert value(text, "wechat_credential_generation", account="mini", credential="jsapi_ticket") is None
    assert value(text, "wechat_build_info", version=__version__) == 1
    assert not [name for name, _ in read(text) if name == "wechat_credential_expires_at_seconds"]


def test_expiry_and_generation_are_the_stored_ones_at_each_scrape(services: Services) -> None:
    for generation in (1, 2):
        save(services, "jsapi_ticket", generation)
        of = {"account": "default", "credential": "jsapi_ticket"}
        assert value(exposed(services), "wechat_credential_generation", **of) == generation
        assert value(exposed(services), "wechat_credential_expires_at_seconds", **of) == START + 7200.5


def test_cooldown_is_there_while_it_lasts(services: Services, clock: FakeClock) -> None:
    refuse(services, 40125)
    of = {"account": "default", "endpoint": TOKEN, "errcode": "40125"}
    assert value(exposed(services), "wechat_cooldown_ends_at_seconds", **of) == START + 60
    clock.advance(60)
    assert value(exposed(services), "wechat_cooldown_ends_at_seconds", **of) is None


def test_broken_store_is_shown_with_the_copies_in_memory(services: Services, monkeypatch: pytest.MonkeyPatch) -> None:
    save(services, "access_token", 1)
    assert value(exposed(services), "wechat_store_up") == 1
    break_the_store(services, monkeypatch)
    text = exposed(services)
    assert value(text, "wechat_store_up") == 0
    assert value(text, "wechat_credential_generation", account="default", credential="access_token") == 1
    assert value(text, "wechat_credential_generation", account="default", credential="jsapi_ticket") is None


def test_what_is_exposed_is_as_the_table_says(services: Services) -> None:
    save(services, "access_token", 1)
    refuse(services, 40164)
    text = exposed(services)
    labels = {name: {label for label, _ in pairs} for name, pairs in read(text)}
    for metric in (EXPIRES_AT, GENERATION, COOLDOWN_ENDS_AT, STORE_UP):
        assert f"# HELP {metric.name} {metric.meaning}\n# TYPE {metric.name} {metric.type}\n" in text
        assert labels[metric.name] == set(metric.labels)
