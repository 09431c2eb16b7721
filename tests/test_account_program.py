"""The account's health as people are told it: each situation of the portal, by `check` as a process of its own."""

from __future__ import annotations

import contextlib
import subprocess
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest

from chorus_outbox.config import load
from chorus_outbox.edge.ledger.account import PasswordEnd, keep_password_end, password_end
from chorus_outbox.edge.ledger.sqlite import SqliteLedger
from chorus_outbox.simulator.server import RunningSimulator, running
from chorus_outbox.simulator.start import LOGIN, SECOND_SUPPLIER_SIRET, SUPPLIER_ID, SUPPLIER_SIRET
from chorus_outbox.simulator.world import World
from outbox_site import CONFIG, Site, invoice_pdf, today

TO = "22220001600434"  # a recipient that requires nothing


def control(simulator: RunningSimulator, action: str, **body: Any) -> None:
    """Use the simulator's control interface, as a person trying things out does."""
    httpx.post(f"{simulator.url}/_control/{action}", json=body).raise_for_status()


def attachment(status: str) -> Callable[[Site], None]:
    return lambda site: control(site.simulator, "attachment", siret=SUPPLIER_SIRET, statut=status)


def without(*apis: str) -> Callable[[Site], None]:
    return lambda site: control(site.simulator, "settings", unsubscribed=apis)


def password(days: int | None) -> Callable[[Site], None]:
    ends = (today() + timedelta(days=days)).isoformat() if days is not None else None
    return lambda site: control(site.simulator, "structure", siret=SUPPLIER_SIRET, password_expires=ends)


def refused_after_its_end(site: Site) -> None:
    """Let the daemon have learned when the password ends; then it ended."""
    with contextlib.closing(SqliteLedger(site.root / "state" / "ledger.db")) as ledger:
        keep_password_end(ledger, LOGIN, today() - timedelta(days=3), World().now() - timedelta(days=5))
    site.simulator.world.accounts.clear()


def configured(old: str, new: str) -> Callable[[Site], None]:
    def change(site: Site) -> None:
        text = site.config.read_text("utf-8")
        assert old in text
        site.config.write_text(text.replace(old, new), "utf-8")

    return change


def twice_the_same_bank_account(site: Site) -> None:
    structures = site.simulator.world.structures
    accounts = ((410001, "COMPTE"), (410002, "Compte"))
    structures[SUPPLIER_ID] = replace(structures[SUPPLIER_ID], bank_accounts=accounts)
    configured("supplier: {", "supplier: {bank_account: COMPTE, ")(site)


def of_the_other_environment(environment: str) -> Callable[[Site], None]:
    def change(site: Site) -> None:
        site.simulator.world.clients.clear()
        configured("environment: sandbox", f"environment: {environment}")(site)

    return change


OWN = 'supplier: {siret: "73282932000074"'
CASES: Mapping[str, tuple[Callable[[Site], None], int, tuple[str, ...]]] = {
    "all is well": (
        lambda _: None,
        0,
        (f"Structure {SUPPLIER_SIRET} : rattachée", "celle de la configuration", f"Structure {SECOND_SUPPLIER_SIRET}"),
    ),
    "password, a month": (password(30), 0, ("attention", "jours restants : 30")),
    "password, a week": (password(7), 78, ("À FAIRE", "jours restants : 7", "aujourd'hui")),
    "password, not said": (password(None), 0, ("n'en dit pas la date",)),
    "password, ended": (refused_after_its_end, 78, ("son mot de passe a expiré le",)),
    "attachment pending": (attachment("EN_COURS_DE_VALIDATION"), 78, ("encore en cours de validation", "valider")),
    "attachment refused": (attachment("REFUSEE"), 78, ("a été refusé", "Demandez-en la raison")),
    "attachment disabled": (attachment("DESACTIVEE"), 78, ("a été désactivé", "réactiver")),
    "attachment deleted": (attachment("SUPPRIMEE"), 78, ("a été supprimé", "nouveau rattachement")),
    "attachment of another kind": (attachment("AUTRE"), 78, ("n'est pas rattaché à votre structure",)),
    "consent, three APIs": (
        without("factures", "structures", "utilisateurs"),
        78,
        ("l'API « Factures »", "l'API « Structures »", "l'API « Utilisateurs »", "conditions acceptées"),
    ),
    "consent, transverses": (without("transverses"), 78, ("l'API « Transverses »",)),
    "credentials of the sandbox": (of_the_other_environment("production"), 78, ("ceux de l'environnement d'essai",)),
    "credentials of production": (of_the_other_environment("sandbox"), 78, ("ce sont ceux de la production",)),
    "bank account and service": (
        configured(OWN, OWN + ', service: VENTES, bank_account: "410002"'),
        0,
        ("Compte bancaire « 410002 »", "Votre code service « VENTES »"),
    ),
    "unknown bank account and service": (
        configured(OWN, OWN + ", service: ACHATS, bank_account: AUTRE"),
        78,
        ("COMPTE AFFACTURAGE (410002), COMPTE PRINCIPAL (410001)", "VENTES", "Mot de passe"),
    ),
    "ambiguous bank account": (
        twice_the_same_bank_account,
        78,
        ("COMPTE (410001), Compte (410002)", "numéro du compte"),
    ),
    "supplier of the book": (
        configured("service: COLLEGE", 'service: COLLEGE, supplier: "55210055400047"'),
        78,
        ("cotes-armor", "55210055400047", "n'est pas rattaché"),
    ),
}


