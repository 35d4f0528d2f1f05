"""Names, answers and clocks of WeChat's hosts."""

import pytest

from app.errors import WeChatUnavailable
from app.ops.doctor import Finding, Verdict
from app.ops.doctor.network import Host
from app.wechat import Transport
from tests.doubles import START

PROXY = "http://user:password@127.0.0.1:3128"


class Answering(Transport):
    """Answers at once with this Date header, or not at all."""

    def __init__(self, date: str | None, failure: str | None = None) -> None:
        super().__init__([])
        self.date = date
        self.failure = failure

    def probe(self, host: str) -> str | None:
        if self.failure:
            raise WeChatUnavailable(self.failure)
        assert host
        return self.date


def host(base: str = "https://api.weixin.qq.com", date: str | None = None, failure: str | None = None) -> Host:
    return Host(base, Answering(date, failure), None, lambda: START)


def test_name_that_leads_nowhere_is_a_matter_of_dns() -> None:
    finding = host("https://nowhere.invalid").check_name()
    assert (finding.subject, finding.check, finding.verdict) == ("nowhere.invalid", "dns", Verdict.FAILED)
    assert finding.advice


@pytest.mark.parametrize("base", ["http://127.0.0.1:9100", "http://[::1]:9100"])
def test_address_is_its_own_name(base: str) -> None:
    finding = host(base).check_name()
    assert finding.verdict is Verdict.OK
    assert finding.found in base


def test_proxy_is_looked_up_in_wechats_place_and_its_password_is_not_told() -> None:
    finding = Host("https://nowhere.invalid", Answering(None), PROXY, lambda: START).check_name()
    assert (finding.verdict, finding.found) == (Verdict.OK, "the proxy 127.0.0.1: 127.0.0.1")


@pytest.mark.parametrize(("base", "check"), [("https://api.weixin.qq.com", "tls"), ("http://127.0.0.1:9100", "http")])
def test_check_is_named_after_what_carries_the_answer(base: str, check: str) -> None:
    assert [finding.check for finding in host(base).check_answer()] == [check, "clock"]


def test_without_an_answer_no_clock_is_compared() -> None:
    [finding] = host(failure="its certificate is not accepted: expired").check_answer()
    assert (finding.check, finding.verdict) == ("tls", Verdict.FAILED)
    assert finding.found == "its certificate is not accepted: expired"


def clock(date: str | None) -> Finding:
    _, finding = host(date=date).check_answer()
    return finding


@pytest.mark.parametrize(
    ("date", "verdict", "found"),
    [
        ("Mon, 21 Sep 2026 14:13:20 GMT", Verdict.OK, "within 1 s of WeChat's"),
        ("Mon, 21 Sep 2026 14:12:51 GMT", Verdict.OK, "within 29 s of WeChat's"),
        ("Mon, 21 Sep 2026 14:12:20 GMT", Verdict.FAILED, "60 s ahead of WeChat's"),
        ("Mon, 21 Sep 2026 15:13:20 GMT", Verdict.FAILED, "3600 s behind WeChat's"),
        ("yesterday", Verdict.SKIPPED, "WeChat does not say what time it is"),
        (None, Verdict.SKIPPED, "WeChat does not say what time it is"),
    ],
)
def test_clock_is_compared_with_the_date_header(date: str | None, verdict: Verdict, found: str) -> None:
    finding = clock(date)
    assert (finding.verdict, finding.found) == (verdict, found)
