"""The other central server's doors: our own, as somebody calls them from outside."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Door:
    """Where one kind of credential is handed out."""

    path: str
    """asked with GET; `path`/refresh takes a refused one and answers with its successor"""
    field_name: str
    """what the credential is called in the answer"""


ACCESS_TOKEN = Door("/api/access_token", "access_token")
JSAPI_TICKET = Door("/api/jsapi_ticket", "ticket")
