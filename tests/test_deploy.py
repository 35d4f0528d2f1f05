"""The files in deploy/, as the programs that read them judge them."""

import re
import subprocess
from pathlib import Path

import pytest
import yaml  # type: ignore[import-untyped] # it has no types

from app.ops.cli.main import group
from tests.programs import program

ROOT = Path(__file__).parents[1]
DEPLOY, DOCS = ROOT / "deploy", ROOT / "docs"
_NGINX = "events {{}}\npid {folder}/pid;\nerror_log stderr;\nhttp {{ {temporary}\ninclude {file}; }}\n"


def accepted(name: str, package: str, *options: str) -> str:
    """What the program says; it must be content."""
    done = subprocess.run([program(name, package), *options], capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout + done.stderr


@pytest.mark.parametrize("what", [("check", "rules", "alerts.yml"), ("test", "rules", "alerts.test.yml")], ids="-".join)
def test_alert_rules(what: tuple[str, str, str]) -> None:
    *command, file = what
    accepted("promtool", "prometheus", *command, str(DEPLOY / file))


def test_each_alert_is_tested() -> None:
    rules = yaml.safe_load((DEPLOY / "alerts.yml").read_text("utf-8"))
    alerts = {rule["alert"] for group in rules["groups"] for rule in group["rules"]}
    tests = yaml.safe_load((DEPLOY / "alerts.test.yml").read_text("utf-8"))["tests"]
    asked = [(one["expr"], bool(one["exp_samples"])) for test in tests for one in test["promql_expr_test"]]
    wanted = {
        (f'ALERTS{{alertname="{alert}", alertstate="firing"}}', fires) for alert in alerts for fires in (True, False)
    }
    assert set(asked) == wanted


def test_nginx_takes_the_configuration(tmp_path: Path) -> None:
    pem = tmp_path / "tls.pem"
    made = ("-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-subj", "/CN=wx.example.com")
    accepted("openssl", "openssl", "req", "-x509", *made, "-keyout", str(pem), "-out", str(tmp_path / "certificate"))
    pem.write_text(pem.read_text() + (tmp_path / "certificate").read_text())
    text = (DEPLOY / "nginx.conf").read_text("utf-8").replace("/var/log/nginx", str(tmp_path))
    file = tmp_path / "wechat.conf"
    file.write_text(re.sub(r"/etc/nginx/tls/[\w.]+", str(pem), text), "utf-8")
    temporary = "".join(
        f"{name}_temp_path {tmp_path}/{name};" for name in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    )
    main = tmp_path / "nginx.conf"
    main.write_text(_NGINX.format(folder=tmp_path, temporary=temporary, file=file), "utf-8")
    accepted("nginx", "nginx-light", "-t", "-e", "stderr", "-c", str(main))


def test_systemd_takes_the_unit(tmp_path: Path) -> None:
    text = (DEPLOY / "wechat-central-server.service").read_text("utf-8")
    text = re.sub(r"^(Exec\w+=)/opt/\S+", r"\1/bin/true", text, flags=re.MULTILINE)
    unit = tmp_path / "wechat-central-server@public.service"
    unit.write_text(text, "utf-8")
    said = accepted("systemd-analyze", "systemd", "verify", "--man=no", str(unit))
    assert "wechat-central-server" not in said, said


@pytest.mark.parametrize("document", ["runbook.md", "runbook.zh-CN.md"])
def test_each_alert_links_to_its_part_of_the_runbook(document: str) -> None:
    rules = yaml.safe_load((DEPLOY / "alerts.yml").read_text("utf-8"))
    headings = re.findall(r"^## (WeChat\w+)$", (DOCS / document).read_text("utf-8"), re.MULTILINE)
    links = {rule["alert"]: rule["annotations"]["runbook_url"] for group in rules["groups"] for rule in group["rules"]}
    assert sorted(headings) == sorted(links)
    assert {alert: link.rpartition("#")[2] for alert, link in links.items()} == {
        name: name.lower() for name in headings
    }


@pytest.mark.parametrize("document", ["runbook.md", "runbook.zh-CN.md"])
def test_commands_of_the_runbook_exist(document: str) -> None:
    named = set(re.findall(r"`?wechat-central (\w+)", (DOCS / document).read_text("utf-8")))
    assert {"status", "doctor", "retry", "refresh"} <= named <= group.commands.keys()
