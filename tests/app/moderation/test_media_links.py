"""Links to media: ours open what was kept for an hour; those of callers must have a public host."""

from urllib.parse import urlsplit

import pytest

from app.moderation import MediaUrlWrong, UnknownMedia, check_media_url
from app.moderation.media_links import Media, MediaLinks
from app.stores import MemoryStore
from tests.doubles import FakeClock

SECRET_KEY = "0123456789abcdef0123456789abcdef"
PNG = b"\x89PNG\r\n\x1a\n" + bytes(range(256))


@pytest.fixture
def store(clock: FakeClock) -> MemoryStore:
    return MemoryStore(clock)


@pytest.fixture
def links(store: MemoryStore, clock: FakeClock) -> MediaLinks:
    return MediaLinks(store, [SECRET_KEY], "https://wx.example.com", clock)


def last_part(url: str) -> str:
    return urlsplit(url).path.removeprefix("/media/")


@pytest.mark.parametrize(
    ("content", "content_type"),
    [
        (PNG, "image/png"),
        (b"\xff\xd8\xff\xe0" + bytes(50), "image/jpeg"),
        (b"GIF89a" + bytes(50), "image/gif"),
        (b"BM" + bytes(50), "image/bmp"),
    ],
)
def test_link_opens_what_was_kept(links: MediaLinks, content: bytes, content_type: str) -> None:
    link = links.keep(content)
    assert link.url.startswith("https://wx.example.com/media/")
    assert links.open(last_part(link.url)) == Media(content, content_type)


@pytest.mark.parametrize("content", [b"", b"<svg>", b"<html>", b"RIFF....WEBP"])
def test_what_wechat_does_not_take_is_not_kept(links: MediaLinks, content: bytes) -> None:
    with pytest.raises(ValueError, match="no JPEG"):
        links.keep(content)


def test_link_ends_after_an_hour_even_where_its_entry_outlives_it(store: MemoryStore, clock: FakeClock) -> None:
    ahead = FakeClock(clock.now + 3600)
    signed = last_part(MediaLinks(store, [SECRET_KEY], "https://wx.example.com", clock).keep(PNG).url)
    with pytest.raises(UnknownMedia):
        MediaLinks(store, [SECRET_KEY], "https://wx.example.com", ahead).open(signed)


def test_node_whose_clock_is_behind_opens_it(store: MemoryStore, clock: FakeClock) -> None:
    signed = last_part(MediaLinks(store, [SECRET_KEY], "https://wx.example.com", clock).keep(PNG).url)
    behind = FakeClock(clock.now - 60)
    assert MediaLinks(store, [SECRET_KEY], "https://wx.example.com", behind).open(signed)


def test_any_change_to_a_link_makes_it_unknown(links: MediaLinks) -> None:
    signed = last_part(links.keep(PNG).url)
    media_id, end, signature = signed.split(".")
    for wrong in (
        "", ".", "..", media_id, f"{media_id}.{end}", f"{media_id}.{int(end) + 1}.{signature}", f"{signed}x",
        signed[1:], f"{media_id}.{end}.{signature.swapcase()}", f"x{signed}", signed[:-2], "\ud800.1.x", "é",
    ):  # fmt: skip
        with pytest.raises(UnknownMedia):
            links.open(wrong)


def test_another_secret_key_opens_nothing(links: MediaLinks, store: MemoryStore, clock: FakeClock) -> None:
    with pytest.raises(UnknownMedia):
        MediaLinks(store, [SECRET_KEY[::-1]], "https://wx.example.com", clock).open(last_part(links.keep(PNG).url))


def test_first_secret_key_signs_and_all_verify(links: MediaLinks, store: MemoryStore, clock: FakeClock) -> None:
    changed = MediaLinks(store, [SECRET_KEY[::-1], SECRET_KEY], "https://wx.example.com", clock)
    assert changed.open(last_part(links.keep(PNG).url)).content == PNG
    with pytest.raises(UnknownMedia):
        links.open(last_part(changed.keep(PNG).url))


