"""PDFs read by child processes: what is understood, what hostile files and dying children do, and who is left behind."""

from __future__ import annotations

import os
import resource
import signal
import subprocess
import sys
import threading
import time
import zipfile
import zlib
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from io import BytesIO
from pathlib import Path

import pytest
from pypdf import PdfReader, PdfWriter
from pypdf.generic import (
    ArrayObject,
    DecodedStreamObject,
    DictionaryObject,
    NameObject,
    NumberObject,
    TextStringObject,
)
from reportlab.pdfgen.canvas import Canvas

from chorus_outbox.core.facts import PdfFacts
from chorus_outbox.core.problem import Problem
from chorus_outbox.edge.pdf import PdfChildren, _facts

SAMPLES = sorted((Path(__file__).parents[2] / "../shared/samples").glob("*.pdf"))
XML = b"<?xml version='1.0'?><rsm:CrossIndustryInvoice>F-2026-001</rsm:CrossIndustryInvoice>"

Change = Callable[[PdfWriter], object]


@pytest.fixture(scope="module")
def warm() -> Iterator[PdfChildren]:
    """Children shared by the tests that only read."""
    children = PdfChildren()
    yield children
    children.close()


@pytest.fixture
def fresh() -> Iterator[Callable[..., PdfChildren]]:
    """Make children with other limits, closed afterwards."""
    made: list[PdfChildren] = []

    def make(size: int = 2, timeout_seconds: float = 20, idle_seconds: float = 60, recycle: int = 200) -> PdfChildren:
        made.append(PdfChildren(size, timeout_seconds, idle_seconds, recycle))
        return made[-1]

    yield make
    for children in made:
        children.close()


def page_of(*lines: str, pages: int = 1) -> bytes:
    """Return a PDF whose every page says these lines."""
    out = BytesIO()
    canvas = Canvas(out, invariant=True)
    for _ in range(pages):
        for i, line in enumerate(lines):
            canvas.drawString(72, 760 - 20 * i, line)
        canvas.showPage()
    canvas.save()
    return out.getvalue()


GOOD = page_of("Facture F-2026-001", "Total TTC 1 234,50 EUR")


def changed(*changes: Change, pdf: bytes = GOOD) -> bytes:
    """Return the PDF after changes made through pypdf."""
    writer = PdfWriter(clone_from=BytesIO(pdf))
    for change in changes:
        change(writer)
    out = BytesIO()
    writer.write(out)
    return out.getvalue()


def raw(*objects: bytes, trailer: bytes = b"") -> bytes:
    """Return a PDF with these objects, numbered from 1 (the catalog)."""
    out, places = b"%PDF-1.7\n", []
    for number, content in enumerate(objects, 1):
        places.append(len(out))
        out += b"%d 0 obj\n%s\nendobj\n" % (number, content)
    table = b"".join(b"%010d 00000 n \n" % place for place in places)
    head = b"xref\n0 %d\n0000000000 65535 f \n" % (len(objects) + 1)
    end = b"trailer\n<</Size %d /Root 1 0 R %s>>\nstartxref\n%d\n%%%%EOF\n" % (len(objects) + 1, trailer, len(out))
    return out + head + table + end


def stream(data: bytes, entries: bytes = b"") -> bytes:
    """Return a stream object."""
    return b"<</Length %d %s>>\nstream\n%s\nendstream" % (len(data), entries, data)


CATALOG, PAGES = b"<</Type/Catalog/Pages 2 0 R>>", b"<</Type/Pages/Count 1/Kids[3 0 R]>>"
PAGE = b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 99 99]/Contents 4 0 R/Resources<</Font<</F 5 0 R>>>>>>"


def blanks(megabytes: int) -> bytes:
    """Return so many megabytes of blanks, deflated, without holding or packing them all: one packed megabyte, repeated."""
    packer = zlib.compressobj(9)
    head, block = packer.flush(zlib.Z_FULL_FLUSH), packer.compress(b" " * 2**20) + packer.flush(zlib.Z_FULL_FLUSH)
    return head + block * megabytes


def spec(writer: PdfWriter, name: str, content: bytes) -> DictionaryObject:
    """Return the specification of an embedded file that nothing refers to yet."""
    file = DecodedStreamObject()
    file.set_data(content)
    entries = {"/Type": NameObject("/Filespec"), "/UF": TextStringObject(name)}
    made = DictionaryObject({NameObject(k): v for k, v in entries.items()})
    made[NameObject("/EF")] = DictionaryObject({NameObject("/F"): writer._add_object(file)})
    return made


