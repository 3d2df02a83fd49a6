"""Files made to hang, to fill the memory or to take over whoever reads them. They are listed as unread; the others are
read.
"""

import io
import json
import os
import signal
import subprocess
import sys
import time
import zipfile
from pathlib import Path

import docx
import pytest
from pypdf import PdfReader, PdfWriter
from pypdf.generic import ArrayObject, NameObject, NumberObject
from reportlab.pdfgen.canvas import Canvas

from qa.errors import QaError, SourceError
from qa.index import build as builder
from qa.ingest import pipeline, reading
from qa.ingest.reading import Job, Limits, prepare_all
from qa.records import BuildSettings, Prepared
from qa.testing import HashEncoder
from qa.worker import Worker

ROOT = Path(__file__).resolve().parents[2]
SHORT = Limits(seconds=2)
GOOD = b"The lighthouse was built in 1871. Nobody lives there."
CHILD = """
import json, os, signal, sys, time
from qa.ingest import reading
from qa.worker import Frame

def handle(head, body):
    if not body.startswith(b"{"):
        return reading.handle(head, body)
    told = json.loads(body)
    if "kill" in told:
        os.kill(os.getpid(), signal.SIGKILL)
    while time.process_time() < told.get("work", 0):
        pass
    if "sleep" in told:
        time.sleep(told["sleep"])
    if "raw" in told:
        for number in range(3, 20):
            try:
                os.write(number, bytes.fromhex(told["raw"]))
            except OSError:
                pass
        time.sleep(30)
    if "modules" in told:
        reading.handle({**head, "id": "a.md"}, b"# One\\n\\nTwo ran. Three fell.")
        return Frame({"reason": json.dumps([name for name in told["modules"] if name in sys.modules])})
    if "leak" in told:
        handle.kept = bytearray(told["leak"])
        return Frame({"reason": "kept"})
    return Frame(told["head"], told.get("body", "").encode("latin-1"))
"""


@pytest.fixture
def child(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """A child that does what its documents tell it, as one does that a document has taken over."""
    (tmp_path / "taken_over.py").write_text(CHILD)
    monkeypatch.syspath_prepend(str(tmp_path))
    return "taken_over"


def outcomes(jobs: list[Job], limits: Limits = SHORT, **options: object) -> list[Prepared | str]:
    read = prepare_all(jobs, limits=limits, **options)
    return [str(result) if isinstance(result, SourceError) else result for result in read]


def told(**what: object) -> bytes:
    return json.dumps(what).encode()


def pdf(*pages: str) -> bytes:
    buffer = io.BytesIO()
    canvas = Canvas(buffer)
    for page in pages:
        text = canvas.beginText(72, 800)
        text.textLines(page)
        canvas.drawText(text)
        canvas.showPage()
    canvas.save()
    return buffer.getvalue()


def pdf_of_one_page_many_times(times: int) -> bytes:
    writer = PdfWriter(
        clone_from=PdfReader(io.BytesIO(pdf("\n".join("The same words again and again." for _ in range(400)))))
    )
    pages = writer.root_object["/Pages"]
    pages[NameObject("/Kids")] = ArrayObject([pages["/Kids"][0]] * times)
    pages[NameObject("/Count")] = NumberObject(times)
    buffer = io.BytesIO()
    writer.write(buffer)
    return buffer.getvalue()


def word(body: bytes = b"") -> bytes:
    made = io.BytesIO()
    document = docx.Document()
    document.add_paragraph("The ferry leaves twice a day.")
    document.save(made)
    out = io.BytesIO()
    with zipfile.ZipFile(made) as source, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as target:
        for entry in source.infolist():
            data = source.read(entry)
            target.writestr(entry.filename, data.replace(b"<w:body>", b"<w:body>" + body))
    return out.getvalue()


def test_large_files_are_not_held_for_all_children_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reading, "MOST_BYTES", 3 * len(GOOD))
    taken: list[int] = []
    jobs = (taken.append(n) or Job(f"{n}.txt", GOOD) for n in range(12))
    for done, result in enumerate(prepare_all(jobs, children=4)):
        assert isinstance(result, Prepared)
        assert len(taken) - done <= 4  # three are handed over, and one waits


