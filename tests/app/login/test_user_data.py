"""WeChat's published samples, and every way in which data may be wrong."""

import json
from base64 import b64decode, b64encode
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

from app.login import DecryptionFailed, decrypted, signature, user_data

VECTORS: Any = json.loads(
    (Path(__file__).parents[2] / "vectors" / "mini_program_session.json").read_text(encoding="utf-8")
)
SAMPLE = VECTORS["encrypted_data"]
KEY, IV, APPID = SAMPLE["session_key"], SAMPLE["iv"], SAMPLE["appid"]
WRONG = b64encode(b"k" * 16).decode()
DATA = SAMPLE["encryptedData"]


def sealed(content: bytes) -> str:
    """Encrypted with the sample's key and iv; the padding is the caller's."""
    key, iv = b64decode(KEY), b64decode(IV)
    encryptor = Cipher(algorithms.AES(key), modes.CBC(iv)).encryptor()
    return b64encode(encryptor.update(content) + encryptor.finalize()).decode()


def padded(text: str, block: int = 16) -> bytes:
    content = text.encode()
    length = block - len(content) % block
    return content + bytes([length]) * length


def marked(appid: object = APPID) -> str:
    return json.dumps({"watermark": {"appid": appid}})


@pytest.mark.parametrize(("current", "previous"), [(KEY, None), (KEY, WRONG), (WRONG, KEY)])
def test_sample_of_wechat_opens_with_the_current_or_the_previous_key(current: str, previous: str | None) -> None:
    assert decrypted(current, previous, APPID, DATA, IV) == SAMPLE["plain"]


def test_raw_control_characters_are_read() -> None:
    text = marked().replace("{", '{"nickName": "a\u0003b", ', 1)
    assert decrypted(KEY, None, APPID, sealed(padded(text)), IV)["nickName"] == "a\u0003b"


FAILURES = {
    "wrong key": (WRONG, None, APPID, DATA, IV),
    "two wrong keys": (WRONG, b64encode(b"K" * 16).decode(), APPID, DATA, IV),
    "another account": (KEY, None, "wx0000000000000002", DATA, IV),
    "another iv": (KEY, None, APPID, DATA, WRONG),
    "last block cut": (KEY, None, APPID, b64encode(b64decode(DATA)[:-16]).decode(), IV),
    "half a block": (KEY, None, APPID, DATA[:-4], IV),
    "no data": (KEY, None, APPID, "", IV),
    "no base64": (KEY, None, APPID, "€" + DATA[1:], IV),
    "line end": (KEY, None, APPID, DATA[:-4] + "\n" + DATA[-3:], IV),
    "url base64": (KEY, None, APPID, DATA.replace("/", "_"), IV),
    "short iv": (KEY, None, APPID, DATA, b64encode(b"i" * 15).decode()),
    "long iv": (KEY, None, APPID, DATA, b64encode(b"i" * 32).decode()),
    "no iv": (KEY, None, APPID, DATA, ""),
    "enormous": (KEY, None, APPID, sealed(padded(marked() + " " * 65_536)), IV),
    "padding 0": (KEY, None, APPID, sealed(b" " * 31 + b"\0"), IV),
    "padding 17": (KEY, None, APPID, sealed(padded(marked(), 32)[:-1] + b"\x11"), IV),
    "uneven padding": (KEY, None, APPID, sealed(marked().encode().ljust(62) + b"\x01\x02"), IV),
    "no JSON": (KEY, None, APPID, sealed(padded("watermark")), IV),
    "no object": (KEY, None, APPID, sealed(padded("[1]")), IV),
    "no watermark": (KEY, None, APPID, sealed(padded("{}")), IV),
    "watermark of another kind": (KEY, None, APPID, sealed(padded(json.dumps({"watermark": APPID}))), IV),
    "appid of another kind": (KEY, None, APPID, sealed(padded(marked([APPID]))), IV),
    "deep": (
        KEY,
        None,
        APPID,
        sealed(padded(marked().replace("{", '{"a": ' + "[" * 20_000 + "]" * 20_000 + ", ", 1))),
        IV,
    ),
    "no number": (KEY, None, APPID, sealed(padded(marked().replace("{", '{"a": NaN, ', 1))), IV),
    "long number": (KEY, None, APPID, sealed(padded(marked().replace("{", '{"a": ' + "1" * 5000 + ", ", 1))), IV),
}


@pytest.mark.parametrize("given", FAILURES.values(), ids=FAILURES.keys())
def test_every_failure_has_the_same_text(given: tuple[str, str | None, str, str, str]) -> None:
    with pytest.raises(DecryptionFailed) as caught:
        decrypted(*given)
    assert str(caught.value) == str(DecryptionFailed())
    assert caught.value.__context__ is None


@pytest.mark.parametrize("name", ["wrong key", "another account", "padding 17", "no JSON", "no watermark"])
def test_every_failure_goes_the_whole_way_with_two_keys(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Right data with the current key too: timing shows nothing about the padding or the keys."""
    parsed: list[int] = []
    read = user_data._json_object

    def counted(content: bytes) -> object:
        parsed.append(len(content))
        return read(content)

    monkeypatch.setattr(user_data, "_json_object", counted)
    with pytest.raises(DecryptionFailed):
        decrypted(*FAILURES[name])
    decrypted(KEY, None, APPID, DATA, IV)
    assert len(parsed) == 4


def test_signature_is_that_of_wechats_example() -> None:
    expected = "654571f79995b2ce1e149e53c0a33dc39c0a74090db514261454e8dbe432aa0b"
    assert signature("o0q0otL8aEzpcZL/FT9WsQ==", '{"foo":"bar"}') == expected
