from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chorus_outbox.core.draft import Source
from chorus_outbox.core.entry import Receipt
from chorus_outbox.core.lifecycle import State
from chorus_outbox.core.problem import CODES, Problem, Weight
from chorus_outbox.core.refusers import refuser
from chorus_outbox.core.report import (
    SITUATIONS,
    Happening,
    Known,
    Situation,
    Story,
    encode_log,
    log_text,
)
from chorus_outbox.core.words import Who, catalogue

FR, EN = catalogue("fr"), catalogue("en")
AT = datetime(2026, 11, 24, 9, 0, 5, tzinfo=UTC)
RECEIPT = Receipt(chorus_id=7859, status="DEPOSEE", deposit_date="2026-11-24", certificate="c0ffee")
FIELDS = {
    "numero": Known("FA-1", Source.FILENAME),
    "siret": Known("22220001600327", Source.SIDECAR),
    "date": Known(date(2026, 11, 20), Source.PDF_TEXT),
    "ttc": Known(Decimal("1234.5"), Source.PDF_TEXT),
}
WRONG_SIRET = Problem("siret.checksum", {"field": "siret", "value": "22220001600328"})
NO_NUMBER = Problem("missing.field", {"field": "numero"})


def test_sent() -> None:
    """A sent invoice says so first, then nobody refused and nothing is to do; the proof stands at the end."""
    events = (Happening(AT, "begun"), Happening(AT, "accepted", {"detail": "n° 7859"}))
    story = Story("FA-1.pdf", "sent", (), FIELDS, events, RECEIPT, "5e17", "0a1b", "DEPARTEMENT DES COTES D'ARMOR")
    assert log_text(story, FR) == (
        "ENVOYÉE : FA-1.pdf est déposée sur Chorus Pro, n° 7859, le 24/11/2026.\n"
        "Destinataire : DEPARTEMENT DES COTES D'ARMOR.\n"
        "Que faire : rien. Gardez ce fichier : il prouve l'envoi.\n"
        "\n"
        "CE QUI A ÉTÉ COMPRIS\n"
        "SIRET du destinataire : 22220001600327 (fichier .yaml)\n"
        "nom du destinataire : DEPARTEMENT DES COTES D'ARMOR\n"
        "numéro de facture : FA-1 (nom du fichier)\n"
        "date de facture : 20/11/2026 (texte du PDF)\n"
        "montant TTC : 1 234,50 € (texte du PDF)\n"
        "\n"
        "CE QUI S'EST PASSÉ\n"
        "24/11/2026 à 10:00:05 - envoi à Chorus Pro\n"
        "24/11/2026 à 10:00:05 - acceptée par Chorus Pro : n° 7859\n"
        "\n"
        "PREUVE DE L'ENVOI\n"
        "numéro Chorus Pro : 7859\n"
        "date de dépôt : 24/11/2026\n"
        "statut sur Chorus Pro : déposée\n"
        "empreinte du certificat de dépôt : c0ffee\n"
        "empreinte SHA-256 du PDF envoyé : 5e17\n"
        "empreinte SHA-256 du PDF d'origine : 0a1b\n"
    )


def test_one_problem() -> None:
    """One problem stands in the first lines themselves, with its remedy and where to put the files back."""
    lines = log_text(Story("FA-1.pdf", "failed", (WRONG_SIRET,), return_to="outbox/cotes"), FR).split("\n")
    assert lines[0].startswith("NON ENVOYÉE : FA-1.pdf. Le SIRET 22220001600328 n'existe pas")
    assert lines[1] == "Qui a refusé : ce programme, avant tout envoi (rien n'est parti chez votre client)."
    assert "« siret »" in lines[2]
    assert lines[2].endswith("Une fois la facture corrigée, remettez FA-1.pdf et FA-1.yaml dans « outbox/cotes ».")


def test_several_problems() -> None:
    """Of several problems the first line says how many; each is numbered below with its remedy; notes stand apart."""
    problems = (WRONG_SIRET, Problem("sidecar.cp1252"), NO_NUMBER)
    text = log_text(Story("FA-1.pdf", "failed", problems, sidecar="FA-1.yml"), EN)
    lines = text.split("\n")
    assert lines[0] == "NOT SENT: FA-1.pdf. 2 points need a correction (see below)."
    assert lines[2].endswith("then put FA-1.pdf and FA-1.yml back into “outbox”.")
    start = lines.index("WHAT NEEDS A CORRECTION")
    assert lines[start + 1].startswith("1. The SIRET 22220001600328 does not exist")
    assert lines[start + 2].startswith("   To do: Check it")
    assert lines[start + 3] == "2. Something is missing: invoice number."
    assert lines[lines.index("GOOD TO KNOW") + 1].startswith("The .yaml file is in an old Windows encoding")


