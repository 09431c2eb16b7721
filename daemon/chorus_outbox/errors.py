"""What can go wrong outside of an invoice's own data, sorted by who must act.

    OutboxError
    ├── ConfigurationError      the administrator: the program does not start (exit 78)
    ├── StorageError            the administrator: disk of the ledger or the spool; the process stops
    ├── OutboxUnavailable       the administrator: the shared folder is away; the daemon waits for it
    └── RemoteError             carries a Problem with its sentence
        ├── Unavailable         nobody: certainly not arrived, and not this invoice's fault; everything waits
        ├── Faulty              nobody: this one call failed without effect; this invoice waits, others go on
        ├── InDoubt             nobody yet: it may have arrived; Chorus Pro is asked, never sent again blindly
        └── Refused             the clerk: Chorus Pro said no

Third-party exceptions are translated where they arise (``edge/``), around the whole use.
"""

from __future__ import annotations

from .core.problem import Problem


class OutboxError(Exception):
    """The base of all errors that this program raises on purpose."""


class ConfigurationError(OutboxError):
    """The configuration can't be used; ``problems`` holds every reason, in English, one sentence each."""

    def __init__(self, problems: tuple[str, ...]) -> None:
        super().__init__("\n".join(problems))
        self.problems = problems


class StorageError(OutboxError):
    """The ledger's or the spool's disk failed: what is on it is no longer certain, so the process must stop."""


class OutboxUnavailableError(OutboxError):
    """The outbox can't be read now (unmounted share, changed rights)."""


class RemoteError(OutboxError):
    """PISTE or Chorus Pro did not do what was asked; ``problem`` says why."""

    def __init__(self, problem: Problem) -> None:
        super().__init__(problem.code)
        self.problem = problem


class UnavailableError(RemoteError):
    """Certainly not arrived, for a reason that concerns every invoice.

    ``retry_after`` is in seconds when the server named a delay, else None.
    """

    def __init__(self, problem: Problem, retry_after: float | None = None) -> None:
        super().__init__(problem)
        self.retry_after = retry_after


class FaultyError(RemoteError):
    """A call without lasting effect failed; trying it again later is harmless."""


class InDoubtError(RemoteError):
    """The deposit may have arrived: only Chorus Pro knows."""


class RefusedError(RemoteError):
    """Chorus Pro answered no: ``code`` (its codeRetour, or the HTTP status) and ``label`` (its own words)."""

    def __init__(self, problem: Problem, code: str, label: str) -> None:
        super().__init__(problem)
        self.code = code
        self.label = label
