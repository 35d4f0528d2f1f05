"""Where a web login may lead, and the addresses on its way."""

import pytest

from app.accounts import Account
from app.errors import CentralServerError, LoginNotAllowed, PageUrlWrong
from app.login.web_urls import LoginRequest, authorize_url, check, with_ticket

ACCOUNT = Account(
    "default",
    "wx520c15f417810387",
    "secret",
    login_origins=frozenset({"https://h5.example.com", "http://localhost:8000"}),
)


@pytest.mark.parametrize(
    "page",
    [
        "https://h5.example.com",
        "https://h5.example.com/a?b=c#/d",
        "HTTPS://H5.example.com:443/",
        "http://localhost:8000/a?next=https://evil.example.com/",
    ],
)
def test_page_on_a_login_origin_is_taken(page: str) -> None:
    assert check(ACCOUNT, LoginRequest(page, "c")) == "snsapi_base"


@pytest.mark.parametrize(
    ("page", "error"),
    [
        ("https://evil.example.com/", LoginNotAllowed),
        ("https://h5.example.com.evil.example.com/", LoginNotAllowed),
        ("https://sub.h5.example.com/", LoginNotAllowed),
        ("https://h5.example.com./", LoginNotAllowed),
        ("https://h5.example.com:8443/", LoginNotAllowed),
        ("http://h5.example.com/", LoginNotAllowed),
        ("http://localhost/", LoginNotAllowed),
        ("https://evil.example.com?@h5.example.com/", LoginNotAllowed),
        ("https://evil.example.com#@h5.example.com/", LoginNotAllowed),
        ("https://h5.example.com@evil.example.com/", PageUrlWrong),
        ("https://h5.example.com:pw@evil.example.com/", PageUrlWrong),
        ("https://user@h5.example.com/", PageUrlWrong),
        ("https://evil.example.com\\@h5.example.com/", PageUrlWrong),
        ("https://h5.example.com\\.evil.example.com/", PageUrlWrong),
        ("https://h5.example.com/#\\", PageUrlWrong),
        ("//h5.example.com/", PageUrlWrong),
        ("https:h5.example.com/", PageUrlWrong),
        ("https:/h5.example.com/", PageUrlWrong),
        ("https:///h5.example.com/", PageUrlWrong),
        ("/order", PageUrlWrong),
        ("javascript:alert(1)//https://h5.example.com/", PageUrlWrong),
        ("data:text/html,https://h5.example.com/", PageUrlWrong),
        (" https://h5.example.com/", PageUrlWrong),
        ("\thttps://h5.example.com/", PageUrlWrong),
        ("https://h5.example.com/ ", PageUrlWrong),
        ("https://h5.example.com/\r\nLocation: https://evil.example.com", PageUrlWrong),
        ("https://h5.example.com/#\r\nLocation: https://evil.example.com", PageUrlWrong),
        ("https://h5.example.com/#\x00", PageUrlWrong),
        ("https://h5.example.com/#\u2028", PageUrlWrong),
        ("https://h5.example.com/订单", PageUrlWrong),
        ("https://h5。example.com/", PageUrlWrong),
        ("https://h5.example.com/?ticket=stolen", PageUrlWrong),
        ("https://h5.example.com/?a=b&state=", PageUrlWrong),
    ],
)
def test_page_that_a_browser_might_take_elsewhere_is_refused(page: str, error: type[CentralServerError]) -> None:
    with pytest.raises(error):
        check(ACCOUNT, LoginRequest(page, "c"))


def test_authorize_url_is_the_one_of_wechats_documents() -> None:
    # WeChat's documents, 网页授权, example of scope snsapi_base
    assert authorize_url(
        "https://open.weixin.qq.com", ACCOUNT, "https://chong.qq.com/php/index.php", "snsapi_base", "123"
    ) == (
        "https://open.weixin.qq.com/connect/oauth2/authorize?appid=wx520c15f417810387"
        "&redirect_uri=https%3A%2F%2Fchong.qq.com%2Fphp%2Findex.php&response_type=code&scope=snsapi_base&state=123"
        "#wechat_redirect"
    )


@pytest.mark.parametrize(
    ("page", "state", "expected"),
    [
        ("https://h5.example.com", None, "https://h5.example.com?ticket=T"),
        ("https://h5.example.com/a?b=c#/d?e=f", "s", "https://h5.example.com/a?b=c&ticket=T&state=s#/d?e=f"),
        ("https://h5.example.com/#/a", "1&ticket=x", "https://h5.example.com/?ticket=T&state=1%26ticket%3Dx#/a"),
    ],
)
def test_ticket_comes_before_the_fragment(page: str, state: str | None, expected: str) -> None:
    assert with_ticket(page, "T", state) == expected
