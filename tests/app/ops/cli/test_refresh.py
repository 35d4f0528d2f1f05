"""`wechat-central refresh`: one fetch now, and why there is none."""

import pytest

from app.errors import WeChatError
from app.services import Services
from mock_wechat import MockWeChat
from tests.app.ops.cli.conftest import Run, values
from tests.doubles import FakeClock

STABLE = "/cgi-bin/stable_token"


def token_calls(wechat: MockWeChat) -> list[bool]:
    """Whether each call for a stable token was forced."""
    return ['"force_refresh": true' in (call.body or "") for call in wechat.calls(STABLE)]


def test_fresh_credential_is_fetched_again(run: Run, warm: Services, wechat: MockWeChat) -> None:
    result = run("refresh", "default", "jsapi_ticket")
    assert result.exit_code == 0, result.output
    assert "jsapi_ticket of default: WeChat gives the same one again, generation 2" in result.stdout
    assert len(wechat.calls("/cgi-bin/ticket/getticket")) == 2
    assert not any(value in result.output for value in values(warm))


def test_account_may_be_given_by_its_appid(run: Run, server: Services) -> None:
    appid = server.accounts.find("mini").appid
    assert (
        "access_token of mini: fetched, generation 1, 2 h 0 min left." in run("refresh", appid, "access_token").stdout
    )


def test_server_hands_out_what_was_fetched(run: Run, warm: Services, wechat: MockWeChat) -> None:
    provider = warm.for_account(warm.accounts.find("default")).access_token
    wechat.revoke(provider.key.appid, "stable_token")
    dead = provider.get().value
    assert "fetched, generation 2" in run("refresh", "default", "access_token").stdout
    assert provider.get().value != dead


def test_force_asks_before_it_revokes_the_token(run: Run, warm: Services, wechat: MockWeChat) -> None:
    result = run("refresh", "default", "access_token", "--force", answer="n\n")
    assert result.exit_code == 1
    assert "revokes the access_token of default at once" in result.stdout
    assert token_calls(wechat) == [False, False]
    assert warm.for_account(warm.accounts.find("default")).access_token.peek()


@pytest.mark.parametrize(("options", "answer"), [(["--force"], "y\n"), (["--force", "--yes"], None)])
def test_force_gets_another_token(
    run: Run, warm: Services, wechat: MockWeChat, options: list[str], answer: str | None
) -> None:
    provider = warm.for_account(warm.accounts.find("default")).access_token
    before = provider.get().value
    result = run("refresh", "default", "access_token", *options, answer=answer)
    assert result.exit_code == 0, result.output
    assert token_calls(wechat) == [False, False, True]
    assert provider.get().value != before


def test_leaked_token_is_refreshed_twice_31_s_apart(
    run: Run, warm: Services, wechat: MockWeChat, clock: FakeClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("app.ops.cli.refresh.sleep", clock.sleep)
    began, provider = clock(), warm.for_account(warm.accounts.find("default")).access_token
    result = run("refresh", "default", "access_token", "--leaked", "--yes")
    assert result.exit_code == 0, result.output
    assert token_calls(wechat) == [False, False, True, True]
    assert (clock() - began, provider.get().generation) == (31, 3)


def test_force_is_for_the_access_token_alone(run: Run) -> None:
    result = run("refresh", "default", "jsapi_ticket", "--force", "--yes")
    assert result.exit_code == 2
    assert "the same ticket all its life" in result.stderr


def test_force_is_for_stable_tokens_alone(
    environment: dict[str, str], request: pytest.FixtureRequest, wechat: MockWeChat
) -> None:
    environment["WECHAT_TOKEN_MODE"] = "classic"
    result = request.getfixturevalue("run")("refresh", "default", "access_token", "--force", "--yes")
    assert result.exit_code == 2
    assert "in classic mode each fetch replaces the token anyway" in result.stderr
    assert wechat.calls() == []


def test_refusal_is_explained(run: Run, wechat: MockWeChat) -> None:
    wechat.fail(STABLE, 40125)
    result = run("refresh", "default", "access_token", LANG="zh_CN.UTF-8")
    assert result.exit_code == 1
    assert "Not fetched: WeChat answered errcode 40125" in result.stdout
    assert "请与微信开发者平台" in result.stdout
    assert "mock-official-secret" not in result.output


@pytest.mark.parametrize("credential", ["access_token", "jsapi_ticket"])
def test_cooldown_of_an_endpoint_keeps_wechat_from_being_asked(
    run: Run, wechat: MockWeChat, clock: FakeClock, credential: str
) -> None:
    wechat.fail(STABLE, 40125)
    assert "was not asked" not in run("refresh", "default", credential).stdout
    clock.advance(17)
    again = run("refresh", "default", credential)
    assert again.exit_code == 1
    assert "That was 17 s ago; WeChat was not asked now, nor will be for 43 s more." in again.stdout
    assert "wechat-central retry default" in again.stdout
    assert len(wechat.calls(STABLE)) == 1


def test_cooldown_of_a_credential_keeps_wechat_from_being_asked(
    run: Run, server: Services, wechat: MockWeChat, clock: FakeClock
) -> None:
    wechat.fail(STABLE, times=6, status=500)
    with pytest.raises(WeChatError):
        server.for_account(server.accounts.find("mini")).access_token.get()
    assert "That was 0 s ago; WeChat was not asked now" in run("refresh", "mini", "access_token").stdout
    clock.advance(2)
    assert "was not asked" not in run("refresh", "mini", "access_token").stdout


def test_mini_program_has_no_ticket(run: Run) -> None:
    result = run("refresh", "mini", "jsapi_ticket")
    assert result.exit_code == 2
    assert "mini is a mini program: WeChat gives it no jsapi_ticket" in result.stderr


def test_unknown_account_is_refused_with_the_known_names(run: Run) -> None:
    result = run("refresh", "shop", "access_token")
    assert result.exit_code == 2
    assert "'shop'" in result.stderr
    assert "Known: default, mini" in result.stderr


def test_slow_fetch_of_another_process_is_one_line(run: Run, server: Services) -> None:
    server.store.acquire(server.for_account(server.accounts.find("mini")).access_token.key, "another", 15)
    result = run("refresh", "mini", "access_token")
    assert result.exit_code == 1
    assert result.stderr == "Error: Another worker's fetch takes too long.\n"
