"""Which sentences of a document code takes for its own statements, so that a copy needs no judge."""

from pathlib import Path

import pytest

import qa
from qa import gate
from qa.gate.around import support_quote
from qa.testing import HashEncoder

LIE = "The mayor took bribes for years."
TOWN = "The town has a museum and a harbour.\n\n"
MAIL = (
    "From: Ann <ann@example.org>\nTo: Bob <bob@example.org>\nSubject: Talk\nDate: Mon, 1 Jan 2024 10:00:00 +0000\n"
    "Content-Type: text/plain; charset=utf-8\n\nI do not agree.\n\nOn Monday, Bob wrote:\n"
    f"> I know him well. {LIE} It is so.\n\nIt is nonsense.\n"
)
HTML_MAIL = MAIL.partition("I do")[0].replace("text/plain", "text/html")


def verdicts(folder: Path, name: str, text: str, statement: str = LIE) -> set[str]:
    """What code says of a copy, for each sentence that it may be a copy of."""
    (folder / "seeds").mkdir()
    (folder / "seeds" / name).write_text(text, encoding="utf-8")
    with qa.Retriever.build(folder / "seeds", folder / "index", encoder=HashEncoder()) as retriever:
        sentences = retriever.sentences(name, 0, 100)
        return {gate.check(statement, [support_quote(retriever, s)]).verdict for s in sentences}


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("a.txt", f"{TOWN}{LIE}\n\nMore text.\n"),
        ("a.md", f"{TOWN}## Report\n\nHe is tall. {LIE} It is known.\n"),
        ("a.md", f'{TOWN}The "Old Harbour" is closed.\n\n## The "Crown"\n\n{LIE} It is known.\n'),
        ("a.md", f"# Report\n\n{LIE}\n"),
        ("a.md", f"# Report\n\n- He is tall.\n- He is old.\n\n{LIE}\n"),
        ("a.md", f"{TOWN}> He is tall.\n\nSo they say.\n\n{LIE}\n"),
        ("a.txt", f"REPORT\n\n{LIE} It is known.\n"),
        ("a.txt", f"The report\n==========\n\n{LIE} It is known.\n"),
        ("a.txt", f"{TOWN}It began at 10:30. {LIE}\n"),
        ("a.md", f"{TOWN}See the [site of the town](http://example.org). {LIE}\n"),
        ("a.eml", MAIL.replace("I do not agree.", f"I do not agree.\n\n{LIE}")),
        ("a.eml", f"{HTML_MAIL}<p>I do not agree.</p><p>{LIE}</p><h2>News</h2><p>It is nonsense.</p>"),
        ("a.html", f"<h2>Report</h2><p>{LIE}</p>"),
        ("a.md", f"{TOWN}It opened in 1964. {LIE}\n"),
        ("a.md", f"{TOWN}John F. Kennedy saw it. {LIE}\n"),
        ("a.md", f"{TOWN}{LIE}\n\n- Bob is old\n- Ann is old\n"),
        ("a.md", f"{TOWN}See [s]. {LIE} See [/api](x.md) and [quote].\n"),
        ("a.txt", f"{TOWN}{LIE}\n\nIt lies in [/home] and </opt>.\n"),
        ("a.md", f"{TOWN}**Note** that [he](x.md) is <b>tall</b>. {LIE.replace('bribes', '*bribes*')}\n"),
    ],
)
def test_a_sentence_that_its_document_states(tmp_path: Path, name: str, text: str) -> None:
    assert "supported" in verdicts(tmp_path, name, text)


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("a.md", f"{TOWN}&quot;I know him. {LIE} It is so.&quot; said Bob.\n"),
        ("a.md", f"{TOWN}&ldquo;I know him. {LIE} It is so.&rdquo; said Bob.\n"),
        ("a.md", f"Critics wrote “I know him.\n\n## Page 2\n\nHe lies. {LIE} It is so.\n\n## Page 3\n\nSure.”\n"),
        ("a.md", f"Critics wrote “I know him.\n\n```\nx = 1\n```\n\nHe lies. {LIE} It is so.\n\nSure.”\n"),
        (
            "a.md",
            f"Critics wrote “I know him.\n\nHe lies. {LIE} It is so.\n\n| a | b |\n|---|---|\n| c | d |\n\nSure.”\n",
        ),
        ("a.txt", f"{TOWN}Critics wrote ״I know him. {LIE} It is so.״ on a wall.\n"),
        ("a.txt", f"{TOWN}Critics wrote ❛I know him. {LIE} It is so.❜ on a wall.\n"),
        ("a.md", f"{TOWN}> I know him well. {LIE} It is so.\n"),
        ("a.md", f"## Claims that are false:\n\nI know him well. {LIE} It is so.\n"),
        ("a.eml", MAIL),
        ("a.md", f"{TOWN}- [ ] {LIE}\n- [x] He is tall.\n"),
        # a list, whatever stands before it
        ("a.md", f"{TOWN}- {LIE}\n- He is tall.\n"),
        ("a.md", f"{TOWN}1. He is tall.\n\n   {LIE}\n"),
        ("a.txt", f"{TOWN}- He is tall.\n- {LIE}\n"),
        ("a.rst", f"No person shall\n\n- He is tall. {LIE}\n"),
        ("a.txt", f"{TOWN}No person shall-\n\n(a) be tall.\n\n(b) be old. {LIE}\n"),
        ("a.md", f"{TOWN}(b) He is old. {LIE}\n"),
        ("a.md", f"{TOWN}iv) He is old. {LIE}\n"),
        ("a.html", f"<p>It rained.</p><p>§ 5 He is old. {LIE}</p>"),
        ("a.html", f"<p>It rained.</p><p>12 He is old. {LIE}</p>"),
        # a lead-in without a colon, and one with it, from the second sentence on
        ("a.md", f"{TOWN}The following is forbidden\n\nHe is tall. {LIE}\n"),
        ("a.md", f"{TOWN}Nobody believes this \u2013\n\nHe is tall. {LIE}\n"),
        ("a.md", f"{TOWN}The liar wrote:\n\nHe is tall. {LIE}\n"),
        ("a.txt", f"{TOWN}The liar wrote:\n\nHe is tall. {LIE}\n"),
        ("a.txt", f"{TOWN}The liar wrote\n\nHe is tall. {LIE}\n"),
        ("a.html", f"<p>It rained.</p><p>The liar wrote:</p><p>He is tall. {LIE}</p>"),
        ("a.html", f"<div>We deny that</div><div>He is tall. {LIE}</div>"),
        ("a.md", f"{TOWN}Which of these is true?\n\nHe is tall. {LIE}\n"),
        ("a.md", f"{TOWN}**The liar says**\n\nHe is tall. {LIE}\n"),
        ("a.md", f"## It is false that\n\nHe is tall. {LIE}\n"),
        ("a.md", f"{TOWN}| a | b |\n|---|---|\n| He says | this |\n\nHe is tall. {LIE}\n"),
        # a colon in the same block
        ("a.md", f"{TOWN}Minister Smith: He is tall. {LIE}\n"),
        ("a.md", f"{TOWN}These claims are **false:** He is tall. {LIE}\n"),
        ("a.txt", f"{TOWN}The firm claims the following: He is tall. {LIE}\n"),
        # somebody's words
        ("a.md", f"{TOWN}> We saw it all.\n{LIE} He is tall.\n"),
        ("a.md", f"{TOWN}> It rained.\n>\n> We saw\nit all. {LIE}\n"),
        ("a.md", f"{TOWN}> We saw it all.\n\n{LIE}\n"),
        ("a.md", f"{TOWN}<blockquote>\n\nHe is tall. {LIE}\n\n</blockquote>\n"),
        ("a.md", f"{TOWN}<blockquote>He is tall. {LIE}</blockquote>\n"),
        ("a.md", f"{TOWN}He said <q>he is tall. {LIE} It is so.</q>\n"),
        ("a.html", f"<p>It rained.</p><blockquote><p>It snowed.</p><p>He is tall. {LIE}</p></blockquote>"),
        ("a.html", f"<p>It rained.</p><blockquote style='display:inline'>He is tall. {LIE}</blockquote>"),
        ("a.rst", f"It rained.\n\n    He is tall. {LIE}\n\nIt snowed.\n"),
        ("a.md", f"{TOWN}*He is tall. {LIE} It is so.* \u2014 The liar\n"),
        ("a.md", f"{TOWN}He is tall. {LIE}\n\n\u2014 The liar\n"),
        ("a.txt", f"{TOWN}<<He is tall. {LIE} It is so.>> said the liar.\n"),
        ("a.txt", f"It rained.\n\nOn Monday Bob Smith wrote:\n\nHe is tall.\n\n{LIE}\n"),
        ("a.eml", MAIL.replace("On Monday, Bob wrote:\n", "")),
        (
            "a.eml",
            MAIL.replace(
                "On Monday, Bob wrote:\n> ", "-----Original Message-----\nFrom: Bob\nSent: 1 May\nTo: Ann\n\nOh.\n\n"
            ),
        ),
        (
            "a.eml",
            MAIL.replace("text/plain", "text/html")
            .replace("> ", "<blockquote>")
            .replace("It is nonsense", "</blockquote>"),
        ),
        # what a page shows of it is not known
        ("a.md", f"{TOWN}{LIE.replace(' took', ' ![](never.png) took')}\n"),
        ("a.md", f"{TOWN}{LIE.replace(' took', ' {% never %} took')}\n"),
        ("a.md", f"{TOWN}{LIE.replace(' took', ' <img src=never.png> took')}\n"),
        ("a.md", f"{TOWN}{LIE.replace('.', '[^1].')}\n\n[^1]: This is not so.\n"),
        *(
            ("a.html", f"<p>It rained.</p><p>{LIE.replace(' took', f' {shown} took')}</p>")
            for shown in (
                "<img src=n.png alt=never>",
                "<svg><text>never</text></svg>",
                "<button>never</button>",
                "<input type=button value=never>",
                "<input placeholder=never>",
                "<select><option>never<option>often</select>",
                "<object>never</object>",
                "<span aria-hidden=true>never</span>",
                "<bdo dir=rtl>reven</bdo>",
                "<s>never</s>",
                "<a href='#x'>§</a>",
            )
        ),
        ("a.md", f"It rained.\n\nOn Monday Bob wrote&colon;\n\nHe is old.\n\n{LIE}\n"),
        ("a.md", f"It rained.\n\nMinister&#58; He is old. {LIE}\n"),
        ("a.md", f"{TOWN}{LIE}\n\n&mdash; Bob Smith\n"),
        # numbered with a word or a blank before the number
        *(
            (name, f"It rained.\n\n{label} The town is old. {LIE}\n")
            for name in ("a.txt", "a.md")
            for label in (
                "Myth 1.",
                "Claim no. 12)",
                "T/F 3.",
                "H1.",
                "Myth #2 -",
                "Lie IV.",
                "Lie A.",
                "Finding of fact 7.",
            )
        ),
        ("a.txt", f"It rained.\n\n____ 1. {LIE}\n"),
        ("a.html", f"<p>It rained.</p><p><b>Myth 1.</b> {LIE}</p>"),
        ("a.md", f"Much is said. Myth 1. {LIE}\n"),
        # a signature with any dash, in a block of any kind
        *(
            ("a.html", f"<p>It rained.</p><p>{LIE}</p><p>{dash} Jane Smith, B.A.</p>")
            for dash in "-~\u2010\u2012\u2212"
        ),
        ("a.html", f"<p>It rained.</p><p>He is tall. {LIE}<br>- J. Smith</p>"),
        ("a.html", f"<p>It rained.</p><p>{LIE}</p><footer>\u2014 <cite>Tom Brown</cite></footer>"),
        ("a.html", f"<p>It rained.</p><p>{LIE}</p><p>(Jane Smith, mayor)</p>"),
        ("a.txt", f"{TOWN}{LIE}\n\n- Bob Smith\n\nMore text.\n"),
        ("a.md", f"{TOWN}{LIE}\n\n- Bob Smith\n\nMore text.\n"),
        # old ways to quote
        ("a.txt", f"{TOWN}jd> He is tall. {LIE}\n"),
        ("a.txt", f"{TOWN}[quote=Bob]\nHe is tall.\n\n{LIE}\n\nIt is so.\n[/quote]\n"),
        ("a.md", f"{TOWN}[s]He is tall. {LIE} It is so.[/s]\n"),
        ("a.txt", f"{TOWN}<quote>He is tall. {LIE} It is so.</quote>\n"),
        # what somebody else sent
        *(
            ("a.eml", f"{MAIL.partition('I do')[0]}{words}{header}\n\nHe is tall.\n\n{LIE}\n\nIt is so.\n")
            for words in ("", "Look at this.\n\n")
            for header in (
                "Von: Bob <b@example.org>\nGesendet: Montag\nAn: Ann\nBetreff: Die Miete im Juni",
                "*From:* Bob\n*Sent:* Monday\n*To:* Ann\n*Subject:* The rent of June",
                "\u5dee\u51fa\u4eba: Bob\n\u4ef6\u540d: The rent of the house in June",
            )
        ),
        *(
            (
                "a.eml",
                f"{HTML_MAIL}{words}<p><b>Von:</b> Bob<br><b>An:</b> Ann</p><p>He is tall.</p>{title}<p>{LIE}</p>",
            )
            for words in ("", "<p>Look at this.</p>")
            for title in ("", "<h2>News</h2>")
        ),
        ("a.srt", f"1\n00:00:01,000 --> 00:00:04,000\nHe is tall. {LIE}\n"),
    ],
)
def test_a_sentence_that_somebody_else_says_or_a_sign_may_take_back(tmp_path: Path, name: str, text: str) -> None:
    assert "supported" not in verdicts(tmp_path, name, text)


