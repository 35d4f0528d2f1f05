"""Documents say what the code does: tables, configuration examples and links."""

import re
import tomllib
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from app.metrics import METRICS
from app.settings import SECRETS, load_settings, settings_table
from tests import document_tables

ROOT = Path(__file__).parents[1]
DOCUMENTS = sorted(str(file.relative_to(ROOT)) for file in (*ROOT.glob("*.md"), *ROOT.glob("docs/*.md")))
DEPLOYED = sorted(str(file.relative_to(ROOT)) for file in ROOT.glob("deploy/*") if file.is_file())
CHINESE = ".zh-CN.md"


def read(document: str) -> str:
    return (ROOT / document).read_text("utf-8")


@pytest.mark.parametrize("document", document_tables.documents())
def test_tables_are_those_of_the_code(document: str) -> None:
    text = read(f"docs/{document}")
    assert document_tables.written(document, text) == text, "run python -m tests.document_tables"
    assert re.findall(r"^\|.*\|  \|.*$", text, re.MULTILINE) == [], "these rows have empty cells"


def test_alerts_speak_of_metrics_and_labels_that_exist() -> None:
    labels = {metric.name: metric.labels for metric in METRICS}
    labels["wechat_request_seconds_count"] = labels.pop("wechat_request_seconds")
    named = re.findall(r"\b(wechat_\w+)(?:\{(\w+)=)?", read("deploy/alerts.yml"))
    assert len({name for name, _ in named}) >= 5
    assert [name for name, label in named if label and label not in labels.get(name, ())] == []
    assert {name for name, _ in named} <= set(labels)


def anchors(document: Path) -> set[str]:
    headings = re.findall(r"^#+ (.*)$", document.read_text("utf-8"), re.MULTILINE)
    return {re.sub(r"[^\w -]", "", heading).lower().replace(" ", "-") for heading in headings}


@pytest.mark.parametrize("document", DOCUMENTS)
def test_links_lead_somewhere(document: str) -> None:
    for target in re.findall(
        r"\]\(([^)\s]+)\)", re.sub(r"^```.*?^```$", "", read(document), flags=re.MULTILINE | re.DOTALL)
    ):
        if urlsplit(target).scheme:
            continue
        path, _, anchor = target.partition("#")
        linked = (ROOT / document).parent / path if path else ROOT / document
        assert linked.exists(), target
        assert not anchor or anchor in anchors(linked), target


@pytest.mark.parametrize("document", [one for one in DOCUMENTS if one not in ("CHANGELOG.md", "docs/WECHAT.md")])
def test_each_document_is_in_both_languages(document: str) -> None:
    other = (
        document.removesuffix(CHINESE) + ".md" if document.endswith(CHINESE) else document.removesuffix(".md") + CHINESE
    )
    assert (ROOT / other).is_file()
    assert f"({Path(other).name})" in read(document), "it has no link to the other language"


EXAMPLES = [
    pytest.param(example, id=f"{document}-{number}")
    for document in DOCUMENTS
    for number, example in enumerate(re.findall(r"^```toml\n(.*?)^```$", read(document), re.MULTILINE | re.DOTALL))
]


@pytest.mark.parametrize("example", EXAMPLES)
def test_toml_example_is_a_configuration(example: str, tmp_path: Path) -> None:
    for number, path in enumerate(re.findall(r'"(/run/secrets/[^"]+)"', example)):
        (tmp_path / f"{number}").write_text(f"{number}-0123456789abcdef0123456789abcdef\n")
        example = example.replace(f'"{path}"', f'"{tmp_path}/{number}"')
    file = tmp_path / "accounts.toml"
    file.write_text(example, "utf-8")
    settings = load_settings({"WECHAT_CONFIG": str(file)})
    written = tomllib.loads(example)
    assert [account.name for account in settings.accounts] == list(written["accounts"])
    assert list(dict.fromkeys(key.name for key in settings.keys)) == list(written.get("keys", {}))


@pytest.mark.parametrize("document", [*DOCUMENTS, *DEPLOYED])
def test_settings_that_are_named_exist(document: str) -> None:
    named = set(re.findall(r"\bWECHAT_[A-Z_]+\b", read(document)))
    assert named <= {name for name, _, _ in settings_table()} | {f"WECHAT_{name.upper()}_FILE" for name in SECRETS}
