"""Which texts are page URLs, and which of them lie on a JS domain."""

import logging
import re
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from app.accounts import JsDomain, PageUrl, is_loopback, js_domains
from app.errors import PageUrlWrong

VECTORS = Path(__file__).parents[2] / "vectors" / "jssdk_signature.json"


def covers(domain: str, url: str) -> bool:
    return JsDomain.parse(domain).covers(PageUrl.parse(url))


@pytest.mark.parametrize(
    ("text", "url", "host", "port", "path"),
    [
        ("http://mp.weixin.qq.com", "http://mp.weixin.qq.com", "mp.weixin.qq.com", 80, ""),
        (
            "http://mp.weixin.qq.com?params=value#xxxx",
            "http://mp.weixin.qq.com?params=value",
            "mp.weixin.qq.com",
            80,
            "",
        ),
        ("https://h5.example.com/a/b?c=d/e?f", "https://h5.example.com/a/b?c=d/e?f", "h5.example.com", 443, "/a/b"),
        ("HTTPS://H5.Example.COM/A", "HTTPS://H5.Example.COM/A", "h5.example.com", 443, "/A"),
        ("http://qy.wql2015.cn:8889/kqqd/qd", "http://qy.wql2015.cn:8889/kqqd/qd", "qy.wql2015.cn", 8889, "/kqqd/qd"),
        ("https://example.com/中文?q=测试", "https://example.com/中文?q=测试", "example.com", 443, "/中文"),
        (
            "https://example.com/%E4%B8%AD?q=a%20b",
            "https://example.com/%E4%B8%AD?q=a%20b",
            "example.com",
            443,
            "/%E4%B8%AD",
        ),
        ("http://[::1]:8000/", "http://[::1]:8000/", "[::1]", 8000, "/"),
        ("https://e.com/#/route?x=1#2", "https://e.com/", "e.com", 443, "/"),
        ("https://e.com/?next=https://f.com/@g", "https://e.com/?next=https://f.com/@g", "e.com", 443, "/"),
        ("https://e.com/%2525#\\ \t\ud800", "https://e.com/%2525", "e.com", 443, "/%2525"),
    ],
)
def test_page_url_is_what_was_given_minus_the_fragment(text: str, url: str, host: str, port: int, path: str) -> None:
    assert PageUrl.parse(text) == PageUrl(url, host, port, path)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "absolute"),
        ("/page", "absolute"),
        ("h5.example.com/page", "absolute"),
        ("javascript://h5.example.com/%0Aalert(1)", "absolute"),
        ("ftp://h5.example.com/", "absolute"),
        ("http:/h5.example.com", "absolute"),
        ("httpſ://h5.example.com/", "absolute"),  # ignoring case, ſ is an s
        ("#https://h5.example.com/", "absolute"),
        ("https%3A%2F%2Fh5.example.com%2F", "encoded twice"),
        ("https%253A%252F%252Fh5.example.com", "encoded twice"),
        ("https://h5.example.com/?q=a b", "%2B"),
        (" https://h5.example.com/", "space"),
        ("http://good.com\\@evil.com/", "backslash"),
        ("http:\\\\h5.example.com", "backslash"),
        ("https://h5.example.com/\ta", "control"),
        ("https://h5.example.com/\r\nSet-Cookie:x", "control"),
        ("https://h5.example.com/\x00", "control"),
        ("https://h5.example.com/\x85", "control"),
        ("https://h5.example.com/\ud83d", "surrogate"),
        ("https://user@h5.example.com/", "user info"),
        ("https://user:password@h5.example.com/", "user info"),
        ("http://good.com%00@evil.com", "user info"),
        ("http:///evil.com", "no host"),
        ("https://", "no host"),
        ("https://:443/", "no host"),
        ("http://good.com:80:80/", "malformed"),
        ("http://good.com:/", "malformed"),
        ("http://good.com:0/", "malformed"),
        ("http://good.com:65536/", "malformed"),
        ("http://good.com:٨٠/", "malformed"),  # digits, but not ASCII
        ("http://::1/", "malformed"),
        ("http://[::1]evil.com/", "malformed"),
        ("http://[fe80::1%25eth0]/", "malformed"),
        ("http://[:::1]/", "character"),
        ("http://good.com%00.evil.com/", "character"),
        ("http://good.com;evil.com/", "character"),
        ("https://h5.example.com/" + "a" * 2026, "2048"),
    ],
)
def test_what_is_no_page_url_is_refused_and_says_why(text: str, said: str) -> None:
    with pytest.raises(PageUrlWrong, match=re.escape(said)) as caught:
        PageUrl.parse(text)
    str(caught.value).encode()  # it goes into an answer


