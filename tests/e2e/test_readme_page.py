"""The example of mock_wechat/README.md that is for a browser test."""

import requests
from playwright.sync_api import Page

from mock_wechat import MockWeChat
from mock_wechat.wire import Response
from tests.mock_wechat.readme import examples
from tests.mock_wechat.receiver import Receiver


def test_page_example_runs_as_printed(page: Page, wechat: MockWeChat) -> None:
    [code] = [one.code for one in examples() if "page.add_init_script" in one.code]
    with Receiver() as site:
        site.files["/page"] = Response(b"<!doctype html><title>a page</title>", "text/html")
        address = f"{site.url}/page"
        exec(code, {"requests": requests, "page": page, "mock": wechat, "address": address})  # noqa: S102 -- README's own
        assert "MicroMessenger" in page.evaluate("navigator.userAgent")
