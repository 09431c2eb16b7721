from __future__ import annotations

from collections.abc import Callable
from datetime import time
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chorus_outbox.config import ENDPOINTS, Config, load
from chorus_outbox.core.book import BookEntry
from chorus_outbox.core.filename import DEFAULT_PATTERNS
from chorus_outbox.errors import ConfigurationError

SECRET, PASSWORD = "canary-s3cret", "canary-pa55word"
ENVIRON = {"CHORUS_OUTBOX_CLIENT_SECRET": SECRET, "CHORUS_OUTBOX_PASSWORD": PASSWORD}
MINIMAL = """\
environment: sandbox
piste: {client_id: 0123-45}
account: {login: TECH_1_1@cpro.fr}
supplier: {siret: 22220001600327}
folders: {outbox: shared/outbox}
ledger: state/ledger.db
"""

Write = Callable[[str], Path]


@pytest.fixture
def write(tmp_path: Path) -> Write:
    def written(text: str) -> Path:
        path = tmp_path / "config.yaml"
        path.write_text(text, encoding="utf-8")
        return path

    return written


def problems_of(path: Path, environ: dict[str, str] | None = None) -> tuple[str, ...]:
    with pytest.raises(ConfigurationError) as refused:
        load(path, ENVIRON if environ is None else environ)
    return refused.value.problems


def test_minimal(write: Write, tmp_path: Path) -> None:
    """Six lines are enough; everything else has the documented defaults, paths are relative to the file."""
    config = load(write(MINIMAL), ENVIRON)
    assert (config.environment, config.sandbox, config.language) == ("sandbox", True, "fr")
    assert (config.oauth_url, config.api_url) == ENDPOINTS["sandbox"]
    assert (config.client_id, config.login, config.supplier_siret) == ("0123-45", "TECH_1_1@cpro.fr", "22220001600327")
    assert config.secrets() == (SECRET, PASSWORD)
    shared = tmp_path / "shared"
    folders = config.folders
    assert (folders.outbox, folders.processing) == (shared / "outbox", shared / "processing")
    assert (folders.sent, folders.failed) == (shared / "sent", shared / "failed")
    assert (config.ledger, config.spool) == (tmp_path / "state/ledger.db", tmp_path / "state/spool")
    assert config.dashboard_file == shared / "tableau-de-bord.html"
    assert config.filename_patterns == DEFAULT_PATTERNS
    pickup, sending, follow_up = config.pickup, config.sending, config.follow_up
    assert (pickup.quiet_seconds, pickup.rescan_seconds, pickup.sidecar, pickup.mismatch) == (5, 30, "optional", "fail")
    assert (pickup.sidecar_wait_seconds, pickup.incomplete_wait_seconds) == (120, 900)
    assert (sending.parallel, sending.requests_per_second, sending.timeout_seconds) == (4, 5, 120)
    assert (sending.facturx, sending.settle_seconds, sending.resend_after_doubt) == ("strip", 60, "after_search")
    assert (follow_up.enabled, follow_up.first_seconds, follow_up.every_seconds) == (True, 300, 3600)
    assert (config.log.level, config.log.file, config.metrics_file) == ("info", None, None)
    assert (dict(config.defaults), dict(config.recipients), config.reached.channels) == ({}, {}, ())
    assert config.warnings == ()


def test_everything_given(write: Write, tmp_path: Path) -> None:
    """Each section is read, numbers and words in the ways people write them."""
    text = MINIMAL.replace("sandbox", "production").replace("{siret: 22220001600327}", "{siret: 222 200 016 00327}")
    text += """\
endpoints: {oauth: "http://127.0.0.1:8900/api/oauth/token", api: "http://127.0.0.1:8900/"}
spool: /var/spool/x
language: en
defaults: {cadre: a9, currency: EUR, marche: 0123, ttc: "1 234,50"}
filename_patterns: ["{numero}_{siret}"]
recipients:
  Côtes: {siret: 22220001600327, service: NO, engagement: 0123, engagement_pattern: "[0-9]{4}", cadre: A1}
pickup: {quiet_seconds: "0,5", mismatch: warn}
sending: {parallel: 1, requests_per_second: 0.2}
follow_up: {enabled: non}
notify: {to: [a@b.fr, c@d.fr], smtp: smtp://relais, from: moi@b.fr, digest: "7:30", returns: non}
log: {level: debug, file: x.log}
metrics_file: m.prom
"""
    config = load(write(text), ENVIRON)
    assert (config.oauth_url, config.api_url) == ("http://127.0.0.1:8900/api/oauth/token", "http://127.0.0.1:8900")
    assert (config.sandbox, config.supplier_siret, config.spool) == (False, "22220001600327", Path("/var/spool/x"))
    assert config.defaults == {
        "cadre": "A9_FACTURE_SOUSTRAITANT",
        "devise": "EUR",
        "marche": "0123",
        "ttc": Decimal("1234.50"),
    }
    assert config.recipients == {
        "Côtes": BookEntry("22220001600327", "NO", "0123", "[0-9]{4}", "A1_FACTURE_FOURNISSEUR")
    }
    assert (config.pickup.quiet_seconds, config.sending.requests_per_second, config.follow_up.enabled) == (
        0.5,
        0.2,
        False,
    )
    assert (config.log.file, config.metrics_file) == (tmp_path / "x.log", tmp_path / "m.prom")
    assert [channel.label for channel in config.reached.channels] == ["mail:a@b.fr", "mail:c@d.fr"]
    assert (config.notify.digest_time, config.notify.failures, config.notify.returns) == (time(7, 30), True, False)


