"""A ledger filled with invoices as a supplier has them, in all states: for pages, tables, pictures and measurements.

fill(tmp_path / "ledger.db", 12) -> a ledger whose invoices were dropped in the weeks before ``NOW``
"""

from __future__ import annotations

import json
import random
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path

from chorus_outbox.core.entry import Entry, Member, Receipt
from chorus_outbox.core.lifecycle import State
from chorus_outbox.core.problem import Problem
from chorus_outbox.edge.ledger.rows import to_columns
from chorus_outbox.edge.ledger.sqlite import SqliteLedger

NOW = datetime(2026, 11, 25, 9, 41, 3, tzinfo=UTC)
SUPPLIER = "73282932000074"
RECIPIENTS = (
    ("22220001600327", "DEPARTEMENT DES COTES-D'ARMOR"),
    ("21350238800019", "COMMUNE DE RENNES"),
    ("26350007600018", "CENTRE HOSPITALIER UNIVERSITAIRE DE RENNES"),
    ("20003576000013", "LANNION-TREGOR COMMUNAUTE"),
    ("19350937200018", "LYCEE POLYVALENT EMILE ZOLA"),
    ("21220278600012", "COMMUNE DE SAINT-BRIEUC"),
    ("23350001600040", "REGION BRETAGNE"),
    ("11000201100044", "SERVICES DE L'ETAT POUR LA FACTURATION ELECTRONIQUE"),
    ("13002526500013", "OFFICE FRANÇAIS DE LA BIODIVERSITÉ"),
    ("21290019000017", "COMMUNE DE BREST"),
    ("26220013300015", "EHPAD LES GENÊTS D'OR"),
    ("24350013900189", "RENNES METROPOLE"),
)
WORKS = ("entretien espaces verts", "remplacement fenetres", "location nacelle", "fournitures", "maintenance chaudiere")
Life = tuple[State, str, tuple[Problem, ...]]
LIVES: tuple[Life, ...] = (  # how the first invoices stand: one of each kind
    (State.FAILED, "", (Problem("engagement.required", {"name": "CENTRE HOSPITALIER UNIVERSITAIRE DE RENNES"}),)),
    (
        State.FAILED,
        "A_RECYCLER",
        (
            Problem(
                "returned.recycle",
                {
                    "status": "A_RECYCLER",
                    "when": "2026-11-24T16:20",
                    "comment": "Le code service COLLEGE est attendu, merci de corriger.",
                    "name": "DEPARTEMENT DES COTES-D'ARMOR",
                },
            ),
        ),
    ),
    (State.SEEN, "", (Problem("wait.sidecar", {"lacks": "siret", "until": "2026-11-25T10:44:00+01:00"}),)),
    (State.WAITING, "", (Problem("outage.unreachable"),)),
    (State.IN_DOUBT, "", (Problem("doubt.no_answer"),)),
    (State.SENDING, "", ()),
    (State.SENT, "DEPOSEE", ()),
    (State.SENT, "MISE_A_DISPOSITION", ()),
    (State.SENT, "PRISE_EN_COMPTE_DESTINATAIRE", ()),
    (State.SENT, "MANDATEE", ()),
    (State.PAID, "MISE_EN_PAIEMENT", ()),
    (State.PAID, "MISE_EN_PAIEMENT", ()),
)
AGES = (0.9, 30.0, 0.03, 0.6, 0.4, 0.05, 5.0, 28.0, 130.0, 400.0, 700.0, 900.0)  # hours since these were dropped
LATER = ("MISE_A_DISPOSITION", "PRISE_EN_COMPTE_DESTINATAIRE", "SERVICE_FAIT", "MANDATEE", "COMPTABILISEE")


