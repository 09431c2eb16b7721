"""What follows a deposit: the client against the simulator, and the one in memory, through one suite; and odd histories."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from chorus_outbox.core.fields import Kind, VatLine
from chorus_outbox.core.followup import History, Passage
from chorus_outbox.core.invoice import Cadre, Invoice, Siret
from chorus_outbox.edge.chorus import Account, ChorusPro, FollowUp, Pace, Wire
from chorus_outbox.edge.chorus.followup import PAGE
from chorus_outbox.errors import FaultyError, RefusedError
from chorus_outbox.ports_chorus import Attached
from chorus_outbox.simulator import start
from chorus_outbox.simulator.server import running
from chorus_outbox.simulator.world import World
from world_chorus import MemoryChorus
from world_follow import MemoryFollowUp

PDF = b"%PDF-1.7\n1 0 obj\n<<>>\nendobj\n%%EOF\n"
INVOICE = Invoice(
    recipient=Siret(start.SIRET_PLAIN),
    number="FA-1",
    date=date(2026, 11, 20),
    kind=Kind.INVOICE,
    net=Decimal("100.00"),
    vat=Decimal("20.00"),
    gross=Decimal("120.00"),
    payable=Decimal("120.00"),
    cadre=Cadre.A1,
    vat_regime="TVA_SUR_DEBIT",
    payment_mode="VIREMENT",
    vat_lines=(VatLine(Decimal(20), Decimal("100.00"), Decimal("20.00")),),
)
HISTORY = "/cpro/factures/v1/consulter/historique"


def client(url: str, oauth_url: str) -> ChorusPro:
    account = Account(oauth_url, url, start.CLIENT_ID, start.CLIENT_SECRET, start.LOGIN, start.PASSWORD)
    return ChorusPro(Wire(account, 20, Pace(10_000, lambda: 0.0, lambda _: None), lambda _: None), start.SUPPLIER_SIRET)


@dataclass
class Site:
    """One implementation, with one deposited invoice."""

    chorus: ChorusPro | MemoryChorus
    follow: FollowUp | MemoryFollowUp
    world: World | None
    chorus_id: int = 0

    def decide(self, status: str, comment: str = "") -> None:
        if self.world is not None:
            self.world.set_status(self.chorus_id, status, comment or None)
        else:
            assert isinstance(self.follow, MemoryFollowUp)
            self.follow.set_status(self.chorus_id, status, comment)


@pytest.fixture(params=["simulator", "memory"])
def site(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Site]:
    pdf = tmp_path / "a.pdf"
    pdf.write_bytes(PDF)
    if request.param == "memory":
        memory = MemoryChorus()
        yield _deposited(Site(memory, MemoryFollowUp(memory), None), pdf)
        return
    with running(World()) as server:
        chorus = client(server.url, server.oauth_url)
        yield _deposited(Site(chorus, FollowUp(chorus._wire), server.world), pdf)
        chorus._wire.close()


def _deposited(site: Site, pdf: Path) -> Site:
    upload = site.chorus.upload(pdf, "FA-1.pdf", signed=False)
    site.chorus_id = site.chorus.submit(site.chorus.payload(INVOICE, signed=False), upload.attachment_id).chorus_id
    return site


def test_a_history(site: Site) -> None:
    """The current status, and every passage with its reason, oldest first."""
    site.decide("MISE_A_DISPOSITION")
    site.decide("A_RECYCLER", "Mauvais service")
    told = site.follow.history(site.chorus_id)
    assert told.status == "A_RECYCLER"
    assert [(p.status, p.comment) for p in told.passages] == [
        ("DEPOSEE", ""),
        ("MISE_A_DISPOSITION", ""),
        ("A_RECYCLER", "Mauvais service"),
    ]


def test_a_long_history_is_read_whole(site: Site) -> None:
    """More than two pages; the order is that of the events, though their times are alike."""
    statuses = [f"STATUT_{n}" for n in range(2 * PAGE + 5)]
    for status in statuses:
        site.decide(status)
    told = site.follow.history(site.chorus_id)
    assert [p.status for p in told.passages] == ["DEPOSEE", *statuses]
    assert told.status == statuses[-1]


def test_recycling(site: Site) -> None:
    """Only what is to be recycled; it goes on under its id."""
    corrected = replace(INVOICE, recipient=Siret(start.SIRET_FREE), engagement="E1", comment="corrigé")
    body = site.follow.recycling(corrected, ("service",))
    with pytest.raises(RefusedError):
        site.follow.recycle(site.chorus_id, body)
    site.decide("A_RECYCLER")
    receipt = site.follow.recycle(site.chorus_id, body)
    assert (receipt.chorus_id, receipt.status) == (site.chorus_id, "DEPOSEE")
    assert site.follow.history(site.chorus_id).status == "DEPOSEE"
    if site.world is not None:
        kept = site.world.invoices[site.chorus_id].body
        assert kept["destinataire"] == {"codeDestinataire": start.SIRET_FREE, "codeServiceExecutant": ""}
        assert kept["references"]["numeroBonCommande"] == "E1"
        assert kept["references"]["modePaiement"] == "VIREMENT"


def test_completing(site: Site, tmp_path: Path) -> None:
    """Only what is suspended; a comment, an attachment, or both."""
    file = tmp_path / "bon.pdf"
    file.write_bytes(PDF)
    with pytest.raises(RefusedError):
        site.follow.complete(site.chorus_id, "x", ())
    site.decide("SUSPENDUE", "bon de livraison ?")
    attached = Attached(site.chorus.attach(file, "bon.pdf"), "RIB", "bon")
    receipt = site.follow.complete(site.chorus_id, "le voici", (attached,))
    assert (receipt.chorus_id, receipt.status) == (site.chorus_id, "COMPLETEE")
    assert site.follow.history(site.chorus_id).status == "COMPLETEE"


def test_acknowledging(site: Site) -> None:
    """Only what is rejected; a second time is harmless, and its status stays."""
    with pytest.raises(RefusedError):
        site.follow.acknowledge(site.chorus_id)
    site.decide("REJETEE")
    for _ in range(2):
        site.follow.acknowledge(site.chorus_id)
    assert site.follow.history(site.chorus_id).status == "REJETEE"


# --- histories as no simulator of ours tells them ------------------------------------------------------------------------


def row(status: str, at: str, number: int | None = None, comment: str | None = None) -> dict[str, Any]:
    """Return one row; without a number it has no id."""
    known = {"histoStatutId": number, "histoStatutCode": status, "histoStatutDatePassage": at}
    return {k: v for k, v in {**known, "histoStatutCommentaire": comment}.items() if v is not None}


def page(rows: Sequence[Any], pages: int | None = None, **more: Any) -> dict[str, Any]:
    """Return one page of an answer."""
    block = {"histoStatut": rows, **({} if pages is None else {"pagesHistoStatut": pages})}
    return {"codeRetour": 0, "idFacture": 7, "statutCourantCode": "B", "historiquesDesStatuts": block, **more}


@pytest.fixture
def told(request: pytest.FixtureRequest) -> Iterator[FollowUp]:
    """Give a client whose server answers these pages (the last one for ever)."""
    pages: Mapping[str, Any] = request.param

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            answer: Any = {"access_token": "t", "expires_in": 3600, "token_type": "Bearer"}
            if self.path == HISTORY:
                asked = json.loads(body)["paramRechercheHistoStatuts"]["pageResultatDemandeeListeHistoStatut"]
                answer = pages[min(asked, len(pages)) - 1]
            data = json.dumps(answer).encode()
            self.send_response(200)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(data)))
            self.end_headers()
            self.wfile.write(data)

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    url = f"http://127.0.0.1:{server.server_port}"
    chorus = client(url, f"{url}/token")
    yield FollowUp(chorus._wire)
    chorus._wire.close()
    server.shutdown()
    thread.join()
    server.server_close()


A, B = Passage("A", "2026-11-24 09:00"), Passage("B", "2026-11-24 09:01", "why")


@pytest.mark.parametrize(
    ("told", "passages"),
    [
        pytest.param([page([row("B", B.at, 2, "why"), row("A", A.at, 1)], 1)], (A, B), id="newest first"),
        pytest.param([page([row("A", A.at, 1), row("B", B.at, 2, "why")], 1)], (A, B), id="oldest first"),
        pytest.param([page([row("B", B.at, None, "why"), row("A", A.at)], 1)], (A, B), id="no ids"),
        pytest.param([page([row("B", B.at, 2, "why")], 2), page([row("A", A.at, 1)], 2)], (A, B), id="two pages"),
        pytest.param([page([row("B", B.at, 2, "why")]), page([row("A", A.at, 1)])], (A, B), id="pages without a count"),
        pytest.param([page([row("B", B.at, None, "why")], 9)], (B,), id="a count that is too big, and no ids"),
        pytest.param([page([], 0)], (), id="empty"),
        pytest.param(
            [page([row("B", "2026-11-24T09:01:00+01:00")])], (Passage("B", "2026-11-24T09:01:00+01:00"),), id="ISO"
        ),
        pytest.param([page([None, "x", {}], 1)], (), id="rows that are none"),
        pytest.param([{**page([]), "historiquesDesStatuts": "x"}], (), id="no list at all"),
    ],
    indirect=["told"],
)
def test_an_odd_history(told: FollowUp, passages: tuple[Passage, ...]) -> None:
    """The status is the answer's own; whatever the list is like, it is read to its end and put in order."""
    assert told.history(7) == History("B", passages)


@pytest.mark.parametrize(
    "told",
    [
        pytest.param([page([], statutCourantCode=None)], id="no status"),
        pytest.param([page([], idFacture=8)], id="another invoice"),
    ],
    indirect=["told"],
)
def test_an_answer_that_is_none(told: FollowUp) -> None:
    """Nothing is believed of it; it is asked again later."""
    with pytest.raises(FaultyError):
        told.history(7)
