"""The OpenAPI document: complete, valid, and true to what each listener opens."""

import json
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import schemathesis
from flask.testing import FlaskClient
from werkzeug.exceptions import HTTPException, NotFound

from app import create_app
from app.accounts import SCOPES
from app.routes.errors import PROBLEMS
from app.routes.openapi.document import DOORS, VERSION, document
from app.routes.openapi.pieces import SCOPES as DESCRIBED_SCOPES
from tests.app.routes.openapi.doors import doors

ROOT = Path(__file__).parents[4]
EVERYTHING = {(method, path) for path, operations in DOORS.items() for method in operations}


def operations(described: dict[str, Any]) -> dict[tuple[str, str], dict[str, Any]]:
    return {(method, path): door for path, methods in described["paths"].items() for method, door in methods.items()}


def references(part: Any) -> Iterator[str]:
    if isinstance(part, dict):
        yield from (value for name, value in part.items() if name == "$ref")
        part = list(part.values())
    if isinstance(part, list):
        for one in part:
            yield from references(one)


@pytest.mark.parametrize("listener", ["all", "public", "internal"])
def test_each_listener_describes_exactly_what_it_opens(environment: dict[str, str], listener: str) -> None:
    app = create_app({**environment, "WECHAT_LISTENER": listener})
    described = app.test_client().get("/openapi.json").get_json()
    assert set(operations(described)) == doors(app)


def test_what_is_described_is_open(environment: dict[str, str]) -> None:
    assert EVERYTHING - doors(create_app(environment)) == set()


def test_document_is_openapi_3_1() -> None:
    described = document(EVERYTHING)
    assert described["openapi"] == "3.1.0"
    schemathesis.openapi.from_dict(described).validate()


def test_a_document_that_is_wrong_would_be_found() -> None:
    described = json.loads(json.dumps(document(EVERYTHING)))
    described["paths"]["/healthz"]["get"]["responses"] = []
    with pytest.raises(Exception, match="is not of type"):
        schemathesis.openapi.from_dict(described).validate()


def test_every_reference_leads_to_something_and_nothing_lies_about() -> None:
    described = document(EVERYTHING)
    there = {f"#/components/{kind}/{name}" for kind in ("schemas", "headers") for name in described["components"][kind]}
    assert set(references(described)) == there


def test_every_operation_has_a_name_of_its_own_and_says_what_it_does() -> None:
    every = operations(document(EVERYTHING)).values()
    assert len({door["operationId"] for door in every}) == len(EVERYTHING)
    assert all(door["summary"] for door in every)


def test_every_problem_stands_at_some_door_or_in_the_introduction() -> None:
    told = json.dumps(document(EVERYTHING))
    elsewhere = {"media-unknown"}  # what WeChat is told that looks for media
    assert [row.type for row in PROBLEMS.values() if row.type not in told and row.slug not in elsewhere] == []
    general = [PROBLEMS[kind] for kind in (NotFound, HTTPException, Exception)]
    assert all(row.type in document(EVERYTHING)["info"]["description"] for row in general)


def test_scopes_are_explained() -> None:
    assert tuple(DESCRIBED_SCOPES) == SCOPES


@pytest.mark.parametrize("status", ["429", "503"])
def test_who_is_told_to_come_later_is_told_when(status: str) -> None:
    for door in operations(document(EVERYTHING)).values():
        if status in door["responses"]:
            assert door["responses"][status]["headers"]["Retry-After"]["required"]


def test_version_is_the_products() -> None:
    assert tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["version"] == VERSION


def test_swagger_ui_comes_from_this_server(client: FlaskClient) -> None:
    for name, kind in (("swagger-ui-bundle.js", "javascript"), ("swagger-ui.css", "css")):
        with client.get(f"/swagger-ui/{name}") as response:
            assert response.status_code == 200
            assert kind in response.content_type
            assert response.headers["ETag"]
            assert response.headers["X-Content-Type-Options"] == "nosniff"


@pytest.mark.parametrize("name", ["VERSION", "index.css", "swagger-ui.js", "..", "%2e%2e%2fLICENSE"])
def test_nothing_else_of_the_library_is_served(client: FlaskClient, name: str) -> None:
    assert client.get(f"/swagger-ui/{name}").status_code == 404
