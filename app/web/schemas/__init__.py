"""One pydantic model for each request, answer and problem: requests are checked by them, `/openapi.json` shows them."""

from . import base, credentials, jssdk, moderation, ops, push, session
