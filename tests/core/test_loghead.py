"""The first three lines of a log stay three, true and short; what is too long for them stands in full below."""

from __future__ import annotations

import re
from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chorus_outbox.core.entry import Receipt
from chorus_outbox.core.followup import COMMENT_MAX, Passage, as_detail, of_detail, returned
from chorus_outbox.core.problem import CODES, Problem
from chorus_outbox.core.refusals import refused
from chorus_outbox.core.report import Happening, Situation, Story, encode_log, log_text
from chorus_outbox.core.words import catalogue, plain

FR, EN = catalogue("fr"), catalogue("en")
AT = datetime(2026, 11, 24, 9, 0, 5, tzinfo=UTC)
RECEIPT = Receipt(7859, "DEPOSEE", "2026-11-24", "c0ffee")
REASON = " ".join(f"mot{i}" for i in range(1000))[:4000]
LONGEST = 1300  # characters of one of the first lines, whatever strangers wrote


def lines(story: Story) -> list[str]:
    return encode_log(log_text(story, FR)).decode("utf-8-sig").split("\r\n")


def squeezed(text: str) -> str:
    return re.sub(r"\s+", "", text)


def test_a_reason_of_4000_characters_is_told_in_full() -> None:
    """Its beginning stands in the first line, all of it below under its own heading, in lines that fit a screen."""
    comment = f"{REASON[:2000]}\nPREUVE DE L'ENVOI\n{REASON[2000:]}"[:4000]
    problem = returned(Passage("A_RECYCLER", "2026-11-24 10:05", comment), "MAIRIE")
    told = lines(Story("F.pdf", "returned", (problem,), receipt=RECEIPT))
    assert told[0].startswith("REVENUE : F.pdf. Elle est à recycler depuis le 24/11/2026 à 10:05 : ")
    assert "Motif : « mot0 mot1" in told[0]
    assert len(told[0]) < 500
    assert told[3] == ""
    start = told.index("MOTIF DE VOTRE CLIENT, EN ENTIER") + 1
    full = told[start : told.index("", start)]
    assert squeezed("".join(full)) == squeezed(comment)
    assert all(line.startswith("   ") and len(line) <= 110 for line in full)
    assert told.count("PREUVE DE L'ENVOI") == 1  # ours


def test_a_reason_that_repeats_itself_is_told_as_it_is() -> None:
    """Lines that are alike are no reason to leave one out."""
    comment = "Il manque le bon de livraison. " * 100
    told = lines(Story("F.pdf", "returned", (returned(Passage("SUSPENDUE", "", comment), ""),)))
    start = told.index("MOTIF DE VOTRE CLIENT, EN ENTIER") + 1
    assert squeezed("".join(told[start : told.index("", start)])) == squeezed(comment)


def test_a_short_reason_is_told_once() -> None:
    """What the first line holds needs no section of its own."""
    problem = returned(Passage("SUSPENDUE", "", "Bon manquant"), "")
    assert sum("Bon manquant" in line for line in lines(Story("F.pdf", "returned", (problem,)))) == 1


def test_a_long_reason_in_the_timeline_is_wrapped_and_whole() -> None:
    """Of an invoice that goes on, the story holds the only copy of what its customer wrote."""
    params = of_detail(as_detail(Passage("SUSPENDUE", "2026-11-24 10:05", REASON)))
    told = lines(Story("F.pdf", "sent", (), {}, (Happening(AT, "resumed", params),), RECEIPT))
    assert squeezed(REASON) in squeezed("".join(told))
    assert max(map(len, told)) <= 110


def test_what_the_ledger_keeps_of_a_reason_is_bounded() -> None:
    """4,000 characters are kept, whether as the reason of the moment or in the story."""
    passage = Passage("SUSPENDUE", "", "x" * 9000)
    assert COMMENT_MAX == 4000
    assert len(returned(passage, "").params["comment"]) == len(of_detail(as_detail(passage))["comment"]) == 4000


def test_a_message_of_chorus_pro_is_told_in_full() -> None:
    """The same of Chorus Pro's own words."""
    label = "Le montant TTC est faux. " * 19
    told = lines(Story("F.pdf", "failed", (refused("soumettre", "20303", label),)))
    start = told.index("MESSAGE DE CHORUS PRO, EN ENTIER") + 1
    assert squeezed("".join(told[start : told.index("", start)])) == squeezed(label)


def test_a_long_choice_is_shown_whole_below() -> None:
    """A list to choose from is no use when it is cut."""
    allowed = ", ".join(f"TYPE_{i:02}" for i in range(40))
    told = lines(
        Story("F.pdf", "failed", (Problem("attachment.type", {"name": "a", "value": "b", "allowed": allowed}),))
    )
    assert "TYPE_39" not in told[2]
    assert "TYPE_39" in "".join(told[told.index("VALEURS POSSIBLES") :])


def test_long_names_keep_their_beginning_and_end() -> None:
    """A name of 255 bytes is shortened in its middle; the whole of it stands below; so do many attachments."""
    name = "Facture " + "é" * 110 + " fin.pdf"
    files = {f"piece{i}.pdf": "aa" for i in range(7)}
    told = lines(Story(name, "failed", (Problem("file.empty"),), attachments=files, receipt=RECEIPT))
    assert re.match(r"NON ENVOYÉE : Facture é+…é+ fin\.pdf\. ", told[0])
    assert "ses 7 pièces jointes" in told[2]
    assert name in "".join(line.strip() for line in told)
    assert all(len(line) < 500 for line in told[:3])