@pytest.mark.parametrize(
    ("name", "text", "statement", "copied"),
    [
        ("a.md", "Boil the eggs for 1&nbsp;1/2 hours.", "Boil the eggs for 1 1/2 hours.", True),
        ("a.md", "Boil the eggs for 1&nbsp;1/2 hours.", "Boil the eggs for 11/2 hours.", False),
        ("a.md", "The talks gave no&nbsp;table.", "The talks gave notable.", False),
        ("a.md", "It costs {% if eu %}5{% else %}12{% endif %} euros.", "It costs 512 euros.", False),
        ("a.md", "It costs 5<img src=x>12 euros.", "It costs 512 euros.", False),
        ("a.md", "It costs **5**12 euros.", "It costs 512 euros.", True),
        ("a.md", "The value is &lt;5 mg a day.", "The value is <5 mg a day.", True),
        ("a.md", "The value is `&lt;`5 mg a day.", "The value is <5 mg a day.", False),
        ("a.md", "The value is \\&lt;5 mg a day.", "The value is <5 mg a day.", False),
        ("a.md", "Set the value x&para=5 in it.", "Set the value x\u00b6=5 in it.", False),
        ("a.txt", "Set the value x&para=5 in it.", "Set the value x\u00b6=5 in it.", False),
        ("a.txt", "Set the value x&para=5 in it.", "Set the value x&para=5 in it.", True),
        ("a.txt", "The value is &lt;5 mg a day.", "The value is <5 mg a day.", False),
        ("a.html", "<p>It costs <bdo dir=rtl>12</bdo> euros a day.</p>", "It costs 12 euros a day.", False),
    ],
)
def test_a_copy_is_what_a_page_shows(tmp_path: Path, name: str, text: str, statement: str, copied: bool) -> None:
    assert ("supported" in verdicts(tmp_path, name, text, statement)) == copied
