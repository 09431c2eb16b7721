from __future__ import annotations

import re
from pathlib import Path
from typing import Any, get_args

import pytest
import yaml
from pydantic import BaseModel

from chorus_outbox.config import ENDPOINTS, Config, load
from chorus_outbox.config_model import Recipient, Settings
from chorus_outbox.config_text import example_text, init_text
from chorus_outbox.core.fields import show
from chorus_outbox.core.merge import DEFAULTS
from chorus_outbox.errors import ConfigurationError

EXAMPLE = Path(__file__).parents[1] / "config.example.yaml"
FREE = {"defaults"}  # sections with keys of the administrator's own


def uncommented(text: str) -> str:
    """Return the text with every setting that stands behind a bare # made to count."""
    return re.sub(r"(?m)^( *)#(?=[^ #\n])", r"\1", text)


def loaded(text: str, directory: Path) -> Config:
    """Load a text as the service does: the secrets are systemd credentials, or the files that the text names."""
    for absolute in ("/etc", "/srv", "/var"):
        text = text.replace(f"{absolute}/", f"{directory}{absolute}/")
    credentials = directory / "credentials"
    (directory / "etc/chorus-outbox").mkdir(parents=True)
    credentials.mkdir()
    secrets = {"notify-urls": "# our chat\njson://localhost/secret-of-a-hook\n"}
    for name in ("piste-client-secret", "account-password", "smtp-password", "notify-urls"):
        for file in (credentials / name, directory / f"etc/chorus-outbox/main.{name}"):
            file.write_text(secrets.get(name, "secret\n"))
            file.chmod(0o600)
    path = directory / "config.yaml"
    path.write_text(text, encoding="utf-8")
    return load(path, {"CREDENTIALS_DIRECTORY": str(credentials)})


def keys_of_model(model: type[BaseModel], prefix: str = "") -> set[str]:
    """Return the dotted name of every setting."""
    found = set()
    for name, about in model.model_fields.items():
        inner = [about.annotation, *get_args(about.annotation)]
        section = next((a for a in inner if isinstance(a, type) and issubclass(a, BaseModel)), None)
        found |= {f"{prefix}{about.alias or name}"}
        if section and section is not Recipient:
            found |= keys_of_model(section, f"{prefix}{name}.")
    return found


def keys_of_text(tree: dict[str, Any], prefix: str = "") -> set[str]:
    found = set()
    for name, value in tree.items():
        found.add(f"{prefix}{name}")
        if isinstance(value, dict) and name not in FREE and name != "recipients":
            found |= keys_of_text(value, f"{prefix}{name}.")
    return found


def test_the_example_is_the_text_in_the_package() -> None:
    """The file at the top of the project and the text that ships with the program are the same."""
    assert EXAMPLE.read_text(encoding="utf-8") == example_text()


def test_the_example_has_every_setting_and_no_other() -> None:
    """A new setting must stand in the example, and the example knows no setting that does not exist."""
    tree = yaml.load(uncommented(example_text()), Loader=yaml.BaseLoader)  # noqa: S506 - texts only, our own file
    assert keys_of_text(tree) == keys_of_model(Settings)
    assert set(tree["recipients"]["cotes-armor"]) == set(Recipient.model_fields)


@pytest.mark.parametrize("change", [pytest.param(str, id="as it is"), pytest.param(uncommented, id="uncommented")])
def test_the_example_loads(tmp_path: Path, change: Any) -> None:
    """The example can be used as it is, and with every comment sign of a setting removed."""
    assert loaded(change(example_text()), tmp_path).warnings == ()


def test_the_example_shows_the_defaults(tmp_path: Path) -> None:
    """What the example shows behind a # is what holds anyway, but for what it announces as an example."""
    plain = loaded(example_text(), tmp_path / "plain")
    full = loaded(uncommented(example_text()), tmp_path / "full")
    for name in ("pickup", "sending", "follow_up", "language", "filename_patterns", "oauth_url", "api_url"):
        assert getattr(full, name) == getattr(plain, name)
    assert full.log.level == plain.log.level
    told = ("failures", "returns", "outages", "digest", "outage_after_seconds")
    assert [getattr(full.notify, name) for name in told] == [getattr(plain.notify, name) for name in told]
    for name in ("spool", "dashboard_file"):
        assert getattr(full, name).relative_to(tmp_path / "full") == getattr(plain, name).relative_to(
            tmp_path / "plain"
        )
    for folder in ("outbox", "processing", "sent", "failed"):
        there, here = getattr(full.folders, folder), getattr(plain.folders, folder)
        assert there.relative_to(tmp_path / "full") == here.relative_to(tmp_path / "plain")
    assert (plain.oauth_url, plain.api_url) == ENDPOINTS["sandbox"]
    assert {n: show(v) for n, v in full.defaults.items()} == {n: show(v) for n, v in DEFAULTS.items() if n != "type"}
    assert plain.recipients == {}


def test_init_marks_what_is_to_be_filled_in(tmp_path: Path) -> None:
    """A new configuration has four marked lines; as long as three of them are empty, exactly those are asked for."""
    text = init_text(tmp_path)
    assert text.count("A REMPLIR / TO FILL IN") == 4
    path = tmp_path / "config.yaml"
    path.write_text(text, encoding="utf-8")
    for name in ("piste-client-secret", "account-password"):
        (tmp_path / name).write_text("secret")
    with pytest.raises(ConfigurationError) as refused:
        load(path, {})
    assert [p.split(" ")[0] for p in refused.value.problems] == ["piste.client_id", "account.login", "supplier.siret"]


def test_init_filled_in_works(tmp_path: Path) -> None:
    """With the marked lines filled in and the two secrets beside it, the configuration loads, whatever the folder."""
    directory = tmp_path / 'été: "x" #1 \\'
    directory.mkdir()
    text = init_text(directory)
    for key, value in (("client_id", "id-1"), ("login", "TECH_1_1@cpro.fr"), ("siret", "22220001600327")):
        text = text.replace(f"  {key}: ", f"  {key}: {value} ", 1)
    for name in ("piste-client-secret", "account-password"):
        (directory / name).write_text("secret")
    path = directory / "config.yaml"
    path.write_text(text, encoding="utf-8")
    config = load(path, {})
    assert config.folders.outbox == directory / "outbox"
    assert config.ledger == directory / "state/ledger.db"
    assert config.client_id == "id-1"
