"""An endpoint that sends the key back, in whatever form, to whatever place: it is shown, kept and raised nowhere."""

import base64
import json
import re
import unicodedata
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

import qa as library
from qa import errors
from qa.answer.conversation import Turn
from qa.answer.events import Asked
from qa.answer.parse import parse
from qa.answer.rewriting import Rewriter
from qa.cli.commands import app
from qa.gate.judge import ChatJudge, Item, JudgedQuote
from qa.llm import failures, redact
from qa.llm.announcing import AnnouncingChat
from qa.llm.chat import OpenAIChat
from qa.llm.protocol import ChatRequest, Message
from qa.llm.recorded import Recorder, Store
from qa.llm.redact import Redactor, Stream
from qa.testing import FakeChat, HashEncoder
from qa.trust import packaged_prompt

ROOT = Path(__file__).parents[2]
KEY = "sk-test-VerySecretKey0123456789"
WHO = "Who built the lighthouse of Marrow Point?"
BUILT = "The lighthouse of Marrow Point was built in 1871 by Edith Lanning."
ASK = ChatRequest((Message("user", WHO),))
BYTES = KEY.encode()


def base64_of(before: bytes, after: bytes = b" end", encode: Callable[[bytes], bytes] = base64.b64encode) -> str:
    return encode(before + BYTES + after).decode()


def mathematical(char: str) -> int:
    """The second half of a bold letter, bold digit or bold nabla."""
    starts = ((str.islower, 0xDC1A - ord("a")), (str.isupper, 0xDC00 - ord("A")), (str.isdigit, 0xDFCE - ord("0")))
    return next((ord(char) + start for is_one, start in starts if is_one(char)), 0xDEC1)


FORMS = {
    "as it is": KEY,
    "upper case": KEY.upper(),
    "mixed case": KEY.swapcase(),
    "JSON escapes": "".join(f"\\u{byte:04x}" for byte in BYTES),
    "one JSON escape": KEY.replace("s", "\\u0073"),
    "JSON escapes in capitals": "".join(f"\\u{byte:04X}" for byte in BYTES),
    "JSON escapes, twice": "".join(f"\\\\u{byte:04x}" for byte in BYTES),
    "braced escapes": "".join(f"\\u{{{byte:04x}}}" for byte in BYTES),
    "string escapes": "".join(f"\\x{byte:02x}" for byte in BYTES),
    "octal escapes": "".join(f"\\{byte:03o}" for byte in BYTES),
    "percent": "".join(f"%{byte:02X}" for byte in BYTES),
    "percent, some": KEY.replace("e", "%65").replace("-", "%2d"),
    "percent, twice": "".join(f"%25{byte:02x}" for byte in BYTES),
    "percent, three times": "".join(f"%2525{byte:02x}" for byte in BYTES),
    "decimal entities": "".join(f"&#{byte};" for byte in BYTES),
    "hexadecimal entities": "".join(f"&#x{byte:x};" for byte in BYTES),
    "hexadecimal": BYTES.hex(),
    "hexadecimal in capitals": BYTES.hex().upper(),
    "hexadecimal, spaced": BYTES.hex(" "),
    "hexadecimal numbers": ", ".join(f"0x{byte:02x}" for byte in BYTES),
    "hexadecimal of another case": KEY.upper().encode().hex(),
    "Base64": base64_of(b""),
    "Base64, one byte before": base64_of(b"x"),
    "Base64, two bytes before": base64_of(b"xy"),
    "Base64 of a header": base64_of(b"Authorization: Bearer "),
    "Base64 for addresses": base64_of(b"?", encode=base64.urlsafe_b64encode),
    "Base64 in short lines": "\\n".join(re.findall(".{1,20}", base64_of(b""))),
    "spaced out": " ".join(KEY),
    "hyphenated out": "-".join(KEY),
    "dotted out": " . ".join(KEY),
    "in groups": " ".join(re.findall(".{1,4}", KEY)),
    "with invisible characters": "\u200b".join(KEY),
    "spaced out widely": (" " * 40).join(KEY),
    "with control characters": ("\x01" * 12).join(KEY),
    "with many invisible characters": ("\u200b" * 12).join(KEY),
    "with ids of sentences": "[s1]".join(KEY),
    "with an id in the middle": f"{KEY[:15]}[s1]{KEY[15:]}",
    "with ids in round brackets": "(s1, s2)".join(KEY),
    "with tags": "<b>".join(KEY),
    "with entities": "&zwnj;".join(KEY),
    "in mathematical letters": "".join(f"\\ud835\\u{low:04x}" for low in map(mathematical, KEY)),
    "full width": "".join(chr(byte + 0xFEE0) for byte in BYTES),
    "Base32": base64_of(b"", encode=base64.b32encode),
    "Base32, three bytes before": base64_of(b"xyz", encode=base64.b32encode),
    "Base85": base64_of(b"", encode=base64.b85encode),
    "Base85 of Adobe, one byte before": base64_of(b"x", encode=base64.a85encode),
    "Base64 of UTF-16": base64.b64encode(KEY.encode("utf-16")).decode(),
    "hexadecimal of UTF-16": " ".join(f"{byte:04X}" for byte in BYTES),
    "numbers of characters": " ".join(f"U+{byte:04X}" for byte in BYTES),
    "hexadecimal numbers of UTF-16": ", ".join(f"0x{byte:04x}" for byte in BYTES),
    "with accents": unicodedata.normalize("NFC", "\u0301".join(KEY)),
    "with combining letters": "\u0363".join(KEY),
    "with Hangul fillers": "\u3164".join(KEY),
    "in tags": "".join(chr(byte + 0xE0000) for byte in BYTES),
    "in dark circles": re.sub("[A-Z]", lambda found: chr(ord(found[0]) + 0x1F150 - 65), KEY.upper()),
    "in regional indicators": re.sub("[A-Z]", lambda found: chr(ord(found[0]) + 0x1F1E6 - 65), KEY.upper()),
    "in small capitals": KEY.translate(str.maketrans("serct", "ꜱᴇʀᴄᴛ")),
    "with Cyrillic letters": KEY.translate(str.maketrans("ecySKt", "есуЅКт")),
    "with Greek letters": KEY.translate(str.maketrans("etVyKk", "ετνγΚκ")),
    "with rare Cyrillic letters": KEY.translate(str.maketrans("ecySKtr36", "ҽҫүЅҚҭгӡб")),
    "with rare Greek letters": KEY.translate(str.maketrans("cVKs", "ϲνϰϛ")),
}
every_form = pytest.mark.parametrize("form", FORMS.values(), ids=FORMS)