def invoices(count: int, now: datetime = NOW) -> Iterator[Entry]:
    """Yield so many invoices, the newest first; the same every time."""
    chance = random.Random(7)  # noqa: S311 - nothing secret
    for index in range(count):
        dropped = now - timedelta(hours=AGES[index] if index < len(AGES) else 40 + index * 1500 / max(count, 200))
        if index < len(LIVES):
            life = LIVES[index]
        elif chance.random() < 0.01:
            life = LIVES[chance.choice((0, 1, 3))]
        elif index < count * 0.4:
            life = State.SENT, chance.choice(LATER), ()
        else:
            life = State.PAID, "MISE_EN_PAIEMENT", ()
        yield _invoice(count - index, life, dropped, chance)


def _invoice(number: int, life: Life, dropped: datetime, chance: random.Random) -> Entry:
    state, status, problems = life
    siret, name = RECIPIENTS[int(chance.random() ** 1.6 * len(RECIPIENTS))]
    credit = chance.random() < 0.04
    code = f"{'AV' if credit else 'FA'}{dropped.year}-{number:05d}"
    stem = f"{code} {chance.choice(WORKS)}" if chance.random() < 0.4 else f"{code}_{siret}"
    problems = tuple(Problem(p.code, {**p.params, **({"name": name} if "name" in p.params else {})}) for p in problems)
    known = problems == () or problems[0].code != "wait.sidecar"
    sent = dropped + timedelta(seconds=40) if status else None
    changed = (sent or dropped) + timedelta(
        hours=chance.random() * 2 if state is not State.PAID else 100 + chance.random() * 600
    )
    folder = {State.FAILED: "failed", State.SEEN: "outbox"}.get(state, "processing")
    gross = (Decimal(chance.randrange(4_000, 900_000)) / 100).quantize(Decimal("0.01"))
    return Entry(
        id=number,
        file=f"{stem}.pdf",
        origin=f"{stem}.pdf",
        state=state,
        folder=f"sent/{sent:%Y/%m}" if sent and state is not State.FAILED else folder,
        first_seen=dropped,
        updated_at=max(dropped, min(changed, NOW - timedelta(minutes=3 + number % 7))),
        stem="" if state is State.SEEN else stem,
        members=(Member("pdf", f"{stem}.pdf", ".pdf", f"{number:064x}"),),
        sha256=f"{number:064x}",
        supplier=SUPPLIER,
        siret=siret if known else "",
        recipient_name=name if known else "",
        number=code if known else "",
        date=dropped.date() - timedelta(days=1) if known else None,
        gross=gross if known else None,
        fields={"type": ("avoir" if credit else "facture", "text"), "devise": ("EUR", "default")},
        payload=json.dumps({"x": "y" * 900}),  # as long as a real one
        problems=problems,
        receipt=Receipt(81_000_000 + number, status, f"{dropped:%Y-%m-%d}", "a" * 40, code) if status else None,
        next_try_at=NOW + timedelta(minutes=12) if state in (State.WAITING, State.IN_DOUBT) else None,
        sent_at=sent,
        told=status,
    )


def fill(path: Path, count: int, now: datetime = NOW, change: Callable[[Entry], Entry] = lambda e: e) -> None:
    """Make a ledger with so many invoices, each changed by ``change``."""
    ledger = SqliteLedger(path)
    with ledger.writing() as db:
        for entry in reversed(list(invoices(count, now))):
            put(db, change(entry))
    ledger.close()


def put(db: object, entry: Entry) -> None:
    """Insert an entry and one event, as it is."""
    columns = to_columns({name: getattr(entry, name) for name in entry.__dataclass_fields__ if name != "id"})
    columns = {"id": entry.id, **columns}
    marks = ", ".join("?" * len(columns))
    execute = db.execute  # type: ignore[attr-defined]
    execute(f"INSERT INTO invoice ({', '.join(columns)}) VALUES ({marks})", tuple(columns.values()))  # noqa: S608
    at = entry.updated_at.isoformat(timespec="milliseconds")
    execute(
        "INSERT INTO event (invoice_id, at, event, state) VALUES (?, ?, 'seen', ?)", (entry.id, at, entry.state.value)
    )


__all__ = ["NOW", "SUPPLIER", "fill", "invoices", "put", "replace"]
