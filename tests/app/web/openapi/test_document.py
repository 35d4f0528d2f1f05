"""The OpenAPI document: complete, valid, and true to what each listener has."""

import json
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any, ClassVar

import pytest
import schemathesis
from flask import Flask
from werkzeug.exceptions import HTTPException, NotFound

from app import create_app
from app.web.endpoint import Endpoint, Endpoints
from app.web.openapi.document import VERSION, document
from app.web.problems import PROBLEMS
from app.web.schemas.base import Answer, Request, Text

ROOT = Path(__file__).parents[4]
NOT_DESCRIBED = ("/", "/<", "/static/", "/demo.json", "/openapi.json", "/media/")
"""pages, what they are made of, and the images that WeChat downloads"""


def references(part: Any) -> Iterator[str]:
    if isinstance(part, dict):
        yield from (value for name, value in part.items() if name == "$ref")
        part = list(part.values())
    if isinstance(part, list):
        for one in part:
            yield from references(one)


@pytest.mark.parametrize("listener", ["all", "public", "internal"])
def test_document_has_exactly_the_endpoints_of_the_listener(environment: dict[str, str], listener: str) -> None:
    app = create_app({**environment, "WECHAT_LISTENER": listener})
    described = app.test_client().get("/openapi.json").get_json()
    rules = [
        rule
        for rule in app.url_map.iter_rules()
        if not rule.rule.startswith(NOT_DESCRIBED[1:]) and rule.endpoint != "gateway.wechat"
    ]
    assert {(method, path) for path, methods in described["paths"].items() for method in methods} == {
        (method.lower(), rule.rule.replace("<", "{").replace(">", "}"))
        for rule in rules
        for method in (rule.methods or set()) - {"HEAD"}
        if rule.rule != "/"
    }
    there = {f"#/components/{kind}/{name}" for kind in ("schemas", "headers") for name in described["components"][kind]}
    assert set(references(described)) == there
    assert described["openapi"] == "3.1.0"
    schemathesis.openapi.from_dict(described).validate()


def test_wrong_document_would_be_found(app: Flask) -> None:
    described = json.loads(json.dumps(document(app)))
    described["paths"]["/healthz"]["get"]["responses"] = []
    with pytest.raises(Exception, match="is not of type"):
        schemathesis.openapi.from_dict(described).validate()


class Greeting(Request):
    """A greeting."""

    example: ClassVar[dict[str, Any]] = {"name": "you"}

    name: Text
    """Of the caller."""
    times: int = 1
    account: Text | None = None


class Greeted(Answer):
    """The greeting."""

    text: str
    label: int | None


def test_everything_follows_from_a_view_and_its_models(app: Flask) -> None:
    blueprint = Endpoints("greeting", __name__, listener="internal", tag="Credentials")

    @blueprint.view(Endpoint("POST", "/api/greeting/<language>", {200: Greeted}, scope="token", body=Greeting))
    def greet(given: Greeting, language: str, **_: Any) -> Greeted:
        """Say hello.

        In any language.
        """
        return Greeted(text=given.name * given.times + language, label=None)

    app.register_blueprint(blueprint)
    described = document(app)
    operation = described["paths"]["/api/greeting/{language}"]["post"]
    assert (operation["operationId"], operation["summary"], operation["description"]) == (
        "post_api_greeting_language",
        "Say hello",
        "In any language.",
    )
    assert [given["name"] for given in operation["parameters"]] == ["language"]
    assert operation["security"] == [{"apiKey": ["token"]}]
    assert set(operation["responses"]) == {"200", "400", "401", "403", "404", "405", "413"}
    assert operation["requestBody"]["content"]["application/json"]["example"] == {"name": "you"}
    schemas = described["components"]["schemas"]
    assert schemas["Greeting"] == {
        "type": "object",
        "description": "A greeting.",
        "required": ["name"],
        "additionalProperties": False,
        "properties": {
            "name": {"type": "string", "minLength": 1, "description": "Of the caller."},
            "times": {"type": "integer", "default": 1},
            "account": {"type": "string", "minLength": 1},
        },
    }
    assert schemas["Greeted"]["required"] == ["text", "label"]
    assert "`token`: GET /api/access_token" in described["components"]["securitySchemes"]["apiKey"]["description"]
    assert "POST /api/greeting/<language>" in described["components"]["securitySchemes"]["apiKey"]["description"]


def test_operations_have_names_of_their_own_and_a_summary(app: Flask) -> None:
    every = [operation for methods in document(app)["paths"].values() for operation in methods.values()]
    assert len({operation["operationId"] for operation in every}) == len(every)
    assert all(operation["summary"] for operation in every)
    told = [answer for operation in every for status, answer in operation["responses"].items() if status in "429 503"]
    assert told
    assert all(answer["headers"]["Retry-After"]["required"] for answer in told)


def test_every_problem_is_listed_at_an_endpoint_or_in_the_introduction(app: Flask) -> None:
    described = document(app)
    told = json.dumps(described)
    elsewhere = {"media-unknown", "login-failed"}  # answered to WeChat, which downloads media; a page for a browser
    assert [row.type for row in PROBLEMS.values() if row.type not in told and row.slug not in elsewhere] == []
    general = [PROBLEMS[kind] for kind in (NotFound, HTTPException, Exception)]
    assert all(row.type in described["info"]["description"] for row in general)


def test_version_is_the_products() -> None:
    assert tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["version"] == VERSION
