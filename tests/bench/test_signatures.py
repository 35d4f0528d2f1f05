import hashlib
from dataclasses import replace
from typing import Any

import pytest

from bench.contestants import PAGE
from bench.processes import Void
from bench.run import Round, json_of
from bench.signatures import Result, check_signature, report
from mock_wechat import OFFICIAL, MockWeChat

WRK = """Running 3s test @ http://127.0.0.1:8000/
Requests/sec:   4000.00

{"requests":12000,"seconds":3.0,"p99_ms":5.25,"status":%d,"connect":0,"read":%d,"write":0,"timeout":0}
"""


def result(name: str, *rates: float) -> Result:
    return Result(name, [Round(rate, 5.0, 0) for rate in rates], 96.0)


def test_signature_with_another_ticket_makes_the_result_void() -> None:
    with MockWeChat(accounts=[replace(OFFICIAL, js_domains=("h5.example.com",))]) as wechat:
        query = "grant_type=client_credential&appid=wx0000000000000001&secret=mock-official-secret"
        token = json_of(f"{wechat.url}/cgi-bin/token?{query}")["access_token"]
        ticket = json_of(f"{wechat.url}/cgi-bin/ticket/getticket?type=jsapi&access_token={token}")["ticket"]

        def signed(ticket: str) -> dict[str, Any]:
            string1 = f"jsapi_ticket={ticket}&noncestr=n&timestamp=1414587457&url={PAGE}"
            signature = hashlib.sha1(string1.encode()).hexdigest()
            return {"appId": "wx0000000000000001", "nonceStr": "n", "timestamp": 1414587457, "signature": signature}

        check_signature(wechat.url, "ours", signed(ticket))
        with pytest.raises(Void, match="ours"):
            check_signature(wechat.url, "ours", signed(f"{ticket}x"))


def test_round_is_read_from_the_last_line_of_wrk() -> None:
    assert Round.parse(WRK % (0, 0)) == Round(4000.0, 5.25, 12000)


def test_error_answers_and_socket_errors_make_the_result_void() -> None:
    with pytest.raises(Void, match="7 status, 2 read"):
        Round.parse(WRK % (7, 2))


def test_report_compares_with_both_peers_and_names_unsteady_servers() -> None:
    steady = [result("gunicorn", 90, 90, 90), result("granian", 260, 260, 260), result("wechatpy", 60, 60, 60)]
    found = report([*steady, result("Express", 84, 100, 116), result("empty", 120, 120, 120)])
    assert [claim.holds for claim in found.claims] == [True, False, True, True, True]
    assert found.rows[1] == ("gunicorn", "90", "0%", "5.0", "96", "0.90", "1.50")
    assert len(found.noise) == 1
    assert "Express differ by 32%" in found.noise[0]