@pytest.mark.parametrize(
    ("state", "problem", "result", "who", "do"),
    [
        pytest.param(
            "waiting",
            Problem("outage.maintenance", {"status": "503"}),
            "WAITING: F.pdf. Chorus Pro is under maintenance or out of order (answer 503).",
            "nobody.",
            "Nothing to do: sending resumes by itself.",
            id="waiting",
        ),
        pytest.param(
            "in_doubt",
            Problem("doubt.no_answer"),
            "IN DOUBT: F.pdf. Chorus Pro's answer was lost: the invoice may have arrived.",
            "nobody.",
            "Nothing to do, and above all do not drop it a second time: Chorus Pro is going to be asked.",
            id="in doubt",
        ),
        pytest.param(
            "processing",
            Problem("wait.processing"),
            "BEING SENT: F.pdf. The invoice is being sent.",
            "nobody.",
            "Nothing to do: its file is put away as soon as Chorus Pro has answered.",
            id="processing",
        ),
        pytest.param(
            "waiting", None, "WAITING: F.pdf.", "nobody.", "nothing: the program goes on by itself.", id="bare"
        ),
        pytest.param(
            "failed",
            None,
            "NOT SENT: F.pdf.",
            "this program, before sending anything (nothing went to your customer).",
            "tell your administrator.",
            id="failed, reason lost",
        ),
    ],
)
def test_head(state: Situation, problem: Problem | None, result: str, who: str, do: str) -> None:
    """The first three lines are result, who refused and what to do, whatever the state."""
    lines = log_text(Story("F.pdf", state, (problem,) if problem else ()), EN).split("\n")
    assert lines[:3] == [result, f"Who refused: {who}", f"What to do: {do}"]
    assert lines[3] == ""


def test_sandbox() -> None:
    """In a test environment the fourth line says so."""
    assert "ENVIRONNEMENT D'ESSAI" in log_text(Story("F.pdf", "sent", sandbox=True), FR).split("\n")[3]


def test_currency() -> None:
    """Amounts are shown in the invoice's own currency."""
    fields = {"ttc": Known("10.00", "PDF text"), "devise": Known("CHF", "sidecar")}
    assert "montant TTC : 10,00 CHF (texte du PDF)" in log_text(Story("F.pdf", "sent", fields=fields), FR)


def test_same_bytes_are_named_once() -> None:
    """Where the file was sent as it was dropped, one fingerprint is enough."""
    story = Story("F.pdf", "sent", receipt=RECEIPT, sha256="aa", original_sha256="aa")
    assert log_text(story, EN).count("aa\n") == 1


def test_every_state_of_the_ledger_is_told() -> None:
    """Each state of the life cycle has its situation."""
    assert set(SITUATIONS) == set(State)


@pytest.mark.parametrize(
    ("code", "who"),
    [
        pytest.param("siret.checksum", Who.PROGRAM, id="our own check"),
        pytest.param("recipient.unknown", Who.PROGRAM, id="checked before sending"),
        pytest.param("chorus.refused", Who.CHORUS, id="Chorus Pro"),
        pytest.param("outage.piste_credentials", Who.PISTE, id="PISTE"),
        pytest.param("outage.technical_account", Who.CHORUS, id="technical account"),
        pytest.param("outage.unreachable", Who.NOBODY, id="outage"),
        pytest.param("doubt.person", Who.NOBODY, id="doubt"),
    ],
)
def test_refuser(code: str, who: Who) -> None:
    """Who refused is told apart: this program, PISTE, Chorus Pro, or nobody."""
    assert refuser(Problem(code)) is who


def test_whoever_stops_an_invoice_is_named() -> None:
    """Nobody's is only that no answer ever came, or that there was nothing left to do."""
    stopping = [c for c, w in CODES.items() if w in (Weight.STOP, Weight.LACK)]
    nobodys = [c for c in stopping if refuser(Problem(c)) is Who.NOBODY]
    assert nobodys == ["returned.moved_on", "returned.acknowledged", "chorus.not_taken"]


def test_encoding_is_for_notepad() -> None:
    """The bytes begin with a BOM and every line ends in CRLF, once."""
    assert encode_log("é\nb\r\n") == b"\xef\xbb\xbf\xc3\xa9\r\nb\r\n"


@given(st.text(alphabet=st.characters(codec=None)))
def test_encoding_never_fails(text: str) -> None:
    """Any text can be written; nothing invisible but line breaks and tabs' spaces is left in it."""
    shown = encode_log(text).decode("utf-8-sig").replace("\r\n", "\n")
    assert all(c.isprintable() or c in "\n\xa0\u202f" for c in shown)


@given(name=st.text(min_size=1), label=st.text())
def test_strangers_cannot_forge_lines(name: str, label: str) -> None:
    """A file name or a label of Chorus Pro never adds a line to the log."""
    forged = Story(name, "failed", (Problem("chorus.refused", {"code": "1", "label": label}),))
    honest = Story("F.pdf", "failed", (Problem("chorus.refused", {"code": "1", "label": "x"}),))
    texts = [encode_log(log_text(s, FR)).decode("utf-8-sig").split("\r\n") for s in (forged, honest)]
    ours = ("TEXTES EN ENTIER", "MESSAGE DE CHORUS PRO, EN ENTIER", "")  # what is long stands below these, indented
    lines = [[line for line in text if line not in ours and not line.startswith("   ")] for text in texts]
    assert len(lines[0]) == len(lines[1])
    assert lines[0][1] == lines[1][1]
