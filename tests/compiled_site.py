"""A site whose program keeps its compiled modules: for tests that start it many times."""

from __future__ import annotations

from outbox_site import Site


class CompiledSite(Site):
    """A site like any other; a command takes half the time."""

    @property
    def environ(self) -> dict[str, str]:
        """The environment of the program."""
        return {**super().environ, "PYTHONDONTWRITEBYTECODE": "", "PYTHONPYCACHEPREFIX": str(self.root / "compiled")}
