"""Every sentence that a clerk can meet, as she meets it: the first lines of each log, in both languages.

``make sentences`` prints them for a human reader, problem code by problem code; ``--language``, and the beginning of a
code, print less. Nothing is checked here: ``tests/core/test_sentences.py`` does what a machine can.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime

from chorus_outbox.core.draft import Source
from chorus_outbox.core.entry import Receipt
from chorus_outbox.core.problem import CODES, Problem, Weight
from chorus_outbox.core.refusers import refuser
from chorus_outbox.core.report import Known, Situation, Story, log_text
from chorus_outbox.core.words import Who, catalogue

AT = datetime(2026, 11, 24, 9, 0, 5, tzinfo=UTC)
RECEIPT = Receipt(8420532, "DEPOSEE", "2026-11-24", "c0ffee")
ORDINARY = {  # param -> what usually stands in it
    "siret": "22220001600327",
    "value": "FA-2026/1",
    "name": "DEP COTES-D'ARMOR",
    "names": "bon.pdf, photo.jpg",
    "service": "COLLEGE",
    "known": "COLLEGE (Collèges), DSI (Informatique)",
    "allowed": "A1, A2, A9, A12",
    "field": "engagement",
    "number": "FA-2026-001",
    "file": "FA-2026-001.pdf",
    "chorus_id": "8420532",
    "when": "2026-11-24",
    "until": "2026-11-24T09:02:00+00:00",
    "today": "2026-11-24",
    "status": "A_RECYCLER",
    "comment": "Le code service est erroné",
    "label": "Le code service XYZ n'existe pas pour ce destinataire",
    "code": "20923",
    "detail": "ReadTimeout",
    "ids": "8420532, 8420533",
    "first": "FA-1",
    "second": "FA-2",
    "first_source": "sidecar",
    "second_source": "file name",
    "ours": "FA-1",
    "pdf": "FA-2",
    "chorus": "FA-2",
    "source": "file name",
    "key": "engagment",
    "nearest": "engagement",
    "line": "3",
    "text": "siret:22220001600327",
    "fixed": "siret: 22220001600327",
    "characters": "␠ é",
    "length": "24",
    "limit": "10000000",
    "size": "12345678",
    "kind": "link",
    "other": "FA-2.pdf",
    "pattern": "[0-9]{5,6}",
    "cadre": "A9_FACTURE_SOUSTRAITANT",
    "changes": '[["needs_service", ""]]',
    "differs": "siret, ttc",
    "lacks": "numero, service.required",
    "found": "222200016",
    "lines": "1, 3",
    "flow": "CPP0011117000000000425903",
    "api": "factures",
    "seconds": "90",
    "days": "12",
    "tries": "3",
    **dict.fromkeys(("ht", "ttc", "sum", "a_payer"), "1200"),
    **dict.fromkeys(("tva", "remise"), "200"),
}
_OF_CODE = {  # where another example tells more
    "siret.format": {"value": "2222000160032", "field": "siret"},
    "siret.checksum": {"value": "22220001600372", "field": "siret"},
    "sidecar.other_file": {"kind": "office"},
    "siret.alias": {"field": "siret", "value": "mairie", "nearest": "mairie-rennes"},
    "number.date": {"value": "20261120"},
    "date.format": {"value": "le 3 mai", "field": "date"},
    "date.future": {"value": "2027-01-02"},
    "amount.format": {"value": "1.234", "field": "ttc"},
    "engagement.pattern": {"value": "AB12"},
    "attachment.type": {"name": "bon.pdf", "value": "BON"},
    "sidecar.too_big": {"limit": "65536"},
    "returned.suspended": {"status": "SUSPENDUE", "comment": "Bon de livraison manquant"},
    "returned.rejected": {"status": "REJETEE", "comment": "Montant erroné"},
    "returned.validator": {"status": "REFUSEE_1", "comment": "Sous-traitant inconnu"},
    "returned.other": {"status": "NON_CONFORME", "comment": ""},
    "outage.maintenance": {"status": "503"},
    "outage.wrong_route": {"status": "404"},
    "bank_account.ambiguous": {"value": "Compte courant", "allowed": "Compte courant (12), Compte courant (13)"},
}
FIELDS = {"numero": Known("FA-2026-001", Source.FILENAME), "siret": Known("22220001600327", Source.SIDECAR)}


def example(code: str) -> Problem:
    """Return a problem with ordinary params; those that its sentence does not speak of change nothing."""
    place = {"file": "FA-2026-001.yaml"} if code.startswith("sidecar.") else {}
    return Problem(code, {**ORDINARY, **place, **_OF_CODE.get(code, {})} if place else _placeless(code))


def _placeless(code: str) -> dict[str, str]:
    params = {**ORDINARY, **_OF_CODE.get(code, {})}
    del params["line"]  # it would count as the place of the problem
    return params


def story(code: str) -> Story:
    """Return an invoice in a state in which that code is told."""
    problem = example(code)
    state: Situation = "sent"
    match problem.weight:
        case Weight.STOP | Weight.LACK:
            state = "returned" if code.startswith("returned.") or refuser(problem) is Who.CUSTOMER else "failed"
        case Weight.WAIT:
            state = {"doubt": "in_doubt", "flow": "processing"}.get(code.partition(".")[0], "waiting")  # type: ignore[assignment]
        case Weight.NOTE:
            pass
    told = Story("FA-2026-001.pdf", state, (problem,), FIELDS, sidecar="", recipient_name="DEP COTES-D'ARMOR")
    return replace(told, receipt=RECEIPT) if state in ("sent", "returned") else told


def heads(language: str, beginning: str = "") -> Iterator[str]:
    """Yield what is told of each code: three lines and, of a note, its sentence."""
    words = catalogue(language)
    for code, weight in CODES.items():
        if code.startswith(beginning):
            text = log_text(story(code), words)
            lines = text.split("\n")[:3]
            if weight is Weight.NOTE:
                title = words.report["notes"]
                lines = [text.partition(f"{title}\n")[2].split("\n")[0]]
            yield "\n".join((f"--- {code}", *lines))


def main() -> int:
    """Print them."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("beginning", nargs="?", default="", help="of the codes to print")
    parser.add_argument("--language", choices=("fr", "en"))
    asked = parser.parse_args()
    for language in (asked.language,) if asked.language else ("fr", "en"):
        print(f"\n=== {language}\n")
        print("\n".join(heads(language, asked.beginning)))
    return 0


if __name__ == "__main__":
    sys.exit(main())