def attach(name: str, content: bytes = XML) -> Change:
    """Embed a file as pypdf does: in the catalog's name tree."""
    return lambda writer: writer.add_attachment(name, content)


def attach_deep(writer: PdfWriter) -> None:
    """Embed the XML four levels down in the name tree."""
    names = [TextStringObject("factur-x.xml"), writer._add_object(spec(writer, "factur-x.xml", XML))]
    node = DictionaryObject({NameObject("/Names"): ArrayObject(names)})
    for _ in range(3):
        node = DictionaryObject({NameObject("/Kids"): ArrayObject([writer._add_object(node)])})
    tree = DictionaryObject({NameObject("/EmbeddedFiles"): node})
    writer.root_object[NameObject("/Names")] = tree


def associate(writer: PdfWriter) -> None:
    """Embed the XML as a file associated with the document, outside the name tree."""
    writer.root_object[NameObject("/AF")] = ArrayObject([writer._add_object(spec(writer, "factur-x.xml", XML))])


def associate_page(writer: PdfWriter) -> None:
    """Embed the XML as a file associated with the page."""
    writer.pages[0][NameObject("/AF")] = ArrayObject([writer._add_object(spec(writer, "factur-x.xml", XML))])


def paper_clip(writer: PdfWriter) -> None:
    """Embed the XML behind a paper clip on the page, beside a link."""
    clip = DictionaryObject({NameObject("/Subtype"): NameObject("/FileAttachment")})
    clip[NameObject("/FS")] = writer._add_object(spec(writer, "factur-x.xml", XML))
    link = DictionaryObject({NameObject("/Subtype"): NameObject("/Link")})
    writer.pages[0][NameObject("/Annots")] = ArrayObject([writer._add_object(clip), writer._add_object(link)])


def field(signature: bytes) -> bytes:
    """Return a PDF with a form: a group of fields, in it one for a signature with this value."""
    form = b"<</Type/Catalog/Pages 2 0 R/AcroForm<</SigFlags 3/Fields[6 0 R]>>>>"
    group, inner = b"<</T(group)/FT/Sig/Kids[7 0 R 6 0 R]>>", b"<</T(sig)/Parent 6 0 R/V %s>>" % signature
    return raw(form, PAGES, PAGE, stream(b""), b"null", group, inner)


SIGNED = field(b"<</Type/Sig/SubFilter/ETSI.CAdES.detached/ByteRange[0 9 20 99]/Contents<3000>>>")


def children_of(pid: int) -> list[int]:
    """Return the living PDF children of a process."""
    found = []
    for entry in Path("/proc").iterdir():
        try:
            state, parent = (entry / "stat").read_text().rpartition(")")[2].split()[:2]
            command = (entry / "cmdline").read_bytes()
        except (OSError, ValueError):
            continue
        if entry.name.isdigit() and int(parent) == pid and state != "Z" and b"pdf_child" in command:
            found.append(int(entry.name))
    return found


def wait_until(true: Callable[[], object], seconds: float = 10) -> bool:
    """Wait until something is true."""
    end = time.monotonic() + seconds
    while not true() and time.monotonic() < end:
        time.sleep(0.01)
    return bool(true())


@pytest.fixture
def put(tmp_path: Path) -> Callable[[bytes], Path]:
    """Write bytes as a file and return its path."""

    def write(content: bytes) -> Path:
        (tmp_path / "f.pdf").write_bytes(content)
        return tmp_path / "f.pdf"

    return write


Put = Callable[[bytes], Path]


@pytest.fixture
def mine() -> Callable[[], list[int]]:
    """List the children started since the test began (the shared ones stand aside)."""
    others = children_of(os.getpid())
    return lambda: [pid for pid in children_of(os.getpid()) if pid not in others]


Mine = Callable[[], list[int]]
Fresh = Callable[..., PdfChildren]


def test_facts_of_a_plain_invoice(warm: PdfChildren, put: Put) -> None:
    """A plain PDF gives its pages and text, and nothing that is not there."""
    assert warm.read(put(GOOD)) == PdfFacts(pages=1, text="Facture F-2026-001\nTotal TTC 1 234,50 EUR\n")


