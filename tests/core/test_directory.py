"""What is remembered of recipients: how long it holds, what counts as a change, and that it survives being written."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chorus_outbox.core.directory import (
    Change,
    Known,
    after_answer,
    changes,
    from_data,
    holds,
    may_be_shown,
    news,
    to_data,
    told,
)
from chorus_outbox.core.preflight import Recipient, Service
from chorus_outbox.core.words import catalogue, render

NOW = datetime(2026, 11, 25, 9, 0, tzinfo=UTC)
COLLEGE = Service("COLLEGE", "Collèges", active=True, service_id=1, needs_engagement=False)
ROUTES = Service("ROUTES", "Routes", active=True, service_id=2)
CLOSED = Service("CLOSED", "", active=False, service_id=3, needs_engagement=False)
EMITTING = Service("FACTURES_PUBLIQUES", "", active=True, service_id=4)
FREE = Recipient(
    *("22220001600327", "Département"),
    active=True,
    structure_id=9,
    needs_service=False,
    needs_engagement=False,
    needs_either=False,
    services=(COLLEGE, ROUTES, CLOSED, EMITTING),
)
KNOWN = Known(FREE, NOW, {"COLLEGE": NOW})


def with_service(service: Service) -> Recipient:
    """Return the recipient with one of its services replaced."""
    return replace(FREE, services=tuple(service if s.code == service.code else s for s in FREE.services))


@pytest.mark.parametrize(
    ("known", "service", "age", "expected"),
    [
        pytest.param(KNOWN, None, timedelta(0), True, id="just asked"),
        pytest.param(KNOWN, None, timedelta(hours=23, minutes=59), True, id="within the day"),
        pytest.param(KNOWN, None, timedelta(days=1), False, id="a day old"),
        pytest.param(KNOWN, None, timedelta(seconds=-1), False, id="the clock was set back"),
        pytest.param(KNOWN, "COLLEGE", timedelta(0), True, id="a service whose own rule is known"),
        pytest.param(KNOWN, "ROUTES", timedelta(0), False, id="a service whose own rule was not asked"),
        pytest.param(KNOWN, "NEW", timedelta(0), False, id="a service that is not in it"),
        pytest.param(replace(KNOWN, rules_at={"CLOSED": NOW}), "CLOSED", timedelta(0), False, id="a closed service"),
        pytest.param(
            replace(KNOWN, rules_at={"COLLEGE": NOW - timedelta(days=1)}), "COLLEGE", timedelta(0), False, id="old rule"
        ),
        pytest.param(replace(KNOWN, stale=True), None, timedelta(0), False, id="after a refusal"),
        pytest.param(Known(replace(FREE, active=False), NOW), None, timedelta(0), False, id="inactive"),
    ],
)
def test_when_it_is_not_asked_again(known: Known, service: str | None, age: timedelta, expected: bool) -> None:
    """Only a recent answer that says all that is asked, and says yes, is used."""
    assert holds(known, service, NOW + age) is expected


@pytest.mark.parametrize(("days", "expected"), [(0, True), (6, True), (7, False), (-1, False)])
def test_what_may_be_shown_in_an_outage(days: int, expected: bool) -> None:
    """For a week, whatever it says, refused or not."""
    assert may_be_shown(replace(KNOWN, stale=True), NOW + timedelta(days=days)) is expected


CASES = [
    pytest.param(FREE, FREE, [], id="nothing"),
    pytest.param(FREE, replace(FREE, name="Autre", payment_not_reported=True), [], id="no rule"),
    pytest.param(FREE, replace(FREE, needs_service=True), [Change("needs_service")], id="service"),
    pytest.param(FREE, replace(FREE, needs_engagement=True), [Change("needs_engagement")], id="engagement"),
    pytest.param(FREE, replace(FREE, needs_either=True), [Change("needs_either")], id="either"),
    pytest.param(replace(FREE, needs_either=True), FREE, [Change("needs_either_no_more")], id="either no more"),
    pytest.param(replace(FREE, needs_service=True), FREE, [Change("needs_service_no_more")], id="service no more"),
    pytest.param(
        replace(FREE, needs_engagement=True), FREE, [Change("needs_engagement_no_more")], id="engagement no more"
    ),
    pytest.param(FREE, replace(FREE, active=False), [Change("inactive")], id="inactive"),
    pytest.param(replace(FREE, active=False), FREE, [Change("active_again")], id="active again"),
    pytest.param(FREE, with_service(replace(ROUTES, active=False)), [Change("service_closed", "ROUTES")], id="closed"),
    pytest.param(FREE, replace(FREE, services=(COLLEGE,)), [Change("service_gone", "ROUTES")], id="gone"),
    pytest.param(
        FREE,
        with_service(replace(COLLEGE, needs_engagement=True)),
        [Change("service_engagement", "COLLEGE")],
        id="the service's own rule",
    ),
    pytest.param(
        with_service(replace(COLLEGE, needs_engagement=True)),
        FREE,
        [Change("service_engagement_no_more", "COLLEGE")],
        id="the service's own rule no more",
    ),
    pytest.param(FREE, with_service(replace(ROUTES, needs_engagement=True)), [], id="a rule learned is no change"),
    pytest.param(FREE, with_service(replace(CLOSED, active=True)), [], id="a service opened concerns nobody"),
]


@pytest.mark.parametrize(("before", "after", "expected"), CASES)
def test_what_counts_as_a_change(before: Recipient, after: Recipient, expected: list[Change]) -> None:
    """What an invoice must heed now and did not have to, or the reverse; the emitting service is none."""
    assert list(changes(before, after)) == expected


@pytest.mark.parametrize("language", ["fr", "en"])
def test_each_change_has_its_words(language: str) -> None:
    """Every kind is said in words, with the service concerned; of many, the first ones."""
    words = catalogue(language)
    for case in CASES:
        before, after, _ = case.values
        assert isinstance(before, Recipient)
        assert isinstance(after, Recipient)
        later = after_answer(Known(before, NOW), after, NOW + timedelta(days=2))
        for change in changes(before, after):
            assert f"change.{change.kind}" in words.recipient
            problem = news(later)
            assert problem is not None
            said = render(words, problem)[0]
            assert change.service in said
            assert "Département" in said
            assert "25/11/2026" in said
    many = replace(FREE, services=tuple(replace(COLLEGE, code=f"S{n}") for n in range(20)))
    problem = news(after_answer(Known(many, NOW), FREE, NOW))
    assert problem is not None
    said = render(words, problem)[0]
    assert "S7" in said
    assert "S8" not in said
    assert words.recipient["change.more"] in said


def test_a_change_is_told_until_it_is_told() -> None:
    """A rule that changed twice before anybody was told is told as it is now; one that changed back is not told."""
    asked = after_answer(None, FREE, NOW)
    assert news(asked) is None
    once = after_answer(asked, replace(FREE, needs_service=True), NOW + timedelta(days=1))
    twice = after_answer(once, replace(FREE, needs_service=True, needs_engagement=True), NOW + timedelta(days=2))
    problem = news(twice)
    assert problem is not None
    assert json.loads(problem.params["changes"]) == [["needs_service", ""], ["needs_engagement", ""]]
    assert problem.params["when"] == NOW.isoformat(timespec="minutes")
    assert news(told(twice)) is None
    assert news(after_answer(once, FREE, NOW + timedelta(days=2))) is None


def test_a_service_that_was_not_asked_again_keeps_its_rule_and_its_age() -> None:
    """Two services of one customer: asking about one forgets nothing of the other, and does not make it younger."""
    known = Known(with_service(replace(ROUTES, needs_engagement=True)), NOW, {"COLLEGE": NOW, "ROUTES": NOW})
    later = NOW + timedelta(days=2)
    after = after_answer(known, with_service(ROUTES), later)
    assert {s.code: s.needs_engagement for s in after.recipient.services}["ROUTES"] is True
    assert (after.rules_at["COLLEGE"], after.rules_at["ROUTES"]) == (later, NOW)
    assert holds(after, "COLLEGE", later)
    assert not holds(after, "ROUTES", later)


services = st.builds(
    Service,
    st.text(min_size=1, max_size=8),
    st.text(max_size=8),
    st.booleans(),
    st.integers(0, 99),
    st.none() | st.booleans(),
)
recipients = st.builds(
    Recipient,
    siret=st.just("22220001600327"),
    name=st.text(max_size=9),
    active=st.booleans(),
    structure_id=st.integers(0, 9),
    needs_service=st.booleans(),
    needs_engagement=st.booleans(),
    needs_either=st.booleans(),
    services=st.lists(services, max_size=4, unique_by=lambda s: s.code).map(tuple),
    payment_not_reported=st.booleans(),
)


@given(st.lists(recipients, min_size=1, max_size=4), st.booleans())
def test_it_survives_being_written_down(answers: list[Recipient], stale: bool) -> None:
    """Whatever was learned, in whatever order, is read back as it was."""
    known = None
    for day, answer in enumerate(answers):
        known = after_answer(known, answer, NOW + timedelta(days=day))
    assert known is not None
    known = replace(known, stale=stale)
    assert from_data(json.loads(json.dumps(to_data(known)))) == known


@given(recipients, recipients)
def test_what_is_told_is_what_differs(before: Recipient, after: Recipient) -> None:
    """There is news exactly when an answer differs in something that counts from what people knew."""
    known = after_answer(Known(before, NOW), after, NOW)
    assert (news(known) is not None) == bool(changes(before, known.recipient))
    assert news(after_answer(told(known), after, NOW)) is None


@pytest.mark.parametrize("data", [None, [], {}, {"recipient": {}}, {**to_data(KNOWN), "asked_at": "x"}])
def test_what_another_version_wrote_is_asked_anew(data: object) -> None:
    """It is no error: it counts as not known."""
    assert from_data(data) is None