@pytest.mark.parametrize("opening", [b"<p", b"<!--", b"<?", b"<![CDATA["], ids=bytes.decode)
def test_markup_that_never_ends_is_read_in_time_that_is_linear(opening: bytes) -> None:
    jobs = [Job("a.txt", GOOD), Job("b.html", opening * 1_000_000), Job("c.txt", GOOD)]
    first, hostile, last = outcomes(jobs, Limits(seconds=60))
    assert hostile == "no text in it"
    assert isinstance(first, Prepared)
    assert isinstance(last, Prepared)


def test_what_a_document_waits_for_the_processor_does_not_count(child: str) -> None:
    busy, waiting, last = outcomes(
        [Job("a.txt", told(work=9)), Job("b.txt", told(sleep=3, head={"reason": "read"})), Job("c.txt", GOOD)],
        Limits(seconds=2),
        module=child,
    )
    assert (busy, waiting) == ("took longer than 2 seconds to read", "read")
    assert isinstance(last, Prepared)


def test_waiting_has_a_limit_by_the_clock(child: str) -> None:
    (waiting,) = outcomes([Job("a.txt", told(sleep=60))], Limits(seconds=1), module=child)
    assert waiting == "took longer than 1 seconds to read"


def test_a_pdf_that_repeats_one_page_takes_no_longer_than_the_limit() -> None:
    data = pdf_of_one_page_many_times(3_000)
    assert len(data) < 20_000
    hostile, last = outcomes([Job("a.pdf", data), Job("b.txt", GOOD)])
    assert hostile == "took longer than 2 seconds to read"
    assert isinstance(last, Prepared)


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux limits the memory of a process")
def test_a_zip_bomb_of_empty_paragraphs_takes_no_more_memory_than_the_limit() -> None:
    data = word(b"<w:p/>" * 4_000_000)
    assert len(data) < 100_000
    hostile, last = outcomes([Job("a.docx", data), Job("b.txt", GOOD)], Limits(seconds=60, memory=300 * 2**20))
    assert hostile == "needs too much memory to read: more than 0.292969 GiB"
    assert isinstance(last, Prepared)


def test_a_zip_bomb_of_words_gives_no_more_text_than_the_limit() -> None:
    data = word(b"<w:p><w:r><w:t>" + b"A man ran. " * 300_000 + b"</w:t></w:r></w:p>")
    hostile, last = outcomes([Job("a.docx", data), Job("b.txt", GOOD)], Limits())
    assert hostile == f"extracts to more than 2,000,000 characters, from a file of {len(data):,} bytes"
    assert isinstance(last, Prepared)


def test_a_large_text_file_is_never_too_long_for_its_size() -> None:
    (read,) = outcomes([Job("a.txt", GOOD * 100)], Limits(ratio=1, characters=10))
    assert isinstance(read, Prepared)


def test_a_build_lists_what_it_gave_up_on_and_answers_from_the_rest(tmp_path: Path) -> None:
    (tmp_path / "seeds").mkdir()
    (tmp_path / "seeds" / "hostile.pdf").write_bytes(pdf_of_one_page_many_times(3_000))
    (tmp_path / "seeds" / "good.txt").write_bytes(GOOD)
    settings = BuildSettings(read_seconds=2)
    report = builder.build(tmp_path / "seeds", tmp_path / "index", settings, HashEncoder())
    assert report.plan.skipped == {"hostile.pdf": "took longer than 2 seconds to read"}
    assert report.documents == 1
    again = builder.build(tmp_path / "seeds", tmp_path / "index", settings, HashEncoder())
    assert (again.written, again.plan.skipped) == (False, report.plan.skipped)


