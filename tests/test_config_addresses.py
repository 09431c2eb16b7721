"""Addresses and names of the wrong environment are refused when the configuration is read, with the right one named."""

from __future__ import annotations

from pathlib import Path

import pytest

from chorus_outbox.config import ENDPOINTS, load
from chorus_outbox.errors import ConfigurationError

ENVIRON = {"CHORUS_OUTBOX_CLIENT_SECRET": "s", "CHORUS_OUTBOX_PASSWORD": "p"}
TEXT = """\
environment: {environment}
endpoints: {{{endpoints}}}
piste: {{client_id: {client}}}
account: {{login: {login}}}
supplier: {{siret: "22220001600327"}}
folders: {{outbox: outbox}}
ledger: state/ledger.db
"""
SANDBOX_OAUTH, SANDBOX_API = ENDPOINTS["sandbox"]
OAUTH, API = ENDPOINTS["production"]


def problems(
    folder: Path, environment: str, endpoints: str, client: str = "0123", login: str = "TECH_1_1@cpro.fr"
) -> str:
    path = folder / "config.yaml"
    path.write_text(TEXT.format(environment=environment, endpoints=endpoints, client=client, login=login), "utf-8")
    try:
        load(path, ENVIRON)
    except ConfigurationError as e:
        return "\n".join(e.problems)
    return ""


@pytest.mark.parametrize(
    ("environment", "endpoints", "said"),
    [
        pytest.param("production", f"api: {API}, oauth: {OAUTH}", "", id="production's own"),
        pytest.param("sandbox", f"api: {SANDBOX_API}", "", id="the sandbox's own"),
        pytest.param("production", "api: https://pa.example.fr", "", id="a new address"),
        pytest.param(
            "production",
            f"api: {SANDBOX_API}",
            f"belongs to sandbox, but the environment is production; its address is {API}",
            id="sandbox in production",
        ),
        pytest.param(
            "sandbox",
            f"oauth: {OAUTH}",
            f"belongs to production, but the environment is sandbox; its address is {SANDBOX_OAUTH}",
            id="production in the sandbox",
        ),
        pytest.param(
            "production",
            f"oauth: {API}/api/oauth/token",
            f"for something else; the right one is {OAUTH}",
            id="API for tokens",
        ),
        pytest.param(
            "sandbox",
            "oauth: https://sandbox-oauth.aife.economie.gouv.fr/api/oauth/token",
            f"switched off in 2023; the one of sandbox is now {SANDBOX_OAUTH}",
            id="dead token address",
        ),
        pytest.param(
            "production", "api: https://api.aife.economie.gouv.fr", f"the one of production is now {API}", id="dead API"
        ),
        pytest.param(
            "sandbox",
            "api: https://chorus-pro.gouv.fr:5443/service-qualif",
            f"the one of sandbox is {SANDBOX_API}",
            id="dead service",
        ),
        pytest.param("production", "api: https://portail.chorus-pro.gouv.fr", "or the portal's", id="the portal"),
    ],
)
def test_addresses(tmp_path: Path, environment: str, endpoints: str, said: str) -> None:
    """One's own and new ones are fine; those of the other environment and dead ones are refused with the remedy."""
    found = problems(tmp_path, environment, endpoints)
    assert (said in found and f"endpoints.{endpoints.partition(':')[0]} (line 2)" in found) if said else found == ""


@pytest.mark.parametrize(
    ("names", "place"),
    [
        ({"client": "APP_SANDBOX_a@b.fr"}, "piste.client_id (line 3)"),
        ({"login": "QUALIF_1@cpro.fr"}, "account.login (line 4)"),
    ],
)
def test_names(tmp_path: Path, names: dict[str, str], place: str) -> None:
    """A name that says sandbox is refused in production only."""
    assert f"{place}: is a name of the sandbox" in problems(tmp_path, "production", "", **names)
    assert problems(tmp_path, "sandbox", "", **names) == ""


@pytest.mark.parametrize(
    ("environment", "endpoints", "expected"),
    [
        pytest.param("production", "", SANDBOX_OAUTH, id="production"),
        pytest.param("sandbox", "", OAUTH, id="sandbox"),
        pytest.param("sandbox", "api: http://127.0.0.1:1", None, id="another API"),
        pytest.param("sandbox", "oauth: http://127.0.0.1:1", None, id="another token address"),
        pytest.param(
            "sandbox", "api: http://127.0.0.1:1, other_oauth: http://127.0.0.1:2", "http://127.0.0.1:2", id="given"
        ),
    ],
)
def test_where_refused_credentials_are_tried(
    tmp_path: Path, environment: str, endpoints: str, expected: str | None
) -> None:
    """At the other environment's own address, but never at a real one beside an address that is not PISTE's."""
    problems(tmp_path, environment, endpoints)
    assert load(tmp_path / "config.yaml", ENVIRON).other_oauth_url == expected
