"""Call WeChat with the access_token of a central server: keep it for a minute, replace a refused one once.

SERVER=http://127.0.0.1:8000 KEY=... WECHAT=http://127.0.0.1:9100 python examples/backend.py
"""

import os
import sys
import time
from typing import Any

import requests

SERVER = os.environ.get("SERVER", "http://127.0.0.1:8001")
WECHAT = os.environ.get("WECHAT", "https://api.weixin.qq.com")
TOKEN_REFUSED = (40001, 40014, 42001)

server = requests.Session()
server.headers["Authorization"] = f"Bearer {os.environ['KEY']}"
kept: dict[str, Any] = {"access_token": "", "until": 0.0}


def keep(answer: requests.Response) -> str:
    """Keep the token of an answer for as long as the server advises."""
    answer.raise_for_status()
    document = answer.json()
    kept.update(access_token=document["access_token"], until=time.time() + document["cache_seconds"])
    return str(document["access_token"])


def access_token() -> str:
    """The current token."""
    if time.time() < kept["until"]:
        return str(kept["access_token"])
    return keep(server.get(f"{SERVER}/api/access_token", timeout=20))


def successor_of(rejected: str) -> str:
    """The token to use instead of one that WeChat refused."""
    return keep(server.post(f"{SERVER}/api/access_token/refresh", json={"rejected": rejected}, timeout=20))


def call_wechat(path: str, **parameters: str) -> dict[str, Any]:
    """WeChat's answer; a call whose token is refused is repeated once."""
    token = access_token()
    answer: dict[str, Any] = requests.get(WECHAT + path, {"access_token": token, **parameters}, timeout=10).json()
    if answer.get("errcode") in TOKEN_REFUSED:
        token = successor_of(token)
        answer = requests.get(WECHAT + path, {"access_token": token, **parameters}, timeout=10).json()
    return answer


if __name__ == "__main__":
    sys.stdout.write(f"{call_wechat('/cgi-bin/get_api_domain_ip')}\n")
