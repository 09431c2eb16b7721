"""What the page shows, as values: bands, rows, counts and totals."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import hypothesis.strategies as st
import pytest
from hypothesis import given

from chorus_outbox.core.entry import Entry, Receipt
from chorus_outbox.core.lifecycle import State
from chorus_outbox.core.outage import Health
from chorus_outbox.core.overview import ROWS, Situation, overview
from chorus_outbox.core.overview_rows import ASKS_A_PERSON, BANDS, Band, Row, band_of, days, grouped, row
from chorus_outbox.core.overview_totals import RECIPIENTS, months, recipients, statuses, totals
from chorus_outbox.core.problem import CODES, Problem, Weight
from chorus_outbox.core.words import catalogue

NOW = datetime(2026, 11, 25, 9, 0, tzinfo=UTC)
TODAY = date(2026, 11, 25)
WORDS = catalogue("fr")
PLACES = {name: f"{name}/" for name in ("outbox", "processing", "sent", "failed")}
SIRET, NAME = "22220001600327", "DEPARTEMENT DES COTES-D'ARMOR"
SITUATION = Situation(NOW, TODAY, "73282932000074")


def entry(state: State = State.SENT, status: str = "DEPOSEE", **changes: Any) -> Entry:
    """Return an invoice; without a status it has no receipt."""
    known: dict[str, Any] = {
        "siret": SIRET,
        "recipient_name": NAME,
        "number": "F1",
        "date": date(2026, 11, 20),
        "gross": Decimal("120.00"),
        "fields": {"type": ("facture", "sidecar"), "devise": ("EUR", "default")},
        "receipt": Receipt(81, status) if status else None,
        "sent_at": NOW if status else None,
    }
    folder = changes.pop("folder", "sent/2026/11")
    return Entry(changes.pop("id", 1), "F1.pdf", "F1.pdf", state, folder, NOW, NOW, "F1", **{**known, **changes})


def shown(state: State = State.SENT, status: str = "DEPOSEE", **changes: Any) -> Row:
    found = row(entry(state, status, **changes), WORDS, PLACES)
    assert found is not None
    return found


# --- bands -------------------------------------------------------------------------------------------------------


def test_every_state_has_its_band_but_what_was_withdrawn() -> None:
    """No state is forgotten; what a person took back is shown nowhere."""
    assert set(BANDS) == set(State) - {State.WITHDRAWN}
    assert band_of(entry(State.WITHDRAWN)) is None
    assert row(entry(State.WITHDRAWN), WORDS, PLACES) is None


@pytest.mark.parametrize(
    ("state", "code", "band"),
    [
        pytest.param(State.SEEN, "wait.sidecar", Band.NEEDS, id="a sidecar is expected"),
        pytest.param(State.SEEN, "wait.attachment", Band.NEEDS, id="an attachment is expected"),
        pytest.param(State.SEEN, "wait.writing", Band.WAITING, id="still being copied"),
        pytest.param(State.IN_DOUBT, "doubt.person", Band.NEEDS, id="a person decides"),
        pytest.param(State.IN_DOUBT, "doubt.several", Band.NEEDS, id="several on the portal"),
        pytest.param(State.IN_DOUBT, "doubt.no_answer", Band.DOUBT, id="it asks by itself"),
        pytest.param(State.INTEGRATING, "flow.slow", Band.NEEDS, id="a flow without end"),
        pytest.param(State.INTEGRATING, "flow.integrating", Band.SENDING, id="a flow on its way"),
        pytest.param(State.WAITING, "outage.unreachable", Band.WAITING, id="an outage asks nothing of anybody"),
        pytest.param(State.REFUSED, "siret.format", Band.NEEDS, id="about to be in failed"),
        pytest.param(State.SENT, "doubt.person", Band.SENT, id="an old reason"),
    ],
)
def test_what_only_a_person_can_end_comes_first(state: State, code: str, band: Band) -> None:
    """Beside what failed: what waits for something that only a person can give or decide."""
    assert band_of(entry(state, "", problems=(Problem(code),))) is band


def test_the_reasons_that_ask_a_person_are_reasons_for_waiting() -> None:
    """Whatever stops an invoice leads to failed/ anyway."""
    assert {CODES[code] for code in ASKS_A_PERSON} == {Weight.WAIT}


# --- rows --------------------------------------------------------------------------------------------------------


def test_a_row_tells_all_of_an_invoice() -> None:
    """Number, recipient, amount, dates, Chorus Pro's status and number, links."""
    one = shown(State.SENT, "MISE_A_DISPOSITION")
    assert (one.number, one.recipient, one.siret, one.amount, one.date) == (
        "F1",
        NAME,
        SIRET,
        Decimal("120.00"),
        date(2026, 11, 20),
    )
    assert (one.state, one.status, one.chorus_id) == ("envoyée", "mise à disposition", 81)
    assert (one.what, one.do) == ("", "")
    assert (one.pdf, one.log) == ("sent/2026/11/F1.pdf", "sent/2026/11/F1.log")
    assert (one.month, one.folder) == ("2026-11", "sent/2026/11")


