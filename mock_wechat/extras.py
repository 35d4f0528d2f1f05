"""Optional packages: the error for a missing one names the extra to install."""


class MissingExtra(ImportError):
    """A package that only some features need is not installed."""

    def __init__(self, feature: str, extra: str, missing: ImportError) -> None:
        """`extra` is its name in pyproject.toml."""
        super().__init__(f"{feature} needs the extra {extra!r} ({missing}): install mock-wechat[{extra}]")
