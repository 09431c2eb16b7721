"""The directory of public bodies on this machine: read in any plausible layout, hardened, found at once."""

from __future__ import annotations

import base64
import io
import itertools
import json
import zipfile
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from chorus_outbox.core.preflight import Recipient
from chorus_outbox.edge.chorus.download import Download
from chorus_outbox.edge.offline import UnreadableError, build, look_up, read_export
from chorus_outbox.simulator.annuaire import directory_xml
from chorus_outbox.simulator.start import structures

NOW = datetime(2026, 11, 25, 9, 0, tzinfo=UTC)
ONE, TWO = "22220001600327", "12345678200051"


def read(xml: str | bytes, limit: int = 10_000_000) -> dict[str, Recipient]:
    data = xml.encode() if isinstance(xml, str) else xml
    return {r.siret: r for r in read_export(io.BytesIO(data), limit)}


def described(r: Recipient) -> tuple[object, ...]:
    services = [(s.code, s.name, s.active, s.needs_engagement) for s in r.services]
    return r.name, r.active, r.needs_service, r.needs_engagement, r.needs_either, services


WRAPPED = f"""<ns:annuaire xmlns:ns="urn:x"><ns:dateGeneration>2026-11-22</ns:dateGeneration>
<ns:structure><ns:informationsGenerales><ns:identifiant>{ONE}</ns:identifiant>
<ns:raisonSociale>Département &amp; Cie</ns:raisonSociale></ns:informationsGenerales>
<ns:parametres><ns:numeroEJDoitEtreRenseigne>Oui</ns:numeroEJDoitEtreRenseigne></ns:parametres>
<ns:services><ns:service><ns:infos><ns:code>COLLEGE</ns:code><ns:nom>Collèges</ns:nom></ns:infos>
<ns:numeroEJ>1</ns:numeroEJ></ns:service><ns:service><ns:code>OLD</ns:code><ns:estActif>false</ns:estActif></ns:service>
</ns:services></ns:structure>{{more}}</ns:annuaire>"""
SECOND = f"<ns:structure><ns:identifiant>{TWO}</ns:identifiant><ns:nom>Deux</ns:nom></ns:structure>"
FLAT = f"""<a><Structure siret="{ONE}" designation="Département &amp; Cie" NumeroEjDoitEtreRenseigne="true">
<Service code="COLLEGE" libelle="Collèges" numeroEj="true"/><Service code="OLD" statut="INACTIF"/></Structure>{{more}}</a>"""
SECOND_FLAT = f'<Structure siret="{TWO}" designation="Deux"/>'
EXPECTED = (
    *("Département & Cie", True, False, True, False),
    [("COLLEGE", "Collèges", True, True), ("OLD", "", False, False)],
)


@pytest.mark.parametrize(
    ("xml", "count"),
    [
        pytest.param(WRAPPED.format(more=""), 1, id="wrapped, one only"),
        pytest.param(WRAPPED.format(more=SECOND), 2, id="wrapped"),
        pytest.param(WRAPPED.format(more=SECOND + SECOND), 2, id="wrapped, one twice"),
        pytest.param(FLAT.format(more=""), 1, id="attributes, one only"),
        pytest.param(FLAT.format(more=SECOND_FLAT), 2, id="attributes"),
        pytest.param(f"<x><y>{FLAT.format(more=SECOND_FLAT)}</y></x>", 2, id="deeper"),
        pytest.param(f"<x>{FLAT.format(more='')}<z>{SECOND_FLAT}</z></x>", 2, id="in two lists"),
    ],
)
def test_it_is_read_by_its_names_whatever_surrounds_them(xml: str, count: int) -> None:
    """The layout is not documented: name spaces, wrappers, attributes and both spellings of the flags are taken."""
    found = read(xml)
    assert len(found) == count
    assert described(found[ONE]) == EXPECTED
    if count > 1:
        assert described(found[TWO]) == ("Deux", True, False, False, False, [])


def test_another_structure_that_one_names_is_not_taken_for_it() -> None:
    """A structure's mother gives it neither its name nor its rules."""
    mother = f"<mere><siret>{TWO}</siret><codeServiceDoitEtreRenseigne>true</codeServiceDoitEtreRenseigne></mere>"
    found = read(f"<a><s><siret>{ONE}</siret>{mother}{mother}</s><s><siret>20005678600011</siret></s></a>")
    assert not found[ONE].needs_service


def test_the_simulator_s_directory_is_read_as_it_is() -> None:
    """Every public structure of the start data, with each rule and service."""
    public = [s for s in structures() if s.public]
    found = read(directory_xml(public))
    assert set(found) == {s.siret for s in public}
    for s in public:
        services = [(one.code, one.name, one.active, one.needs_engagement) for one in s.services]
        rules = (s.name, s.active, s.service_required, s.engagement_required, s.engagement_or_service, services)
        assert described(found[s.siret]) == rules