@pytest.mark.parametrize(
    ("line", "file"),
    [
        pytest.param("dashboard: {enabled: non}", None, id="not wanted"),
        pytest.param("dashboard: {file: }", "shared/tableau-de-bord.html", id="no value"),
        pytest.param("dashboard: {file: pages/p.html}", "pages/p.html", id="elsewhere"),
    ],
)
def test_where_the_page_is(write: Write, tmp_path: Path, line: str, file: str | None) -> None:
    """Beside the folders, elsewhere, or nowhere."""
    config = load(write(MINIMAL + line + "\n"), ENVIRON)
    assert config.dashboard_file == (tmp_path / file if file else None)


def test_all_problems_at_once(write: Write) -> None:
    """An administrator sees every problem in one go, with its place, its line, and the nearest known key."""
    text = """\
enviroment: sandbox
piste: {client_id: }
supplier: {siret: "22220001600328"}
folders: {outbox: out}
ledger: l.db
defaults: {nmero: "1"}
pickup:
  quiet_secs: 5
  rescan_seconds: soon
sending: {parallel: 0}
"""
    problems = problems_of(write(text), {})
    assert set(problems) >= {
        "environment: is missing",
        "enviroment (line 1): is not a known key (did you mean environment?)",
        "piste.client_id (line 2): is missing",
        "account.login: is missing",
        "supplier.siret (line 3): these 14 digits are no SIRET, their check digits do not match",
        "defaults.nmero (line 6): is not a field of an invoice (did you mean numero?)",
        "pickup.quiet_secs (line 8): is not a known key (did you mean quiet_seconds?)",
        "pickup.rescan_seconds (line 9): must be a number, such as 5 or 0.5",
        "sending.parallel (line 10): must be greater than or equal to 1",
    }
    assert sum("is missing; put it into a file" in p for p in problems) == 2
    assert len(problems) == 11


