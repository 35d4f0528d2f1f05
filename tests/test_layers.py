"""Which part may import which. Changing a table here is a visible decision."""

import ast
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]

# A module or folder of app/ -> what of app/ it may import. From the bottom up; no circles.
APP: dict[str, set[str]] = {
    "errors": set(),
    "static_files": set(),
    "version": set(),
    "redaction": set(),
    "accounts": {"errors"},
    "logging": {"redaction"},
    "stores": {"errors"},
    "jssdk": {"accounts", "errors", "static_files"},
    "settings": {"accounts", "errors"},
    "wechat": {"accounts", "errors", "settings", "stores"},
    "push": {"accounts", "errors", "stores", "wechat"},
    "credentials": {"errors", "settings", "stores", "wechat"},
    "events": {"errors", "stores"},
    "gateway": {"accounts", "credentials", "errors", "wechat"},
    "login": {"accounts", "credentials", "errors", "stores", "wechat"},
    "moderation": {"accounts", "credentials", "errors", "stores", "wechat"},
    "account_services": {
        "accounts",
        "credentials",
        "errors",
        "events",
        "login",
        "moderation",
        "redaction",
        "settings",
        "stores",
        "wechat",
    },
    "metrics": {"account_services", "errors", "stores", "version", "wechat"},
    "services": {
        "account_services",
        "accounts",
        "credentials",
        "events",
        "gateway",
        "login",
        "metrics",
        "moderation",
        "push",
        "settings",
        "stores",
        "wechat",
    },
    "ops": {
        "account_services",
        "accounts",
        "credentials",
        "errors",
        "logging",
        "redaction",
        "services",
        "settings",
        "stores",
        "version",
        "wechat",
    },
    "web": {
        "account_services",
        "accounts",
        "credentials",
        "errors",
        "gateway",
        "jssdk",
        "logging",
        "login",
        "metrics",
        "moderation",
        "ops",
        "push",
        "redaction",
        "services",
        "settings",
        "static_files",
        "stores",
        "version",
        "wechat",
    },
    "__init__": {"services", "settings", "web"},
    "serving": {"__init__", "errors", "logging", "metrics", "ops", "settings", "web"},
}

# A library -> the only places that may import it.
LIBRARIES: dict[str, set[str]] = {
    "requests": {"app/wechat/exchange.py", "mock_wechat/in_process.py"},
    "urllib3": {"app/wechat/connections.py", "app/wechat/exchange.py", "app/wechat/opening.py"},
    "sqlite3": {"app/stores/sqlite.py"},
    "redis": {"app/stores/redis.py"},
    "prometheus_client": {"app/metrics"},
    "cachetools": {"app/stores/fallback.py", "app/stores/memory.py"},
    "gunicorn": {"app/serving/gunicorn_server.py"},
    "granian": {"app/serving/granian_server.py"},
    "cryptography": {
        "app/login",
        "app/push/cipher.py",
        "app/stores/sealed.py",
        "mock_wechat/crypto.py",
        "mock_wechat/tls/ca.py",
    },
    "itsdangerous": {"app/moderation/media_links.py"},
    "xml": {"app/push/xml.py", "mock_wechat/push/xml.py"},
    "pydantic": {"app/settings", "app/web"},
    "pydantic_settings": {"app/settings"},
    "flask": {"app/__init__.py", "app/web"},
    "click": {"app/ops/cli", "app/serving/cli.py"},
    "PIL": {"app/moderation/images", "mock_wechat/api/images.py", "mock_wechat/qr.py"},
    "pillow_heif": {"app/moderation/images"},
    "werkzeug": {"app/__init__.py", "app/web"},
    "time": {
        "app/services.py",
        "app/moderation/images/fitting.py",
        "app/ops/cli/refresh.py",
        "app/stores/sqlite.py",
        "app/wechat/exchange.py",
        "app/wechat/hosts.py",
        "app/wechat/opening.py",
        "app/wechat/transport.py",
        "app/web/access_log.py",
        "mock_wechat",
    },
    "app": {"wsgi.py", "gunicorn.conf.py"},
    "mock_wechat": set(),
}


def files(*folders: str) -> list[Path]:
    return [
        ROOT / "wsgi.py",
        ROOT / "gunicorn.conf.py",
        *(file for name in folders for file in (ROOT / name).rglob("*.py")),
    ]


def place(file: Path) -> str:
    """The part of app/ that the file belongs to."""
    return file.relative_to(ROOT / "app").parts[0].removesuffix(".py")


def nodes(file: Path) -> Iterator[ast.AST]:
    """Every node of the file."""
    return ast.walk(ast.parse(file.read_text(encoding="utf-8")))


@cache
def imports(file: Path) -> frozenset[str]:
    """Absolute dotted names of everything that the file imports, whether at its top or inside a function."""
    package = file.relative_to(ROOT).parts[:-1]
    names: set[str] = set()
    for node in nodes(file):
        if isinstance(node, ast.Import):
            names.update(alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            base = package[: len(package) - node.level + 1] if node.level else ()
            module = ".".join((*base, *(node.module or "").split(".")))
            names.update(f"{module.rstrip('.')}.{alias.name}" for alias in node.names)
    return frozenset(names)


def test_every_part_of_app_stands_in_the_table() -> None:
    assert {place(file) for file in files("app") if file.is_relative_to(ROOT / "app")} == set(APP)


@pytest.mark.parametrize("part", APP)
def test_a_part_imports_only_what_the_table_allows(part: str) -> None:
    used = {
        name.split(".")[1] if name.split(".")[1] in APP else "__init__"
        for file in (ROOT / "app").rglob("*.py")
        if place(file) == part
        for name in imports(file)
        if name.startswith("app.")
    }
    assert used - {part} <= APP[part]


def test_the_table_has_no_circles_and_no_wishes() -> None:
    done: set[str] = set()
    for part, below in APP.items():
        assert below <= done, part
        done.add(part)


@pytest.mark.parametrize("library", LIBRARIES)
def test_a_library_is_imported_only_where_the_table_says(library: str) -> None:
    users = {
        str(file.relative_to(ROOT))
        for file in files("app", "mock_wechat", "bench")
        for name in imports(file)
        if name.split(".")[0] == library
    }
    allowed = {library, "bench", *LIBRARIES[library]}
    assert {user for user in users if not any(user == at or user.startswith(f"{at}/") for at in allowed)} == set()
    assert users, "the table has a library that no file imports"


def test_the_environment_is_read_where_the_app_is_made_and_nowhere_else() -> None:
    readers = {
        str(file.relative_to(ROOT))
        for file in files("app")
        if "environ" in file.read_text("utf-8")
        for node in nodes(file)
        if isinstance(node, ast.Attribute) and node.attr == "environ" and getattr(node.value, "id", "") == "os"
    }
    servers = {"app/serving/cli.py", "app/serving/granian_server.py", "app/serving/gunicorn_server.py"}
    assert readers == {"app/__init__.py", "app/ops/cli/main.py", "app/metrics/folder.py", *servers}
