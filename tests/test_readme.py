"""README.md and the files in deploy/ say what the code does: tables, examples, paths and names are compared with it."""

import re
import tomllib
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from flask import Flask

from app import create_app
from app.config import load_settings, settings_table
from app.keys import SCOPES
from app.metrics import METRICS
from app.routes.errors import INTERNAL, OTHER, PROBLEMS

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text("utf-8")
DOCUMENTS = [
    "README.md",
    "CHANGELOG.md",
    "deploy/alerts.yml",
    "deploy/nginx.conf",
    "deploy/wechat-central-server.service",
]

KEYS: dict[str, str] = {scope: f"a-key-for-everything-but-{scope}" for scope in SCOPES}
ENVIRONMENT = {
    "WECHAT_APPID": "wx0123456789abcdef",
    "WECHAT_SECRET": "0123456789abcdef0123456789abcdef",
    "WECHAT_STORE_URL": "memory://",
    "WECHAT_API_KEYS": ",".join(f"{scope}:{'+'.join({*SCOPES} - {scope})}={key}" for scope, key in KEYS.items()),
}


def section(title: str) -> str:
    """What stands under a heading of the second level."""
    match = re.search(rf"^## {re.escape(title)}\n(.*?)(?=^## |\Z)", README, re.MULTILINE | re.DOTALL)
    assert match, f"there is no section {title}"
    return match[1]


def table(title: str, first_column: str) -> list[list[str]]:
    """The cells of the table whose first column has this heading."""
    match = re.search(rf"^\| {re.escape(first_column)} \|.*\n\|[-|]+\|\n((?:\|.*\n)+)", section(title), re.MULTILINE)
    assert match, f"section {title} has no table that begins with {first_column}"
    return [[cell.strip() for cell in row.strip("|").split(" | ")] for row in match[1].splitlines()]


def blocks(language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```$", README, re.MULTILINE | re.DOTALL)


def plain(cell: str) -> str:
    return cell.removeprefix("`").removesuffix("`")


def doors(app: Flask) -> set[tuple[str, str]]:
    """Method and path of everything that the app answers; HEAD and the OPTIONS that Flask adds are left out."""
    return {
        (method, re.sub(r"<\w+:", "<", rule.rule))
        for rule in app.url_map.iter_rules()
        for method in (rule.methods or set()) - {"HEAD"}
        if method != "OPTIONS" or not getattr(rule, "provide_automatic_options", False)
    }


def documented_doors() -> Iterator[tuple[str, str, str, str]]:
    """Method, path, doors and scope of each row."""
    for request, opened_by, scope, _ in table("Endpoints", "request"):
        match = re.match(r"`([A-Z]+) ([^`?]+)", request)
        assert match, request
        yield match[1], match[2], opened_by, plain(scope)


def test_settings_table_is_the_codes() -> None:
    shown = [(plain(name), plain(default), meaning) for name, default, meaning in table("Settings", "name")]
    assert shown == settings_table()


def test_problem_types_are_those_of_the_error_table() -> None:
    rows = {(plain(kind), status, when) for kind, status, when, _ in table("Problems", "type")}
    problems = {*PROBLEMS.values(), INTERNAL, OTHER}
    assert rows == {(problem.type, str(problem.status), problem.meaning) for problem in problems}


@pytest.mark.parametrize("listener", ["all", "public", "internal"])
def test_endpoints_are_those_that_the_listener_opens(listener: str) -> None:
    documented = {
        (method, path)
        for method, path, opened_by, _ in documented_doors()
        if {listener, opened_by} & {"all"} or opened_by == listener
    }
    assert documented == doors(create_app(ENVIRONMENT | {"WECHAT_DOORS": listener}))


@pytest.mark.parametrize(("method", "path", "scope"), [(door[0], door[1], door[3]) for door in documented_doors()])
def test_endpoint_wants_the_scope_that_stands_beside_it(method: str, path: str, scope: str) -> None:
    client = create_app(ENVIRONMENT).test_client()
    client.environ_base["REMOTE_ADDR"] = "203.0.113.9"  # loopback may do more
    without_key = client.open(path, method=method, buffered=True)
    if scope == "-":
        assert without_key.status_code not in (401, 403)
        return
    assert without_key.status_code == 401
    without_scope = client.open(path, method=method, headers={"Authorization": f"Bearer {KEYS[scope]}"})
    assert without_scope.status_code == 403
    assert f"has no scope {scope}." in without_scope.get_json()["detail"]


def test_metrics_table_is_the_codes() -> None:
    shown = [
        (plain(name), kind, () if labels == "-" else tuple(plain(label) for label in labels.split(", ")), meaning)
        for name, kind, labels, meaning in table("Metrics", "metric")
    ]
    assert shown == [(metric.name, metric.type, metric.labels, metric.meaning) for metric in METRICS]


def test_alerts_speak_of_metrics_and_labels_that_exist() -> None:
    rules = (ROOT / "deploy" / "alerts.yml").read_text("utf-8")
    labels = {metric.name: metric.labels for metric in METRICS}
    labels["wechat_request_seconds_count"] = labels.pop("wechat_request_seconds")
    named = re.findall(r"\b(wechat_\w+)(?:\{(\w+)=)?", rules)
    assert len({name for name, _ in named}) >= 5
    assert [name for name, label in named if label and label not in labels.get(name, ())] == []
    assert {name for name, _ in named} <= set(labels)


def anchors(document: Path) -> set[str]:
    headings = re.findall(r"^#+ (.*)$", document.read_text("utf-8"), re.MULTILINE)
    return {re.sub(r"[^\w -]", "", heading).lower().replace(" ", "-") for heading in headings}


@pytest.mark.parametrize("document", ["README.md", "CHANGELOG.md"])
def test_links_lead_somewhere(document: str) -> None:
    text = (ROOT / document).read_text("utf-8")
    for target in re.findall(r"\]\(([^)]+)\)", text):
        if urlsplit(target).scheme:
            continue
        path, _, anchor = target.partition("#")
        linked = ROOT / (path or document)
        assert linked.is_file(), target
        assert not anchor or anchor in anchors(linked), target


@pytest.mark.parametrize("example", blocks("toml"))
def test_toml_example_is_a_configuration(example: str, tmp_path: Path) -> None:
    for number, path in enumerate(re.findall(r'"(/run/secrets/[^"]+)"', example)):
        (tmp_path / f"{number}").write_text(f"{number}-0123456789abcdef0123456789abcdef\n")
        example = example.replace(f'"{path}"', f'"{tmp_path}/{number}"')
    file = tmp_path / "accounts.toml"
    file.write_text(example, "utf-8")
    settings = load_settings({"WECHAT_CONFIG": str(file)})
    written = tomllib.loads(example)
    assert [account.name for account in settings.accounts] == list(written["accounts"])
    assert [key.name for key in settings.keys] == list(written["keys"])


@pytest.mark.parametrize("document", DOCUMENTS)
def test_settings_that_are_named_exist(document: str) -> None:
    named = set(re.findall(r"\bWECHAT_[A-Z_]+\b", (ROOT / document).read_text("utf-8")))
    assert named <= {name for name, _, _ in settings_table()}