def test_junk_around_a_pdf_is_tolerated(warm: PdfChildren, put: Put) -> None:
    """A byte order mark or a mail header before %PDF, and junk after the end, change nothing."""
    plain = warm.read(put(GOOD))
    for content in (b"\xef\xbb\xbf" + GOOD, b"X-Header: 1\r\n\r\n" + GOOD, GOOD + b"\0" * 2000 + b"<!-- scanned -->"):
        assert warm.read(put(content)) == plain


@pytest.mark.parametrize(
    ("content", "code"),
    [
        pytest.param(b"", "file.empty", id="empty"),
        pytest.param(b"<html><body>Facture</body></html>", "file.not_pdf", id="html"),
        pytest.param(b"\xff\xd8\xff\xe0 JFIF", "file.not_pdf", id="jpeg"),
        pytest.param(b"x" * 1024 + GOOD, "file.not_pdf", id="signature too late"),
        pytest.param(b"\0" * 50_000, "file.truncated", id="reserved, not yet written"),
        pytest.param(GOOD[:-300] + b"\0" * 300, "file.truncated", id="end not yet written"),
        pytest.param(b"%PDF-1.7\n", "file.truncated", id="only the signature"),
        pytest.param(b"%PDF-1.7\nnonsense\nstartxref\n5\n%%EOF\n", "file.unreadable", id="nonsense"),
        pytest.param(GOOD + GOOD[:-100], "file.truncated", id="second revision cut"),
        pytest.param(raw(CATALOG, b"<</Type/Pages/Count 0/Kids[]>>"), "file.unreadable", id="no page"),
        pytest.param(
            raw(CATALOG, PAGES, PAGE, stream(b""), trailer=b"/Encrypt<</Filter/Adobe.PubSec/V 4>>"),
            "file.encrypted",
            id="certificate",
        ),
    ],
)
def test_verdicts(warm: PdfChildren, put: Put, content: bytes, code: str) -> None:
    """Each way of not being a usable PDF has its own problem."""
    verdict = warm.read(put(content))
    assert isinstance(verdict, Problem)
    assert verdict.code == code


def test_a_pdf_stored_in_an_archive_is_no_pdf(warm: PdfChildren, put: Put) -> None:
    """An archive is refused even where the PDF inside is stored as it is, near its beginning."""
    out = BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("f.pdf", GOOD)
    assert warm.read(put(out.getvalue())) == Problem("file.not_pdf")


@pytest.mark.parametrize(
    ("user", "algorithm"),
    [
        pytest.param("secret", "AES-256", id="to open"),
        pytest.param("", "AES-256", id="owner only"),
        pytest.param("", "RC4-128", id="owner only, RC4"),
    ],
)
def test_passwords(warm: PdfChildren, put: Put, user: str, algorithm: str) -> None:
    """Any password protection is refused, the one that lets everybody read included."""
    protected = changed(lambda w: w.encrypt(user, "owner", algorithm=algorithm))
    assert warm.read(put(protected)) == Problem("file.encrypted")


def test_no_cut_file_passes(warm: PdfChildren, put: Put) -> None:
    """Wherever a file is cut, it is truncated (or too short to be a PDF), never a PDF with fewer pages."""
    whole = changed(attach("a.bin", GOOD), pdf=page_of("page", pages=3))
    end = whole.rindex(b"%%EOF")
    for length in [*range(24), *range(24, end, 97), *range(end - 40, end + 5)]:
        verdict = warm.read(put(whole[:length]))
        assert isinstance(verdict, Problem), length
        assert verdict.code == ("file.truncated" if length >= 5 else "file.not_pdf" if length else "file.empty")


@pytest.mark.parametrize(
    ("content", "signed"),
    [
        pytest.param(SIGNED, True, id="PAdES"),
        pytest.param(SIGNED.replace(b"ETSI.CAdES.detached", b"adbe.pkcs7.detached"), True, id="PKCS 7"),
        pytest.param(field(b"null"), False, id="empty field for a signature"),
        pytest.param(field(b"(a text)"), False, id="text field"),
        pytest.param(field(b"<</SubFilter/ETSI.CAdES.detached>>"), False, id="prepared, not signed"),
    ],
)
def test_signatures(warm: PdfChildren, put: Put, content: bytes, signed: bool) -> None:
    """Signed means that a form field holds a signature, wherever it stands in a (knotted) tree of fields."""
    facts = warm.read(put(content))
    assert isinstance(facts, PdfFacts)
    assert facts.signed is signed


