"""Notes that are in the store or nowhere: for what another worker or node has to find."""

from ..exceptions import StoreUnavailable
from .fallback import FallbackShelf


class SharedNotes:
    """Notes on a shelf, without the memory behind it: each method raises StoreUnavailable while the store fails."""

    def __init__(self, shelf: FallbackShelf) -> None:
        self._shelf = shelf

    def get(self, name: str) -> str | None:
        """See Notes."""
        text = self._shelf.get(name)
        self._check()
        return text

    def put(self, name: str, text: str, seconds: float) -> None:
        """See Notes."""
        self._be_there(name)
        self._shelf.put(name, text, seconds)
        self._check()

    def add(self, name: str, text: str, seconds: float) -> bool:
        """See Notes."""
        self._be_there(name)
        added = self._shelf.add(name, text, seconds)
        self._check()
        return added

    def forget(self, prefix: str) -> None:
        """See Notes."""
        self._shelf.forget(prefix)
        self._check()

    def _be_there(self, name: str) -> None:
        """Ask a store that failed whether it is back, before memory is filled with what nobody else can see."""
        if self._shelf.failure:
            self._shelf.get(name)
            self._check()

    def _check(self) -> None:
        if self._shelf.failure:
            raise StoreUnavailable("The store does not answer: other workers would not see this.")
