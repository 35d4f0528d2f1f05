"""The backend of a mini program: login, a checked comment, the user's phone number. It has no AppSecret and no token.

CENTRAL=http://127.0.0.1:8000 KEY=... flask --app examples/mini_program_backend/backend.py run --port 3000
"""

import os
import secrets
from typing import Any

import requests
from flask import Flask, abort, request
from werkzeug.exceptions import HTTPException

CENTRAL = os.environ.get("CENTRAL", "http://127.0.0.1:8000")
AUTHORIZATION = {"Authorization": f"Bearer {os.environ['KEY']}"}  # a key with the scopes session and moderation
NEW_CODE_NEEDED = ("/problems/code-refused", "/problems/code-lost")

app = Flask(__name__)
users: dict[str, dict[str, str]] = {}  # by token; yours are in a database


def central(path: str, **given: Any) -> dict[str, Any]:
    """The central server's answer."""
    try:
        answer = requests.post(CENTRAL + path, json=given, headers=AUTHORIZATION, timeout=20)
        document: dict[str, Any] = answer.json()
    except requests.RequestException as error:
        app.logger.error("central server: %s", type(error).__name__)  # noqa: TRY400 -- its text may quote what was sent
        abort(503, "Try again later.")
    if document.get("type") in NEW_CODE_NEEDED:
        abort(409, "This code is not accepted (any more): get a new one.")
    if not answer.ok:
        app.logger.error("central server: %s %s", answer.status_code, document.get("type"))
        abort(503, "Try again later.")
    return document


def text(name: str) -> str:
    """A text of the request's JSON."""
    document = request.get_json()
    value = document.get(name) if isinstance(document, dict) else None
    return value if isinstance(value, str) else abort(400, f"{name} must be a text.")


def user() -> dict[str, str]:
    """Who calls: the user whose token the mini program sends."""
    token = request.headers.get("Authorization", "").removeprefix("Bearer ")
    return users.get(token) or abort(401, "Call wx.login and /login again.")


@app.errorhandler(HTTPException)
def refused(error: HTTPException) -> tuple[dict[str, str | None], int]:
    """Errors are JSON, as the mini program expects."""
    return {"error": error.description}, error.code or 500


@app.post("/login")
def login() -> dict[str, str]:
    """Take the code of wx.login. The mini program gets a token of ours, not the session's handle."""
    session = central("/api/session", code=text("code"))
    token = secrets.token_urlsafe(32)
    users[token] = {"openid": session["openid"], "session": session["session"]}
    return {"token": token}


@app.post("/comments")
def comment() -> dict[str, str]:
    """Publish a comment that WeChat finds harmless."""
    verdict = central("/api/moderation/text", content=text("content"), openid=user()["openid"], scene=2)
    return {"comment": {"pass": "published", "review": "waiting", "risky": "refused"}[verdict["suggest"]]}


@app.post("/phone")
def phone() -> dict[str, str]:
    """Take the code of a button with open-type="getPhoneNumber". Each code costs money: exchange it once."""
    caller = user()
    caller["phone"] = central("/api/session/phone", code=text("code"))["purePhoneNumber"]
    return {"phone": f"{caller['phone'][:3]}****{caller['phone'][-4:]}"}
