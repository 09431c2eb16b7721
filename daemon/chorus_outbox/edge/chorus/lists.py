"""Chorus Pro's reference lists (api.md 2.10, 2.19), asked once in a run: they change with releases of the portal."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from typing import Any

from chorus_outbox.core.problem import Problem
from chorus_outbox.errors import FaultyError, RefusedError

from . import fields as cf
from .endpoints import TRANSVERSES
from .wire import Wire


class Lists:
    """The lists of one account; safe to use from several threads."""

    def __init__(self, wire: Wire) -> None:
        self._wire = wire
        self._lock = threading.Lock()
        self._known: dict[str, Mapping[str, str]] = {}

    def attachment_types(self) -> Mapping[str, str]:
        """Return the types that an attachment can have: code -> label."""
        body = {"codeLangue": "fr", "typeObjet": "FACTURE"}
        names = ("listeTypePieceJointe", "codeTypePieceJointe", "libelleTypePieceJointe")
        return self._list("recuperer/typespj", body, names)

    def exemption_reasons(self) -> Mapping[str, str]:
        """Return the reasons for which no VAT is due: code -> label."""
        names = ("listeMotifsExonerationTva", "codeMotifExonerationTva", "libelleMotifExonerationTva")
        return self._list("recuperer/motifs/exonerationtva", {"codeLangue": "fr"}, names)

    def _list(self, route: str, body: Mapping[str, Any], names: tuple[str, str, str]) -> Mapping[str, str]:
        rows, code, label = names
        with self._lock:
            if route not in self._known:
                answer = self._ask(route, body)
                listed = {c: cf.text(r.get(label)) or c for r in cf.rows(answer, rows) if (c := cf.text(r.get(code)))}
                if not listed:
                    return {}  # asked again the next time: it may have been a hiccup
                self._known[route] = listed
            return self._known[route]

    def _ask(self, route: str, body: Mapping[str, Any]) -> Mapping[str, Any]:
        """Ask for a list; that it is refused is no verdict on the invoice that needs it."""
        try:
            return self._wire.call(f"{TRANSVERSES}/{route}", body)
        except RefusedError as e:
            raise FaultyError(Problem("outage.maintenance", {"status": e.code.removeprefix("HTTP ")})) from None
