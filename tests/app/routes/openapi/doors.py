"""Which doors there are to describe, and which are described before they are built."""

import re

from flask import Flask

NOT_DESCRIBED = {
    "/",
    "/<name>.html",
    "/<name>.txt",
    "/static/<path>",
    "/demo.json",
    "/openapi.json",
    "/swagger-ui/<name>",
    "/media/<signed>",
}
"""pages, what they are made of, and what WeChat is to look at"""


def doors(app: Flask) -> set[tuple[str, str]]:
    """Method and path of all that is to be described, as OpenAPI writes them."""
    return {
        (method.lower(), re.sub(r"<(?:\w+:)?(\w+)>", r"{\1}", rule.rule))
        for rule in app.url_map.iter_rules()
        if re.sub(r"<\w+:", "<", rule.rule) not in NOT_DESCRIBED
        for method in (rule.methods or set()) - {"HEAD"}
        if method != "OPTIONS" or not getattr(rule, "provide_automatic_options", False)
    }
