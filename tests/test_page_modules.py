"""Modules of our pages that need no page, in node: the debugger's mistakes, SHA-1, the texts."""

import hashlib
import json
import os
import re
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from app.jssdk import Claim
from app.jssdk.diagnosis import _candidates
from tests.app.jssdk.mistakes import CASES, NONCESTR, TICKET, TIMESTAMP

STATIC = Path(__file__).parents[1] / "static"
VECTORS: list[dict[str, Any]] = json.loads(
    (Path(__file__).parent / "vectors" / "jssdk_signature.json").read_text("utf-8")
)
CARD_TICKET = "IpK_1T69hDhZkLQTlwsAX"
ODD_URLS = [
    "https://h5.example.com/%E4%B8%AD%2Fx/a?b=1&c=%e4%b8%ad+1&from=timeline&isappinstalled=0#/r?x=%23",
    "HTTP://H5.example.com:8080?&amp;a=%FF%E4%B8%AD&=!~*'()[]中 \U0001f600",
    "http://[::1]:80/a//?#",
    "nothing like a URL % %2 %zz",
    f"https://h5.example.com/?long={'x' * 1900}",
]
BROWSER = """
import { readFileSync } from "node:fs";
globalThis.navigator = { language: "en" };
globalThis.fetch = async (path) => ({ json: async () => JSON.parse(readFileSync(path.replace("/static/", "./"))) });
const given = JSON.parse(readFileSync(0));
"""

Evaluate = Callable[..., Any]


@pytest.fixture(scope="module")
def evaluate(tmp_path_factory: pytest.TempPathFactory) -> Evaluate:
    """The value of a JavaScript expression, with `exported` (one of our modules) and `given`."""
    if not shutil.which("node"):
        reason = "node is missing: no module was tested"
        pytest.fail(reason) if os.environ.get("CI") else pytest.skip(reason)
    folder = tmp_path_factory.mktemp("modules")
    for file in [*STATIC.glob("*.js"), *STATIC.glob("*.json")]:
        shutil.copy(file, folder)
    (folder / "package.json").write_text('{"type": "module"}')

    def value(module: str, code: str, given: Any = None) -> Any:
        script = f"{BROWSER} const exported = await import('./{module}'); console.log(JSON.stringify({code}));"
        command = ["node", "--input-type=module", "-e", script]
        done = subprocess.run(
            command, cwd=folder, input=json.dumps(given), text=True, encoding="utf-8", capture_output=True, check=False
        )
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout)

    return value


def test_its_sha1_is_sha1(evaluate: Evaluate) -> None:
    texts = ["", "abc", "中文 \U0001f600", *("x" * length for length in (54, 55, 56, 57, 63, 64, 65, 119, 120, 5000))]
    hashes = evaluate("sha1.js", "given.map(exported.sha1)", texts)
    assert hashes == [hashlib.sha1(text.encode()).hexdigest() for text in texts]


def test_debugger_finds_published_signatures_right_and_names_each_mistake(evaluate: Evaluate) -> None:
    published = {
        row["name"]: {
            "url": row["url"],
            "landingUrl": "",
            "ticket": row["jsapi_ticket"],
            "cardTicket": "",
            "noncestr": row["noncestr"],
            "timestamp": str(row["timestamp"]),
            "signature": row["signature"],
        }
        for row in VECTORS
    }
    wrong = {
        case.name: {
            "url": case.url,
            "landingUrl": case.landing_url or "",
            "ticket": TICKET,
            "cardTicket": case.card_ticket or "",
            "noncestr": NONCESTR,
            "timestamp": str(case.timestamp),
            "signature": case.signature(),
        }
        for case in CASES
    }
    diagnose = "given.map(claim => exported.diagnose(claim)?.mistakes ?? null)"
    named = evaluate("debugger-mistakes.js", diagnose, [*published.values(), *wrong.values()])
    expected = {**{name: [] for name in published}, **{case.name: case.mistakes for case in CASES}}
    assert dict(zip([*published, *wrong], named, strict=True)) == expected


def test_page_and_server_try_the_same_mistakes_in_the_same_order(evaluate: Evaluate) -> None:
    claims = [
        Claim(url, timestamp, NONCESTR, "0" * 40, "https://h5.example.com/#/home", CARD_TICKET)
        for url in ODD_URLS
        for timestamp in (TIMESTAMP, TIMESTAMP * 1000 + 7)
    ]
    given = [
        {
            "url": claim.url,
            "landingUrl": claim.landing_url,
            "ticket": TICKET,
            "cardTicket": CARD_TICKET,
            "noncestr": NONCESTR,
            "timestamp": str(claim.timestamp),
        }
        for claim in claims
    ]
    there = evaluate(
        "debugger-mistakes.js",
        """given.map(claim => [...exported.candidates(claim)].map(([names, signed]) => [
            names, signed.ticket, signed.nonceKey ?? "noncestr", signed.timeKey ?? "timestamp",
            signed.timestamp, signed.url]))""",
        given,
    )
    for claim, tried in zip(claims, there, strict=True):
        assert tried == [
            [list(names), signed.ticket, *signed.keys, str(signed.timestamp), signed.url]
            for names, signed in _candidates(claim, TICKET)
        ], claim.url


def test_console_names_some_accounts_and_counts_the_others(evaluate: Evaluate) -> None:
    accounts = [{"account": f"a{n}", "credentials": [{"state": "expired"}], "cooldowns": []} for n in range(1000)]
    summaries = "await import('./console-texts.js') && given.map(exported.summary)"
    few, many = evaluate("console-reports.js", summaries, [{"accounts": accounts[:2]}, {"accounts": accounts}])
    assert (few["text"].endswith(": a0, a1"), few["number"]) == (True, 2)
    assert (many["text"].endswith("a8, a9 (+990)"), many["number"]) == (True, 1000)


def test_both_languages_have_the_same_texts(evaluate: Evaluate) -> None:
    pages = [f"./{path.name}" for path in STATIC.glob("*-texts.js")]
    assert len(pages) >= 3
    english, chinese = evaluate(
        "texts.js",
        "await Promise.all(given.map(page => import(page))).then(() => [exported.TEXTS.en, exported.TEXTS.zh])",
        pages,
    )
    assert set(english) == set(chinese)
    assert "riskyMeaning" in english
    for name, text in english.items():
        assert set(re.findall(r"{\w+}", text)) == set(re.findall(r"{\w+}", chinese[name])), name
