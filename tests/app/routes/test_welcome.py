"""What `make run` prints."""

import re

from flask import Flask

from examples.demo import examples, welcome


def test_each_line_to_try_is_for_an_endpoint(app: Flask) -> None:
    lines = examples("http://127.0.0.1:8000", "key")
    tried = [re.findall(r"http://127\.0\.0\.1:8000(/[a-z_/]+)", line)[0] for line in lines]
    assert {*tried} <= {rule.rule for rule in app.url_map.iter_rules()}


def test_welcome_says_where_everything_is() -> None:
    text = welcome("http://127.0.0.1:8000", "http://127.0.0.1:9100", "the-demo-key")
    for needed in ("http://127.0.0.1:8000/\n", "http://127.0.0.1:9100/_mock/", "the-demo-key", "Ctrl-C"):
        assert needed in text