@pytest.mark.parametrize(
    ("line", "said"),
    [
        pytest.param("language: de", "language (line 7): must be 'fr' or 'en'", id="word"),
        pytest.param("pickup: 5", "pickup (line 7): must be a section of `key: value` lines", id="section"),
        pytest.param("pickup: {quiet_seconds: -1}", "must be a number", id="negative"),
        pytest.param("pickup: {quiet_seconds: nan}", "must be a number", id="not a number"),
        pytest.param("pickup: {quiet_seconds: ٣}", "must be a number", id="foreign digit"),
        pytest.param("pickup: {quiet_seconds: [1]}", "must be a number", id="list"),
        pytest.param("pickup: {rescan_seconds: 0}", "must be greater than or equal to 1", id="too small"),
        pytest.param("sending: {parallel: 65}", "must be less than or equal to 64", id="too many"),
        pytest.param("sending: {parallel: 1.5}", "must be a whole number", id="broken"),
        pytest.param("sending: {requests_per_second: 0}", "must be greater than 0", id="no pace"),
        pytest.param("sending: {facturx: no}", "must be 'strip', 'flux' or 'refuse'", id="Factur-X"),
        pytest.param("follow_up: {enabled: maybe}", "must be true or false", id="flag"),
        pytest.param("follow_up: {first_seconds: 9999}", "first_seconds must not be longer than", id="widening"),
        pytest.param("endpoints: {api: 'http://chorus.example'}", "must begin with https://", id="http"),
        pytest.param("endpoints: {api: 'http://127.0.0.1.evil.example'}", "must begin with https://", id="looks local"),
        pytest.param("endpoints: {api: 'https://u:canary-url@h'}", "must be a bare address", id="userinfo"),
        pytest.param("endpoints: {api: 'ftp://h'}", "must be an address", id="scheme"),
        pytest.param("endpoints: {api: 'https://h:x'}", "must be an address", id="port"),
        pytest.param("spool: ~/spool", "~ is not known", id="home"),
        pytest.param("spool: shared/outbox/spool", "spool: must not lie inside the outbox", id="spool inside"),
        pytest.param(
            "dashboard: {file: shared/outbox/x.html}", "dashboard.file: must not lie inside", id="page inside"
        ),
        pytest.param(
            "dashboard: {file: shared/suivi.csv}", "suivi.csv: must not be the same as dashboard.file", id="table"
        ),
        pytest.param("dashboard: {enabled: peut-être}", "must be true or false", id="page or not"),
        pytest.param("filename_patterns: ['{nuero}']", "did you mean 'numero'?", id="pattern"),
        pytest.param("filename_patterns: '{numero}'", "filename_patterns (line 7): must be a list", id="no list"),
        pytest.param("recipients: {x: {siret: 1}}", "recipients.x.siret (line 7): must be 14 digits", id="book siret"),
        pytest.param("recipients: {x: {siret: 22220001600327, servce: 1}}", "did you mean service?", id="book key"),
        pytest.param(
            "recipients: {x: {siret: 22220001600327, engagement_pattern: '['}}",
            "is no regular expression",
            id="pattern",
        ),
        pytest.param("recipients: {'123': {siret: 22220001600327}}", "must have letters", id="alias that is a number"),
        pytest.param("defaults: {cadre: A4}", "A1_FACTURE_FOURNISSEUR", id="default frame"),
        pytest.param("defaults: {date: tomorrow}", "“tomorrow” is not a date", id="default date"),
        pytest.param("defaults: {lignes_tva: [1]}", "must be a single value", id="default list"),
        pytest.param("a: &x 1", "config.yaml, line 7:", id="not our YAML"),
    ],
)
def test_refusals(write: Write, line: str, said: str) -> None:
    """Each wrong setting alone is refused with what is allowed, and never quoted where it could be a secret."""
    problems = problems_of(write(MINIMAL + line + "\n"))
    assert len(problems) == 1
    assert said in problems[0]
    assert "canary" not in problems[0]


@pytest.mark.parametrize(
    ("folders", "said"),
    [
        pytest.param("outbox: a, sent: a", "folders.sent: must not be the same as folders.outbox", id="same"),
        pytest.param("outbox: a, sent: b/../c, failed: c", "folders.failed: must not be the same", id="same by detour"),
        pytest.param("outbox: a, failed: a/failed", "folders.failed: must not lie inside the outbox", id="inside"),
        pytest.param("outbox: a/b, sent: a", "folders.outbox: must not lie inside folders.sent", id="around"),
    ],
)
def test_folders_apart(write: Write, folders: str, said: str) -> None:
    """The folders are four different ones, none inside the outbox nor around it."""
    text = MINIMAL.replace("outbox: shared/outbox", folders)
    assert any(p.startswith(said) for p in problems_of(write(text)))


def test_a_link_is_the_folder_it_leads_to(write: Write, tmp_path: Path) -> None:
    """Two names of one folder are noticed."""
    (tmp_path / "a").mkdir()
    (tmp_path / "b").symlink_to("a")
    text = MINIMAL.replace("outbox: shared/outbox", "outbox: a, sent: b")
    assert problems_of(write(text)) == ("folders.sent: must not be the same as folders.outbox",)


def test_postgresql_is_refused_kindly(write: Write) -> None:
    """A server as ledger is not available yet; its address, which may hold a password, is not quoted."""
    text = MINIMAL.replace("state/ledger.db", "postgresql://u:canary-pg@h/db")
    (problem,) = problems_of(write(text))
    assert "PostgreSQL and other servers are not available in this version" in problem
    assert "canary" not in problem


def test_missing_file(tmp_path: Path) -> None:
    """A configuration that is not there is named."""
    assert problems_of(tmp_path / "no.yaml") == (f"can't read {tmp_path}/no.yaml: No such file or directory",)


@pytest.mark.parametrize("url", ["http://localhost:1", "http://127.8.0.1", "http://[::1]:8900", "https://h/x"])
def test_addresses_that_will_do(write: Write, url: str) -> None:
    """Plain http is accepted to this machine only, https to any."""
    assert load(write(f"{MINIMAL}endpoints: {{api: '{url}'}}\n"), ENVIRON).api_url == url


# --- secrets ----------------------------------------------------------------------------------------------------------


def secret_file(path: Path, data: bytes, mode: int = 0o640) -> Path:
    path.write_bytes(data)
    path.chmod(mode)
    return path


