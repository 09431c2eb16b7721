"""The routes' first parts, and lists read to their last page. Knows no single endpoint.

Lists come ten at a time unless more are asked for, and every page is read: an unread second page would be a false
"not found" (reliability.md 0.4).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from chorus_outbox.core.problem import Problem
from chorus_outbox.errors import FaultyError, RefusedError

from . import fields as cf

FACTURES = "/cpro/factures/v1"
STRUCTURES = "/cpro/structures/v1"
TRANSVERSES = "/cpro/transverses/v1"
UTILISATEURS = "/cpro/utilisateurs/v1"
ENGAGEMENTS = "/cpro/engagementsJuridiques/v1"
PAGES_MAX = 1000  # a search that claims more is broken


def nonsense() -> FaultyError:
    """Return the error for an answer that says yes and lacks what it must hold."""
    return FaultyError(Problem("outage.maintenance", {"status": "200"}))


def no_such(field: str, value: str, known: Sequence[str]) -> RefusedError:
    """Return the refusal of a value that is none of the account's own."""
    texts = {"field": field, "value": value, "allowed": ", ".join(sorted(known)) or "-"}
    return RefusedError(Problem("field.choice", texts), "", "")


def one_page(page: int, size: int, column: str, direction: str = "Ascendant") -> dict[str, Any]:
    """Return the usual block that asks for one page, from 1."""
    return {"nbResultatsParPage": size, "pageResultatDemandee": page, "triColonne": column, "triSens": direction}


def every_row(ask: Callable[[int], Mapping[str, Any]], name: str, key: str) -> Sequence[Mapping[str, Any]]:
    """Read a paged list to its end, whatever page size the server chose.

    Ends at the last page by the answer's own count; without a count, at the first page that brings nothing new.

    Raises:
        FaultyError: It is no list, or not complete (an announced page is empty): its "not found" would prove nothing.

    """
    seen: dict[int, Mapping[str, Any]] = {}
    for page in range(1, PAGES_MAX + 1):
        answer = ask(page)
        ids = {cf.integer(r.get(key)): r for r in listed(answer, name)}
        fresh = {i: r for i, r in ids.items() if i is not None and i not in seen}
        seen |= fresh
        total = cf.pages(answer)
        if set(ids) == {None} or (not fresh and total is not None and max(page, total) > 1):
            break
        if not fresh or (total is not None and page >= total):
            return list(seen.values())
    raise nonsense()


def listed(answer: Mapping[str, Any], name: str) -> Sequence[Mapping[str, Any]]:
    """Return the rows of a page; an answer that is no list of objects is a fault, never "nothing found"."""
    rows, value = cf.rows(answer, name), answer.get(name)
    is_list = value is None or isinstance(value, dict) or (isinstance(value, list) and len(rows) == len(value))
    if cf.integer(answer.get("codeRetour")) is None or not is_list:
        raise nonsense()
    return rows
