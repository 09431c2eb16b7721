"""What PISTE and the shape checks refuse before any rule on invoices is asked."""

from __future__ import annotations

import base64
import json
from typing import Any

import httpx
import pytest
from portal_client import ACCOUNT, FORM, GOOD, PDF, Portal, changed

from chorus_outbox.simulator.codes import INVENTED
from chorus_outbox.simulator.server import RunningSimulator

pytest_plugins = ["portal_fixtures"]

ROUTE = "/cpro/structures/v1/rechercher"


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        pytest.param({}, None, id="good"),
        pytest.param({"scope": "openid resource.READ"}, None, id="long scope"),
        pytest.param({"client_secret": "x"}, "invalid_client", id="wrong secret"),
        pytest.param({"client_id": "x"}, "invalid_client", id="unknown id"),
        pytest.param({"grant_type": "password"}, "unsupported_grant_type", id="grant"),
        pytest.param({"scope": "admin"}, "invalid_scope", id="scope"),
    ],
)
def test_token_route(simulator: RunningSimulator, portal: Portal, changes: dict[str, str], error: str | None) -> None:
    """The token route answers 200 with a token, or 400 with an OAuth error."""
    answer = portal.client.post(simulator.oauth_url, data={**FORM, **changes})
    assert answer.status_code == (400 if error else 200)
    assert answer.json().get("error") == error
    if not error:
        assert {k: answer.json()[k] for k in ("token_type", "expires_in")} == {
            "token_type": "Bearer",
            "expires_in": 3600,
        }


def test_wrong_secret_and_unknown_id_look_the_same(simulator: RunningSimulator, portal: Portal) -> None:
    """PISTE answers both with the same bytes (api.md 1.2)."""
    first, second = (
        portal.client.post(simulator.oauth_url, data={**FORM, key: "x"}).content
        for key in ("client_id", "client_secret")
    )
    assert first == second


@pytest.mark.parametrize(
    ("target", "headers", "status", "challenge"),
    [
        pytest.param(("POST", ROUTE), {"Authorization": ""}, 400, "Unable to find token", id="no token"),
        pytest.param(("POST", ROUTE), {"Authorization": "Bearer x"}, 401, "invalid_token", id="bad token"),
        pytest.param(("POST", ROUTE), {"cpro-account": ""}, 401, "login or password incorrects", id="no account"),
        pytest.param(("POST", ROUTE), {"cpro-account": "%%"}, 401, "login or password incorrects", id="not base64"),
        pytest.param(
            *(
                ("POST", ROUTE),
                {"cpro-account": base64.b64encode(b"a:b").decode()},
                401,
                "login or password incorrects",
            ),
            id="bad account",
        ),
        pytest.param(("POST", ROUTE), {"Content-Type": "text/plain"}, 415, "", id="media type"),
        pytest.param(("POST", ROUTE), {"Content-Type": "application/json; charset=UTF-8"}, 200, "", id="spaced"),
        pytest.param(("POST", ROUTE), {"Content-Type": "application/json"}, 200, "", id="plain json"),
        pytest.param(("GET", ROUTE), {}, 405, "", id="GET on POST"),
        pytest.param(("POST", "/cpro/transverses/v1/health-check"), {}, 405, "", id="POST on GET"),
        pytest.param(("POST", "/cpro/factures/v1/deposerFluxFacture"), {}, 404, "", id="unknown route"),
        pytest.param(("POST", "/structures/v1/rechercher"), {}, 404, "", id="no prefix"),
    ],
)
def test_gateway_refuses(
    portal: Portal, target: tuple[str, str], headers: dict[str, str], status: int, challenge: str
) -> None:
    """Token, technical account, media type, method and route are checked as in api.md 1.4 and 10."""
    sent = {k: v for k, v in {**portal.headers, **headers}.items() if v}
    method, path = target
    content = b"{}" if method == "POST" else None
    answer = portal.client.request(method, portal.url + path, content=content, headers=sent)
    assert answer.status_code == status
    assert challenge in answer.headers.get("WWW-Authenticate", "")


def test_token_expires(portal: Portal) -> None:
    """A token serves 3600 seconds and not one more."""
    portal.world.advance(3599)
    assert portal.send("/structures/v1/rechercher", {}).status_code == 200
    portal.world.advance(1)
    assert portal.send("/structures/v1/rechercher", {}).status_code == 401


def test_unsubscribed_api(portal: Portal) -> None:
    """An API that the application did not tick answers 403 and nothing else."""
    portal.world.settings.unsubscribed = ("factures",)
    answer = portal.send("/factures/v1/rechercher/fournisseur", {})
    assert (answer.status_code, answer.content) == (403, b"")
    assert portal.send("/structures/v1/rechercher", {}).status_code == 200


def test_health_check(portal: Portal) -> None:
    """The health check answers as published, and needs the technical account."""
    url = f"{portal.url}/cpro/transverses/v1/health-check"
    answer = portal.client.get(url, headers=portal.headers)
    assert answer.json()["statusCode"] == "OK"
    assert portal.client.get(url, headers={**portal.headers, "cpro-account": "eA=="}).status_code == 401