def with_files(client_secret: str, password: str) -> str:
    text = MINIMAL.replace("{client_id: 0123-45}", f"{{client_id: 0123-45, client_secret_file: {client_secret}}}")
    return text.replace("@cpro.fr}", f"@cpro.fr, password_file: {password}}}")


def test_secrets_from_files_come_first(write: Write, tmp_path: Path) -> None:
    """A named file wins over credentials and environment; only its last line break is taken off."""
    secret_file(tmp_path / "s", b"\xef\xbb\xbffrom file \r\n")
    secret_file(tmp_path / "p", b"p\xc3\xa9\n")
    config = load(write(with_files("s", "p")), {**ENVIRON, "CREDENTIALS_DIRECTORY": str(tmp_path)})
    assert config.secrets() == ("from file ", "pé")
    assert config.warnings == ()


def test_systemd_credentials_come_second(write: Write, tmp_path: Path) -> None:
    """Without a named file, systemd's credentials are taken, then the environment."""
    secret_file(tmp_path / "piste-client-secret", b"by systemd\n", 0o444)
    config = load(write(MINIMAL), {**ENVIRON, "CREDENTIALS_DIRECTORY": str(tmp_path)})
    assert config.secrets() == ("by systemd", PASSWORD)
    assert config.warnings == ()


def test_a_secret_that_all_can_read_is_told(write: Write, tmp_path: Path) -> None:
    """A file that every user can read works, with a warning that names it."""
    secret_file(tmp_path / "s", b"x", 0o644)
    secret_file(tmp_path / "p", b"x", 0o600)
    (warning,) = load(write(with_files("s", "p")), {}).warnings
    assert warning.startswith(f"piste.client_secret_file: every user of this machine can read {tmp_path}/s")


@pytest.mark.parametrize(
    ("data", "said"),
    [
        pytest.param(None, "No such file or directory", id="absent"),
        pytest.param(b" \n", "is empty", id="empty"),
        pytest.param(b"canary\ncanary\n", "must hold one line", id="two lines"),
        pytest.param(b"canary" * 1000, "must hold one line", id="too long"),
        pytest.param(b"canary\xe9", "is not text in UTF-8", id="not text"),
    ],
)
def test_bad_secret_files(write: Write, tmp_path: Path, data: bytes | None, said: str) -> None:
    """A secret file that can't be one is refused without quoting it; the environment does not step in."""
    if data is not None:
        secret_file(tmp_path / "s", data)
    secret_file(tmp_path / "p", b"x")
    (problem,) = problems_of(write(with_files("s", "p")))
    assert problem.startswith("piste.client_secret_file: ")
    assert said in problem
    assert "canary" not in problem


def test_missing_secrets_name_the_three_ways(write: Write) -> None:
    """Without secrets, the three ways to give each are named."""
    secret, password = problems_of(write(MINIMAL), {})
    for word in ("piste.client_secret_file", "piste-client-secret", "CHORUS_OUTBOX_CLIENT_SECRET"):
        assert word in secret
    for word in ("account.password_file", "account-password", "CHORUS_OUTBOX_PASSWORD"):
        assert word in password


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        pytest.param("client_id: 0123-45", "client_id: x, client_secret: canary", "piste.client_secret: ", id="PISTE"),
        pytest.param("@cpro.fr", "@cpro.fr, password: canary", "account.password: ", id="account"),
        pytest.param("ledger:", "password: canary\nledger:", "password: ", id="top"),
        pytest.param("ledger:", "notify: {Password: canary}\nledger:", "notify.Password: ", id="deep"),
    ],
)
def test_secrets_in_the_file_are_refused(write: Write, old: str, new: str, said: str) -> None:
    """A secret in the configuration itself is refused, with where to put it, and not quoted."""
    (problem,) = problems_of(write(MINIMAL.replace(old, new)))
    assert problem.startswith(said + "a secret must not stand in this file; ")
    assert "canary" not in problem


def test_a_configuration_never_shows_its_secrets(write: Write) -> None:
    """Neither repr, str, format, dataclass fields nor settings show a secret."""
    config = load(write(MINIMAL), {**ENVIRON, "CHORUS_OUTBOX_NOTIFY_URLS": "slack://canary-1/canary-2/canary-3"})
    shown = f"{config!r} {config} {vars(config)!r}"
    assert "canary" not in shown
    assert "0123-45" in shown
    assert isinstance(config, Config)


@given(st.binary(max_size=200))
def test_any_bytes_are_a_configuration_error(tmp_path_factory: pytest.TempPathFactory, data: bytes) -> None:
    """Whatever the file holds, the answer is a list of problems."""
    path = tmp_path_factory.getbasetemp() / "any.yaml"
    path.write_bytes(data)
    assert problems_of(path)
