"""URLs that WeChat may be asked to download, in all the spellings that hide a private host."""

import pytest

from app.errors import MediaUrlWrong
from app.moderation import check_media_url


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


def test_what_is_said_of_a_media_url_is_true_of_media() -> None:
    with pytest.raises(MediaUrlWrong) as caught:
        check_media_url("ftp://cdn.example.com/a")
    assert str(caught.value) == "media_url: it must begin with http:// or https://, and lead to the file itself."
