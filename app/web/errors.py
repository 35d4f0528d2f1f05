"""What endpoints refuse before they do anything. The text of each is for the caller."""


class ParameterWrong(Exception):
    """A parameter or a body that cannot be what the caller meant."""


class BodyTooLarge(Exception):
    """The body has more bytes than this endpoint takes."""

    def __init__(self, limit: int) -> None:
        super().__init__(f"The body may have at most {limit} bytes here.")
        self.limit = limit


class KeyRequired(Exception):
    """The request carries no API key, or an unknown one."""


class KeyNotAllowed(Exception):
    """The API key is known, but lacks the scope or the account."""