@pytest.mark.parametrize(
    ("xml", "why"),
    [
        pytest.param('<!DOCTYPE a [<!ENTITY x "y">]><a>&x;</a>', "document type", id="entities"),
        pytest.param('<!DOCTYPE a SYSTEM "file:///etc/passwd"><a/>', "document type", id="outside reference"),
        pytest.param("<a>" * 60 + "</a>" * 60, "deeply", id="depth"),
        pytest.param("<a>" + "x" * 2_000_000 + "</a>", "large", id="size"),
        pytest.param(
            f"<a><siret>{ONE}</siret>" + "".join(f"<x{n}>1</x{n}>" for n in range(30_000)) + "</a>",
            "large",
            id="values",
        ),
        pytest.param("<a><b></a>", "mismatched", id="broken"),
        pytest.param("", "no element", id="empty"),
    ],
)
def test_what_could_do_harm_is_refused(xml: str, why: str) -> None:
    """No entity, no reference, no depth or size beyond what a directory needs."""
    with pytest.raises(UnreadableError, match=why):
        read(xml, 1_500_000)


def packed(path: Path, **files: bytes) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in files.items():
            archive.writestr(name.replace("_", "."), data)
    return path


def test_a_download_takes_the_place_of_the_last_one_only_when_it_is_whole(tmp_path: Path) -> None:
    """Bad ones leave the good one, and nothing else, behind; the file is private."""
    target = tmp_path / "directory.db"
    good = packed(tmp_path / "good.zip", annuaire_xml=WRAPPED.format(more=SECOND).encode())
    assert build(good, target, NOW) == 2
    assert target.stat().st_mode & 0o777 == 0o600
    broken = tmp_path / "broken.zip"
    broken.write_bytes(good.read_bytes()[:-40])
    for bad in (
        broken,
        packed(tmp_path / "empty.zip"),
        packed(tmp_path / "two.zip", a_xml=b"<a/>", b_xml=b"<a/>"),
        packed(tmp_path / "none.zip", a_xml=b"<a><b>nobody</b></a>"),
    ):
        with pytest.raises(UnreadableError):
            build(bad, target, NOW)
    copy = look_up(target, TWO)
    assert copy is not None
    assert copy.recipient is not None
    assert (copy.recipient.name, copy.made_at) == ("Deux", NOW)
    assert sorted(p.name for p in tmp_path.iterdir() if p.suffix != ".zip") == ["directory.db"]


def test_who_is_not_in_it_and_where_there_is_none(tmp_path: Path) -> None:
    """Two different answers; a file that is none is as good as none."""
    target = tmp_path / "directory.db"
    assert look_up(target, ONE) is None
    target.write_bytes(b"no database")
    assert look_up(target, ONE) is None
    build(packed(tmp_path / "a.zip", a_xml=FLAT.format(more="").encode()), target, NOW)
    copy = look_up(target, TWO)
    assert copy is not None
    assert copy.recipient is None


class Pieces(httpx.SyncByteStream):
    """An answer that comes in pieces."""

    def __init__(self, pieces: list[bytes]) -> None:
        self.pieces = pieces

    def __iter__(self) -> Iterator[bytes]:
        yield from self.pieces


def in_pieces(text: bytes, cuts: list[int]) -> httpx.Response:
    places = [0, *sorted(c % (len(text) + 1) for c in cuts), len(text)]
    return httpx.Response(200, stream=Pieces([text[a:b] for a, b in itertools.pairwise(places)]))


@given(
    st.binary(max_size=200),
    st.lists(st.integers(0, 1000), max_size=8),
    st.sampled_from(["plain", "slashes", "unicode", "lines"]),
)
def test_a_file_in_an_answer_is_written_as_it_comes(data: bytes, cuts: list[int], written: str) -> None:
    """Whatever the pieces it comes in and however JSON writes it; the rest of the answer is what it was."""
    text = json.dumps({"codeRetour": 0, "fichierResultat": "@", "libelle": 'TRA "x"'}).encode()
    encoded = base64.b64encode(data)
    match written:
        case "slashes":
            encoded = encoded.replace(b"/", b"\\/")
        case "unicode":
            encoded = encoded.replace(b"=", b"\\u003d").replace(b"+", b"\\u002B")
        case "lines":
            encoded = base64.encodebytes(data).replace(b"\n", b"\\r\\n")
    file = io.BytesIO(b"of an earlier try")
    file.read()
    rest = Download("fichierResultat", file).read(in_pieces(text.replace(b"@", encoded), cuts))
    assert json.loads(rest) == {"codeRetour": 0, "fichierResultat": "", "libelle": 'TRA "x"'}
    assert file.getvalue() == data


@pytest.mark.parametrize(
    ("text", "limit"),
    [
        pytest.param(b'{"fichierResultat": "QUJD', 100, id="broken off"),
        pytest.param(b'{"fichierResultat": "QU*D"}', 100, id="no base64"),
        pytest.param(b'{"fichierResultat": "' + b"QUJD" * 100 + b'"}', 100, id="too large"),
        pytest.param(b'{"x": "' + b"x" * 1_100_000 + b'"}', 100, id="too much before it"),
        pytest.param(b'{"fichierResultat": "", "x": "' + b"x" * 1_100_000 + b'"}', 100, id="too much after it"),
    ],
)
def test_a_bad_download_is_an_error_of_the_connection(text: bytes, limit: int) -> None:
    """It says nothing about anybody, and can be tried again."""
    with pytest.raises(httpx.HTTPError):
        Download("fichierResultat", io.BytesIO(), limit).read(in_pieces(text, list(range(0, len(text), 1000))))


def test_a_refusal_is_read_as_ever() -> None:
    """An answer without the file is returned whole."""
    text = b'{"codeRetour": 20000, "libelle": "x"}'
    assert Download("fichierResultat", io.BytesIO()).read(in_pieces(text, [5])) == text