def test_why_and_what_to_do() -> None:
    """The first point in words with its remedy, how many there are beside it; notes explain nothing."""
    problems = (
        Problem("file.signed"),
        Problem("siret.format", {"value": "12"}),
        Problem("missing.field", {"field": "ttc"}),
    )
    one = shown(State.FAILED, "", problems=problems, folder="failed")
    assert "SIRET" in one.what
    assert one.do.endswith("Les autres points sont dans le compte rendu.")
    assert one.more == 1
    assert shown(State.WAITING, "", problems=(Problem("outage.unreachable"),)).do.startswith("Rien à faire")


def test_what_came_back_is_not_called_unsent() -> None:
    """An invoice with a receipt was sent, whatever its recipient did with it then."""
    assert shown(State.FAILED, "REJETEE", folder="failed").state == "revenue"
    assert shown(State.FAILED, "", folder="failed").state == "non envoyée"


def test_a_credit_note_counts_negative() -> None:
    """However its amount is kept."""
    for gross in (Decimal(120), Decimal(-120)):
        one = shown(gross=gross, fields={"type": ("avoir", "x")})
        assert (one.amount, one.credit) == (Decimal(-120), True)


def test_a_recipient_without_a_name_shows_its_siret() -> None:
    """In groups as people read it; nothing where nothing is known; what is no SIRET as it stands."""
    assert shown(recipient_name="").recipient == "222 200 016 00327"
    assert shown(recipient_name="", siret="").recipient == ""
    assert grouped("cotes\u202earmor") == "cotes\ufffdarmor"


def test_an_unknown_status_is_shown_as_it_is() -> None:
    """AIFE adds some (docs/chorus-pro.md)."""
    assert shown(State.SENT, "TOUT_NOUVEAU").status == "TOUT_NOUVEAU"


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        pytest.param({"dropped": NOW - timedelta(days=3), "band": Band.NEEDS}, 3, id="there for three days"),
        pytest.param({"sent": NOW - timedelta(days=30), "band": Band.SENT}, 30, id="sent a month ago"),
        pytest.param({"dropped": NOW - timedelta(days=90), "band": Band.PAID}, 0, id="paid"),
        pytest.param(
            {"dropped": datetime(2026, 11, 24, 23, 30, tzinfo=UTC), "band": Band.NEEDS}, 0, id="French midnight"
        ),
    ],
)
def test_how_long_it_has_been_there(changes: dict[str, Any], told: int) -> None:
    """In days of the calendar in France; of what is paid nobody asks."""
    assert days(replace(shown(), **changes), TODAY) == told


@given(st.text(), st.text(max_size=4000))
def test_strangers_texts_are_one_line_without_anything_invisible(name: str, comment: str) -> None:
    """Whatever a file, a recipient or a customer calls itself."""
    back = Problem("returned.recycle", {"status": "A_RECYCLER", "comment": comment, "name": name})
    one = row(
        replace(entry(State.FAILED, "A_RECYCLER", recipient_name=name, number=name, problems=(back,)), file=name),
        WORDS,
        PLACES,
    )
    assert one is not None
    for text in (one.file, one.recipient, one.number, one.what, one.do):
        assert text.isprintable()
        assert len(text) < 2000


# --- the whole page ----------------------------------------------------------------------------------------------


def test_the_last_change_comes_first_in_each_band() -> None:
    """And every band is there, in its order."""
    rows = [replace(shown(), id=n, changed=NOW + timedelta(minutes=n)) for n in (1, 3, 2)]
    page = overview(SITUATION, rows, {"sent": 3})
    assert list(page.bands) == list(Band)
    assert [r.id for r in page.bands[Band.SENT]] == [3, 2, 1]
    assert page.counts[Band.SENT] == 3
    assert page.counts[Band.NEEDS] == 0


def test_what_is_left_out_is_counted() -> None:
    """The counts are the ledger's, what was withdrawn is missed by nobody."""
    rows = [replace(shown(), id=n) for n in range(ROWS)]
    page = overview(SITUATION, rows, {"sent": ROWS, "paid": 7000, "withdrawn": 9})
    assert (page.left_out, page.counts[Band.SENT], page.counts[Band.PAID]) == (7000, ROWS, 7000)
    assert overview(SITUATION, rows[:3], {"sent": 3, "withdrawn": 9}).left_out == 0


