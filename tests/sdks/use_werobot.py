"""WeRoBot: a robot that answers, and the calls of its client."""

from collections.abc import Mapping
from typing import Any

import requests
import werobot  # type: ignore[import-not-found]  # it is installed in an environment of its own
from werobot.client import Client  # type: ignore[import-not-found]  # same

from tests.sdks.rounds import digest, read_setup, serve

API = "https://api.weixin.qq.com"
setup = read_setup()
robot = werobot.WeRoBot(
    token=setup.push_token,
    app_id=setup.appid,
    app_secret=setup.secret,
    encoding_aes_key=setup.push_aes_key,
    SESSION_STORAGE=False,
)


class ToBase(Client):  # type: ignore[misc]  # it has no types
    """Sends what is for WeChat's API to the base URL: all of WeRoBot's URLs are built in."""

    def request(self, method: str, url: str, **options: Any) -> Any:
        return super().request(method, url.replace(API, str(setup.base), 1), **options)

    def download_media(self, media_id: str) -> requests.Response:
        query = {"access_token": self.token, "media_id": media_id}
        return requests.get(f"{setup.base}/cgi-bin/media/get", query, timeout=60)


client = ToBase(robot.config) if setup.base else robot.client


@robot.text  # type: ignore[untyped-decorator]  # same
def answer(message: Any) -> str:
    return f"heard {message.content}"


def play(given: Mapping[str, Any]) -> dict[str, Any]:
    fields = {name: {"value": value} for name, value in given["fields"].items()}
    sent = client.send_template_message(given["openid"], given["template_id"], fields, url="https://example.com/")
    client.create_menu(given["menu"])
    with open(given["image"], "rb") as image:  # noqa: PTH123 -- as its documentation has it
        media_id = client.upload_media("image", image)["media_id"]
    scene = {"scene": {"scene_id": 123}}
    code = client.create_qrcode({"expire_seconds": 1800, "action_name": "QR_SCENE", "action_info": scene})
    return {
        "msgid": sent["msgid"],
        "media_id": media_id,
        "downloaded": digest(client.download_media(media_id).content),
        "ticket": code["ticket"],
        "shown": digest(client.show_qrcode(code["ticket"]).content) if given["shows"] else None,
    }


serve(play, robot.wsgi)