def test_a_rebuild_tries_again_what_it_gave_up_on(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "seeds").mkdir()
    (tmp_path / "seeds" / "long.docx").write_bytes(
        word(b"<w:p><w:r><w:t>" + b"A man ran. " * 10_000 + b"</w:t></w:r></w:p>")
    )
    (tmp_path / "seeds" / "good.txt").write_bytes(GOOD)
    with monkeypatch.context() as patch:
        patch.setattr(reading, "LIMITS", Limits(characters=10))
        report = builder.build(tmp_path / "seeds", tmp_path / "index", BuildSettings(), HashEncoder())
        assert list(report.plan.skipped) == ["long.docx"]
    assert not builder.build(tmp_path / "seeds", tmp_path / "index", BuildSettings(), HashEncoder()).written
    report = builder.build(tmp_path / "seeds", tmp_path / "index", BuildSettings(), HashEncoder(), rebuild=True)
    assert (report.documents, report.plan.skipped) == (2, {})


def test_every_document_is_what_it_is_without_a_child() -> None:
    files = [(path.name, path.read_bytes()) for path in sorted((ROOT / "seeds").glob("*")) if path.suffix != ".toml"]
    files += [(f"{n}.md", path.read_bytes()) for n, path in enumerate(sorted(ROOT.glob("docs/*.md")))]
    files += [
        ("front.md", b"---\ntitle: T\nauthor: [A, B]\nodd: \xf0\x9f\x99\x82\n---\n\nText of it. More of it.\n"),
        ("page.html", "<title>Ü</title><p>Größe “zählt”.<p>東京の天気は晴れです。次の文。<nav>x</nav>".encode()),
        ("two.pdf", pdf("Page one says this.", "Page two says that.")),
        ("word.docx", word()),
        ("utf16.txt", "One sentence. Another – with 🙂 in it.".encode("utf-16")),
        ("empty.txt", b" \n\n "),
        ("broken.pdf", b"%PDF-1.4 nothing"),
        ("binary.txt", bytes(range(256))),
        ("scan.pdf", pdf("")),
        ("strange.xyz", b"text"),
    ]
    sidecar = {"front.md": {"publisher": "P", "author": ""}}
    jobs = [Job(name, data, sidecar.get(name)) for name, data in files]
    for boilerplate, chars in ((True, 800), (False, 300)):
        expected: list[Prepared | str] = []
        for job in jobs:
            try:
                expected.append(pipeline.prepare(job.doc_id, job.data, job.sidecar, boilerplate, chars))
            except SourceError as error:
                expected.append(str(error))
        assert outcomes(jobs, Limits(), boilerplate=boilerplate, passage_chars=chars) == expected
    assert sum(isinstance(result, str) for result in expected) == 5


def test_results_come_in_the_order_of_the_files_however_many_there_are() -> None:
    missing = Job("20.txt", problem=SourceError("cannot be read: Permission denied"))
    jobs = [
        missing if n == 20 else Job(f"{n}.txt", b"Number %d ran away. " % n * (20_000 if n == 9 else n * 5))
        for n in range(1, 60)
    ]
    read = outcomes(jobs)
    assert read[19] == "cannot be read: Permission denied"
    assert [r.document.id for r in read if isinstance(r, Prepared)] == [j.doc_id for j in jobs if j is not missing]


def test_a_child_that_is_killed_costs_its_own_document_only(child: str) -> None:
    jobs = [
        Job("a.txt", GOOD),
        Job("b.txt", told(kill=1)),
        Job("c.txt", GOOD),
        Job("d.txt", told(kill=1)),
        Job("e.txt", GOOD),
    ]
    read = outcomes(jobs, module=child)
    reason = "the process that read it ended (signal 9); it may need too much memory"
    assert [r if isinstance(r, str) else r.document.id for r in read] == ["a.txt", reason, "c.txt", reason, "e.txt"]


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux limits the memory of a process")
def test_a_document_is_not_blamed_for_the_memory_that_earlier_ones_left_behind(child: str) -> None:
    large = word(b"<w:p/>" * 500_000)
    jobs = [Job("a.txt", told(leak=250 * 2**20)), Job("b.docx", large)]
    left, read = outcomes(jobs, Limits(seconds=60, memory=300 * 2**20), module=child)
    assert left == "kept"
    assert isinstance(read, Prepared)


