"""A Flask site whose pages contain their own signature: no second request, no ticket in the site's code."""

import os
import secrets

from flask import Flask, Response, g, render_template
from wechat_central.web import extension

app = Flask(__name__)
extension.init_app(app, os.environ)


@app.before_request
def _choose_nonce() -> None:
    g.nonce = secrets.token_urlsafe(16)


@app.get("/", defaults={"name": "tea"})
@app.get("/<path:name>")
def product(name: str) -> str:
    """Show a product on a page that users can share."""
    return render_template("product.html", name=name, nonce=g.nonce)


@app.after_request
def _forbid_caching(response: Response) -> Response:
    """A signature is valid for one address and a limited time: no cache may serve it to another page."""
    response.headers["Cache-Control"] = "no-store"
    response.headers["Content-Security-Policy"] = (
        f"script-src 'nonce-{g.nonce}' https://res.wx.qq.com; object-src 'none'"
    )
    return response
