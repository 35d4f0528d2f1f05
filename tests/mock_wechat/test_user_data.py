"""A mini program's user data, by WeChat's published samples and by a decryption of the test's own."""

import hashlib
import json
from base64 import b64decode
from typing import Any

import pytest
from cryptography.hazmat.primitives import padding
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

from mock_wechat import MockWeChat
from mock_wechat.control.logins import encrypted, raw_signature

from .client import MINI, NOW, Client

SESSION_KEY = "tiihtNczf5v6AKRyjwEUhQ=="
IV = "r7BXXKkLb8qrSNn05n0qiA=="
ENCRYPTED_DATA = (
    "CiyLU1Aw2KjvrjMdj8YKliAjtP4gsMZMQmRzooG2xrDcvSnxIMXFufNstNGTyaGS9uT5geRa0W4oTOb1WT7fJlAC+oNPdbB+3hVb"
    "JSRgv+4lGOETKUQz6OYStslQ142dNCuabNPGBzlooOmB231qMM85d2/fV6ChevvXvQP8Hkue1poOFtnEtpyxVLW1zAo6/1Xx1COx"
    "Fvrc2d7UL/lmHInNlxuacJXwu0fjpXfz/YqYzBIBzD6WUfTIF9GRHpOn/Hz7saL8xz+W//FRAUid1OksQaQx4CMs8LOddcQhULW4"
    "ucetDf96JcR3g0gfRK4PC7E/r7Z6xNrXd2UIeorGj5Ef7b1pJAYB6Y5anaHqZ9J6nKEBvB4DnNLIVWSgARns/8wR2SiRS7MNACwT"
    "yrGvt9ts8p12PKFdlqYTopNHR1Vf7XjfhQlVsAJdNiKdYmYVoKlaRv85IfVunYzO0IKXsyl7JCUjCpoG20f0a04COwfneQAGGwd5"
    "oa+T8yO5hzuyDb/XcxxmK01EpqOyuxINew=="
)
RAW_SESSION_KEY = "HyVFkGl5F5OQWJZZaNzBBg=="
RAW_DATA = (
    '{"nickName":"Band","gender":1,"language":"zh_CN","city":"Guangzhou","province":"Guangdong"'
    ',"country":"CN","avatarUrl":"http://wx.qlogo.cn/mmopen/vi_32/1vZvI39NWFQ9XM4LtQpFrQJ1xlgZx'
    'x3w7bQxKARol6503Iuswjjn6nIGBiaycAjAtpujxyzYsrztuuICqIM5ibXQ/0"}'
)
RAW_SIGNATURE = "75e81ceda165f4ffa64f4068af58c64b8f54b88c"


def decrypted(data: str, session_key: str, iv: str) -> bytes:
    cipher = Cipher(algorithms.AES(b64decode(session_key)), modes.CBC(b64decode(iv))).decryptor()
    unpadder = padding.PKCS7(128).unpadder()
    return unpadder.update(cipher.update(b64decode(data)) + cipher.finalize()) + unpadder.finalize()


def log_in(mock: MockWeChat, client: Client) -> Any:
    asked = {"appid": MINI[0], "secret": MINI[1], "js_code": mock.js_code(), "grant_type": "authorization_code"}
    return client.get("/sns/jscode2session", **asked)


def test_published_samples_come_out() -> None:
    plain = decrypted(ENCRYPTED_DATA, SESSION_KEY, IV).decode()
    assert json.loads(plain)["openId"] == "oGZUI0egBJY1zhBYw2KhdUfwVJJE"
    assert encrypted(plain, SESSION_KEY, b64decode(IV)) == ENCRYPTED_DATA
    assert raw_signature(RAW_DATA, RAW_SESSION_KEY) == RAW_SIGNATURE


def test_data_is_by_the_key_of_the_last_login(mock: MockWeChat, client: Client) -> None:
    log_in(mock, client)
    session = log_in(mock, client)
    data = mock.user_data(gender=1)
    assert hashlib.sha1((data["rawData"] + session["session_key"]).encode()).hexdigest() == data["signature"]
    secret = json.loads(decrypted(data["encryptedData"], session["session_key"], data["iv"]))
    assert (secret["openId"], secret["unionId"], secret["gender"]) == (session["openid"], session["unionid"], 1)
    assert secret["nickName"] == json.loads(data["rawData"])["nickName"] == "张三"
    assert secret["watermark"] == {"timestamp": NOW, "appid": MINI[0]}


def test_user_without_a_session_is_refused(mock: MockWeChat, client: Client) -> None:
    with pytest.raises(ValueError, match="not logged in"):
        mock.user_data()
    answer = client.raw("POST", "/_mock/user_data", json={"appid": MINI[0]})
    assert (answer.status_code, answer.json()["field"]) == (400, "openid")