@dataclass(frozen=True)
class Checked:
    """What `check` said in each situation, and what the other environment was asked."""

    said: Mapping[str, tuple[int, str]]
    elsewhere: list[str]


@pytest.fixture(scope="module")
def checked(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Checked]:
    """Run `check` in each situation, each on a site and a portal of its own; all at once, to save time."""
    with contextlib.ExitStack() as stack:
        there = stack.enter_context(running(World()))
        config = CONFIG.replace("endpoints: {{", f'endpoints: {{{{other_oauth: "{there.oauth_url}", ')
        runs = {}
        for name, (arrange, _, _) in CASES.items():
            site = Site(tmp_path_factory.mktemp("account"), stack.enter_context(running(World())), config)
            arrange(site)
            command = site.command("check", "--config", str(site.config))
            runs[name] = subprocess.Popen(command, env=site.environ, stdout=subprocess.PIPE, text=True)
        texts = {name: run.communicate(timeout=100)[0] for name, run in runs.items()}
        said = {name: (run.returncode, texts[name]) for name, run in runs.items()}
        yield Checked(said, [r["path"] for r in there.world.journal])


@pytest.mark.parametrize("case", CASES)
def test_each_situation_has_its_own_sentence(checked: Checked, case: str) -> None:
    """It says what is wrong and what to do; only what must be put right here makes the check fail."""
    _, code, phrases = CASES[case]
    assert checked.said[case][0] == code, checked.said[case][1]
    for phrase in phrases:
        assert phrase in checked.said[case][1]


def test_a_sentence_is_said_where_it_belongs_only(checked: Checked) -> None:
    """What is special to a situation stands in no other one's answer."""
    for case in (
        "attachment pending",
        "attachment refused",
        "attachment disabled",
        "password, a week",
        "consent, transverses",
    ):
        phrase = CASES[case][2][-1]
        assert [name for name, (_, said) in checked.said.items() if phrase in said] == [case]


def test_refused_credentials_are_tried_once_at_the_other_environment(checked: Checked) -> None:
    """Two situations, one request each; all others never went there."""
    assert checked.elsewhere == ["/api/oauth/token"] * 2


def test_no_real_address_is_asked_beside_an_invented_one(tmp_path: Path) -> None:
    """With overridden endpoints the other environment is only the one that the configuration names."""
    with running(World()) as here:
        site = Site(tmp_path, here)
        assert load(site.config, site.environ).other_oauth_url is None


def test_the_daemon_knows_the_password_s_end_and_says_it_when_it_has_ended(tmp_path: Path) -> None:
    """It warns of it and keeps it; once the account is refused, the waiting invoice says since when."""
    with running(World()) as simulator:
        site = Site(tmp_path, simulator)
        control(
            simulator, "structure", siret=SUPPLIER_SIRET, password_expires=(today() - timedelta(days=1)).isoformat()
        )
        first = site.program("run", "--once", "--config", str(site.config))
        assert first.returncode == 0
        assert (
            f"<3>account.password reason=outage.password_expired days=-1 ends={today() - timedelta(days=1)}"
            in first.stderr
        )
        with contextlib.closing(SqliteLedger(site.root / "state/ledger.db", read_only=True)) as ledger:
            kept = password_end(ledger, LOGIN)
        assert isinstance(kept, PasswordEnd)
        assert kept.day == today() - timedelta(days=1)
        asked = len(simulator.world.journal)
        assert site.once() == 0
        assert len(simulator.world.journal) == asked  # a run soon after asks nobody: it knows
        control(simulator, "account", login=LOGIN, password="another", sirets=[SUPPLIER_SIRET])
        site.drop(f"P1_{TO}.pdf", invoice_pdf("P1"))
        said = site.program("inspect", str(site.root / "outbox" / f"P1_{TO}.pdf"), "--config", str(site.config))
        assert said.returncode == 69
        assert f"son mot de passe a expiré le {today() - timedelta(days=1):%d/%m/%Y}" in said.stdout