def letters(text: str) -> str:
    return "".join(char for char in text.lower() if char.isalnum())


def leaks(text: str, form: str) -> bool:
    """Whether the key is in a text, apart from the ends of its Base64, which hold what stands around it."""
    inside = letters(form)[6:-9]
    return letters(KEY) in letters(text) or (inside in letters(text) if inside else form[6:-9] in text)


@pytest.fixture
def chat(endpoint: Any) -> Iterator[OpenAIChat]:
    with OpenAIChat("m", endpoint.base_url, KEY, sleep=lambda _: None, deadline=20) as made:
        yield made


@every_form
def test_in_a_text_and_nothing_around_it_is_lost(form: str) -> None:
    hidden = Redactor(KEY).hide(f"before: {form} :after")
    assert "[key]" in hidden
    assert not leaks(hidden, form)
    assert hidden.startswith("before: ")
    assert hidden.endswith(" :after")


@every_form
@pytest.mark.parametrize("size", [1, 2, 3, 7, 16, 1000])
def test_split_over_the_chunks_of_a_stream_it_is_as_in_one_piece(form: str, size: int) -> None:
    redactor, text = Redactor(KEY), f"before: {form} :after"
    held, shown = "", ""
    for start in range(0, len(text), size):
        passed, held = redactor.split(held + text[start : start + size])
        assert not leaks(shown + passed, form)
        shown += passed
    assert shown + redactor.rest(held) == redactor.hide(text)


@every_form
def test_in_a_reply_that_is_streamed_and_in_its_recording(
    endpoint: Any, chat: OpenAIChat, form: str, tmp_path: Path
) -> None:
    endpoint.script(endpoint.answer(f"It is {form}, see?", piece=5, finish=f"because {form}"))
    *pieces, reply = Recorder(chat, "m", Store(tmp_path)).stream(ASK)
    (file,) = tmp_path.iterdir()
    recorded = json.loads(file.read_text(encoding="utf-8"))["reply"]
    streamed = "".join(piece.text for piece in pieces)
    for text in (reply.text, reply.finish, streamed, recorded["text"], recorded["finish"], file.read_text()):
        assert not leaks(text, form)
    assert all("[key]" in text for text in (streamed, reply.text, reply.finish))


