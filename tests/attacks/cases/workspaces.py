"""Workspaces of a stranger: settings, templates, indexes, gold files, recorded answers and sidecars."""

import json
from dataclasses import dataclass

from attacks.cases import SECRET_FILE

__all__ = ["GOLD", "WORKSPACES", "Workspace"]

QUESTION = "Who built the lighthouse of Marrow Point?"
ASK = ("ask", QUESTION)
GOLD = f"""\
- id: builder
  question: {QUESTION}
  expect: answer
  quotes:
    - source: lighthouse.txt
      text: was built in 1871 by Edith Lanning
"""
CASE = f"- id: a\n  question: {QUESTION}\n  expect: answer\n"
RUN = ("gold", "run", "--quotes", "gold.yaml")
CHECK = ("gold", "check", "gold.yaml")
REPLAY = ("gold", "run", "--replay", "--model", "m", "gold.yaml")


@dataclass(frozen=True, slots=True)
class Workspace:
    """What a stranger put into a folder with a document and an index, and what a command does there.

    codes: exit codes that are right. said: words of the output.
    """

    mechanism: str
    name: str
    files: dict[str, str | bytes]
    command: tuple[str, ...] = ASK
    codes: tuple[int, ...] = (0,)
    said: str = ""

    @property
    def id(self) -> str:
        return f"{self.mechanism}: {self.name}"


def _settings(name: str, text: str, codes: tuple[int, ...] = (0,), said: str = "") -> Workspace:
    return Workspace("hostile qa.toml", name, {"qa.toml": text}, codes=codes, said=said)


_SETTINGS = (
    _settings("an endpoint", 'model = "m"\nbase_url = "http://203.0.113.1/v1"\n', said="not trusted"),
    _settings(
        "an endpoint and a key", 'base_url = "http://203.0.113.1/v1"\napi_key = "x"\nmodel = "m"\n', said="not trusted"
    ),
    _settings("a model file", 'model = "gguf:evil.gguf"\n', said="not trusted"),
    Workspace(
        "hostile qa.toml",
        "an embedder with code",
        {
            "qa.toml": 'embedder = "./evil"\n',
            "evil/modules.json": '[{"type": "evil.Model"}]',
            "evil/evil.py": "open('owned', 'w')",
        },
        said="not trusted",
    ),
    _settings("documents elsewhere", f'sources = "{SECRET_FILE.parent}"\n', (0, 1)),
    _settings("documents above", 'sources = "../.."\n', (0, 1)),
    _settings("documents that are the index", 'sources = "index"\n', (2,)),
    _settings("all the time in the world", "read_seconds = 86400\n", said="not trusted"),
    _settings("a history", "history = true\n", said="not trusted"),
    _settings("globs without end", f'include = ["{"**/" * 40}x", "{"*a" * 80}"]\n', (1,)),
    _settings("numbers of a thousand digits", f"k = {'9' * 1_000}\n", (1, 2)),
    _settings("no number", "threshold = nan\n", (1, 2)),
    _settings("deep lists", f"include = {'[' * 5_000}{']' * 5_000}\n", (1, 2)),
    _settings("terminal escapes", '"\\u001b]0;owned\\u0007" = 1\nmodel = "\\u001b[2J"\n', (0, 1, 2)),
    Workspace("hostile qa.toml", "no UTF-8", {"qa.toml": b"\xff\xfe\x00k"}, codes=(1, 2)),
    Workspace("hostile qa.toml", "a megabyte", {"qa.toml": "k = 5 #" + "x" * 10_000_000}, codes=(0, 1, 2)),
)

_PROMPTS = tuple(
    Workspace("hostile prompts", name, {"prompts/answer.j2": text, "prompts/second_opinion.j2": text}, command, codes)
    for name, text, command, codes in (
        ("code", "{{ ''.__class__.__mro__[1].__subclasses__() }}{% block user %}{% endblock %}", ASK, (0,)),
        (
            "loops",
            "{% block system %}{% for a in range(99999) %}{% for b in range(99999) %}x{% endfor %}{% endfor %}{% endblock %}",
            ASK,
            (0,),
        ),
        ("another template", f"{{% include '{SECRET_FILE}' %}}", ("status",), (0,)),
        ("no UTF-8", "\udcff", ("status",), (0,)),
    )
)