HEAD = {
    "text": 4,
    "sentences": 1,
    "title": "t",
    "metadata": {},
    "skipped": [],
    "pages": [],
    "unread": [],
    "boilerplate": 0,
}


def body(
    text: str = "text",
    numbers: tuple[int, int, int] = (0, 4, 0),
    blocks: object = (["paragraph", 0, 4, -1, 0, [], [], []],),
    markup: object = (),
) -> str:
    """The body of a reply about one sentence; latin-1, so that each character is a byte."""
    packed = b"".join(number.to_bytes(8, "little") for number in numbers).decode("latin-1")
    return text + packed + json.dumps([blocks, markup])


BODY = body()


@pytest.mark.parametrize(
    ("head", "reply"),
    [
        ([], ""),
        ({}, ""),
        (HEAD | {"text": -1}, BODY),
        (HEAD | {"text": "4"}, BODY),
        (HEAD | {"text": True}, BODY),
        (HEAD | {"text": 50_000}, BODY),
        (HEAD | {"title": None}, BODY),
        (HEAD | {"title": ["t"]}, BODY),
        (HEAD | {"metadata": {"a": 1}}, BODY),
        (HEAD | {"metadata": []}, BODY),
        (HEAD | {"skipped": [[3, 1]]}, BODY),
        (HEAD | {"skipped": [[0, 9]]}, BODY),
        (HEAD | {"skipped": [[0]]}, BODY),
        (HEAD | {"pages": [3, 1]}, BODY),
        (HEAD | {"pages": [10**30]}, BODY),
        (HEAD | {"boilerplate": 0.5}, BODY),
        (HEAD, BODY[:-1]),
        (HEAD, body(numbers=(0, 5, 0))),
        (HEAD, body(numbers=(3, 1, 0))),
        (HEAD, body(numbers=(0, 4, 1))),
        (HEAD, body(text=" ext")),
        (HEAD, body(numbers=(2**60, 2**61, 0))),
        (HEAD | {"sentences": 2}, BODY),
        (HEAD | {"sentences": 10**12}, BODY),
        (HEAD | {"unread": [1]}, BODY),
        (HEAD, body(blocks=[])),
        (HEAD, body(blocks=[["paragraph", 0, 9, -1, 0, [], [], []]])),
        (HEAD, body(blocks=[["paragraph", 0, 4, 0, 0, [], [], []]])),
        (HEAD, body(blocks=[["poem", 0, 4, -1, 0, [], [], []]])),
        (HEAD, body(blocks=[["row", 0, 4, -1, 0, [0], [], []]])),
        (HEAD, body(blocks=[["row", 0, 4, -1, 0, [], [0, 9], []]])),
        (HEAD, body(markup=[[2, 9]])),
    ],
)
def test_a_reply_that_cannot_be_right_is_not_taken(child: str, head: object, reply: str) -> None:
    wrong, last = outcomes([Job("a.txt", told(head=head, body=reply)), Job("b.txt", GOOD)], module=child)
    assert wrong == "the process that read it gave a result that cannot be right"
    assert isinstance(last, Prepared)


def test_a_reply_that_is_right_is_taken(child: str) -> None:
    (read,) = outcomes([Job("a.txt", told(head=HEAD, body=BODY))], module=child)
    assert isinstance(read, Prepared)
    assert (read.document.text, [(s.start, s.end) for s in read.sentences]) == ("text", [(0, 4)])