@every_form
def test_in_a_reply_in_one_piece(endpoint: Any, chat: OpenAIChat, form: str) -> None:
    endpoint.script(endpoint.answer(f"It is {form}, see?", finish=f"because {form}"))
    reply = chat.complete(ASK)
    for text in (reply.text, reply.finish):
        assert not leaks(text, form)
        assert "[key]" in text


@every_form
def test_in_the_names_of_models(endpoint: Any, chat: OpenAIChat, form: str) -> None:
    body = {"model": f"m {form}", "choices": [{"message": {"content": "x"}, "finish_reason": "stop"}]}
    endpoint.models = [f"a {form}", "m-2"]
    endpoint.script(endpoint.raw(json.dumps(body).encode()), endpoint.error(404, "model not found"))
    assert not leaks(chat.complete(ASK).model, form)
    with pytest.raises(errors.NoSuchModelError) as caught:
        chat.complete(ASK)
    for text in (*chat.models(), *caught.value.offered, str(caught.value)):
        assert not leaks(text, form)


FAILURES: dict[str, Callable[[Any, str], Any]] = {
    "400": lambda e, said: e.error(400, f"header {said} refused"),
    "403": lambda e, said: e.error(403, f"bad {said}"),
    "429": lambda e, said: e.error(429, said, {"retry-after": "9999"}),
    "500": lambda e, said: e.error(500, f"Traceback: {said}"),
    "detail": lambda e, said: e.raw(json.dumps({"detail": [{"loc": said, "msg": said}]}).encode(), status=422),
    "context": lambda e, said: e.error(400, f"maximum context length {said}"),
    "filter": lambda e, said: e.error(400, f"content_filter {said}"),
    "quota": lambda e, said: e.error(402, f"no funds {said}"),
    "refusal": lambda e, said: e.answer("", refusal=f"I will not use {said}"),
    "stream": lambda e, said: e.events(json.dumps({"error": {"message": said}})),
}


@every_form
@pytest.mark.parametrize("place", FAILURES)
def test_in_the_message_of_an_error(endpoint: Any, chat: OpenAIChat, form: str, place: str) -> None:
    endpoint.script(*[FAILURES[place](endpoint, form)] * failures.ATTEMPTS)
    with pytest.raises(errors.ChatError) as caught:
        list(chat.stream(ASK))
    assert not leaks(str(caught.value), form)


