"""A Flask site whose pages carry their own signature: no second request, no word of tickets."""

import os
import secrets

from flask import Flask, Response, g, render_template

from app.web import extension

app = Flask(__name__)
extension.init_app(app, os.environ)


@app.before_request
def _choose_nonce() -> None:
    g.nonce = secrets.token_urlsafe(16)


@app.get("/", defaults={"name": "tea"})
@app.get("/<path:name>")
def product(name: str) -> str:
    """A page that can be shared."""
    return render_template("product.html", name=name, nonce=g.nonce)


@app.after_request
def _keep_to_this_page(response: Response) -> Response:
    """A signature is good for one address and does not last: no cache may hand it to another page."""
    response.headers["Cache-Control"] = "no-store"
    response.headers["Content-Security-Policy"] = (
        f"script-src 'nonce-{g.nonce}' https://res.wx.qq.com; object-src 'none'"
    )
    return response
