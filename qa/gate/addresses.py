"""Links: one that no quote has may carry what was asked to somebody else's server, wherever the answer is rendered."""

import html
import re
import unicodedata
from collections.abc import Iterator, Sequence

__all__ = ["unknown_addresses"]

_REST = r"(?:[^\s<>\]]|\](?![(:\[]))+"  # up to where a renderer may end an address, or later
_HOST = r"(?<![^\W_])(?<![./\\@-])(?:(?:[^\W_]|-){1,63}\.){1,8}"
_ADDRESS = re.compile(
    rf"""\]\(\s*(?:<[^<>]*|[^\s()]*(?:\([^\s()]*\)[^\s()]*)*)     # whatever a Markdown link points at
    |<[a-z][a-z0-9+.-]{{1,31}}:[^\s<>]+
    |(?:[a-z0-9+.-]{{0,30}}:[/\\]{{2,}}
       |(?<![a-z0-9])(?:https?:|www\.)
       |(?<![a-z0-9])(?:javascript|vbscript|data|mailto|tel|sms|ftps?|file|vscode|xmpp|blob|intent):
       |(?<![a-z0-9:/\\])[/\\]{{2,}}(?=[\w\[])
       |[\w.+-]{{1,64}}@(?=[\w-]+\.\w)
       |{_HOST}[^\W\d_]{{2,24}}(?::\d{{1,5}})?[/?\#]
    ){_REST}
    |{_HOST}(?:com|net|org|info|biz|io|dev|app|xyz)(?![\w-]|\.\w)""",
    re.IGNORECASE | re.VERBOSE,
)
_TAG = re.compile(r"<[a-z][^<>]*", re.IGNORECASE)
_VALUE = re.compile(  # of an attribute that may hold addresses
    r"\b(?:href|src|srcset|action|formaction|poster|data|cite|background|style|ping)\s*=\s*(\"[^\"]*|'[^']*|[^\s\"'<>]+)",
    re.IGNORECASE,
)
_ESCAPE = re.compile(r"\\([!-/:-@\[\]^-`{-~])")
_DROPPED = re.compile(
    r"&(?:Tab|NewLine|#0*(?:9|10|13)(?!\d)|#x0*[9ad](?![0-9a-f]));?", re.IGNORECASE
)  # browsers drop them in addresses
_FILES = re.compile(  # `Node.js/Express`, `README.md/CHANGELOG.md`: two words that look like a host with a path
    r"[\w-]+\.(?:js|ts|py|md|rs|sh|rb|php|css|sql|java|toml|ya?ml|json|xml|html?|ini|cfg|conf|log|txt|csv|pdf|docx?"
    r"|xlsx?|pptx?|odt|epub|png|jpe?g|gif|svg|exe|dll|jar|zip|gz)/"
)
_EDGES = " \t\n\"'’”“`.,;:!?…*_|)}]"


def unknown_addresses(statement: str, texts: Sequence[str]) -> Iterator[str]:
    """The addresses of the statement that none of the texts has, from beginning to end; the host alone may stand for
    an address.
    """
    statement, *texts = (_decoded(text) for text in (statement, *texts))
    known = {_target(address) for text in texts for address in _addresses(text)}
    hosts = tuple("." + re.split(r"[/?#:]", target.rpartition("@")[2])[0] for target in known)
    reported: set[str] = set()
    for address in _addresses(statement):
        target = _target(address)
        is_host = target == address.lower() and not re.search(r"[/?#:@\\]", target)
        if target in known | reported or (is_host and any(host.endswith("." + target) for host in hosts)):
            continue
        if _FILES.match(address.lower()) and all(_stands(part, texts) for part in address.split("/")):
            continue
        reported.add(target)
        yield address


def _decoded(text: str) -> str:
    """A text as Markdown, HTML and browsers read it: without entities, escapes, and wide or hidden letters."""
    text = unicodedata.normalize("NFKC", html.unescape(_DROPPED.sub("", text)))
    return _ESCAPE.sub(r"\1", "".join(c for c in text if unicodedata.category(c) != "Cf"))


def _addresses(text: str) -> Iterator[str]:
    for found in _ADDRESS.finditer(text):
        yield from _trimmed(found[0].removeprefix("](").strip().lstrip("<"))
    for tag in _TAG.finditer(text):
        for value in _VALUE.finditer(tag[0]):
            yield from _trimmed(value[1].lstrip("\"'"))


def _trimmed(address: str) -> Iterator[str]:
    address = address.rstrip(_EDGES)
    if address:
        yield address


def _target(address: str) -> str:
    """What two ways to write the same address have in common."""
    return re.sub(r"^(?:https?:|mailto:)?[/\\]*", "", address.lower()).rstrip("/")


def _stands(word: str, texts: Sequence[str]) -> bool:
    return any(re.search(rf"(?<!\w){re.escape(word)}(?!\w)", text, re.IGNORECASE) for text in texts)