def test_page_url_may_have_2048_characters_and_any_fragment() -> None:
    longest = "https://h5.example.com/" + "a" * 2025
    assert PageUrl.parse(longest + "#" + "b" * 5000).url == longest


PIECES = st.sampled_from(
    [*":/\\@?#% \t\nK;&中\x85\ud800", "https", "://", "%2f", "%00", "..", "good.com", "[::1]", "80"]
)
URLS = st.one_of(
    st.text(max_size=60),
    st.lists(PIECES, max_size=10).map("".join),
    st.lists(PIECES, max_size=8).map(lambda pieces: "https://good.com" + "".join(pieces)),
)


@given(
    st.builds(
        "{}://{}{}".format,
        st.sampled_from(["http", "https", "HTTPS", "ftp"]),
        st.text("aA9.-_:@[]中%", max_size=8),
        st.text("aZ/?&=%.;,!~@:[]\\ \x00\x7f\x85é#中", max_size=12),
    )
)
@example("https://a.example/?b\\c")
@example("https://a.example/b\\c")
@example("https://a.example/?b c")
@example("https://a.example/b@c?d@e")
@example(f"https://a.example/{'b' * 2048}")
def test_ordinary_url_is_read_as_any_other(text: str) -> None:
    def parsed() -> PageUrl | str:
        try:
            return PageUrl.parse(text)
        except PageUrlWrong as error:
            return str(error)

    quick = parsed()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(js_domains, "_ORDINARY", re.compile("(?!)"))
        assert parsed() == quick


@given(URLS)
def test_accepted_url_is_a_prefix_of_the_input_without_forbidden_characters(text: str) -> None:
    try:
        page = PageUrl.parse(text)
    except PageUrlWrong:
        return
    assert text.startswith(page.url)
    assert text[len(page.url) :][:1] in ("", "#")
    assert not set(page.url) & {"#", "\\", " ", *map(chr, range(32)), *map(chr, range(127, 160))}
    page.url.encode()
    assert "@" not in page.url.split("://")[1].partition("/")[0].partition("?")[0]
    assert page.host
    assert 0 < page.port <= 65535


@given(URLS)
def test_covered_page_begins_with_the_domain_itself(text: str) -> None:
    try:
        page = PageUrl.parse(text)
    except PageUrlWrong:
        return
    if JsDomain.parse("good.com").covers(page):
        assert re.match(r"https?://good\.com(:80|:443)?([/?]|$)", page.url, re.IGNORECASE)


@pytest.mark.parametrize(
    ("domain", "url"),
    [
        ("h5.example.com", "https://h5.example.com"),
        ("h5.example.com", "http://H5.EXAMPLE.com/any/path?x"),
        ("H5.Example.com", "https://h5.example.com/"),
        ("h5.example.com/shop", "https://h5.example.com/shop"),
        ("h5.example.com/shop/", "https://h5.example.com/shop?x=/../y"),
        ("h5.example.com/shop/a", "https://h5.example.com/shop/a/b.html?x"),
        ("h5.example.com/shop", "https://h5.example.com/shop/%E5%95%86%E5%93%81/100%25"),
        ("h5.example.com/shop", "https://h5.example.com/shop/%C9%CC%C6%B7"),  # GBK
        ("h5.example.com/shop", "https://h5.example.com/shop/%C0%B4%20%C1%D6"),  # GBK: no overlong . or /
        ("h5.example.com/shop", "https://h5.example.com/shop/%E0%AE%85"),  # Tamil
        ("h5.example.com/shop", "https://h5.example.com/shop/%25E5%2595%2586"),  # encoded twice
        ("h5.example.com/shop", "https://h5.example.com/shop/.well-known/a...b/..c/d.."),
        ("h5.example.com/%E5%95%86", "https://h5.example.com/%E5%95%86/x"),
        ("h5.example.com", "https://h5.example.com/%252e%252e/any"),  # any path will do
        ("*.example.com", "https://h5.example.com/"),
        ("*.example.com", "https://a.b.example.com/"),
        ("*.example.com/shop", "https://a.example.com/shop/1"),
        ("localhost:8000", "http://localhost:8000/"),
        ("127.0.0.1:80", "http://127.0.0.1/"),
        ("[::1]:8000", "http://[::1]:8000/"),
        ("xn--fiqs8s.example", "https://xn--fiqs8s.example/"),
    ],
)
def test_page_on_the_domain_is_covered(domain: str, url: str) -> None:
    assert covers(domain, url)


