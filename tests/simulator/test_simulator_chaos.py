"""The faults on demand, as a client meets them, and what they leave behind."""

from __future__ import annotations

import time
from typing import Any

import httpx
import pytest
from portal_client import FORM, Portal

from chorus_outbox.simulator.chaos import KINDS, Rule
from chorus_outbox.simulator.codes import INVENTED

pytest_plugins = ["portal_fixtures"]

SUBMIT = "/factures/v1/soumettre"


def fault(portal: Portal, *rules: dict[str, Any]) -> httpx.Response:
    return portal.client.post(f"{portal.url}/_control/chaos", json=list(rules))


@pytest.mark.parametrize("reset", [False, True], ids=["end", "reset"])
@pytest.mark.parametrize(("kind", "effect"), [("answer_lost", True), ("drop", False)])
def test_connection_closed_without_answer(portal: Portal, kind: str, effect: bool, reset: bool) -> None:
    """The client gets nothing at all; after answer_lost the invoice is there, after drop it is not."""
    body = portal.invoice()
    fault(portal, {"path": "soumettre", "kind": kind, "reset": reset})
    with pytest.raises((httpx.ReadError, httpx.RemoteProtocolError, httpx.WriteError)):
        portal.send(SUBMIT, body)
    assert portal.world.journal[-1]["status"] is None
    assert len(portal.search(numeroFacture="F2026-00123")) == effect
    again = portal.post(SUBMIT, body)
    assert again["codeRetour"] == (INVENTED["file_used"].number if effect else 0)


def test_big_request_is_read_before_the_answer_is_lost(portal: Portal) -> None:
    """answer_lost reads the whole upload first: the client never sees a broken pipe."""
    fault(portal, {"path": "deposer/pdf", "kind": "answer_lost"})
    with pytest.raises(httpx.RemoteProtocolError):
        portal.deposit(b"%PDF-" + b"x" * 5_000_000)
    assert len(portal.world.files) == 1


@pytest.mark.parametrize("after", [False, True], ids=["before", "after"])
@pytest.mark.parametrize(
    ("rule", "status", "shows"),
    [
        pytest.param({"kind": "maintenance"}, 503, ("text/html", b"<!DOCTYPE"), id="maintenance"),
        pytest.param({"kind": "html200"}, 200, ("text/html", b"<!DOCTYPE"), id="html200"),
        pytest.param({"kind": "status", "status": 502}, 502, ("", b""), id="status"),
        pytest.param({"kind": "quota", "retry_after": 7}, 429, ("7", b""), id="quota"),
        pytest.param({"kind": "unauthorized"}, 401, ("Bearer", b""), id="unauthorized"),
    ],
)
def test_other_answers(
    portal: Portal, rule: dict[str, Any], status: int, shows: tuple[str, bytes], after: bool
) -> None:
    """The fault's answer replaces the real one, before or after the effect; the next request is answered."""
    sent = portal.invoice()
    fault(portal, {"path": "soumettre", "after": after, **rule})
    answer = portal.send(SUBMIT, sent)
    header, body = shows
    assert (answer.status_code, answer.content[: len(body)]) == (status, body)
    assert header in " ".join(answer.headers.values())
    assert len(portal.world.accepted()) == after
    assert portal.world.journal[-1]["chaos"] == rule["kind"]
    assert portal.send(SUBMIT, sent).status_code == 200


def test_invalid_client_on_the_token_route_only(portal: Portal) -> None:
    """Good credentials are refused as often as asked, even by a rule for every route; calls are left alone."""
    fault(portal, {"path": "*", "kind": "invalid_client", "times": 2})
    answers = [portal.client.post(f"{portal.url}/api/oauth/token", data=FORM) for _ in range(3)]
    assert [a.status_code for a in answers] == [400, 400, 200]
    assert answers[0].json()["error"] == "invalid_client"


@pytest.mark.parametrize("after", [False, True], ids=["before", "after"])
def test_hang(portal: Portal, after: bool) -> None:
    """The answer takes its time; whether the effect comes first is the rule's choice."""
    body = portal.invoice()
    fault(portal, {"path": "soumettre", "kind": "hang", "seconds": 0.6, "after": after})
    started = time.monotonic()
    with pytest.raises(httpx.ReadTimeout):
        portal.client.post(f"{portal.url}/cpro{SUBMIT}", json=body, headers=portal.headers, timeout=0.3)
    assert len(portal.world.accepted()) == after
    time.sleep(max(0, started + 1 - time.monotonic()))
    assert len(portal.world.accepted()) == 1


