"""Call WeChat with the access_token of a central server: keep it for a minute, replace a refused one once."""

import time

import requests

SERVER = "http://127.0.0.1:8001"
WECHAT = "https://api.weixin.qq.com"
TOKEN_REFUSED = (40001, 40014, 42001)

server = requests.Session()
server.headers["Authorization"] = "Bearer KEY"
kept = {"access_token": "", "until": 0.0}


def keep(answer: requests.Response) -> str:
    answer.raise_for_status()
    document = answer.json()
    kept.update(access_token=document["access_token"], until=time.time() + document["cache_seconds"])
    return kept["access_token"]


def access_token() -> str:
    if time.time() < kept["until"]:
        return kept["access_token"]
    return keep(server.get(f"{SERVER}/api/access_token", timeout=20))


def successor_of(rejected: str) -> str:
    return keep(server.post(f"{SERVER}/api/access_token/refresh", json={"rejected": rejected}, timeout=20))


def call_wechat(path: str, **parameters: str) -> dict:
    token = access_token()
    answer = requests.get(WECHAT + path, {"access_token": token, **parameters}, timeout=10).json()
    if answer.get("errcode") in TOKEN_REFUSED:
        token = successor_of(token)
        answer = requests.get(WECHAT + path, {"access_token": token, **parameters}, timeout=10).json()
    return answer


print(call_wechat("/cgi-bin/get_api_domain_ip"))