@pytest.mark.parametrize(
    ("domain", "url"),
    [
        ("h5.example.com", "https://evil-h5.example.com/"),
        ("h5.example.com", "https://h5.example.com.evil.org/"),
        ("h5.example.com", "https://evil.org/h5.example.com"),
        ("h5.example.com", "https://a.h5.example.com/"),
        ("h5.example.com", "https://h5.example.com./"),
        ("h5.example.com", "https://h5.example.com:8443/"),
        ("h5.example.com", "https://h5.еxample.com/"),  # a Cyrillic е
        ("h5.example.com", "https://\uff485.example.com/"),  # a full-width h
        ("kiosk.example.com", "https://\u212aiosk.example.com/"),  # the Kelvin sign lowers to k
        ("h5.example.com", "https://h5。example.com/"),  # browsers take this for a dot
        ("h5.example.com/shop", "https://h5.example.com/"),
        ("h5.example.com/shop", "https://h5.example.com/shopping"),
        ("h5.example.com/shop", "https://h5.example.com/Shop"),
        ("h5.example.com/shop", "https://h5.example.com/shop/../other"),
        ("h5.example.com/shop", "https://h5.example.com/shop/.."),
        ("h5.example.com/shop", "https://h5.example.com/shop/%2e%2E/other"),
        ("h5.example.com/shop", "https://h5.example.com/shop/..%2fother"),
        ("h5.example.com/shop", "https://h5.example.com/shop/x%5c..%5cother"),
        ("h5.example.com/shop", "https://h5.example.com/shop/..;/other"),
        ("h5.example.com/shop", "https://h5.example.com/shop/%252e%252e/other"),
        ("h5.example.com/shop", "https://h5.example.com/shop/%252525252e%252525252e/other"),
        ("h5.example.com/shop", "https://h5.example.com/shop/%25%32%65%25%32%65/other"),
        ("h5.example.com/shop", "https://h5.example.com/shop/..%253bx/other"),
        ("h5.example.com/shop", "https://h5.example.com/shop%255c..%255cother"),
        ("h5.example.com/shop", "https://h5.example.com/shop/%252fother"),
        ("h5.example.com/shop", "https://h5.example.com/shop/.%09./other"),
        ("h5.example.com/shop", "https://h5.example.com/shop/..%2500/other"),
        ("h5.example.com/shop", "https://h5.example.com/shop/..%20/admin"),
        ("h5.example.com/shop", "https://h5.example.com/shop/.../admin"),
        ("h5.example.com/shop", "https://h5.example.com/shop/%c0%ae%c0%ae/admin"),
        ("h5.example.com/shop", "https://h5.example.com/shop/x%C0%AF..%E0%80%AFadmin"),
        ("h5.example.com/shop", "https://h5.example.com/shop/x%c1%9c..%f0%80%81%9cadmin"),
        ("h5.example.com/shop", "https://h5.example.com/shop/%25c0%25ae./admin"),
        ("h5.example.com/shop", "https://h5.example.com/shop/%c0%25ae./admin"),
        ("h5.example.com/shop", "https://h5.example.com/shop/%u002e%u002e/other"),
        ("h5.example.com/shop", "https://h5.example.com/shop/%" + "25" * 900 + "2e%2e/other"),
        ("h5.example.com/shop", "https://h5.example.com/shop//other"),
        ("h5.example.com/shop", "https://h5.example.com//shop"),
        ("h5.example.com/shop", "https://h5.example.com/%73hop"),
        ("*.example.com", "https://example.com/"),
        ("*.example.com", "https://.example.com/"),
        ("*.example.com", "https://evilexample.com/"),
        ("*.example.com", "https://a.example.com.evil.org/"),
        ("*.example.com", "https://中.example.com/"),
        ("localhost:8000", "http://localhost/"),
        ("localhost", "http://localhost:8000/"),
        ("127.0.0.1:8000", "http://127.1:8000/"),
        ("127.0.0.1:8000", "http://0x7f.0.0.1:8000/"),
        ("[::1]:8000", "http://[0:0:0:0:0:0:0:1]:8000/"),
    ],
)
def test_page_beside_the_domain_is_not_covered(domain: str, url: str) -> None:
    assert not covers(domain, url)


