"""What must become of an invoice whose calls fail: one table, which the matrix is held against and docs/faults.md shows.

Pure: it knows no site and plays nothing.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from fault_kinds import FAULTS

UNREACHABLE, MAINTENANCE, ROUTE = "outage.unreachable", "outage.maintenance", "outage.wrong_route"
ACCOUNT, FORBIDDEN, QUOTA = "outage.technical_account", "outage.forbidden", "outage.quota"
CREDENTIALS = "outage.piste_credentials"
NOT_TAKEN, DOUBT, REFUSED, TOO_BIG = "chorus.not_taken", "doubt.no_answer", "chorus.refused", "chorus.too_big"

COLUMNS: Mapping[str, tuple[str, ...]] = {  # of the table -> calls
    "token": ("token",),
    "account": ("account",),
    "directory": ("recipient", "rules", "services", "service"),
    "types": ("types",),
    "upload": ("upload", "attach"),
    "submit": ("submit",),
    "search": ("search-arrived", "search-absent"),
}


@dataclass(frozen=True)
class Cell:
    """What a fault of a call does to its invoice.

    Args:
        kind: A key of ``KINDS``.
        code: The problem that a person is told; of a search that fails, what the outage is called.

    """

    kind: str
    code: str = ""

    def __str__(self) -> str:
        return self.code if self.kind == "outage" else f"{self.kind} {self.code}".strip()


KINDS: Mapping[str, str] = {
    "-": "does not apply: this answer holds nothing that the fault could break, or the call is no JSON of Chorus Pro",
    "unharmed": "the program renews, or reads it nevertheless: sent as if nothing had been",
    "outage": "certainly without effect and nobody's fault here: it waits, told once as an outage of everything; sent by "
    "itself when it is over",
    "waits": "without effect, of this invoice alone: it waits, tried again ever more rarely, others go on; sent by itself "
    "when it is over",
    "fails": "Chorus Pro said no: failed/ at once, with its words; others go on",
    "adopts": "in doubt, and it had arrived: Chorus Pro is asked, the deposit is found and never sent again",
    "asks": "in doubt, and it had not arrived: asked three times, sent again; after three doubts failed/",
}


def _outage(code: str) -> Cell:
    return Cell("outage", code)


def _waits(code: str = MAINTENANCE) -> Cell:
    return Cell("waits", code)


NO, UNHARMED, ASKS, ADOPTS = Cell("-"), Cell("unharmed"), Cell("asks", NOT_TAKEN), Cell("adopts")
DOWN, PAGE, WRONG = _outage(UNREACHABLE), _outage(MAINTENANCE), _outage(ROUTE)
LOGIN, NO_RIGHT, SLOWER, KEYS = _outage(ACCOUNT), _outage(FORBIDDEN), _outage(QUOTA), _outage(CREDENTIALS)
ODD, NO_ANSWER, BIG = _waits(), Cell("fails", REFUSED), Cell("fails", TOO_BIG)

TABLE: Mapping[str, tuple[Cell, ...]] = {  # fault -> a cell for each of COLUMNS
    "dns": (DOWN, DOWN, DOWN, DOWN, DOWN, DOWN, DOWN),
    "refused": (DOWN, DOWN, DOWN, DOWN, DOWN, DOWN, DOWN),
    "reset": (DOWN, DOWN, DOWN, DOWN, DOWN, ASKS, DOWN),
    "reset-after": (DOWN, DOWN, DOWN, DOWN, DOWN, ADOPTS, DOWN),
    "late": (NO, NO, NO, NO, NO, ADOPTS, NO),
    "hang": (DOWN, DOWN, DOWN, DOWN, DOWN, ASKS, DOWN),
    "hang-after": (DOWN, DOWN, DOWN, DOWN, DOWN, ADOPTS, DOWN),
    "drip": (DOWN, DOWN, DOWN, DOWN, DOWN, ADOPTS, DOWN),
    "301": (WRONG, WRONG, WRONG, WRONG, WRONG, ASKS, WRONG),
    "401": (KEYS, LOGIN, LOGIN, LOGIN, LOGIN, LOGIN, LOGIN),
    "403": (NO_RIGHT, NO_RIGHT, NO_RIGHT, NO_RIGHT, NO_RIGHT, NO_RIGHT, NO_RIGHT),
    "404": (WRONG, WRONG, WRONG, WRONG, WRONG, ASKS, WRONG),
    "413": (PAGE, LOGIN, ODD, ODD, BIG, BIG, ODD),
    "429": (SLOWER, SLOWER, SLOWER, SLOWER, SLOWER, SLOWER, SLOWER),
    "500": (PAGE, PAGE, ODD, ODD, ODD, ASKS, ODD),
    "502": (PAGE, PAGE, PAGE, PAGE, PAGE, ASKS, PAGE),
    "503": (PAGE, PAGE, PAGE, PAGE, PAGE, ASKS, PAGE),
    "200-html": (PAGE, PAGE, PAGE, PAGE, PAGE, ASKS, PAGE),
    "truncated": (PAGE, PAGE, PAGE, PAGE, PAGE, ADOPTS, PAGE),
    "code-text": (NO, UNHARMED, UNHARMED, UNHARMED, UNHARMED, UNHARMED, UNHARMED),
    "code-absent": (NO, UNHARMED, ODD, UNHARMED, UNHARMED, ADOPTS, ODD),
    "code-float": (NO, PAGE, ODD, ODD, ODD, ADOPTS, ODD),
    "id-text": (NO, UNHARMED, UNHARMED, UNHARMED, UNHARMED, UNHARMED, UNHARMED),
    "id-absent": (PAGE, PAGE, ODD, UNHARMED, ODD, ADOPTS, ODD),
    "id-list": (PAGE, PAGE, ODD, UNHARMED, ODD, ADOPTS, ODD),
    "lists": (NO, PAGE, ODD, ODD, NO, NO, ODD),
    "code": (NO, LOGIN, NO_ANSWER, ODD, NO_ANSWER, NO_ANSWER, ODD),
    "expired": (NO, LOGIN, LOGIN, LOGIN, LOGIN, LOGIN, LOGIN),
    "too-long": (DOWN, DOWN, DOWN, DOWN, DOWN, ADOPTS, DOWN),
}


NO_IDS = ("rules", "service", "search-absent")
EXCEPTIONS: Mapping[tuple[str, str], Cell] = {  # fault, call -> where one call differs from its column
    **{(fault, call): NO for fault in ("id-text", "id-absent", "id-list") for call in NO_IDS},
    **{("lists", call): NO for call in NO_IDS},
    **{("code-absent", call): UNHARMED for call in ("rules", "service")},
}


def cell(call: str, fault: str) -> Cell:
    """Return what a fault of a call does."""
    column = next(n for n, calls in enumerate(COLUMNS.values()) if call in calls)
    return EXCEPTIONS.get((fault, call), TABLE[fault][column])


def applies() -> Mapping[str, Sequence[str]]:
    """Return the faults that can happen to each call."""
    calls = [call for several in COLUMNS.values() for call in several]
    return {call: [fault for fault in TABLE if cell(call, fault) is not NO] for call in calls}


def document() -> Iterator[str]:
    """Yield the lines of the table, as docs/faults.md has them."""
    yield "| fault | what happens | " + " | ".join(COLUMNS) + " |"
    yield "|" + "---|" * (len(COLUMNS) + 2)
    for name, cells in TABLE.items():
        yield f"| `{name}` | {FAULTS[name].words} | " + " | ".join(map(str, cells)) + " |"
    yield ""
    yield from (f"* **{kind}**: {words}." for kind, words in KINDS.items())
    yield ""
    yield "Where one call differs from its column:"
    yield ""
    yield from (f"* `{fault}` of `{call}`: {differs}." for (fault, call), differs in EXCEPTIONS.items())
