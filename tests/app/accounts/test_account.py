"""The account that a request means."""

from dataclasses import replace

import pytest

from app.accounts import Account, Accounts, JsDomain, Kind, PageUrl
from app.errors import LoginNotAllowed, PageNotAllowed, UnknownAccount


def account(name: str, number: int, kind: Kind = "official", *domains: str) -> Account:
    return Account(name, f"wx{number:016x}", f"secret-of-{name}", kind, tuple(map(JsDomain.parse, domains)))


MINI = account("mini", 1, "mini")
DEFAULT = account("default", 2, "official", "h5.example.com", "shared.example.com/default", "localhost:8000")
SHOP = account("shop", 3, "official", "shared.example.com", "h5.example.com")
WEB = replace(account("web", 4, "web"), login_origins=frozenset({"https://www.example.com"}))
ACCOUNTS = Accounts((MINI, DEFAULT, SHOP))


@pytest.mark.parametrize(("wanted", "found"), [("shop", SHOP), ("wx0000000000000001", MINI)])
def test_account_is_found_by_name_or_appid(wanted: str, found: Account) -> None:
    assert ACCOUNTS.find(wanted) is found


@pytest.mark.parametrize("wanted", ["", "Shop", "wx0000000000000009", "公众号"])
def test_unknown_account_is_an_error_that_names_it(wanted: str) -> None:
    with pytest.raises(UnknownAccount) as caught:
        ACCOUNTS.find(wanted)
    assert caught.value.name == wanted


@pytest.mark.parametrize(
    ("url", "found"),
    [
        ("https://h5.example.com/", DEFAULT),
        ("https://shared.example.com/default/1", DEFAULT),
        ("https://shared.example.com/shop", SHOP),
    ],
)
def test_page_belongs_to_the_first_account_that_covers_it(url: str, found: Account) -> None:
    assert ACCOUNTS.for_page(PageUrl.parse(url)) is found


@pytest.mark.parametrize(
    ("url", "accounts", "host", "said"),
    [
        ("https://evil.org/?h5.example.com", [DEFAULT, SHOP], "evil.org", "'evil.org' is not among the JS domains"),
        ("https://h5.example.com:8443/", [DEFAULT, SHOP], "h5.example.com:8443", "not with port 8443"),
        ("https://shared.example.com/other", [MINI, DEFAULT], "shared.example.com", "not with this path"),
        ("https://中文.com/", [DEFAULT], "中文.com", "xn--"),
        ("https://h5.example.com/", [MINI], "h5.example.com", "mini program has no JS domains"),
    ],
)
def test_refused_page_names_the_part_that_does_not_match(
    url: str, accounts: list[Account], host: str, said: str
) -> None:
    with pytest.raises(PageNotAllowed, match=said) as caught:
        Accounts(tuple(accounts)).for_page(PageUrl.parse(url))
    assert caught.value.host == host


def test_account_covers_its_own_pages_only() -> None:
    page = PageUrl.parse("https://shared.example.com/shop")
    assert SHOP.covers(page)
    assert not DEFAULT.covers(page)
    assert not MINI.covers(page)


def test_first_account_is_the_first_of_all_or_of_a_kind() -> None:
    assert ACCOUNTS.first() is MINI
    assert ACCOUNTS.first("official") is DEFAULT
    assert ACCOUNTS.first("mini") is MINI


@pytest.mark.parametrize(
    ("kinds", "said"),
    [
        (("mini",), "WECHAT_MINI_APPID"),
        (("official",), "WECHAT_APPID"),
        ((), "No official account and no mini program"),
    ],
)
def test_missing_kind_of_account_says_what_to_set(kinds: tuple[Kind, ...], said: str) -> None:
    with pytest.raises(UnknownAccount, match=said):
        Accounts([WEB]).first(*kinds)


def test_web_site_is_never_the_default_for_an_access_token() -> None:
    assert Accounts([WEB, MINI]).first() is MINI


def test_account_for_a_login_is_the_first_with_the_origin() -> None:
    accounts = Accounts([DEFAULT, WEB, replace(WEB, name="later")])
    assert accounts.for_login("https://www.example.com") is WEB
    with pytest.raises(LoginNotAllowed):
        accounts.for_login("http://www.example.com")


def test_account_for_a_login_is_of_the_kind_that_takes_its_scope() -> None:
    both = replace(DEFAULT, login_origins=WEB.login_origins)
    accounts = Accounts([both, WEB])
    assert accounts.for_login("https://www.example.com", "web") is WEB
    assert accounts.for_login("https://www.example.com") is both
    assert Accounts([both]).for_login("https://www.example.com", "web") is both  # its error names the right scopes


@pytest.mark.parametrize(
    "origin",
    [
        "https://h5.example.com",
        "http://h5.example.com",
        "https://h5.example.com:443",
        "https://shared.example.com",
        "http://localhost:8000",
    ],
)
def test_origin_of_a_js_domain_is_allowed_whatever_its_path(origin: str) -> None:
    assert ACCOUNTS.allows_origin(origin)


@pytest.mark.parametrize(
    "origin",
    [
        "",
        "null",
        "*",
        "h5.example.com",
        "https://h5.example.com/",
        "https://h5.example.com?",
        "https://h5.example.com#",
        "https://h5.example.com, https://evil.org",
        "https://evil.org",
        "https://evil-h5.example.com",
        "https://h5.example.com.evil.org",
        "https://h5.example.com:8443",
        "http://localhost",
        "ftp://h5.example.com",
        "file://",
        "https://user@h5.example.com",
        "https://h5.example.com\n",
    ],
)
def test_any_other_origin_is_not_allowed(origin: str) -> None:
    assert not ACCOUNTS.allows_origin(origin)


def test_secret_is_in_no_repr() -> None:
    assert "secret-of" not in f"{ACCOUNTS!r} {list(ACCOUNTS)!r} {DEFAULT}"