def test_slow_answer_is_whole(portal: Portal) -> None:
    """A dripped answer arrives complete, later."""
    fault(portal, {"path": "rechercher", "kind": "slow", "seconds": 0.3})
    started = time.monotonic()
    assert portal.post("/structures/v1/rechercher", {})["codeRetour"] == 0
    assert time.monotonic() - started > 0.25


def test_truncated_json(portal: Portal) -> None:
    """The HTTP answer is complete, its JSON is not, and the invoice is there."""
    body = portal.invoice()
    fault(portal, {"path": "soumettre", "kind": "truncated_json"})
    answer = portal.send(SUBMIT, body)
    assert answer.status_code == 200
    with pytest.raises(ValueError, match="line 1"):
        answer.json()
    assert len(portal.world.accepted()) == 1


def test_late_effect(portal: Portal) -> None:
    """Nothing is answered, nothing is found, and after the given seconds the invoice appears."""
    fault(portal, {"path": "soumettre", "kind": "late_effect", "seconds": 30})
    with pytest.raises(httpx.RemoteProtocolError):
        portal.submit()
    portal.world.advance(29)
    assert portal.search(numeroFacture="F2026-00123") == []
    portal.world.advance(1)
    assert [r["statut"] for r in portal.search(numeroFacture="F2026-00123")] == ["DEPOSEE"]


def test_late_effect_after_a_second_try(portal: Portal) -> None:
    """If the same invoice was sent again meanwhile, the late one is refused in silence: never two."""
    fault(portal, {"path": "soumettre", "kind": "late_effect", "seconds": 30})
    with pytest.raises(httpx.RemoteProtocolError):
        portal.submit()
    portal.accepted()
    portal.world.advance(31)
    assert len(portal.world.accepted()) == 1


def test_search_lag_beside_a_lost_answer(portal: Portal) -> None:
    """The number is taken at once though the search does not show the invoice yet; both faults meet one request."""
    lost = {"path": "soumettre", "kind": "answer_lost"}
    fault(portal, lost, {"path": "*", "kind": "search_lag", "seconds": 20})
    with pytest.raises(httpx.RemoteProtocolError):
        portal.submit()
    assert portal.search(numeroFacture="F2026-00123") == []
    assert portal.submit()["codeRetour"] == INVENTED["duplicate"].number
    portal.world.advance(20)
    assert len(portal.search(numeroFacture="F2026-00123", statutCourant=["DEPOSEE"])) == 1


def test_times(portal: Portal) -> None:
    """A rule is used up after `times` requests that it concerns; without a number it stays."""
    fault(portal, {"path": "consulter", "kind": "status", "status": 500, "times": 2})
    codes = [portal.send("/structures/v1/consulter", {"idStructureCPP": 25784150}).status_code for _ in range(3)]
    assert codes == [500, 500, 200]
    fault(portal, {"path": "*", "kind": "status", "status": 500, "times": None})
    assert {portal.send("/structures/v1/rechercher", {}).status_code for _ in range(5)} == {500}
    fault(portal)
    assert portal.send("/structures/v1/rechercher", {}).status_code == 200


@pytest.mark.parametrize(
    "rule",
    [
        pytest.param({"path": "*", "kind": "earthquake"}, id="unknown kind"),
        pytest.param({"path": "soumetre", "kind": "drop"}, id="path of no route"),
        pytest.param({"path": "consulter", "kind": "late_effect"}, id="kind that never happens there"),
        pytest.param({"path": "*"}, id="no kind"),
        pytest.param({"path": "*", "kind": "drop", "colour": "red"}, id="unknown parameter"),
    ],
)
def test_wrong_rules_are_refused(portal: Portal, rule: dict[str, Any]) -> None:
    """A rule that could never happen is a mistake, and changes nothing."""
    portal.world.rules.append(Rule("soumettre", "drop"))
    assert fault(portal, rule).status_code == 400
    assert [r.kind for r in portal.world.rules] == ["drop"]


def test_every_kind_can_happen(portal: Portal) -> None:
    """Each documented kind is accepted on some route."""
    for kind in KINDS:
        assert fault(portal, {"path": "*", "kind": kind}).status_code == 200