@pytest.mark.parametrize(
    ("state", "problem", "status", "expected"),
    [
        pytest.param("sent", None, "MANDATEE", ("ENVOYÉE : F.pdf est déposée sur Chorus Pro, n° 7859, le 24/11/2026 ; son statut : mandatée.", "", "il prouve l'envoi."), id="sent, with its status"),
        pytest.param("paid", None, "MISE_EN_PAIEMENT", ("PAYÉE : F.pdf", "", "il prouve l'envoi."), id="paid"),
        pytest.param("paid", Problem("followed.silent"), "MANDATEE", ("SUIVI TERMINÉ : F.pdf est déposée sur Chorus Pro, n° 7859 ; son dernier statut : mandatée.", "", "sur votre compte bancaire."), id="not known to be paid"),
        pytest.param("sent", Problem("followed.ended", {"status": "ABANDONNEE"}), "ABANDONNEE", ("ENVOYÉE : ", "", "sinon, rien."), id="abandoned"),
        pytest.param("withdrawn", None, "", ("RETIRÉE : F.pdf", "personne.", "dans le dossier de dépôt."), id="taken away"),
        pytest.param("returned", Problem("siret.checksum", {"value": "1"}), "A_RECYCLER", ("REVENUE : ", "ce programme, avant l'envoi de votre correction.", "dans « outbox »."), id="a correction that we refuse"),
        pytest.param("returned", refused("recycler", "20005", ""), "A_RECYCLER", ("REVENUE : ", "Chorus Pro, qui n'a pas pris votre correction.", "dans « outbox »."), id="a correction that Chorus Pro refuses"),
        pytest.param("returned", Problem("returned.routing", {"status": "ERREUR_DESTINATAIRE_PD"}), "", ("REVENUE : ", "Chorus Pro. Votre client ne l'a pas vue.", "continue de la suivre."), id="never routed"),
        pytest.param("returned", Problem("returned.validator", {"status": "REFUSEE_1"}), "", ("REVENUE : ", "le valideur (titulaire ou mandataire du marché), avant votre client.", "continue de la suivre."), id="refused by the validator"),
        pytest.param("failed", Problem("chorus.not_taken", {"tries": "3"}), "", ("NON ENVOYÉE : ", "personne.", "Remettez ensuite F.pdf et F.yaml dans « outbox », sans rien y changer."), id="nothing to correct"),
        pytest.param("failed", Problem("duplicate.returned", {"number": "1", "file": "G.pdf"}), "", ("NON ENVOYÉE : ", "ce programme, avant tout envoi (rien n'est parti chez votre client).", "supprimez ce fichier-ci."), id="not to be dropped again"),
        pytest.param("waiting", Problem("outage.attachment_deleted", {"siret": "1"}), "", ("EN ATTENTE : ", "Chorus Pro. Votre client ne l'a pas vue.", "toutes seules."), id="an attachment that was deleted"),
        pytest.param("waiting", Problem("outage.credentials_of_sandbox"), "", ("EN ATTENTE : ", "PISTE, le service qui donne accès à Chorus Pro.", "toutes seules."), id="credentials of the other environment"),
        pytest.param("waiting", Problem("outage.quota", {"seconds": "0"}), "", ("EN ATTENTE : F.pdf. Trop d'envois en peu de temps : PISTE, l'accès à Chorus Pro, demande d'attendre.", "PISTE, le service qui donne accès à Chorus Pro.", "tout seul."), id="a quota without a delay"),
    ],
)  # fmt: skip
def test_result_who_and_remedy(
    state: Situation, problem: Problem | None, status: str, expected: tuple[str, str, str]
) -> None:
    """Each is true for the state: a customer who has the invoice is not said not to have seen it, and so on."""
    beginning, who, end = expected
    receipt = Receipt(7859, status, "2026-11-24") if status else None
    told = lines(Story("F.pdf", state, (problem,) if problem else (), receipt=receipt, recipient_name="MAIRIE"))
    assert told[0].startswith(beginning)
    assert told[1] == (f"Qui a refusé : {who}" if who else "Destinataire : MAIRIE.")
    assert told[2].startswith("Que faire : ")
    assert told[2].endswith(end)


TEXT = st.text(max_size=300) | st.text(min_size=1, max_size=20).map(lambda text: (text * 4000)[:4000])


@settings(max_examples=150, deadline=None)
@given(
    name=TEXT,
    text=TEXT,
    state=st.sampled_from(["failed", "returned", "waiting", "in_doubt", "sent"]),
    codes=st.lists(st.sampled_from(list(CODES)), max_size=3),
)
def test_whatever_strangers_write(name: str, text: str, state: Situation, codes: list[str]) -> None:
    """Three short lines, then an empty one; nothing of the text is lost where it explains the state; no line is forged."""
    names = (
        "comment",
        "label",
        "value",
        "name",
        "names",
        "known",
        "allowed",
        "file",
        "text",
        "fixed",
        "status",
        "detail",
        "field",
    )
    problems = tuple(Problem(code, dict.fromkeys(names, text)) for code in codes)
    events = (Happening(AT, "status", {"status": text, "comment": text}),)
    story = Story(name, state, problems, {}, events, RECEIPT, recipient_name=text, attachments={text: "aa"})
    told = lines(story)
    assert told[3] == ""
    assert all(0 < len(line) <= LONGEST for line in told[:3])
    shown = plain(text.replace("\n", " "), 10_000)
    assert squeezed(shown) in squeezed("".join(told))
    honest = {*FR.report.values()}
    headings = [line for line in told[4:] if line.isupper() and not line.startswith(" ")]
    assert set(headings) <= honest | {text for text in headings if not text.strip()}