def test_what_was_forgotten_is_gone(links: MediaLinks) -> None:
    link = links.keep(PNG)
    links.forget(link.media_id)
    with pytest.raises(UnknownMedia):
        links.open(last_part(link.url))


def test_name_in_the_store_does_not_hold_the_id(links: MediaLinks, store: MemoryStore) -> None:
    link = links.keep(PNG)
    assert [name for name in store._entries if link.media_id in name] == []


@pytest.mark.parametrize(
    "url",
    [
        "https://cdn.example.com/a.png",
        "http://cdn.example.com:8080/a%20b.png?sign=1&x=%E4%B8%AD",
        "https://xn--fiqs8s.example/",
        "https://8.8.8.8/a.mp3",
        "https://8.8.8.8./a.mp3",
        "https://[2606:4700:4700::1111]/a.mp3",
        "https://cdn.example.com./a.png",
        "https://10.example.com/a.png",
        "https://0x7f.example.com/a.png",
    ],
)
def test_public_url_is_taken(url: str) -> None:
    check_media_url(url)


@pytest.mark.parametrize(
    "host",
    [
        "localhost", "LOCALHOST", "localhost.", "api.localhost", "printer", "printer.local", "db.internal", "nas.lan",
        "localhost..", "a..b.com", ".com", "localhost.localdomain", "x.intranet", "x.corp", "nas.home", "x.test",
        "127.0.0.1", "127.1", "127.0.0.1.", "127.255.255.254", "0.0.0.0", "0", "10.0.0.5", "172.16.0.1", "192.168.1.1",
        "169.254.169.254", "100.64.0.1", "192.0.2.1", "224.0.0.1", "255.255.255.255",
        "2130706433", "017700000001", "0x7f000001", "0X7F.0.0.1", "0177.0.0.1", "127.0x1", "0xa9fea9fe", "12.0x",
        "1.2.3.4.5", "999.1.1.1", "4294967296", "1..1", ".1",
        "[::1]", "[::]", "[::ffff:127.0.0.1]", "[::ffff:7f00:1]", "[::127.0.0.1]", "[fe80::1]", "[fc00::1]",
        "[ff02::1]", "[2001:db8::1]", "[2002:7f00:1::]", "[2001:0:7f00:1::]", "[64:ff9b::7f00:1]", "[::ffff:224.0.0.1]",
    ],
)  # fmt: skip
def test_private_host_is_refused_in_every_spelling(host: str) -> None:
    with pytest.raises(MediaUrlWrong, match="private, loopback or a single name"):
        check_media_url(f"http://{host}/a.png")


@pytest.mark.parametrize(
    "url",
    [
        "", "a.png", "//cdn.example.com/a.png", "ftp://cdn.example.com/a", "file:///etc/passwd", "cloud://env.1/a.png",
        "wxfile://tmp_1.png", "https://", "https:///a", "https://me@cdn.example.com/", "https://me:pw@cdn.example.com/",
        "https://cdn.example.com\\@127.0.0.1/", "https://cdn.example.com:0/", "https://cdn.example.com:99999/",
        "https://cdn.example.com/ a", "https://cdn.example.com/\n", "https://127。0。0。1/", "https://１２７.0.0.1/",
        "https://%31%32%37.0.0.1/", "https://中国.example/", "https://[::1/", "https://[fe80::1%25eth0]/",
        "https://cdn.example.com/" + "a" * 2048,
    ],
)  # fmt: skip
def test_what_is_no_plain_web_url_is_refused(url: str) -> None:
    with pytest.raises(MediaUrlWrong, match="media_url: "):
        check_media_url(url)


def test_private_hosts_are_taken_where_the_setting_says_so() -> None:
    check_media_url("http://127.0.0.1:9100/red.png", private=True)
    with pytest.raises(MediaUrlWrong):
        check_media_url("http://me@127.0.0.1/", private=True)
