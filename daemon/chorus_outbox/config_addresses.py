"""The addresses of PISTE's two environments (api.md 1.1), and what an address, login or client id of the wrong one is.

Real addresses are only compared here, never contacted; an address that is none of PISTE's (a simulator, a new one) is
the administrator's own affair.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from urllib.parse import urlsplit

from .config_model import Settings
from .config_refusals import Lines, where

ENDPOINTS: Mapping[str, tuple[str, str]] = {  # environment -> token, API (api.md 1.1)
    "production": ("https://oauth.piste.gouv.fr/api/oauth/token", "https://api.piste.gouv.fr"),
    "sandbox": ("https://sandbox-oauth.piste.gouv.fr/api/oauth/token", "https://sandbox-api.piste.gouv.fr"),
}
OTHER: Mapping[str, str] = {"production": "sandbox", "sandbox": "production"}
_OF_SANDBOX = re.compile(r"sandbox|qualif", re.IGNORECASE)
"""What a name of the sandbox may show: its application is named APP_SANDBOX_... (api.md 1.5); the rest is [INF]."""


def other_tokens(settings: Settings) -> str | None:
    """Return where the other environment's tokens come from; None when the addresses are not PISTE's own."""
    given = settings.endpoints
    if given.other_oauth is not None or given.oauth is not None or given.api is not None:
        return given.other_oauth  # never a real address beside an invented one
    return ENDPOINTS[OTHER[settings.environment]][0]


def wrong_environment(settings: Settings, lines: Lines) -> Iterator[str]:
    """Say which addresses and names can't belong to the environment, each in one sentence with the remedy."""
    environment = settings.environment
    for key, which in (("oauth", 0), ("api", 1)):
        address: str | None = getattr(settings.endpoints, key)
        if address and (said := _wrong(address, environment, which)):
            yield f"{where(('endpoints', key), lines)}: {said}"
    if environment == "production":
        names = {("piste", "client_id"): settings.piste.client_id, ("account", "login"): settings.account.login}
        for place, name in names.items():
            if _OF_SANDBOX.search(name):
                yield f"{where(place, lines)}: is a name of the sandbox, but the environment is production"


def _wrong(address: str, environment: str, which: int) -> str:
    host, right = urlsplit(address).hostname or "", ENDPOINTS[environment][which]
    if host.endswith("aife.economie.gouv.fr"):  # switched off on 2023-09-30
        return f"this address was switched off in 2023; the one of {environment} is now {right}"
    if host.endswith("chorus-pro.gouv.fr"):  # the portals, and the old service on port 5443, refused since 2021
        return f"this is no address of the API any more (or the portal's); the one of {environment} is {right}"
    other = [urlsplit(one).hostname for one in ENDPOINTS[OTHER[environment]]]
    if host in other:
        return f"belongs to {OTHER[environment]}, but the environment is {environment}; its address is {right}"
    ours = [urlsplit(one).hostname for one in ENDPOINTS[environment]]
    if host in ours and host != urlsplit(right).hostname:
        return f"this address is for something else; the right one is {right}"
    return ""
