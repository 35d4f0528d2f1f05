"""Links to media: they open what was kept for an hour, and nothing else."""

from urllib.parse import urlsplit

import pytest

from app.errors import UnknownMedia
from app.moderation.media_links import Media, MediaLinks
from app.stores import MemoryStore
from tests.doubles import FakeClock

SECRET_KEY = "0123456789abcdef0123456789abcdef"
PNG = b"\x89PNG\r\n\x1a\n" + bytes(range(256))


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
def store(clock: FakeClock) -> MemoryStore:
    return MemoryStore(clock)


@pytest.fixture
def links(store: MemoryStore, clock: FakeClock) -> MediaLinks:
    return MediaLinks(store, SECRET_KEY, "https://wx.example.com", clock)


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


def test_two_links_to_one_image_differ(links: MediaLinks) -> None:
    assert links.keep(PNG).url != links.keep(PNG).url


def test_link_ends_after_an_hour(links: MediaLinks, clock: FakeClock) -> None:
    signed = last_part(links.keep(PNG).url)
    clock.advance(3599)
    assert links.open(signed)
    clock.advance(1)
    with pytest.raises(UnknownMedia):
        links.open(signed)


def test_end_is_signed_so_that_a_note_that_outlives_it_opens_nothing(store: MemoryStore, clock: FakeClock) -> None:
    ahead = FakeClock(clock.now + 4000)
    signed = last_part(MediaLinks(store, SECRET_KEY, "https://wx.example.com", clock).keep(PNG).url)
    with pytest.raises(UnknownMedia):
        MediaLinks(store, SECRET_KEY, "https://wx.example.com", ahead).open(signed)


def test_node_whose_clock_is_behind_opens_it(store: MemoryStore, clock: FakeClock) -> None:
    signed = last_part(MediaLinks(store, SECRET_KEY, "https://wx.example.com", clock).keep(PNG).url)
    behind = FakeClock(clock.now - 60)
    assert MediaLinks(store, SECRET_KEY, "https://wx.example.com", behind).open(signed)


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
    signed = last_part(links.keep(PNG).url)
    with pytest.raises(UnknownMedia):
        MediaLinks(store, SECRET_KEY[::-1], "https://wx.example.com", clock).open(signed)


def test_what_was_forgotten_is_gone(links: MediaLinks) -> None:
    link = links.keep(PNG)
    links.forget(link.media_id)
    with pytest.raises(UnknownMedia):
        links.open(last_part(link.url))


def test_name_in_the_store_does_not_hold_the_id(links: MediaLinks, store: MemoryStore) -> None:
    link = links.keep(PNG)
    assert [name for name in store._entries if link.media_id in name] == []