@pytest.mark.parametrize(
    ("ends", "code", "left"),
    [
        pytest.param(None, None, None, id="not known"),
        pytest.param(date(2027, 6, 1), None, 188, id="far away"),
        pytest.param(date(2026, 12, 10), "password.soon", 15, id="soon"),
        pytest.param(date(2026, 11, 26), "password.urgent", 1, id="tomorrow"),
        pytest.param(date(2026, 11, 24), "outage.password_expired", -1, id="over"),
    ],
)
def test_the_password_is_told_in_time(ends: date | None, code: str | None, left: int | None) -> None:
    """Days left always, a banner when it is worth one."""
    told = replace(SITUATION, password_ends=ends)
    assert (told.password.code if told.password else None, told.password_days) == (code, left)


def test_an_outage_is_part_of_the_situation() -> None:
    """Since when and why come from the daemon's own view."""
    out = Health(Problem("outage.unreachable"), since=NOW)
    assert overview(replace(SITUATION, health=out), [], {}).situation.health.since == NOW


# --- totals ------------------------------------------------------------------------------------------------------


def amounts(*given: tuple[str, str, State]) -> list[Row]:
    """Return rows with these amounts, currencies and states."""
    return [
        shown(state, "DEPOSEE", id=n, gross=Decimal(amount), fields={"devise": (currency, "x")})
        for n, (amount, currency, state) in enumerate(given)
    ]


def test_currencies_are_never_added() -> None:
    """Each has its own totals, that of most invoices first."""
    found = totals(amounts(("10", "CHF", State.SENT), ("20", "EUR", State.SENT), ("5", "EUR", State.PAID)))
    assert [(t.currency, t.all.amount, t.all.paid, t.all.count) for t in found] == [
        ("EUR", Decimal(25), Decimal(5), 2),
        ("CHF", Decimal(10), Decimal(0), 1),
    ]


def test_only_what_is_deposited_and_stands_counts() -> None:
    """Not what failed, came back, waits or was given up on the portal."""
    rows = [
        shown(State.FAILED, "", folder="failed"),
        shown(State.FAILED, "REJETEE", folder="failed"),
        shown(State.WAITING, "", folder="processing"),
        shown(State.SENT, "ABANDONNEE"),
        shown(State.SENT, "DEPOSEE"),
        shown(State.SENT, "DEPOSEE", fields={"type": ("avoir", "x")}, gross=Decimal(20)),
    ]
    (found,) = totals(rows)
    assert (found.all.amount, found.all.count) == (Decimal(100), 2)


def test_the_smaller_recipients_are_one_line() -> None:
    """The biggest by name, the others together; no cent is lost, and months are in the order of the calendar."""
    rows = [
        replace(
            shown(),
            recipient=f"R{n}",
            siret=f"{n:014d}",
            amount=Decimal(n),
            date=date(2026, 1 + n % 12, 1),
            band=Band.PAID,
        )
        for n in range(1, RECIPIENTS + 6)
    ]
    (found,) = totals(rows)
    assert [t.label for t in found.recipients[:2]] == ["R15", "R14"]
    assert (found.recipients[-1].key, found.recipients[-1].count) == ("", 5)
    assert (
        sum(t.amount for t in found.recipients)
        == found.all.amount
        == found.all.paid
        == sum(r.amount or 0 for r in rows)
    )
    assert [t.key for t in found.months] == sorted(t.key for t in found.months)


@given(st.lists(st.tuples(st.decimals("-9999", "9999", places=2), st.sampled_from(["EUR", "CHF", "USD"]))))
def test_no_cent_is_lost(given_amounts: list[tuple[Decimal, str]]) -> None:
    """The recipients come to the same as everything, in each currency."""
    rows = [
        replace(shown(), id=n, amount=amount, currency=currency, recipient=f"R{n % 14}", siret=f"{n % 14:014d}")
        for n, (amount, currency) in enumerate(given_amounts)
    ]
    for found in totals(rows):
        wanted = sum((a for a, c in given_amounts if c == found.currency), Decimal(0))
        assert found.all.amount == sum((t.amount for t in found.recipients), Decimal(0)) == wanted


def test_two_recipients_of_one_name_are_told_apart() -> None:
    """Town halls share names."""
    rows = [shown(recipient_name="MAIRIE", siret=s) for s in ("22220001600327", "22220001600434")]
    assert [c.label for c in recipients(rows)] == ["MAIRIE (22220001600327)", "MAIRIE (22220001600434)"]
    assert [c.label for c in recipients(rows[:1])] == ["MAIRIE"]


def test_statuses_and_months_are_counted() -> None:
    """Most first, the latest month first; what was never deposited has no status."""
    rows = [
        shown(),
        shown(),
        shown(State.PAID, "MISE_EN_PAIEMENT", date=date(2025, 3, 1)),
        shown(State.FAILED, "", folder="failed"),
    ]
    assert [(c.label, c.count) for c in statuses(rows)] == [("déposée", 2), ("mise en paiement", 1)]
    assert [(c.key, c.count) for c in months(rows)] == [("2026-11", 3), ("2025-03", 1)]