EMBEDDINGS = [
    pytest.param(attach("factur-x.xml"), id="name tree"),
    pytest.param(attach("Factur-X.XML"), id="capitals"),
    pytest.param(attach("ZUGFeRD-invoice.xml"), id="ZUGFeRD"),
    pytest.param(attach_deep, id="deep name tree"),
    pytest.param(associate, id="associated with the document"),
    pytest.param(associate_page, id="associated with the page"),
    pytest.param(paper_clip, id="paper clip"),
]


@pytest.mark.parametrize("embed", EMBEDDINGS)
def test_facturx_is_found_and_stripped(warm: PdfChildren, put: Put, tmp_path: Path, embed: Change) -> None:
    """Wherever the XML is embedded, it is found; the stripped copy has the same pages and text, and no trace of it."""
    source, target = put(changed(embed)), tmp_path / "copy.pdf"
    before = warm.read(source)
    assert isinstance(before, PdfFacts)
    assert before.facturx == XML
    assert warm.strip(source, target) is None
    assert warm.read(target) == replace(before, facturx=None, embedded=())
    assert XML not in target.read_bytes()
    assert b"factur" not in target.read_bytes().lower().replace(b"facture", b"")


def test_first_usual_name_wins(warm: PdfChildren, put: Put) -> None:
    """Of several XMLs the usual names decide, and all embedded names are told."""
    facts = warm.read(put(changed(attach("xrechnung.xml", b"<x/>"), attach("a.csv", b"1"), attach("factur-x.xml"))))
    assert isinstance(facts, PdfFacts)
    assert facts.facturx == XML
    assert set(facts.embedded) == {"a.csv", "factur-x.xml", "xrechnung.xml"}


def test_strip_keeps_what_is_not_embedded(warm: PdfChildren, put: Put, tmp_path: Path) -> None:
    """Other annotations stay, the metadata goes, and two copies of one source are the same bytes."""
    source = put(changed(paper_clip, attach("factur-x.xml"), lambda w: w.add_metadata({"/Subject": "Factur-X"})))
    assert warm.strip(source, tmp_path / "1.pdf") is None
    assert warm.strip(source, tmp_path / "2.pdf") is None
    assert (tmp_path / "1.pdf").read_bytes() == (tmp_path / "2.pdf").read_bytes()
    reader = PdfReader(tmp_path / "1.pdf")
    assert [a.get_object()["/Subtype"] for a in reader.pages[0]["/Annots"]] == ["/Link"]  # type: ignore[attr-defined]
    assert not reader.metadata


def test_strip_never_overwrites(warm: PdfChildren, put: Put, tmp_path: Path) -> None:
    """An existing target is an error of the caller, and is left alone."""
    (tmp_path / "copy.pdf").write_bytes(b"mine")
    with pytest.raises(FileExistsError):
        warm.strip(put(changed(attach("factur-x.xml"))), tmp_path / "copy.pdf")
    assert (tmp_path / "copy.pdf").read_bytes() == b"mine"


@pytest.mark.parametrize(
    ("content", "code"),
    [
        pytest.param(GOOD[:-100], "file.truncated", id="truncated"),
        pytest.param(SIGNED, "file.facturx_signed", id="signed"),
    ],
)
def test_strip_leaves_nothing_when_it_fails(
    warm: PdfChildren, put: Put, tmp_path: Path, content: bytes, code: str
) -> None:
    """What can't be read, or would lose its signature, is a problem, and no copy is left."""
    assert warm.strip(put(content), tmp_path / "copy.pdf") == Problem(code)
    assert not (tmp_path / "copy.pdf").exists()


def test_a_full_disk_is_not_the_pdfs_fault(warm: PdfChildren, put: Put) -> None:
    """When the copy can't be written, that is an OSError, for which a file waits, and no verdict on the PDF."""
    full = os.open("/dev/full", os.O_RDWR)
    source = os.open(put(GOOD), os.O_RDONLY)
    with pytest.raises(OSError, match="No space left"):
        warm._copy(source, full)
    os.close(source)
    os.close(full)