@pytest.mark.parametrize(
    ("changes", "status"),
    [
        pytest.param({"nouveau": 1}, 400, id="unknown property"),
        pytest.param({"parametres": {"nbResultatsParPage": 10}}, 400, id="unknown object"),
        pytest.param({"destinataire.codeDestinataire": 22220001600327}, 400, id="number for text"),
        pytest.param({"fournisseur.idFournisseur": "26300989"}, 400, id="text for number"),
        pytest.param({"fournisseur.idFournisseur": True}, 400, id="true for number"),
        pytest.param({"montantTotal.montantTVA": "200.00"}, 400, id="text for amount"),
        pytest.param({"montantTotal.montantTVA": 200.1234567}, 400, id="seven decimals"),
        pytest.param({"destinataire.codeDestinataire": "222200016003271"}, 400, id="15 digits"),
        pytest.param({"numeroFactureSaisi": "F" * 21}, 400, id="long number"),
        pytest.param({"references.numeroBonCommande": "1" * 51}, 400, id="long engagement"),
        pytest.param({"commentaire": "c" * 201}, 400, id="long comment"),
        pytest.param({"references.typeTva": "TVA"}, 400, id="closed list"),
        pytest.param({"ligneTva": {}}, 400, id="object for array"),
        pytest.param({"cadreDeFacturation.codeCadreFacturation": "A3_MEMOIRE_JUSTICE"}, 400, id="works"),
        pytest.param({"dateFacture": "2026-11-20T00:00:00"}, 500, id="date-time"),
        pytest.param({"dateFacture": "20/11/2026"}, 500, id="french date"),
        pytest.param({"dateFacture": "2026-02-30"}, 500, id="no such day"),
    ],
)
def test_malformed_submission(portal: Portal, changes: dict[str, Any], status: int) -> None:
    """Unknown names, wrong types and lengths are HTTP 400 with a code; a wrong dateFacture is HTTP 500."""
    answer = portal.send("/factures/v1/soumettre", changed(GOOD, changes))
    assert answer.status_code == status
    assert answer.json()["codeRetour"] == INVENTED["malformed"].number


@pytest.mark.parametrize(
    "raw",
    [b"", b"[]", b"{", b'{"idStructure": NaN}', b'"text"', b"\xff", b'{"a":' * 3000],
    ids=["empty", "list", "cut", "NaN", "text", "bytes", "deep"],
)
def test_body_is_no_json_object(portal: Portal, raw: bytes) -> None:
    """Anything but a JSON object is HTTP 400 with a code."""
    answer = portal.client.post(portal.url + ROUTE, content=raw, headers=portal.headers)
    assert (answer.status_code, answer.json()["codeRetour"]) == (400, 20900)


def test_null_counts_as_absent(portal: Portal) -> None:
    """AIFE's own example sends null for unused fields (api.md 7.1)."""
    changes = {
        "pieceJointeComplementaire": None,
        "references.numeroMarche": None,
        "fournisseur.idServiceFournisseur": None,
    }
    assert portal.submit(changes)["codeRetour"] == 0
    assert portal.submit({"references.typeTva": None})["codeRetour"] == INVENTED["required"].number


def test_pdf_over_the_limit(portal: Portal) -> None:
    """deposer/pdf answers 413 for one byte more than 10,000,000, and for a body that it does not even keep."""
    for size, status in ((10_000_000, 200), (10_000_001, 413), (11_000_000, 413)):
        content = base64.b64encode(PDF.ljust(size, b"\n")).decode()
        body = {"fichierFacture": content, "nomFichier": "a.pdf", "formatDepot": "PDF_NON_SIGNE"}
        assert portal.send("/factures/v1/deposer/pdf", body).status_code == status


def test_business_refusals_may_be_400(portal: Portal) -> None:
    """A switch turns business refusals into HTTP 400; the body stays the same."""
    portal.world.settings.refusal_status = 400
    answer = portal.send("/factures/v1/soumettre", portal.invoice({"numeroFactureSaisi": "20230305"}))
    assert (answer.status_code, answer.json()["codeRetour"]) == (400, INVENTED["number_date"].number)


def test_journal_hides_secrets_and_contents(portal: Portal) -> None:
    """The journal shows paths, bodies and statuses, but neither secrets nor whole files."""
    portal.deposit(PDF * 100)
    shown = json.dumps(list(portal.world.journal))
    assert FORM["client_secret"] not in shown
    assert portal.token not in shown
    assert ACCOUNT not in shown
    last = portal.world.journal[-1]
    assert (last["path"], last["status"]) == ("/cpro/factures/v1/deposer/pdf", 200)
    assert last["request"]["fichierFacture"].startswith("JVBERi0xLjcK")
    assert len(last["request"]["fichierFacture"]) < 100
    assert last["length"] > 4000


def test_chunked_body_is_read(portal: Portal) -> None:
    """A body without Content-Length is read all the same, and the journal says that it had none."""
    answer = portal.client.post(portal.url + ROUTE, content=iter([b"{", b"}"]), headers=portal.headers)
    assert isinstance(answer, httpx.Response)
    assert (answer.status_code, portal.world.journal[-1]["length"]) == (200, None)