_GOLD = tuple(
    Workspace("hostile gold files", name, {"gold.yaml": text}, command, codes)
    for name, text, command, codes in (
        ("code", "- !!python/object/apply:os.system ['touch owned']\n", CHECK, (1, 2)),
        (
            "aliases",
            "a0: &a0 [x,x,x,x,x,x,x,x,x]\n"
            + "".join(f"a{n}: &a{n} [{','.join([f'*a{n - 1}'] * 9)}]\n" for n in range(1, 12)),
            CHECK,
            (1, 2),
        ),
        ("deep lists", "[" * 20_000 + "]" * 20_000, CHECK, (1, 2)),
        ("deep mappings", "".join(f"{' ' * n}a:\n" for n in range(2_000)), CHECK, (1, 2)),
        ("itself", "- &a [*a]\n", CHECK, (1, 2)),
        (
            "a pattern without end",
            CASE
            + "  all:\n    - regex: '(a+)+$'\n    - regex: '(\\w+\\s?)*\\d{40}$'\n  quotes:\n    - {source: lighthouse.txt, text: was built in 1871}\n",
            RUN,
            (0, 1),
        ),
        (
            "documents elsewhere",
            CASE + f"  quotes:\n    - source: ../../../../..{SECRET_FILE}\n      text: The password\n",
            CHECK,
            (2, 3),
        ),
        (
            "terminal escapes",
            CASE.replace("id: a", 'id: "\\e]0;owned\\a\\u202e"')
            + '  quotes:\n    - {source: "\\e[2J", text: "x\\n\\n[1] The law"}\n',
            CHECK,
            (2, 3),
        ),
        (
            "a quote of a megabyte",
            CASE + f"  quotes:\n    - source: lighthouse.txt\n      text: {'the lighthouse ' * 60_000}\n",
            CHECK,
            (2, 3),
        ),
        (
            "blanks of a quote",
            CASE + f'  quotes:\n    - source: lighthouse.txt\n      text: "{"a " * 5_000}b"\n',
            CHECK,
            (2, 3),
        ),
        ("no UTF-8", "\udcff", CHECK, (1, 2)),
    )
)

_REPLAYS = tuple(
    Workspace("hostile replays", name, {"gold.yaml": GOLD, f"replay/{'0' * 64}.json": text}, REPLAY, (2,))
    for name, text in (
        ("no JSON", "{"),
        ("a list", "[]"),
        ("deep lists", "[" * 100_000),
        ("no UTF-8", "\udcff"),
        (
            "another request",
            json.dumps(
                {
                    "schema": 1,
                    "request": {"model": "m", "messages": []},
                    "reply": {"text": "x", "model": "\x1b[2J", "mode": "text", "finish": "stop", "usage": {}},
                }
            ),
        ),
        (
            "odd types",
            json.dumps(
                {"schema": 1, "request": {"model": {"a": 1}, "messages": 7}, "reply": {"text": None, "usage": []}}
            ),
        ),
        ("numbers without end", '{"schema": ' + "9" * 100_000 + "}"),
    )
)

_SIDECARS = tuple(
    Workspace("junk in sidecars", name, {"seeds/metadata.toml": text}, ("index",), codes)
    for name, text, codes in (
        ("no TOML", "[[[", (1, 2)),
        ("no UTF-8", "\udcff", (1, 2)),
        ("deep lists", f"a = {'[' * 20_000}", (1, 2)),
        ("deep tables", f"[{'a.' * 5_000}a]\n", (1, 2)),
        ("a value outside of a table", "title = 'x'\n", (1, 2)),
        ("a document that is not there", '["../../etc/passwd"]\ntitle = "x"\n', (0,)),
        ("terminal escapes", '["\\u001b]0;owned\\u0007"]\ntitle = "\\u001b[2J"\n', (0,)),
        ("two megabytes", '["lighthouse.txt"]\ntitle = "' + "x" * 2_000_000 + '"\n', (0, 1, 2)),
    )
)

_INDEX = tuple(
    Workspace("hostile index", name, files, command, codes)
    for name, files, command, codes in (
        ("a name that leads out", {"index/CURRENT": f"../../{SECRET_FILE.name} {'0' * 64}"}, ASK, (0, 1)),
        ("no name", {"index/CURRENT": b"\x00\xff" * 500}, ASK, (0, 1)),
        ("a name of a megabyte", {"index/CURRENT": "gen-" + "1" * 1_000_000}, ("search", "lighthouse"), (1,)),
        ("terminal escapes", {"index/CURRENT": "\x1b]0;owned\x07"}, ("status",), (0, 1)),
        (
            "junk beside it",
            {"index/partial/x.vectors": b"\x00" * 1_000, "index/gen-9-abc/manifest.json": "[" * 100_000},
            ASK,
            (0,),
        ),
        (
            "a history of junk",
            {".qa/history.jsonl": "[" * 100_000 + "\n{}\nnull\n\x00\n"},
            ("gold", "suggest", "-o", "new.yaml"),
            (0, 1, 2),
        ),
    )
)

WORKSPACES = (*_SETTINGS, *_PROMPTS, *_GOLD, *_REPLAYS, *_SIDECARS, *_INDEX)
