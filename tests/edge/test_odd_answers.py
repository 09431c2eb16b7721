"""Answers that make no sense, or are about no invoice, to the calls before a deposit: nobody's invoice fails for them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from fault_kinds import FAULTS
from fault_server import FaultySimulator, serving

from chorus_outbox.edge.chorus import Account, ChorusPro, Pace, Wire
from chorus_outbox.errors import FaultyError, RefusedError, RemoteError, UnavailableError
from chorus_outbox.simulator import start
from chorus_outbox.simulator.auth import TOKEN_PATH
from chorus_outbox.simulator.world import World

STRUCTURES = "/cpro/structures/v1"
ACCOUNT = "/cpro/transverses/v1/recuperer/structures/actives/fournisseur"
TOKEN, RECIPIENT, SERVICES = TOKEN_PATH, f"{STRUCTURES}/rechercher", f"{STRUCTURES}/rechercher/services"
SERVICE, RULES = f"{STRUCTURES}/consulter/service", f"{STRUCTURES}/consulter"


@pytest.fixture(scope="module")
def simulator() -> Iterator[FaultySimulator]:
    with serving() as server:
        yield server


@pytest.fixture
def chorus(simulator: FaultySimulator) -> Iterator[ChorusPro]:
    """Give an account that asks, with a limit of half a second for each call."""
    simulator.renew(World(), ())
    known = (start.CLIENT_ID, start.CLIENT_SECRET, start.LOGIN, start.PASSWORD)
    account = Account(simulator.url + TOKEN_PATH, simulator.url, *known)
    wire = Wire(account, 0.5, Pace(100, lambda: 0.0, lambda _: None), lambda _: None)
    yield ChorusPro(wire, start.SUPPLIER_SIRET)
    wire.close()


def ask(chorus: ChorusPro) -> Any:
    """Ask all that is asked before a deposit."""
    return chorus.supplier_id(), chorus.recipient(start.SIRET_DEPARTEMENT, "COLLEGE")


@pytest.mark.parametrize(
    ("call", "expected"),
    [
        pytest.param((TOKEN, "drip"), (UnavailableError, "outage.unreachable"), id="a token that drips"),
        pytest.param((TOKEN, "too-long"), (UnavailableError, "outage.unreachable"), id="a token without end"),
        pytest.param((TOKEN, "429"), (UnavailableError, "outage.quota"), id="too many tokens"),
        pytest.param((ACCOUNT, "code"), (UnavailableError, "outage.technical_account"), id="the account is refused"),
        pytest.param((ACCOUNT, "413"), (UnavailableError, "outage.technical_account"), id="the account, HTTP 413"),
        pytest.param((ACCOUNT, "500"), (UnavailableError, "outage.maintenance"), id="the account, HTTP 500"),
        pytest.param((ACCOUNT, "id-absent"), (UnavailableError, "outage.maintenance"), id="own structures without ids"),
        pytest.param((RECIPIENT, "413"), (FaultyError, "outage.maintenance"), id="the recipient, HTTP 413"),
        pytest.param((RULES, "413"), (FaultyError, "outage.maintenance"), id="its rules, HTTP 413"),
        pytest.param((SERVICE, "413"), (FaultyError, "outage.maintenance"), id="its service's rules, HTTP 413"),
        pytest.param((RECIPIENT, "id-absent"), (FaultyError, "outage.maintenance"), id="a recipient without id"),
        pytest.param((RECIPIENT, "lists"), (FaultyError, "outage.maintenance"), id="recipients in no list"),
        pytest.param((SERVICES, "id-list"), (FaultyError, "outage.maintenance"), id="services whose ids are lists"),
        pytest.param((SERVICES, "lists"), (FaultyError, "outage.maintenance"), id="services in no list"),
        pytest.param((RECIPIENT, "code"), (RefusedError, "chorus.refused"), id="the recipient is refused"),
    ],
)
def test_an_odd_answer(
    chorus: ChorusPro, simulator: FaultySimulator, call: tuple[str, str], expected: tuple[type[RemoteError], str]
) -> None:
    """It is nobody's fault here, of everything or of this one call; only Chorus Pro's own words refuse an invoice."""
    path, fault = call
    simulator.plan.expect(path, [FAULTS[fault]], for_ever=True)
    with pytest.raises(RemoteError) as told:
        ask(chorus)
    assert (type(told.value), told.value.problem.code) == expected
    simulator.plan.stop()
    supplier, recipient = ask(chorus)
    assert (supplier, recipient.structure_id) == (start.SUPPLIER_ID, 25784150)


def test_a_quota_of_tokens_names_its_delay(chorus: ChorusPro, simulator: FaultySimulator) -> None:
    """Retry-After of the token address is honoured as any other."""
    simulator.plan.expect(TOKEN, [FAULTS["429"]])
    with pytest.raises(UnavailableError) as told:
        ask(chorus)
    assert told.value.retry_after == 2
