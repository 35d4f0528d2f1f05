"""WeRoBot: a robot that answers, and the calls of its client."""

from collections.abc import Mapping
from typing import Any

import requests
import werobot  # type: ignore[import-not-found]  # it is installed in an environment of its own
import werobot.client  # type: ignore[import-not-found]  # same

from tests.sdks.rounds import API, ToBase, digest, read_setup, serve

setup = read_setup()
robot = werobot.WeRoBot(
    token=setup.push_token,
    app_id=setup.appid,
    app_secret=setup.secret,
    encoding_aes_key=setup.push_aes_key,
    SESSION_STORAGE=False,
)


if setup.base:  # all URLs are built in, and called with `requests` of this module
    werobot.client.requests = requests.Session()
    werobot.client.requests.mount(API, ToBase(setup.base))


@robot.text  # type: ignore[untyped-decorator]  # same
def answer(message: Any) -> str:
    return f"heard {message.content}"


def play(given: Mapping[str, Any]) -> dict[str, Any]:
    fields = {name: {"value": value} for name, value in given["fields"].items()}
    sent = robot.client.send_template_message(given["openid"], given["template_id"], fields, url="https://example.com/")
    robot.client.create_menu(given["menu"])
    with open(given["image"], "rb") as image:  # noqa: PTH123 -- as its documentation has it
        media_id = robot.client.upload_media("image", image)["media_id"]
    scene = {"scene": {"scene_id": 123}}
    code = robot.client.create_qrcode({"expire_seconds": 1800, "action_name": "QR_SCENE", "action_info": scene})
    return {
        "msgid": sent["msgid"],
        "media_id": media_id,
        "downloaded": digest(robot.client.download_media(media_id).content),
        "ticket": code["ticket"],
        "shown": digest(robot.client.show_qrcode(code["ticket"]).content) if given["shows"] else None,
    }


serve(play, robot.wsgi)
