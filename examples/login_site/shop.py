"""A site whose users log in with WeChat through a central server. It has no AppSecret and no token.

CENTRAL=http://127.0.0.1:8000 KEY=... flask --app examples/login_site/shop.py run --port 3000
"""

import hashlib
import os
import secrets
from base64 import urlsafe_b64encode
from urllib.parse import urlencode

import requests
from flask import Flask, Response, abort, redirect, render_template_string, request, session

CENTRAL = os.environ.get("CENTRAL", "http://127.0.0.1:8000")  # as the site's backend reaches it
PUBLIC = os.environ.get("PUBLIC", CENTRAL)  # as users' browsers reach it
AUTHORIZATION = {"Authorization": f"Bearer {os.environ['KEY']}"}  # a key with the scope oauth
TABS = 5  # logins at the same time in one browser
PAGE = """<!doctype html>
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Orders</title>
{% if user %}<p id="user">{{ user.nickname or user.openid }}</p>
<form method="post" action="/logout"><button>Log out</button></form>
{% else %}<a href="/login">Log in with WeChat</a>
<a href="/login?scope=snsapi_userinfo">Log in, with nickname and avatar</a>
<a href="/login?scope=snsapi_login">Log in with a QR code</a>{% endif %}
"""

app = Flask(__name__)
app.secret_key = os.environ.get("SECRET_KEY", secrets.token_bytes(32))  # signs the session's cookie


@app.get("/")
def home() -> str:
    """Show who is logged in."""
    return render_template_string(PAGE, user=session.get("user"))


@app.get("/login")
def login() -> Response:
    """Send the browser to WeChat. The verifier stays in this browser's session until it is back."""
    verifier, state = secrets.token_urlsafe(32), secrets.token_urlsafe(16)
    attempts = [*session.get("attempts", {}).items(), (state, verifier)]
    session["attempts"] = dict(attempts[-TABS:])
    challenge = urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).decode().rstrip("=")
    asked = {
        "scope": request.args.get("scope", "snsapi_base"),
        "next": f"{request.host_url}logged-in",
        "state": state,
        "challenge": challenge,
    }
    return redirect(f"{PUBLIC}/api/oauth/start?{urlencode(asked)}")  # type: ignore[return-value] # Werkzeug's response


@app.get("/logged-in")
def logged_in() -> Response:
    """Redeem the ticket that the browser brings back, if this browser has asked for it."""
    attempts = session.pop("attempts", {})
    verifier = attempts.pop(request.args.get("state", ""), None)
    session["attempts"] = attempts
    if verifier is None:  # loaded twice, or a login that this browser did not start
        return redirect("/")  # type: ignore[return-value] # Werkzeug's response
    given = {"ticket": request.args.get("ticket", ""), "verifier": verifier}
    answer = requests.post(f"{CENTRAL}/api/oauth/redeem", json=given, headers=AUTHORIZATION, timeout=20)
    if not answer.ok:
        abort(502, "The login did not succeed. Go back to the site and log in again.")
    user = answer.json()
    if user["is_snapshotuser"]:  # a virtual user, who differs at each visit: create no account
        abort(403, "Open the full page in WeChat (at its bottom), then log in.")
    session["user"] = user
    return redirect("/")  # type: ignore[return-value] # the address with the ticket does not stay in the history


@app.post("/logout")
def logout() -> Response:
    """Forget the user."""
    session.clear()
    return redirect("/")  # type: ignore[return-value] # Werkzeug's response
