"""An invoice that came back and is dropped again: what may be corrected, and how a doubt about it is settled."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from chorus_outbox.core.correction import after_history, cleared, corrected_fields, new_attachments, objections
from chorus_outbox.core.decide import Adopt, AskAgain, Policy, Refuse, SendAgain
from chorus_outbox.core.entry import Entry, Member, Receipt
from chorus_outbox.core.followup import History, Passage
from chorus_outbox.core.lifecycle import State

NOW = datetime(2026, 11, 24, 9, 0, tzinfo=UTC)
FIELDS = {"siret": "1", "service": "S", "numero": "F1", "date": "2026-11-20", "type": "facture", "ttc": "120.00"}
POLICY = Policy(120, 900, 60, resend=True)
BACK = Passage("A_RECYCLER", "10:00")


def entry(status: str = "A_RECYCLER", **changes: Any) -> Entry:
    """Return an invoice that came back, dropped again."""
    known = {name: (text, "sidecar") for name, text in FIELDS.items()}
    made = Entry(
        *(1, "F1.pdf", "F1.pdf", State.IN_DOUBT, "processing", NOW, NOW),
        number="F1",
        date=date(2026, 11, 20),
        sha256="a",
        fields=known,
        receipt=Receipt(7, status),
    )
    return replace(made, **changes)


@pytest.mark.parametrize(
    ("status", "changes", "attachments", "codes"),
    [
        pytest.param("A_RECYCLER", {"service": "T"}, (), [], id="another service"),
        pytest.param("A_RECYCLER", {"siret": "2"}, (), [], id="another recipient"),
        pytest.param("A_RECYCLER", {"engagement": "9"}, (), [], id="an engagement number"),
        pytest.param("A_RECYCLER", {"marche": "9"}, (), [], id="a contract number"),
        pytest.param("A_RECYCLER", {"service": ""}, (), [], id="no service any more"),
        pytest.param("A_RECYCLER", {"service": "T"}, ("old",), [], id="with the attachment that it has"),
        pytest.param("A_RECYCLER", {"service": "T"}, ("b",), ["returned.only_recipient"], id="with a new attachment"),
        pytest.param("A_RECYCLER", {}, (), ["returned.unchanged"], id="nothing corrected"),
        pytest.param("A_RECYCLER", {"commentaire": "x"}, (), ["returned.unchanged"], id="only a comment"),
        pytest.param("A_RECYCLER", {"numero": "F2"}, (), ["returned.keeps_number"], id="another number"),
        pytest.param("A_RECYCLER", {"date": "2026-11-21"}, (), ["returned.only_recipient"], id="another date"),
        pytest.param("A_RECYCLER", {"ttc": "1", "type": "avoir"}, (), ["returned.only_recipient"] * 2, id="two more"),
        pytest.param("SUSPENDUE", {"commentaire": "x"}, (), [], id="a comment"),
        pytest.param("SUSPENDUE", {}, ("b",), [], id="an attachment"),
        pytest.param("SUSPENDUE", {}, ("old",), ["returned.nothing_added"], id="an attachment that it has"),
        pytest.param("SUSPENDUE", {}, (), ["returned.nothing_added"], id="nothing added"),
        pytest.param("SUSPENDUE", {"commentaire": "x", "siret": "2"}, (), ["returned.only_addition"], id="rerouted"),
        pytest.param("SUSPENDUE", {"numero": "F2"}, (), ["returned.keeps_number"], id="suspended, another number"),
        pytest.param("NON_CONFORME", {"siret": "2"}, (), ["returned.portal"], id="only on the portal"),
        pytest.param("MISE_EN_PAIEMENT", {"siret": "2"}, (), ["returned.portal"], id="paid"),
    ],
)
def test_what_may_be_corrected(
    status: str, changes: Mapping[str, str], attachments: tuple[str, ...], codes: list[str]
) -> None:
    """Only what Chorus Pro takes; anything else is said, and nothing is sent."""
    now = {name: text for name, text in {**FIELDS, **changes}.items() if text}
    found = objections(entry(status, attached=("old",)), now, attachments, "a")
    assert [p.code for p in found] == codes


def test_the_same_comment_is_no_addition() -> None:
    """What was said at the first deposit says nothing new."""
    told = entry("SUSPENDUE")
    told = replace(told, fields={**told.fields, "commentaire": ("x", "sidecar")})
    assert [p.code for p in objections(told, {**FIELDS, "commentaire": "x"}, (), "a")] == ["returned.nothing_added"]
    assert not objections(told, {**FIELDS, "commentaire": "y"}, (), "a")


def test_another_pdf_is_only_noted() -> None:
    """Chorus Pro keeps the first one."""
    assert [p.code for p in objections(entry(), {**FIELDS, "service": "T"}, (), "b")] == ["returned.pdf_kept"]


def test_what_the_invoice_is_once_corrected() -> None:
    """The routing is the new one, with what was taken out gone; the rest, and what is no field of an invoice, not."""
    now = {
        "siret": ("2", "sidecar"),
        "engagement": ("9", "sidecar"),
        "ttc": ("1", "sidecar"),
        "acquitter": ("oui", "x"),
    }
    fields = corrected_fields(entry(), now)
    assert fields == {
        **{name: (FIELDS[name], "sidecar") for name in ("numero", "date", "type", "ttc")},
        "siret": ("2", "sidecar"),
        "engagement": ("9", "sidecar"),
    }
    assert cleared(entry(), {"siret": "2"}) == ("service",)


def test_a_completed_invoice_keeps_its_recipient() -> None:
    """Only the comment is new."""
    fields = corrected_fields(entry("SUSPENDUE"), {"siret": ("2", "x"), "commentaire": ("y", "sidecar")})
    assert fields["siret"] == ("1", "sidecar")
    assert fields["commentaire"] == ("y", "sidecar")


def test_only_attachments_that_it_lacks_are_new() -> None:
    """Each content once."""
    members = tuple(Member("attachment", f"{s}.pdf", f"_{s}.pdf", s) for s in ("a", "b", "b", ""))
    assert new_attachments(entry(members=(Member("pdf", "x.pdf", ".pdf", "z"), *members), attached=("a",))) == ("b",)


@pytest.mark.parametrize(
    ("history", "changes", "verdict"),
    [
        pytest.param(History("DEPOSEE", (BACK, Passage("DEPOSEE"))), {}, Adopt(Receipt(7, "DEPOSEE")), id="arrived"),
        pytest.param(History("SERVICE_FAIT"), {"negatives": 2}, Adopt(Receipt(7, "SERVICE_FAIT")), id="and went on"),
        pytest.param(
            History("A_RECYCLER", (BACK, Passage("DEPOSEE", "10:01"), Passage("A_RECYCLER", "10:02"))),
            {},
            Adopt(Receipt(7, "A_RECYCLER")),
            id="arrived, and came back again",
        ),
        pytest.param(History("A_RECYCLER", (BACK,)), {}, AskAgain(NOW + timedelta(seconds=60), 1), id="once absent"),
        pytest.param(
            History("A_RECYCLER", (BACK,)),
            {"negatives": 1},
            AskAgain(NOW + timedelta(seconds=60), 2),
            id="twice absent",
        ),
        pytest.param(History("A_RECYCLER", (BACK,)), {"negatives": 2}, SendAgain(), id="proved absent"),
    ],
)
def test_a_doubt_about_a_correction(history: History, changes: Mapping[str, Any], verdict: object) -> None:
    """What has left the status was corrected; what is still in it after three spaced looks was not."""
    assert after_history(entry(**changes), history, (BACK,), NOW, POLICY) == verdict


def test_a_doubt_that_was_also_refused_ends_as_the_refusal() -> None:
    """The last try was refused, and the earlier one is proved absent."""
    told = entry(negatives=2, refusal=("20004", "Service inconnu"))
    verdict = after_history(told, History("A_RECYCLER", (BACK,)), (BACK,), NOW, POLICY)
    assert isinstance(verdict, Refuse)
    assert verdict.problems[0].params["label"] == "Service inconnu"


def test_a_person_decides_where_nothing_is_sent_again() -> None:
    """``resend_after_doubt: never`` holds for corrections too."""
    verdict = after_history(
        entry(negatives=2), History("A_RECYCLER", (BACK,)), (BACK,), NOW, replace(POLICY, resend=False)
    )
    assert isinstance(verdict, AskAgain)
    assert verdict.at is None
