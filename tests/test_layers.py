"""Who may import whom. Changing a table here is a visible decision."""

import ast
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]

# A module or folder of app/ -> what of app/ it may import. From the bottom up; no circles.
APP: dict[str, set[str]] = {
    "exceptions": set(),
    "credential": set(),
    "jssdk": set(),
    "proxies": set(),
    "redaction": set(),
    "logs": {"redaction"},
    "errcodes": {"exceptions"},
    "js_domains": {"exceptions"},
    "keys": set(),
    "accounts": {"exceptions", "js_domains"},
    "secret": set(),
    "diagnosis": {"accounts", "exceptions", "js_domains"},
    "config": {"accounts", "exceptions", "js_domains", "keys", "timing"},
    "cooldown": {"credential", "errcodes", "exceptions", "secret", "timing"},
    "media_links": {"credential", "exceptions"},
    "stores": {"credential", "exceptions"},
    "wechat": {"cooldown", "errcodes", "exceptions", "secret"},
    "push": {"accounts", "credential", "exceptions", "wechat"},
    "central": {"cooldown", "errcodes", "exceptions", "wechat"},
    "provider": {"central", "cooldown", "credential", "exceptions", "timing", "wechat"},
    "metrics": {"accounts", "cooldown", "credential", "exceptions", "provider"},
    "refresher": {"exceptions", "provider"},
    "moderation": {"accounts", "credential", "exceptions", "lane", "media_links", "provider", "wechat"},
    "services": {
        "accounts",
        "central",
        "config",
        "cooldown",
        "credential",
        "keys",
        "media_links",
        "metrics",
        "moderation",
        "provider",
        "push",
        "redaction",
        "refresher",
        "stores",
        "wechat",
    },
    "doctor": {
        "accounts",
        "settings",
        "credential",
        "errcodes",
        "exceptions",
        "services",
        "stores",
        "wechat",
    },
    "readiness": {"accounts", "cooldown", "credential", "doctor", "errcodes", "exceptions", "provider", "services"},
    "cli": {
        "accounts",
        "cooldown",
        "credential",
        "doctor",
        "errcodes",
        "exceptions",
        "logs",
        "provider",
        "readiness",
        "services",
    },
    "startup": {"accounts", "central", "exceptions", "logs", "redaction", "services", "settings"},
    "routes": {
        "accounts",
        "credential",
        "diagnosis",
        "errcodes",
        "exceptions",
        "jssdk",
        "logs",
        "media_links",
        "metrics",
        "moderation",
        "provider",
        "proxies",
        "push",
        "readiness",
        "redaction",
        "services",
        "wechat",
    },
    "embedding": {"cli", "settings", "exceptions", "jssdk", "logs", "redaction", "routes", "services"},
    "__init__": {"settings", "embedding", "proxies", "routes", "services"},
    "__main__": {"__init__", "cli", "exceptions", "logs"},
}

# A library -> the only places that may import it.
LIBRARIES: dict[str, set[str]] = {
    "requests": {"app/wechat/exchange.py", "mock_wechat/in_process.py"},
    "urllib3": {"app/wechat/exchange.py"},
    "sqlite3": {"app/stores/sqlite.py"},
    "redis": {"app/stores/redis.py"},
    "prometheus_client": {"app/metrics", "gunicorn.conf.py"},
    "flask_swagger_ui": {"app/routes/openapi"},
    "cachetools": {"app/stores/fallback.py"},
    "gunicorn": {"app/startup.py"},
    "cryptography": {"app/push/cipher.py", "app/stores/sealed.py", "mock_wechat/crypto.py"},
    "itsdangerous": {"app/media_links.py"},
    "xml": {"app/push/xml.py"},
    "pydantic": {"app/config", "app/timing.py", "app/accounts.py", "app/keys.py"},
    "flask": {
        "app/__init__.py",
        "app/__main__.py",
        "app/embedding.py",
        "app/services.py",
        "app/routes",
        "app/cli/group.py",
    },
    "click": {"app/cli"},
    "PIL": {"app/moderation/images", "mock_wechat/api/images.py"},
    "pillow_heif": {"app/moderation/images"},
    "ctypes": {"mock_wechat/run.py"},
    "werkzeug": {"app/__init__.py", "app/routes"},
    "time": {
        "app/services.py",
        "app/moderation/images/fitting.py",
        "app/stores/sqlite.py",
        "app/wechat/deadline.py",
        "app/central/server.py",
        "app/wechat/transport.py",
        "app/routes/request_log.py",
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


@cache
def tree(file: Path) -> list[ast.AST]:
    """Every node of the file."""
    return list(ast.walk(ast.parse(file.read_text(encoding="utf-8"))))


@cache
def imports(file: Path) -> frozenset[str]:
    """Absolute dotted names of everything that the file imports, whether at its top or inside a function."""
    package = file.relative_to(ROOT).parts[:-1]
    names: set[str] = set()
    for node in tree(file):
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
        for file in files("app", "mock_wechat", "tests", "bench")
        for name in imports(file)
        if name.split(".")[0] == library
    }
    allowed = {library, "tests", "bench", *LIBRARIES[library]}
    assert {user for user in users if not any(user == at or user.startswith(f"{at}/") for at in allowed)} == set()
    assert users, "the table speaks of a library that nobody uses"


def test_the_environment_is_read_where_the_app_is_made_and_nowhere_else() -> None:
    readers = {
        str(file.relative_to(ROOT))
        for file in files("app")
        for node in tree(file)
        if isinstance(node, ast.Attribute) and node.attr == "environ" and getattr(node.value, "id", "") == "os"
    }
    assert readers == {"app/__init__.py", "gunicorn.conf.py"}
