"""README.md and the files in deploy/ say what the code does: tables, examples, paths and names are compared with it."""

import re
import tomllib
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from app.metrics import METRICS
from app.settings import SECRETS, load_settings, settings_table
from app.web.problems import INTERNAL, OTHER, PROBLEMS
from tests import readme_tables

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text("utf-8")
GUIDES = [f"docs/{name}{language}.md" for name in ("redis", "runbook", "sizing") for language in ("", ".zh-CN")]
DOCUMENTS = [
    "README.md",
    "CHANGELOG.md",
    "docs/gateway.md",
    "docs/login.md",
    "docs/login.zh-CN.md",
    "docs/migrate.md",
    "docs/mock-in-ci.md",
    "docs/deploy.md",
    "docs/deploy.zh-CN.md",
    "Dockerfile",
    "compose.yaml",
    "deploy/alerts.yml",
    "deploy/compose/mock.env",
    "deploy/compose/nginx.conf",
    "deploy/compose/wechat.env.example",
    "deploy/granian.conf",
    "deploy/k8s/config.yaml",
    "deploy/k8s/internal.yaml",
    "deploy/k8s/public.yaml",
    "deploy/k8s/secret.example.yaml",
    "deploy/nginx.conf",
    "deploy/wechat-central-server.service",
]


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


def test_settings_table_is_the_codes() -> None:
    shown = [(plain(name), plain(default), meaning) for name, default, meaning in table("Settings", "name")]
    assert shown == settings_table()


def test_problem_types_are_those_of_the_error_table() -> None:
    rows = {(plain(kind), status, when) for kind, status, when, _ in table("Problems", "type")}
    problems = {*PROBLEMS.values(), INTERNAL, OTHER}
    assert rows == {(problem.type, str(problem.status), problem.meaning) for problem in problems}


def test_tables_of_endpoints_and_scopes_are_generated() -> None:
    assert readme_tables.written(README) == README, "run python -m tests.readme_tables"


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


@pytest.mark.parametrize("document", ["README.md", "CHANGELOG.md", "docs/deploy.md", "docs/deploy.zh-CN.md"])
def test_links_lead_somewhere(document: str) -> None:
    file = ROOT / document
    text = file.read_text("utf-8")
    for target in re.findall(r"\]\(([^)]+)\)", text):
        if urlsplit(target).scheme:
            continue
        path, _, anchor = target.partition("#")
        linked = (ROOT / document).parent / path if path else ROOT / document
        assert linked.exists(), target
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
    assert list(dict.fromkeys(key.name for key in settings.keys)) == list(written["keys"])


@pytest.mark.parametrize("document", DOCUMENTS)
def test_settings_that_are_named_exist(document: str) -> None:
    named = set(re.findall(r"\bWECHAT_[A-Z_]+\b", (ROOT / document).read_text("utf-8")))
    assert named <= {name for name, _, _ in settings_table()} | {f"WECHAT_{name.upper()}_FILE" for name in SECRETS}