@pytest.mark.parametrize(
    "raw",
    ["ff" * 64, "00" * 16, "00" * 7 + "02" + "00" * 8 + "7b7d", "00" * 7 + "01" + "00" * 8 + "5b", ""],
    ids=["sizes", "empty", "two frames", "no object", "silence"],
)
def test_bytes_that_are_no_reply_end_the_child(child: str, raw: str) -> None:
    wrong, last = outcomes([Job("a.txt", told(raw=raw)), Job("b.txt", GOOD)], module=child)
    assert isinstance(wrong, str)
    assert "cannot be right" in wrong or wrong == "took longer than 2 seconds to read"
    assert isinstance(last, Prepared)


def test_a_reply_that_is_larger_than_it_can_be_is_not_read(child: str) -> None:
    limits = Limits(seconds=10, characters=100)
    job = Job("a.txt", told(raw=(1).to_bytes(8, "big").hex() + (10**15).to_bytes(8, "big").hex()))
    wrong, last = outcomes([job, Job("b.txt", GOOD)], limits, module=child)
    assert wrong == "the process that read it gave a result that cannot be right"
    assert isinstance(last, Prepared)


def test_a_child_loads_only_what_reading_needs(child: str) -> None:
    heavy = [
        "torch",
        "faiss",
        "onnxruntime",
        "sentence_transformers",
        "transformers",
        "numpy",
        "bm25s",
        "openai",
        "typer",
    ]
    assert outcomes([Job("a.txt", told(modules=heavy))], module=child) == ["[]"]


def test_no_child_is_started_when_there_is_nothing_to_read(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(self: Worker) -> Worker:
        raise AssertionError("a process was started")

    monkeypatch.setattr(Worker, "start", refuse)
    assert outcomes([]) == []
    assert outcomes([Job("a.txt", problem=SourceError("gone"))]) == ["gone"]


def test_a_child_that_cannot_start_is_an_error_of_ours() -> None:
    with pytest.raises(QaError, match=r"the process for no\.such\.module did not start"):
        outcomes([Job("a.txt", GOOD)], module="no.such.module")


def test_modules_of_the_working_directory_are_not_loaded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("json.py", "struct.py", "nupunkt.py"):
        (tmp_path / name).write_text("open('loaded', 'w')")
    (tmp_path / "qa").mkdir()
    (tmp_path / "qa" / "__init__.py").write_text("open('loaded', 'w')")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "path", [path for path in sys.path if path])
    (read,) = outcomes([Job("a.txt", GOOD)])
    assert isinstance(read, Prepared)
    assert not (tmp_path / "loaded").exists()


PARENT = """
import signal, sys
signal.signal(signal.SIGINT, signal.default_int_handler)  # a shell in the background lets it be ignored
sys.path.insert(0, sys.argv[1])
from qa.worker import Worker
with Worker("taken_over", 2**30) as worker:
    worker.send({"seconds": 60}, b'{"sleep": 60}', 0)
    print(worker.pid, flush=True)
    worker.receive(60)
"""


@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGTERM, signal.SIGINT])
def test_a_child_ends_with_its_parent(child: str, tmp_path: Path, how: signal.Signals) -> None:
    command = [sys.executable, "-c", PARENT, str(tmp_path)]
    parent = subprocess.Popen(
        command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, start_new_session=True
    )
    with parent:
        assert parent.stdout
        pid = int(parent.stdout.readline())
        assert running(pid)
        os.killpg(parent.pid, how) if how == signal.SIGINT else parent.send_signal(how)
        assert parent.wait(30) != 0
    deadline = time.monotonic() + 30
    while running(pid) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert not running(pid)


def running(pid: int) -> bool:
    """Whether a process is there and does something; one that nobody has asked after is not."""
    state = subprocess.run(["ps", "-o", "stat=", "-p", str(pid)], capture_output=True, text=True, check=False)
    return state.stdout.strip()[:1] not in ("", "Z")
