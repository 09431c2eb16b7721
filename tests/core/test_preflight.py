from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chorus_outbox.core.preflight import Recipient, Service, check_recipient, find_service

SIRET = "22220001600327"
COLLEGE = Service("COLLEGE", "Collèges", active=True, service_id=1, needs_engagement=False)
ROUTES = Service("ROUTES", "Routes", active=True, service_id=2, needs_engagement=True)
OLD = Service("OLD", "Ancien", active=False, service_id=3, needs_engagement=True)
UNASKED = Service("UNASKED", "", active=True, service_id=4)
PUBLIC = Service("FACTURES_PUBLIQUES", "Factures publiques", active=True, service_id=5)
FREE = Recipient(
    SIRET,
    "Département",
    active=True,
    structure_id=9,
    needs_service=False,
    needs_engagement=False,
    needs_either=False,
    services=(COLLEGE, ROUTES, OLD, UNASKED, PUBLIC),
)
SERVICE = replace(FREE, needs_service=True)
ENGAGEMENT = replace(FREE, needs_engagement=True)
BOTH = replace(FREE, needs_service=True, needs_engagement=True)
EITHER = replace(FREE, needs_either=True)
ALL = replace(BOTH, needs_either=True)


@pytest.mark.parametrize(
    ("recipient", "service", "engagement", "codes"),
    [
        pytest.param(FREE, None, None, [], id="nothing required"),
        pytest.param(FREE, "COLLEGE", None, [], id="a service may be given"),
        pytest.param(FREE, "COLLEGE", "1", [], id="both may be given"),
        pytest.param(EITHER, None, None, ["engagement.or_service"], id="either: none"),
        pytest.param(EITHER, "COLLEGE", None, [], id="either: service"),
        pytest.param(EITHER, None, "1", [], id="either: engagement"),
        pytest.param(ALL, None, "1", [], id="either comes before both"),
        pytest.param(BOTH, None, None, ["service.required", "engagement.required"], id="both: none"),
        pytest.param(BOTH, "COLLEGE", None, ["engagement.required"], id="both: service"),
        pytest.param(BOTH, None, "1", ["service.required"], id="both: engagement"),
        pytest.param(SERVICE, None, "1", ["service.required"], id="service: engagement"),
        pytest.param(SERVICE, "COLLEGE", None, [], id="service: service"),
        pytest.param(ENGAGEMENT, "COLLEGE", None, ["engagement.required"], id="engagement: service"),
        pytest.param(ENGAGEMENT, None, "1", [], id="engagement: engagement"),
        pytest.param(FREE, "ROUTES", None, ["engagement.required_by_service"], id="the service's own rule"),
        pytest.param(EITHER, "ROUTES", None, ["engagement.required_by_service"], id="the same where either will do"),
        pytest.param(BOTH, "ROUTES", None, ["engagement.required"], id="said once"),
        pytest.param(FREE, "ROUTES", "1", [], id="the service's own rule kept"),
        pytest.param(FREE, "UNASKED", None, [], id="the service's own rule not asked"),
        pytest.param(FREE, "XYZ", None, ["service.unknown"], id="unknown service"),
        pytest.param(FREE, "college", None, ["service.unknown"], id="codes are exact"),
        pytest.param(FREE, "OLD", None, ["service.inactive"], id="inactive service"),
        pytest.param(FREE, "FACTURES_PUBLIQUES", None, ["service.public"], id="the service that emits"),
        pytest.param(BOTH, "XYZ", None, ["engagement.required", "service.unknown"], id="all at once"),
        pytest.param(replace(BOTH, active=False), None, None, ["recipient.inactive"], id="inactive recipient"),
        pytest.param(None, "COLLEGE", "1", ["recipient.unknown"], id="unknown recipient"),
        pytest.param(SERVICE, "", None, ["service.required"], id="an empty code is none"),
    ],
)
def test_rules(recipient: Recipient | None, service: str | None, engagement: str | None, codes: list[str]) -> None:
    """The recipient's three rules in their order, then the service and its own rule (api.md 4.2)."""
    assert [p.code for p in check_recipient(service, engagement, recipient, SIRET)] == codes


@pytest.mark.parametrize(
    ("engagement", "good"),
    [("12345", True), ("123456", True), ("1234", False), ("12345A", False), ("12345\n", False), (None, True)],
)
def test_pattern(engagement: str | None, good: bool) -> None:
    """A recipient's engagement numbers have the whole shape that the book gives."""
    found = check_recipient(None, engagement, FREE, SIRET, "[0-9]{5,6}")
    assert [p.code for p in found] == ([] if good else ["engagement.pattern"])


def test_params() -> None:
    """A sentence can name the recipient and the usable services, the nearest first."""
    (problem,) = check_recipient("ROUTE", None, FREE, SIRET)
    assert problem.params == {
        "service": "ROUTE",
        "name": "Département",
        "known": "ROUTES (Routes), COLLEGE (Collèges), UNASKED",
    }


def test_a_service_is_found_by_its_name() -> None:
    """Who types a service's name instead of its code sees its code first."""
    (problem,) = check_recipient("collèges", None, FREE, SIRET)
    assert problem.params["known"].startswith("COLLEGE (Collèges)")


def test_at_most_eight_services_are_shown() -> None:
    """A recipient with hundreds of services does not fill the page."""
    many = replace(SERVICE, services=tuple(replace(COLLEGE, code=f"S{n}", name="") for n in range(300)))
    (problem,) = check_recipient(None, None, many, SIRET)
    assert problem.params["known"] == "S0, S1, S2, S3, S4, S5, S6, S7"


def test_an_active_service_hides_an_inactive_one() -> None:
    """Of two services with one code the active one is meant."""
    twice = replace(FREE, services=(replace(COLLEGE, active=False), COLLEGE))
    assert find_service(twice, "COLLEGE") == COLLEGE


@given(st.text(max_size=20) | st.none(), st.text(max_size=20) | st.none(), st.sampled_from([FREE, BOTH, ALL, None]))
@settings(deadline=None)
def test_each_problem_once(service: str | None, engagement: str | None, recipient: Recipient | None) -> None:
    """Whatever is given, each problem is said once."""
    codes = [p.code for p in check_recipient(service, engagement, recipient, SIRET, "[0-9]+")]
    assert len(codes) == len(set(codes))
