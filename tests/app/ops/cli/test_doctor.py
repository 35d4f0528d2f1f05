"""`wechat-central doctor` finds, names and explains each fault."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from app.services import Services
from app.stores import State
from mock_wechat import MockWeChat
from tests.app.ops.cli.conftest import Run, values
from tests.doubles import FakeClock

STABLE = "/cgi-bin/stable_token"
Examined = Callable[..., dict[tuple[str, str], dict[str, Any]]]


@pytest.fixture
def examined(request: pytest.FixtureRequest) -> Examined:
    """The findings by subject and check, of a server with these settings; they agree with the exit status."""

    def examine(**settings: str) -> dict[tuple[str, str], dict[str, Any]]:
        request.getfixturevalue("environment").update(settings)
        result = request.getfixturevalue("run")("doctor", "--json")
        document = json.loads(result.stdout)
        failed = [finding for finding in document["findings"] if finding["verdict"] == "failed"]
        assert (result.exit_code, document["well"]) == ((1, False) if failed else (0, True))
        return {(finding["subject"], finding["check"]): finding for finding in document["findings"]}

    return examine


def verdicts(findings: dict[tuple[str, str], dict[str, Any]]) -> dict[tuple[str, str], str]:
    return {name: finding["verdict"] for name, finding in findings.items()}


def test_all_is_well(run: Run, wechat: MockWeChat, server: Services) -> None:
    result = run("doctor")
    host = wechat.url.removeprefix("http://")
    assert result.exit_code == 0, result.output
    assert result.stdout.splitlines() == [
        "server",
        "  ok      settings      accounts: default, mini; API keys: 1; egress: node-a",
        f"  ok      store         {server.settings.store_url}: writes and reads",
        host,
        "  ok      dns           127.0.0.1",
        *(line for line in result.stdout.splitlines() if "answers in" in line),
        "  ok      clock         within 1 s of WeChat's",
        "default",
        "  ok      access_token  generation 1, 7200 s left",
        "  ok      jsapi_ticket  generation 1, 7200 s left",
        "mini",
        "  ok      access_token  generation 1, 7200 s left",
        "",
        "All is well.",
    ]
    assert not any(value in result.output for value in values(server))


def test_good_stable_token_is_confirmed_by_wechat_and_stays(examined: Examined, warm: Services) -> None:
    provider = warm.for_account(warm.accounts.find("default")).access_token
    before = provider.get().value
    assert examined()["default", "access_token"]["found"].startswith("generation 2")
    assert provider.get().value == before


def test_valid_classic_token_stays_while_the_secret_is_checked(
    examined: Examined, environment: dict[str, str], wechat: MockWeChat, build: Callable[[], Services]
) -> None:
    environment["WECHAT_TOKEN_MODE"] = "classic"
    build().by_appid["wx0000000000000001"].access_token.get()
    findings = examined()
    assert findings["default", "access_token"]["found"].startswith("generation 1")
    assert [call.appid for call in wechat.calls("/cgi-bin/token")] == ["wx0000000000000001", "wx0000000000000002"]
    wechat.fail(STABLE, 40125)
    assert examined()["default", "access_token"]["verdict"] == "failed"


def test_classic_token_in_a_servers_memory_is_left_alone(examined: Examined, wechat: MockWeChat) -> None:
    findings = examined(WECHAT_TOKEN_MODE="classic", WECHAT_STORE_URL="memory://")
    assert verdicts(findings)["server", "store"] == "skipped"
    assert verdicts(findings)["default", "access_token"] == "skipped"
    assert ("default", "jsapi_ticket") not in findings
    assert wechat.calls() == []


def test_address_off_the_whitelist_is_named_with_the_place_to_enter_it(examined: Examined, wechat: MockWeChat) -> None:
    errmsg = "invalid ip 106.41.36.218 ipv6 ::ffff:106.41.36.218, not in whitelist"  # WECHAT.md 1.3
    wechat.fail(STABLE, 40164, errmsg=errmsg)
    findings = examined()
    advice = findings["default", "access_token"]["advice"]
    for said in ("106.41.36.218", "wx0000000000000001", "wechat-central retry default"):
        assert said in advice["en"]
        assert said in advice["zh"]
    assert "developers.weixin.qq.com" in advice["en"]
    assert "IP白名单（微信开发者平台" in advice["zh"]
    assert findings["default", "jsapi_ticket"]["found"] == "needs an access_token, and none is valid"
    assert verdicts(findings)["mini", "access_token"] == "ok"


@pytest.mark.usefixtures("warm")
def test_ticket_is_asked_for_with_the_token_that_is_still_good(examined: Examined, wechat: MockWeChat) -> None:
    wechat.fail(STABLE, 40125)
    found = verdicts(examined())
    assert (found["default", "access_token"], found["default", "jsapi_ticket"]) == ("failed", "ok")


def test_wrong_secret_is_compared_without_being_shown(examined: Examined) -> None:
    finding = examined(WECHAT_SECRET="a-wrong-secret")["default", "access_token"]
    assert "errcode 40125" in finding["found"]
    assert "(asked again in 60 s at the earliest)" in finding["found"]
    assert "14 characters, no whitespace" in finding["advice"]["en"]
    assert "14 个字符" in finding["advice"]["zh"]
    assert "a-wrong-secret" not in str(finding)


def test_cooldown_is_respected_and_explained_again(examined: Examined, wechat: MockWeChat, clock: FakeClock) -> None:
    wechat.fail(STABLE, 40164)
    examined()
    clock.advance(20)
    calls = len(wechat.calls(STABLE))
    finding = examined()["default", "access_token"]
    assert "asked again in 40 s" in finding["found"]
    assert finding["advice"]
    assert len(wechat.calls(STABLE)) == calls + 1  # mini's


def test_wrong_clock_is_found(examined: Examined, wechat: MockWeChat) -> None:
    wechat.clock.advance(300)
    finding = examined()[wechat.url.removeprefix("http://"), "clock"]
    assert (finding["verdict"], finding["found"]) == ("failed", "300 s behind WeChat's")
    assert "NTP" in finding["advice"]["en"]


def test_wechat_that_cannot_be_reached_is_asked_for_nothing(examined: Examined, server: Services) -> None:
    findings = examined(WECHAT_API_BASE="https://127.0.0.1:1")
    assert verdicts(findings) == {
        ("server", "settings"): "ok",
        ("server", "store"): "ok",
        ("127.0.0.1:1", "dns"): "ok",
        ("127.0.0.1:1", "tls"): "failed",
        ("default", "access_token"): "skipped",
        ("mini", "access_token"): "skipped",
    }
    assert findings["127.0.0.1:1", "tls"]["found"] == "connection refused"
    assert "WECHAT_PROXY" in findings["127.0.0.1:1", "tls"]["advice"]["en"]
    assert server.for_account(server.accounts.find("default")).access_token.cooldown() is None


def test_call_without_an_answer_is_not_explained_by_the_doctor(examined: Examined, wechat: MockWeChat) -> None:
    wechat.fail(STABLE, drop="before", times=None)
    findings = examined()
    assert verdicts(findings)[wechat.url.removeprefix("http://"), "clock"] == "ok"
    advice = findings["default", "access_token"]["advice"]
    assert "firewall" in advice["en"]
    assert "wechat-central doctor" not in advice["en"] + advice["zh"]


def test_read_only_store_is_found_and_wechat_is_not_asked(
    examined: Examined, tmp_path: Path, wechat: MockWeChat
) -> None:
    (tmp_path / "credentials.db").mkdir()
    findings = examined()
    assert verdicts(findings)["server", "store"] == "failed"
    assert "May the server's user write the file" in findings["server", "store"]["advice"]["en"]
    assert verdicts(findings)["default", "access_token"] == "skipped"
    assert wechat.calls() == []


def test_examination_leaves_nothing_in_the_store(examined: Examined, warm: Services, tmp_path: Path) -> None:
    examined()
    content = (tmp_path / "credentials.db").read_bytes()
    assert warm.for_account(warm.accounts.find("mini")).access_token.get().state(warm.clock()) is State.FRESH
    assert b"doctor-" not in content


def test_output_ends_with_how_many_failed(run: Run, wechat: MockWeChat) -> None:
    wechat.fail(STABLE, 40125)
    result = run("doctor")
    assert result.exit_code == 1
    assert result.stdout.endswith("\n1 of 8 checks failed.\n")
    assert "  FAILED  access_token  WeChat answered errcode 40125" in result.stdout
    assert "    -> Compare with developers.weixin.qq.com" in result.stdout
    assert "  skipped jsapi_ticket  needs an access_token, and none is valid" in result.stdout


def test_notes_are_shown_and_are_no_failure(environment: dict[str, str], request: pytest.FixtureRequest) -> None:
    del environment["WECHAT_JS_DOMAINS"], environment["WECHAT_API_KEYS"]
    result = request.getfixturevalue("run")("doctor")
    assert result.exit_code == 0
    assert "  note    api_keys      none: no caller gets tokens" in result.stdout
    assert "\n    -> Set WECHAT_API_KEYS" in result.stdout
    assert result.stdout.endswith("\nNo check failed; notes: 2.\n")


def test_js_domains_are_checked_for_their_file(examined: Examined, tmp_path: Path) -> None:
    (tmp_path / "MP_verify_a1B2.txt").write_text("a1B2")
    finding = examined(WECHAT_VERIFY_FILES=str(tmp_path), WECHAT_JS_DOMAINS="127.0.0.1:1")["default", "verify_file"]
    assert finding["verdict"] == "failed"
    assert "http://127.0.0.1:1/MP_verify_a1B2.txt" in finding["found"]
