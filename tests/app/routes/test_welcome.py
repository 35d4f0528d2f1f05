"""What `make run` says to somebody new."""

import re

from flask import Flask

from examples.demo import examples, welcome


def test_each_door_has_a_line_to_try(app: Flask) -> None:
    """But those whose path names what WeChat has just handed out, or is for WeChat alone."""
    tried = {
        re.search(r"http://127\.0\.0\.1:8000(/[a-z_/]+)", line) for line in examples("http://127.0.0.1:8000", "key")
    }
    doors = {rule.rule for rule in app.url_map.iter_rules() if re.match("(/api/|/healthz|/readyz)[^<]*$", rule.rule)}
    assert {match[1] for match in tried if match} == doors


def test_welcome_says_where_everything_is() -> None:
    text = welcome("http://127.0.0.1:8000", "http://127.0.0.1:9100", "the-demo-key")
    for needed in ("http://127.0.0.1:8000/\n", "http://127.0.0.1:9100/_mock/", "the-demo-key", "Ctrl-C"):
        assert needed in text
