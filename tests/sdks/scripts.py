"""Scripts that use a real SDK, in processes of their own: one round of calls for each JSON object on standard input."""

import json
import os
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any

import requests
from PIL import Image

from mock_wechat import MINI, OFFICIAL, MockWeChat
from mock_wechat.state.accounts import DEFAULT_AES_KEY, DEFAULT_TOKEN

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
PYTHON, NODE_MODULES = HERE / ".venv", HERE / "node_modules"


@dataclass(frozen=True)
class SDK:
    """One SDK. `has_base`: its URLs can be moved, others need the proxy. `calls`: it sends messages, menus and files.

    `signs` for wx.config, `answers` messages, `logs_in` users of mini programs.
    """

    name: str
    script: str
    has_base: bool = True
    calls: bool = True
    signs: bool = True
    answers: bool = True
    logs_in: bool = True

    @property
    def command(self) -> list[str]:
        if self.script.endswith(".js"):
            return ["node", str(HERE / self.script)]
        return [str(PYTHON / "bin" / "python"), "-m", f"tests.sdks.{self.script}"]


SDKS = (
    SDK("wechatpy", "use_wechatpy", has_base=False),
    SDK("WeRoBot", "use_werobot", has_base=False, signs=False, logs_in=False),
    SDK("co-wechat-api", "use_co_wechat_api.js", answers=False),
    SDK("wechat-api", "use_wechat_api.js", answers=False, logs_in=False),
    SDK("node-easywechat", "use_node_easywechat.js"),
    SDK("wechat-jssdk", "use_wechat_jssdk.js", calls=False, answers=False),
)
MENU = {"button": [{"type": "click", "name": "今日歌曲", "key": "V1001_TODAY_MUSIC"}]}


class Script:
    """A running script. `push_url` is where it answers pushes, if it does."""

    def __init__(self, process: subprocess.Popen[str], log: Path) -> None:
        self._process = process
        self._log = log
        self.push_url = self._read()["push_url"]

    def play(self, given: Mapping[str, Any]) -> Any:
        """Play a round; what came of it. Raises AssertionError with the script's errors."""
        assert self._process.stdin
        self._process.stdin.write(json.dumps(given) + "\n")
        self._process.stdin.flush()
        return self._read()

    def _read(self) -> Any:
        assert self._process.stdout
        line = self._process.stdout.readline()
        assert line, self._log.read_text()
        return json.loads(line)


@contextmanager
def running(
    sdk: SDK,
    folder: Path,
    base: str | None,
    variables: Mapping[str, str],
    secrets: tuple[str, str] = (OFFICIAL.secret, MINI.secret),
    mode: str = "plain",
) -> Iterator[Script]:
    """A script with this base URL (None: WeChat's own), further variables, secrets of both accounts, mode of pushes."""
    setup = {
        "base": base,
        "appid": OFFICIAL.appid,
        "secret": secrets[0],
        "mini_appid": MINI.appid,
        "mini_secret": secrets[1],
        "push_token": DEFAULT_TOKEN,
        "push_aes_key": "" if mode == "plain" else DEFAULT_AES_KEY,
        "folder": str(folder),
    }
    log = folder / f"{sdk.name}.log"
    with (
        log.open("wb") as errors,
        subprocess.Popen(
            [*sdk.command, json.dumps(setup)],
            cwd=ROOT,
            env={"PATH": os.environ["PATH"], "HOME": str(folder), **variables},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=errors,
            text=True,
        ) as process,
    ):
        try:
            yield Script(process, log)
        finally:
            process.kill()


def round_for(wechat: MockWeChat, image: Path, *, shows: bool) -> dict[str, Any]:
    """What a script gets for one round. `shows` is whether it fetches the image of its QR code."""
    content = "时间：{{time1.DATA}}\n地点：{{thing2.DATA}}"
    return {
        "openid": wechat.openid(OFFICIAL.appid),
        "template_id": wechat.add_template(OFFICIAL.appid, "预约成功通知", content),
        "fields": {"time1": "2026年11月21日 15:01", "thing2": "TIT创意园"},
        "menu": MENU,
        "image": str(image),
        "page": "http://localhost:8000/page?from=timeline",
        "js_code": wechat.js_code(),
        "phone_code": wechat.phone_code(),
        "picture": str(picture(image.parent)),
        "shows": shows,
    }


def picture(folder: Path) -> Path:
    """A small image that passes the check."""
    path = folder / "picture.png"
    Image.new("RGB", (40, 40), (0, 128, 0)).save(path)
    return path


def assert_mini(wechat: MockWeChat, told: Mapping[str, Any]) -> None:
    """What a script told of the mini program is what the mock knows."""
    assert told["openid"] == wechat.openid(MINI.appid)
    assert told.get("phone") in (None, "13800000001")
    if "mini_code" not in told:
        return
    accounts = requests.get(f"{wechat.url}/_mock/state", timeout=10).json()["accounts"]
    tokens = [each for account in accounts if account["appid"] == MINI.appid for each in account["credentials"]]
    query = {"access_token": next(each["value"] for each in tokens if each["state"] == "current")}
    asked = {"scene": "a=1", "page": "pages/index/index"}
    code = requests.post(f"{wechat.url}/wxa/getwxacodeunlimit", params=query, json=asked, timeout=10)
    assert told["mini_code"] == sha256(code.content).hexdigest()