@every_form
def test_cut_off_in_the_middle_of_a_long_message(form: str) -> None:
    for cut in range(len(form) * 3 // 4, len(form)):
        said = failures.clean(f"bad {form[:cut]}", KEY)
        assert "[key]" in said
        before = letters(said.partition("[key]")[0].removeprefix("bad "))
        assert len(before) < 6 or before in letters(base64_of(b"Authorization: Bearer ")[:34])


@pytest.fixture(scope="module")
def retriever(tmp_path_factory: pytest.TempPathFactory) -> Iterator[library.Retriever]:
    root = tmp_path_factory.mktemp("north")
    (root / "seeds").mkdir()
    (root / "seeds" / "a.txt").write_text(f"{BUILT} Its lamp is seen from afar.\n", encoding="utf-8")
    with library.Retriever.build(root / "seeds", root / "index", encoder=HashEncoder()) as made:
        yield made


@every_form
@pytest.mark.parametrize("options", [["--verbose", "--explain"], ["--json"]], ids=["text", "json"])
def test_through_the_command_line(
    form: str,
    options: list[str],
    endpoint: Any,
    retriever: library.Retriever,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    said = {"statements": [{"evidence": ["s1"], "text": f"Edith Lanning built it in 1871, {form}."}]}
    endpoint.script(endpoint.answer(json.dumps(said, ensure_ascii=False).replace("\\\\", "\\"), piece=3, finish=form))
    (tmp_path / "seeds").mkdir()
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    monkeypatch.setattr("qa.session.Session.retriever", lambda *_, **__: retriever)
    given = {"OPENAI_BASE_URL": endpoint.base_url, "OPENAI_API_KEY": KEY, "QA_HISTORY": "1", "QA_FLOOR": "0.001"}
    for name, value in given.items():
        monkeypatch.setenv(name, value)
    with pytest.raises(SystemExit):
        app(["ask", "--no-build", "--model", "m", *options, WHO])
    out, err = capsys.readouterr()
    assert endpoint.requests
    history = (tmp_path / ".qa" / "history.jsonl").read_text(encoding="utf-8")
    for text in (out, err, history):
        assert not leaks(text, form)


@pytest.mark.parametrize(
    ("key", "text"),
    [
        ("none", "none of them, none, n o n e"),
        ("local", "local bGFsb2Fs"),
        ("local-key", "a local key, the local, key; of local keys"),
        ("lm-studio", "LM Studio and lm studio"),
        ("no-key-required", "no key required"),
        (KEY, f"{KEY[:5]}, {KEY[:20]} and {KEY[5:]} are not the key; sk-test is 42% of it, \\u0041 and &#65; are A."),
        (KEY, "s" * 50 + " sk sk-test test very secret key 0123456789"),
        ("", "anything"),
    ],
)
def test_innocent_text_stays_as_it_is(key: str, text: str) -> None:
    assert Redactor(key).hide(text) == text


@pytest.mark.parametrize("key", [KEY, "local-key", "lm-studio", "not-needed", "no-key-required", "ollama", "sk-1234"])
@pytest.mark.parametrize("page", ["README.md", "docs/security.md", "docs/serve.md", "seeds/000_6f2a8e452271332e.txt"])
def test_prose_stays_as_it_is(key: str, page: str) -> None:
    text = (ROOT / page).read_text(encoding="utf-8")
    assert Redactor(key).hide(text) == text.replace(key, "[key]")


class Knowing(FakeChat):
    """A chat whose redactor did not see the key in its replies, as in a recording that somebody else made."""

    def hide(self, text: str) -> str:
        return Redactor(KEY).hide(text)


def test_in_statements_without_their_markers(retriever: library.Retriever) -> None:
    spread = "[s1]".join(KEY)
    said = {"statements": [{"evidence": ["s1"], "text": f"Edith Lanning built it in 1871, {spread}."}]}
    chat = Knowing(json.dumps(said))
    events = list(library.Assistant(retriever, AnnouncingChat(chat, str), floor=0.001).stream(WHO))
    assert not leaks(repr([event for event in events if not isinstance(event, Asked)]), KEY)
    assert "[key]" in repr(events[-1])


def test_in_a_refusal_in_the_words_of_a_judge_and_in_a_question_written_anew() -> None:
    with pytest.raises(errors.ContentRefusedError, match=r"\[key\]") as caught:
        parse(f"I cannot help with {'[s9]'.join(KEY)}", ["s1"], hide=Redactor(KEY).hide)
    assert not leaks(str(caught.value), KEY)
    opinions = {"opinions": [{"n": 1, "not_stated": KEY, "stated": False, "answers": True}]}
    judged = ChatJudge(Knowing(json.dumps(opinions)), packaged_prompt).judge([Item(WHO, BUILT, (JudgedQuote(BUILT),))])
    assert judged.opinions[0] is not None
    assert judged.opinions[0].not_stated == "[key]"
    question = f"Who built {KEY}?"
    asked = Knowing(json.dumps({"question": question}))
    assert Rewriter(asked, packaged_prompt, question, [Turn(WHO)])() == "Who built [key]?"


def test_a_key_of_few_letters_is_found_as_it_stands() -> None:
    assert Redactor("--!!--a").hide("the key --!!--a here") == "the key [key] here"


@pytest.mark.parametrize(
    ("text", "hidden"), [("l o c a l k e y", "[key]"), ("LOCAL-KEY", "[key]"), ("bG9jYWwta2V5", "[key]")]
)
def test_a_key_of_words_is_found_where_no_prose_writes_it(text: str, hidden: str) -> None:
    assert Redactor("local-key").hide(text) == hidden


@pytest.mark.parametrize(
    "unit", ["s", "s k-", "\\", "\\u0073", "%25", "%2573", "c2", "73", "&#", "0x", "sk-test-", " ", "[s1]", "["]
)
def test_the_work_grows_with_the_text_and_not_faster(unit: str, monkeypatch: pytest.MonkeyPatch) -> None:
    seen = [0]
    letters_of = redact._Reading.letters

    def counting(reading: Any) -> Any:
        seen[0] += len(reading.text)
        return letters_of(reading)

    monkeypatch.setattr(redact._Reading, "letters", counting)

    def work(size: int) -> int:
        seen[0], stream = 0, Stream(Redactor(KEY))
        for start in range(0, size, 20):
            stream.feed(f"s{unit * size}"[start : start + 20])
        stream.rest()
        return seen[0]

    assert work(8000) < 2.5 * work(4000)