@st.composite
def encoded(draw: st.DrawFn, text: str) -> str:
    """The text, each character as it is or encoded up to three times, each time whole or in part."""
    for _ in range(draw(st.integers(0, 3))):
        text = "".join(f"%{ord(one):02x}" if draw(st.booleans()) else one for one in text)
    return text


@given(st.sampled_from(["../x", "..\\x", "./x", "/x", "a/../../x", "..;a/x", ".. /x", "\xc0\xae./x"]).flatmap(encoded))
def test_no_encoding_leads_out_of_a_path(climb: str) -> None:
    domain = JsDomain.parse("h5.example.com/shop")
    try:
        page = PageUrl.parse(f"https://h5.example.com/shop/{climb}")
    except PageUrlWrong:
        return
    assert not domain.covers(page)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("https://h5.example.com", "scheme"),
        ("", "no JS domain"),
        ("/shop", "no JS domain"),
        ("*example.com", "no JS domain"),
        ("h5.*.com", "no JS domain"),
        ("h5.example.com:port", "no JS domain"),
        ("*.com", "too much"),
        ("*.com.cn", "too much"),
        ("*.GitHub.io", "too much"),
        ("h5.example.com other.example.com", "space"),
        ("h5.example.com\\shop", "backslash"),
        ("user@h5.example.com", "user info"),
        ("h5.example.com/?a=b", "query"),
        ("h5.example.com/#a", "fragment"),
        ("中文.example.com", "xn--"),
        ("h5.example.com/中文", "%E4"),
        ("h5.example.com:8443", "port"),
        ("localhost:0", "port"),
        ("10.0.0.1", "loopback"),
        ("[2001:db8::1]", "loopback"),
        ("*.127.0.0.1", "loopback"),
        ("h5.example.com.", "no host name"),
        ("h5..example.com", "no host name"),
        ("-h5.example.com", "no host name"),
        ("a" * 254, "no host name"),
        ("h5.example.com//shop", "dot segments"),
        ("h5.example.com/%2e%2e/x", "dot segments"),
        ("h5.example.com/%252e%252e/x", "dot segments"),
        ("h5.example.com/shop/..%20/admin", "dot segments"),
        ("h5.example.com/shop/%c0%ae%c0%ae/admin", "dot segments"),
    ],
)
def test_what_is_no_js_domain_is_refused_and_says_how_to_write_it(text: str, said: str) -> None:
    with pytest.raises(ValueError, match=re.escape(said)):
        JsDomain.parse(text)


@pytest.mark.parametrize("text", ["8.8.8.8", "*.192.168.1.5", "192.168.1.5:0", "192.168.1.300"])
def test_sandbox_does_not_take_every_address(text: str) -> None:
    with pytest.raises(ValueError, match="loopback"):
        JsDomain.parse(text, sandbox=True)


@pytest.mark.parametrize("text", ["10.0.0.1", "192.168.1.5:8080/shop", "dev.example.com:8443", "[fd00::1]:8000"])
def test_sandbox_takes_ports_and_private_addresses(text: str) -> None:
    authority, _, path = text.partition("/")
    assert JsDomain.parse(text, sandbox=True).covers(PageUrl.parse(f"http://{authority}/{path}"))


def test_wildcard_domain_is_warned_about_once_when_it_is_read(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.WARNING):
        domain = JsDomain.parse("*.example.com")
        domain.covers(PageUrl.parse("https://a.example.com/"))
    (record,) = caplog.records
    assert record.getMessage().endswith("domain=*.example.com")


@pytest.mark.parametrize("host", ["localhost", "LOCALHOST", "127.0.0.1", "127.8.9.10", "[::1]"])
def test_loopback_is_this_machine(host: str) -> None:
    assert is_loopback(host)


@pytest.mark.parametrize(
    "host", ["example.com", "localhost.example.com", "128.0.0.1", "0.0.0.0", "[::2]", "127.0.0.1.evil.org", ""]
)
def test_anything_else_is_not_loopback(host: str) -> None:
    assert not is_loopback(host)
