"""Optional packages: the error that names the extra which brings them."""


class MissingExtra(ImportError):
    """A package that only some features need is not installed."""

    def __init__(self, feature: str, extra: str, missing: ImportError) -> None:
        """`extra` is one of those in pyproject.toml."""
        super().__init__(f"{feature} needs the extra {extra!r} ({missing}): install mock-wechat[{extra}]")
