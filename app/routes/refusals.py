"""What the doors refuse by themselves, before anything behind them is asked. The text of each is for the caller."""


class ParameterWrong(Exception):
    """A parameter or a body that cannot be what the caller meant."""


class BodyTooLarge(Exception):
    """The body has more bytes than this door takes."""

    def __init__(self, limit: int) -> None:
        super().__init__(f"The body may have at most {limit} bytes here.")
        self.limit = limit


class KeyRequired(Exception):
    """The request carries no API key, or none that we know."""


class KeyNotAllowed(Exception):
    """The API key is a good one, but not for this."""