@pytest.mark.skipif(not SAMPLES, reason="the shared samples are not beside this project")
@pytest.mark.parametrize("sample", SAMPLES, ids=[s.stem for s in SAMPLES])
def test_real_samples(warm: PdfChildren, tmp_path: Path, sample: Path) -> None:
    """Real invoices are read and stripped; the FNFE ones carry a Factur-X, and their copies do not say so."""
    facts = warm.read(sample)
    assert isinstance(facts, PdfFacts)
    assert (facts.facturx is not None) is sample.name.startswith("fnfe")
    assert len(facts.text) > 100
    assert warm.strip(sample, tmp_path / "copy.pdf") is None
    assert warm.read(tmp_path / "copy.pdf") == replace(facts, facturx=None, embedded=())


def test_lone_surrogates_do_not_come_through(warm: PdfChildren, put: Put) -> None:
    """Half a character in text or names becomes U+FFFD; both halves of one are joined."""
    cmap = b"1 beginbfchar\n<41> <D83D>\nendbfchar\n1 beginbfchar\n<42> <D83DDE00>\nendbfchar"
    font = b"<</Type/Font/Subtype/Type1/BaseFont/Helvetica/ToUnicode 6 0 R>>"
    shown = stream(b"BT /F 12 Tf 9 9 Td (AB) Tj ET")
    half = b"<</Type/Catalog/Pages 2 0 R/AF[<</UF<FEFFD83D0041>/EF<</F 4 0 R>>>>]>>"
    facts = warm.read(put(raw(half, PAGES, PAGE, shown, font, stream(cmap))))
    assert isinstance(facts, PdfFacts)
    assert "\ufffd" in facts.text + "".join(facts.embedded)
    assert "\U0001f600" in facts.text
    facts.text.encode()
    "".join(facts.embedded).encode()


def test_text_is_bounded(warm: PdfChildren, put: Put) -> None:
    """At most 50 pages and 200,000 characters of text come back; the page count is the true one."""
    facts = warm.read(put(page_of(*["x" * 180] * 30, pages=60)))
    assert isinstance(facts, PdfFacts)
    assert facts.pages == 60
    assert len(facts.text) == 200_000


BOMBS = [
    pytest.param(raw(CATALOG, b"<</Type/Pages/Count 9/Kids[2 0 R 2 0 R]>>"), id="cyclic page tree"),
    pytest.param(raw(CATALOG, b"<</Type/Pages/Count 2000000000/Kids[2 0 R]>>"), id="two thousand million pages"),
    pytest.param(raw(CATALOG, b"[" * 200_000 + b"]" * 200_000), id="deep array"),
    pytest.param(
        raw(CATALOG, PAGES, PAGE, stream(zlib.compress(blanks(2000), 9), b"/Filter[/FlateDecode/FlateDecode]")),
        id="deflated twice",
    ),
    pytest.param(
        raw(
            b"<</Type/Catalog/Pages 2 0 R/AF[<</F(factur-x.xml)/EF<</F 6 0 R>>>>]>>",
            PAGES,
            PAGE,
            stream(b""),
            b"null",
            stream(blanks(600), b"/Filter/FlateDecode"),
        ),
        id="attachment of 600 MB",
    ),
    pytest.param(changed(attach("factur-x.xml", b"x" * (5 * 2**20 + 1))), id="XML over 5 MB"),
]


@pytest.mark.parametrize("bomb", BOMBS)
def test_bombs_are_bounded(warm: PdfChildren, put: Put, bomb: bytes) -> None:
    """A hostile PDF is answered in bounded time; the next one is read as if nothing had been."""
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    start = time.monotonic()
    verdict = warm.read(put(bomb))
    assert time.monotonic() - start < 15
    assert isinstance(verdict, PdfFacts) or verdict.code == "file.unreadable"
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 50_000  # kB: ours, not the child's
    assert isinstance(warm.read(put(GOOD)), PdfFacts)


def test_a_child_is_kept_warm(fresh: Fresh, put: Put, mine: Mine) -> None:
    """One child serves one PDF after another, and is replaced after a number of them."""
    children = fresh(recycle=3)
    path, seen = put(GOOD), []
    for _ in range(7):
        seen.append(mine())
        assert isinstance(children.read(path), PdfFacts)
    assert [len(s) for s in seen] == [0, 1, 1, 0, 1, 1, 0]
    assert seen[1] == seen[2] != seen[4] == seen[5]


