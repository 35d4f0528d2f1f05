"""wechatpy: the calls of its quick start, and its handling of a message."""

from collections.abc import Iterable, Mapping
from typing import Any
from urllib.parse import parse_qs
from wsgiref.types import StartResponse, WSGIEnvironment

from wechatpy import WeChatClient, create_reply, parse_message  # type: ignore[import-untyped]  # it has no types
from wechatpy.crypto import WeChatCrypto  # type: ignore[import-untyped]  # same
from wechatpy.utils import check_signature  # type: ignore[import-untyped]  # same

from tests.sdks.rounds import API, ToBase, digest, read_setup, serve

setup = read_setup()


def connect(appid: str, secret: str) -> Any:
    client = WeChatClient(appid, secret)
    if setup.base:
        client._http.mount(API, ToBase(setup.base))
    return client


client = connect(setup.appid, setup.secret)
mini = connect(setup.mini_appid, setup.mini_secret)


def play(given: Mapping[str, Any]) -> dict[str, Any]:
    fields = {name: {"value": value} for name, value in given["fields"].items()}
    sent = client.message.send_template(given["openid"], given["template_id"], fields, url="https://example.com/")
    client.menu.create(given["menu"])
    with open(given["image"], "rb") as image:  # noqa: PTH123 -- as its documentation has it
        media_id = client.media.upload("image", image)["media_id"]
    scene = {"scene": {"scene_id": 123}}
    code = client.qrcode.create({"expire_seconds": 1800, "action_name": "QR_SCENE", "action_info": scene})
    ticket = client.jsapi.get_jsapi_ticket()
    config = {"appId": setup.appid, "timestamp": 1414587457, "nonceStr": "nonce"}
    config["signature"] = client.jsapi.get_jsapi_signature("nonce", ticket, 1414587457, given["page"])
    return {
        "msgid": sent["msgid"],
        "media_id": media_id,
        "downloaded": digest(client.media.download(media_id).content),
        "ticket": code["ticket"],
        "shown": digest(client.qrcode.show(code).content) if given["shows"] else None,
        "config": config,
        **play_mini(given),
    }


def play_mini(given: Mapping[str, Any]) -> dict[str, Any]:
    mini.wxa.check_text_security("你好")
    with open(given["picture"], "rb") as picture:  # noqa: PTH123 -- as its documentation has it
        mini.wxa.check_image_security(picture)
    phone = mini.post(f"{API}/wxa/business/getuserphonenumber", data={"code": given["phone_code"]})
    return {
        "openid": mini.wxa.code_to_session(given["js_code"])["openid"],
        "phone": phone["phone_info"]["phoneNumber"],
        "mini_code": digest(mini.wxa.get_wxa_code_unlimited("a=1", page="pages/index/index").content),
    }


def app(environ: WSGIEnvironment, start: StartResponse) -> Iterable[bytes]:
    query = {name: values[0] for name, values in parse_qs(environ["QUERY_STRING"]).items()}
    stamp = query["timestamp"], query["nonce"]
    check_signature(setup.push_token, query["signature"], *stamp)
    body = environ["wsgi.input"].read(int(environ["CONTENT_LENGTH"]))
    crypto = setup.push_aes_key and WeChatCrypto(setup.push_token, setup.push_aes_key, setup.appid)
    message = parse_message(crypto.decrypt_message(body, query["msg_signature"], *stamp) if crypto else body)
    reply = create_reply(f"heard {message.content}", message).render()
    start("200 OK", [("Content-Type", "application/xml")])
    return [(crypto.encrypt_message(reply, query["nonce"], query["timestamp"]) if crypto else reply).encode()]


serve(play, app)
