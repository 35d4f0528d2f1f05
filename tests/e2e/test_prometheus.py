"""A real Prometheus scrapes a running server: the dashboard's queries and the alert rules find what they ask for."""

import json
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import requests

from mock_wechat import MockWeChat
from tests.e2e.callers import call, check, sign, statuses
from tests.e2e.servers import KEY, ROOT, Server, answers, eventually, free_port, serving, stop
from tests.e2e.uplink import CHECK
from tests.programs import program

_CONFIGURATION = """
global: {{scrape_interval: 1s, evaluation_interval: 1s}}
rule_files: [{rules}]
scrape_configs:
  - job_name: wechat-central-server
    authorization: {{credentials: {key}}}
    static_configs: [{{targets: ["{target}"]}}]
"""


@contextmanager
def prometheus(folder: Path, server: Server) -> Iterator[str]:
    """The URL of its API. It has the shipped rules and scrapes as deploy/alerts.yml says."""
    file, url = folder / "prometheus.yml", f"http://127.0.0.1:{free_port()}"
    rules = ROOT / "deploy" / "alerts.yml"
    file.write_text(_CONFIGURATION.format(rules=rules, key=KEY, target=urlsplit(server.url).netloc), "utf-8")
    options = [f"--config.file={file}", f"--storage.tsdb.path={folder}/data"]
    command = [program("prometheus", "prometheus"), *options, f"--web.listen-address={urlsplit(url).netloc}"]
    with (folder / "prometheus.log").open("wb") as log:
        process = subprocess.Popen(command, stdout=log, stderr=log)
    try:
        eventually(lambda: answers(f"{url}/-/ready"), "Prometheus is ready")
        yield f"{url}/api/v1"
    finally:
        stop(process)


def asked(url: str, **parameters: str) -> Any:
    answer = requests.get(url, parameters, timeout=30)
    assert answer.status_code == 200, (parameters, answer.text)
    return answer.json()["data"]


def test_each_panel_has_data_and_each_rule_is_evaluated(wechat: MockWeChat, tmp_path: Path) -> None:
    panels = json.loads((ROOT / "deploy" / "grafana-dashboard.json").read_text("utf-8"))["panels"]
    queries = [target["expr"].replace("$__rate_interval", "5m") for panel in panels for target in panel["targets"]]
    keys = {"WECHAT_API_KEYS": f"e2e:moderation+gateway+ops={KEY}", "WECHAT_SECRET_KEY": "s" * 32}
    with serving(tmp_path, {**wechat.environment, **keys}) as server, prometheus(tmp_path, server) as api:
        assert statuses(call([sign(server), check(server)])) == {200}
        assert server.get("/cgi-bin/getcallbackip").json()["ip_list"]
        wechat.fail(CHECK, 45009)
        assert statuses(call([check(server)])) == {503}
        found: dict[str, bool] = {}

        def have_data() -> bool:
            call([sign(server), check(server)])
            server.get("/cgi-bin/getcallbackip")
            found.update((query, bool(asked(f"{api}/query", query=query)["result"])) for query in queries)
            return all(found.values())

        eventually(have_data, "each query has data")
        rules = [rule for group in asked(f"{api}/rules")["groups"] for rule in group["rules"]]
        assert len(rules) >= 8
        assert {(rule["name"], rule["health"], rule.get("lastError")) for rule in rules} == {
            (rule["name"], "ok", None) for rule in rules
        }