def test_children_are_limited_and_know_no_secret(
    fresh: Fresh, put: Put, mine: Mine, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A child has the limits it claims, its own session, no environment but PATH and LANG, no file but its socket."""
    monkeypatch.setenv("CHORUS_OUTBOX_PASSWORD", "canary")
    with put(b"held open").open("rb"):
        fresh().read(put(GOOD))
        (pid,) = mine()
    entry = Path(f"/proc/{pid}")
    assert {v.split(b"=")[0] for v in (entry / "environ").read_bytes().split(b"\0") if v} == {b"PATH", b"LANG"}
    assert sorted(f.name for f in (entry / "fd").iterdir()) == ["0", "1", "2"]
    assert os.getsid(pid) == pid
    assert (entry / "oom_score_adj").read_text() == "1000\n"
    assert resource.prlimit(pid, resource.RLIMIT_AS) == (768 * 2**20, 768 * 2**20)
    assert resource.prlimit(pid, resource.RLIMIT_FSIZE)[0] == 0
    assert resource.prlimit(pid, resource.RLIMIT_CORE) == (0, 0)
    assert 10 <= resource.prlimit(pid, resource.RLIMIT_CPU)[0] <= 12


def test_many_threads_share_few_children(fresh: Fresh, put: Put, mine: Mine, tmp_path: Path) -> None:
    """Any number of threads may ask at once; each gets the answer to its own question from at most two children."""
    children = fresh(size=2)
    files = [put(page_of(f"Facture {i}")).rename(tmp_path / f"{i}.pdf") for i in range(8)]
    with ThreadPoolExecutor(16) as pool:
        facts = list(pool.map(children.read, files * 4))
    assert [f.text.strip() for f in facts if isinstance(f, PdfFacts)] == [f"Facture {i}" for i in range(8)] * 4
    assert len(mine()) <= 2


def test_a_hanging_child_is_killed_and_replaced(fresh: Fresh, put: Put, mine: Mine) -> None:
    """A child that does not answer in time is killed: the PDF is unreadable, and the next is read by another child."""
    children = fresh(timeout_seconds=3)
    children.read(put(GOOD))
    (stuck,) = mine()
    os.kill(stuck, signal.SIGSTOP)
    children._timeout_seconds = 0.2
    assert children.read(put(GOOD)) == Problem("file.unreadable", {"detail": "> 0.2 s"})
    assert mine() == []
    children._timeout_seconds = 20
    assert isinstance(children.read(put(GOOD)), PdfFacts)


def hold(
    children: PdfChildren, path: Path, pool: ThreadPoolExecutor, mine: Mine
) -> tuple[int, Callable[[], PdfFacts | Problem]]:
    """Start a read whose child is stopped in the middle; return the child and how to get the verdict."""
    children.read(path)
    (pid,) = mine()
    os.kill(pid, signal.SIGSTOP)
    verdict = pool.submit(children.read, path)
    assert wait_until(lambda: children._places.qsize() < children._size)
    time.sleep(0.3)  # until the question is asked
    return pid, verdict.result


def test_a_child_killed_from_outside_is_forgiven_once(fresh: Fresh, put: Put, mine: Mine) -> None:
    """A child killed in the middle (by the kernel short of memory, say) does not condemn its PDF: it is read again."""
    with ThreadPoolExecutor(1) as pool:
        pid, verdict = hold(fresh(), put(GOOD), pool, mine)
        os.kill(pid, signal.SIGKILL)
        assert isinstance(verdict(), PdfFacts)


def test_a_child_that_is_always_killed_is_a_problem(fresh: Fresh, put: Put, mine: Mine) -> None:
    """The second death in a row is the PDF's problem: nothing is tried for ever."""
    children, done = fresh(), threading.Event()

    def kill() -> None:
        while not done.wait(0.005):
            for pid in mine():
                os.kill(pid, signal.SIGKILL)

    killer = threading.Thread(target=kill)
    killer.start()
    verdict = children.read(put(GOOD))
    done.set()
    killer.join()
    assert verdict == Problem("file.unreadable", {"detail": "SIGKILL"})


@pytest.mark.parametrize("how", ["SIGSEGV", "SIGXCPU"])
def test_a_crash_is_a_problem_at_once(fresh: Fresh, put: Put, mine: Mine, how: str) -> None:
    """A child that crashes on a PDF, or takes all its CPU time, is not given it again."""
    with ThreadPoolExecutor(1) as pool:
        pid, verdict = hold(fresh(), put(GOOD), pool, mine)
        os.kill(pid, signal.Signals[how])
        os.kill(pid, signal.SIGCONT)
        assert verdict() == Problem("file.unreadable", {"detail": how})


def test_a_child_that_died_while_idle_is_replaced(fresh: Fresh, put: Put, mine: Mine) -> None:
    """A child found dead before the work begins costs nothing but a new one."""
    children = fresh()
    children.read(put(GOOD))
    (pid,) = mine()
    os.kill(pid, signal.SIGKILL)
    assert wait_until(lambda: not mine())
    assert isinstance(children.read(put(GOOD)), PdfFacts)


def test_idle_children_are_let_go(fresh: Fresh, put: Put, mine: Mine) -> None:
    """After a minute without work a child ends, not before; the next PDF starts another."""
    children = fresh(idle_seconds=60)
    children.read(put(GOOD))
    children.close_idle(time.monotonic() + 59)
    assert len(mine()) == 1
    children.close_idle(time.monotonic() + 61)
    assert mine() == []
    assert isinstance(children.read(put(GOOD)), PdfFacts)


def test_close_leaves_no_process(put: Put, mine: Mine) -> None:
    """After close no child is left, closing again is harmless, and a late question is refused, not answered wrongly."""
    children = PdfChildren()
    with ThreadPoolExecutor(4) as pool:
        verdicts = list(pool.map(children.read, [put(GOOD)] * 8))
    assert all(isinstance(v, PdfFacts) for v in verdicts)
    children.close()
    children.close()
    assert mine() == []
    with pytest.raises(RuntimeError):
        children.read(put(GOOD))


def test_children_end_with_a_killed_parent(put: Put) -> None:
    """When the daemon is killed outright, its children end by themselves."""
    program = (
        "import sys, time; from pathlib import Path; from chorus_outbox.edge.pdf import PdfChildren\n"
        "children = PdfChildren(); print(children.read(Path(sys.argv[1])).pages, flush=True); time.sleep(60)"
    )
    with subprocess.Popen([sys.executable, "-c", program, str(put(GOOD))], stdout=subprocess.PIPE) as parent:
        assert parent.stdout is not None
        assert parent.stdout.readline() == b"1\n"
        (pid,) = children_of(parent.pid)
        parent.kill()
    assert wait_until(lambda: not Path(f"/proc/{pid}/exe").exists())


@pytest.mark.parametrize(
    "change",
    [
        pytest.param({"pages": "many"}, id="pages"),
        pytest.param({"facturx": "not base64!"}, id="XML"),
        pytest.param({"embedded": 7}, id="names"),
        pytest.param({"problem": "file.unheard_of"}, id="unknown code"),
        pytest.param({"problem": ["file.empty"]}, id="code of another type"),
    ],
)
def test_nonsense_from_a_child_is_a_problem(change: dict[str, object]) -> None:
    """An answer that is not of the agreed form is a problem of the PDF that provoked it, not an exception here."""
    sane: dict[str, object] = {"pages": 1, "signed": False, "facturx": None, "embedded": [], "text": ""}
    assert _facts(sane) == PdfFacts(pages=1)
    assert _facts(sane | change) == Problem("file.unreadable", {"detail": "???"})


def test_this_machines_trouble_is_raised(warm: PdfChildren, tmp_path: Path) -> None:
    """A file that is not there is an OSError, not a verdict on a PDF; a pipe in its place does not hang."""
    with pytest.raises(FileNotFoundError):
        warm.read(tmp_path / "missing.pdf")
    os.mkfifo(tmp_path / "pipe.pdf")
    verdict = warm.read(tmp_path / "pipe.pdf")
    assert isinstance(verdict, Problem)
    assert verdict.code == "file.unreadable"


def test_numbers_are_not_taken_on_trust(warm: PdfChildren, put: Put) -> None:
    """A page count that lies is corrected by counting."""
    lying = changed(lambda w: w.root_object["/Pages"].update({NameObject("/Count"): NumberObject(7)}))  # type: ignore[attr-defined]
    facts = warm.read(put(lying))
    assert isinstance(facts, PdfFacts)
    assert facts.pages == 1
