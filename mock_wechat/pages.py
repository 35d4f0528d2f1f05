"""What a phone shows while somebody is asked for consent: small pages that need no script."""

from collections.abc import Iterable
from html import escape

from .accounts import Account
from .users import User
from .wire import Response

_SHELL = """<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>{title} · mock WeChat</title>
<style>
body {{ margin: 0 auto; max-width: 26rem; padding: 1.5rem; font: 1rem/1.5 system-ui, sans-serif; }}
h1 {{ font-size: 1.25rem; }}
fieldset {{ border: 0; margin: 1.5rem 0; padding: 0; }}
label {{ display: flex; gap: .75rem; align-items: center; min-height: 3rem; border-bottom: 1px solid #8884; }}
input {{ flex: none; width: 1.25rem; height: 1.25rem; }}
button {{ width: 100%; min-height: 3rem; margin-top: .75rem; border: 1px solid #8888; border-radius: .5rem; }}
button {{ background: none; color: inherit; font: inherit; }}
button[value=allow] {{ background: #07743b; border-color: #07743b; color: #fff; }}
.warning {{ border-left: .25rem solid #c60; padding-left: .75rem; }}
.warning:target {{ display: none; }}
small {{ opacity: .75; }}
</style>
</head>
<body>
{body}
<p><small>This is a mock of WeChat, for tests only.</small></p>
</body>
</html>
"""

_CONSENT = """<h1>{appid} asks who you are</h1>
<p id="wechat_redirect" class="warning">This link does not end in #wechat_redirect: WeChat would not open it.</p>
<p>It will learn your nickname and your picture.</p>
<form method="post">
<fieldset>
<legend>Whose phone is this?</legend>
{people}
</fieldset>
<label><input type="checkbox" name="snapshot" value="1"> Open as a snapshot page (快照页): a virtual user</label>
<button name="answer" value="allow">Allow 允许</button>
<button name="answer" value="refuse">Refuse 拒绝</button>
</form>"""


def consent(account: Account, people: Iterable[User], holder: User) -> Response:
    """Who are you, and may this account know?"""
    choices = "\n".join(
        f'<label><input type="radio" name="user" value="{escape(user.name)}"{" checked" if user == holder else ""}> '
        f"{escape(user.nickname)} <small>{escape(user.openid(account.appid))}</small></label>"
        for user in people
    )
    return _page("Log in", _CONSENT.format(appid=escape(account.appid), people=choices))


def refused() -> Response:
    """WeChat sends nobody anywhere after a refusal."""
    return _page("Refused", "<h1>You refused</h1><p>The site is not told: WeChat stays on its own page.</p>")


def error(errcode: int, errmsg: str) -> Response:
    """An error as the page shows it, with HTTP 200 like everything else."""
    return _page("Error", f"<h1>{escape(errmsg)}</h1><p>错误码: {errcode}</p>")


def wrong_parameters(why: str) -> Response:
    """An error for which WeChat has no number."""
    return _page("Error", f"<h1>参数错误</h1><p>{escape(why)}</p>")


def _page(title: str, body: str) -> Response:
    page = _SHELL.format(title=escape(title), body=body)
    return Response(page.encode("utf-8", "replace"), "text/html; charset=utf-8", headers={"Cache-Control": "no-store"})
