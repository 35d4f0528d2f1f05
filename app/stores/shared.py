"""Notes that are in the store or nowhere: for what another worker or node has to find."""

from .fallback import FallbackShelf


class SharedNotes:
    """Notes on a shelf, without the memory behind it: each method raises StoreUnavailable while the store fails."""

    def __init__(self, shelf: FallbackShelf) -> None:
        self._shelf = shelf

    def get(self, name: str) -> str | None:
        """See Notes."""
        return self._shelf.read(lambda store: store.get(name))

    def put(self, name: str, text: str, seconds: float) -> None:
        """See Notes."""
        self._shelf.write(lambda store: store.put(name, text, seconds))

    def add(self, name: str, text: str, seconds: float) -> bool:
        """See Notes."""
        return self._shelf.write(lambda store: store.add(name, text, seconds))

    def forget(self, prefix: str) -> None:
        """See Notes."""
        self._shelf.write(lambda store: store.forget(prefix))
