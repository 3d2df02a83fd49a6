import os
import re
import sys
from pathlib import Path

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from qa.errors import SettingError, WorkspaceError
from qa.ingest import scan as module
from qa.ingest.scan import DEFAULT_EXCLUDE, duplicates, scan

as_user = pytest.mark.skipif(hasattr(os, "geteuid") and os.geteuid() == 0, reason="root may open everything")
links = pytest.mark.skipif(sys.platform == "win32", reason="links need a privilege there")


@pytest.fixture
def seeds(tmp_path: Path) -> Path:
    folder = tmp_path / "workspace" / "seeds"
    folder.mkdir(parents=True)
    return folder


def put(folder: Path, *names: str, text: str = "Some text.") -> None:
    for name in names:
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)


def ids(seeds: Path, **options: object) -> list[str]:
    return [file.id for file in scan(seeds, **options).files]  # type: ignore[arg-type]


def reasons(seeds: Path, **options: object) -> dict[str, str]:
    return {skip.id: skip.reason for skip in scan(seeds, **options).skipped}  # type: ignore[arg-type]


def test_files_are_listed_with_size_and_time_sorted_by_posix_path(seeds: Path) -> None:
    put(seeds, "b.txt", "a/z.md", "a.txt", "Ä.txt", "a-b.txt")
    result = scan(seeds)
    assert [f.id for f in result.files] == ["a-b.txt", "a.txt", "a/z.md", "b.txt", "Ä.txt"]
    assert result.skipped == ()
    stat = (seeds / "a/z.md").stat()
    file = result.files[2]
    assert (file.path, file.size, file.mtime_ns) == (seeds / "a/z.md", stat.st_size, stat.st_mtime_ns)


def test_hidden_files_readmes_lock_files_and_the_sidecar_are_not_documents(seeds: Path) -> None:
    names = (".hidden.txt", ".git/config.txt", "README.md", "readme.txt", "sub/ReadMe.de.md", "~$report.docx")
    put(seeds, *names, "metadata.toml", "read.txt", "sub/README notes.txt")
    assert ids(seeds) == ["read.txt", "sub/README notes.txt"]
    assert reasons(seeds) == {}
    assert ids(seeds, exclude=()) == sorted([*names, "read.txt", "sub/README notes.txt"])


def test_suffixes_count_in_any_case_and_other_files_are_named_with_the_reason(seeds: Path) -> None:
    put(seeds, "A.TXT", "b.Md", "table.xls", "film.mp4", "NOTES")
    assert ids(seeds) == ["A.TXT", "b.Md"]
    assert reasons(seeds) == {
        "NOTES": "cannot read a file without a suffix; qa index --help lists the formats",
        "film.mp4": "cannot read .mp4 files; qa index --help lists the formats",
        "table.xls": "cannot read .xls files; save it as .xlsx",
    }


def test_an_empty_file_and_a_large_one_are_skipped_and_the_limit_says_both_numbers(seeds: Path) -> None:
    put(seeds, "empty.txt", text="")
    put(seeds, "large.txt", text="x" * 1235)
    put(seeds, "full.txt", text="x" * 1234)
    assert ids(seeds, max_bytes=1234) == ["full.txt"]
    assert reasons(seeds, max_bytes=1234) == {
        "empty.txt": "empty",
        "large.txt": "1,235 bytes are over the limit of 1,234 (the setting max_bytes)",
    }


@pytest.mark.parametrize(
    ("pattern", "expected"),
    [
        ("**", ["a.txt", "n/a.txt", "n/deep/b.md", "x/n/c.txt"]),
        ("*.txt", ["a.txt", "n/a.txt", "x/n/c.txt"]),
        ("/*.txt", ["a.txt"]),
        ("n", ["n/a.txt", "n/deep/b.md", "x/n/c.txt"]),
        ("n/", ["n/a.txt", "n/deep/b.md", "x/n/c.txt"]),
        ("/n", ["n/a.txt", "n/deep/b.md"]),
        ("n/*", ["n/a.txt", "n/deep/b.md"]),
        ("n/*.txt", ["n/a.txt"]),
        ("n/**", ["n/a.txt", "n/deep/b.md"]),
        ("**/n/*.txt", ["n/a.txt", "x/n/c.txt"]),
        ("n/**/b.md", ["n/deep/b.md"]),
        ("N/DEEP", ["n/deep/b.md"]),
        ("?.txt", ["a.txt", "n/a.txt", "x/n/c.txt"]),
        ("[ab].*", ["a.txt", "n/a.txt", "n/deep/b.md"]),
        ("[!a].*", ["n/deep/b.md", "x/n/c.txt"]),
        ("[b-d].txt", ["x/n/c.txt"]),
        ("nothing", []),
    ],
)
def test_patterns(seeds: Path, pattern: str, expected: list[str]) -> None:
    everything = ["a.txt", "n/a.txt", "n/deep/b.md", "x/n/c.txt"]
    put(seeds, *everything)
    assert ids(seeds, include=(pattern,)) == expected
    assert ids(seeds, exclude=(pattern,)) == [name for name in everything if name not in expected]


def test_special_characters_in_patterns_are_literal_where_they_mean_nothing(seeds: Path) -> None:
    put(seeds, "a+b (1).txt", "a[1].txt", "a*.txt", "ab.txt")
    assert ids(seeds, include=("a+b (1).txt",)) == ["a+b (1).txt"]
    assert ids(seeds, include=(r"a\*.txt",)) == ["a*.txt"]
    assert ids(seeds, include=(r"a\[1].txt",)) == ["a[1].txt"]


def test_patterns_match_names_in_either_unicode_form(seeds: Path) -> None:
    put(seeds, "u\u0308ber.txt")
    assert ids(seeds, include=("über.*",)) == ["u\u0308ber.txt"]


@pytest.mark.parametrize("pattern", ["", "/", "!a.txt", "[z-a]"])
def test_a_pattern_without_meaning_is_a_setting_error(seeds: Path, pattern: str) -> None:
    with pytest.raises(SettingError, match="pattern"):
        scan(seeds, include=(pattern,))


@pytest.mark.parametrize(
    "patterns", [("[" * 1_001,), ("a",) * 1_001, ("[" * 1_000,) * 51], ids=["long", "many", "many long"]
)
@pytest.mark.parametrize("which", ["include", "exclude"])
def test_patterns_that_take_long_to_compile_are_a_setting_error(
    seeds: Path, patterns: tuple[str, ...], which: str
) -> None:
    with pytest.raises(SettingError, match="file pattern"):
        scan(seeds, **{which: patterns})


def matched(pattern: str, path: str) -> bool:
    """A slow twin of patterns without sets: every way to share the path out among the wildcards is tried."""
    if pattern.startswith("**/"):
        return any(matched(pattern[3:], path[at:]) for at in range(len(path) + 1) if not at or path[at - 1] == "/")
    if pattern.startswith("**"):
        return any(matched(pattern[2:], path[at:]) for at in range(len(path) + 1))
    if pattern.startswith("*"):
        return any(matched(pattern[1:], path[at:]) for at in range(len(path) + 1) if "/" not in path[:at])
    if not pattern:
        return not path or path.startswith("/")
    return (
        bool(path)
        and (path[0] == pattern[0] or (pattern[0] == "?" and path[0] != "/"))
        and matched(pattern[1:], path[1:])
    )


@given(
    st.lists(st.sampled_from(["a", "b", "?", "*", "/", "/**/"]), min_size=1, max_size=8).map("".join),
    st.text("ab/", min_size=1, max_size=10).filter(lambda path: "//" not in path and path.strip("/") == path),
)
def test_a_pattern_matches_what_its_slow_twin_matches(pattern: str, path: str) -> None:
    assume(pattern.strip("/") and "//" not in pattern and "***" not in pattern)
    assume(not re.search(r"[^/]\*\*/", pattern))  # not a folder's wildcard: the two read it differently
    body = pattern.strip("/")
    expected = matched(body if "/" in pattern.rstrip("/") else f"**/{body}", path)
    assert bool(module._compile(pattern).fullmatch(path)) == expected


@pytest.mark.parametrize(
    ("pattern", "matches"),
    [
        ("**/" * 30 + "x", [False, False, False]),
        ("*a" * 60 + "*b", [False, False, False]),
        ("**a" * 60 + "b", [False, False, False]),
        ("a*/**/" * 20 + "?b", [False, False, False]),
        ("*?" * 60, [False, True, True]),
    ],
)
def test_no_pattern_keeps_a_scan_busy(pattern: str, matches: list[bool]) -> None:
    paths = ("a/" * 60 + "a", "a" * 250, "a" * 250 + "/" + "a" * 250)
    assert [bool(module._compile(pattern).fullmatch(path)) for path in paths] == matches


@given(st.one_of(st.text(min_size=1, max_size=12), st.text("ab.tx*?[]\\/!", min_size=1, max_size=8)))
def test_any_pattern_is_a_setting_error_or_takes_what_lies_in_a_folder_that_it_takes(pattern: str) -> None:
    try:
        compiled = module._compile(pattern)
    except SettingError:
        return
    for name in ("a", "b.txt", "a/b.txt"):
        assert not compiled.fullmatch(name) or compiled.fullmatch(f"{name}/c")
        assert not compiled.fullmatch(name) or "/" in pattern or compiled.fullmatch(f"deep/{name}")


@given(st.text(st.characters(exclude_characters="*?[]\\/!", exclude_categories=("Cs",)), min_size=1, max_size=12))
def test_a_plain_name_as_pattern_matches_itself_at_any_depth(name: str) -> None:
    compiled = [module._compile(name)]
    assert module._matches(compiled, name)
    assert module._matches(compiled, f"a/{name}/b.txt")
    assert not module._matches(compiled, f"x{name}y")


@pytest.mark.parametrize("name", ["missing", "file.txt"])
def test_a_folder_that_is_none_is_a_workspace_error(tmp_path: Path, name: str) -> None:
    (tmp_path / "file.txt").write_text("text")
    with pytest.raises(WorkspaceError, match=name):
        scan(tmp_path / name)


def test_an_empty_folder_holds_nothing(seeds: Path) -> None:
    assert scan(seeds) == module.Scan((), ())


def test_relative_folders_work_from_anywhere(seeds: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    put(seeds, "sub/a.txt")
    for where, name in ((seeds, "."), (seeds.parent, "seeds"), (seeds / "sub", "..")):
        monkeypatch.chdir(where)
        assert ids(Path(name)) == ["sub/a.txt"]


@links
def test_links_inside_the_workspace_are_followed_and_links_out_of_it_are_not(seeds: Path, tmp_path: Path) -> None:
    put(tmp_path / "elsewhere", "secret.txt")
    put(seeds.parent / "more", "more.txt")
    (seeds / "file.txt").symlink_to(seeds.parent / "more" / "more.txt")
    (seeds / "folder").symlink_to(seeds.parent / "more")
    (seeds / "out.txt").symlink_to(tmp_path / "elsewhere" / "secret.txt")
    (seeds / "out").symlink_to(tmp_path / "elsewhere")
    (seeds / "up.txt").symlink_to("../../elsewhere/secret.txt")
    assert ids(seeds) == ["file.txt", "folder/more.txt"]
    out = "a link out of the workspace; copy what it points at into it"
    assert reasons(seeds) == {"out.txt": out, "out": out, "up.txt": out}


@links
def test_links_to_hidden_files_are_not_followed(seeds: Path) -> None:
    (seeds.parent / ".git").mkdir()
    for name in (".env", ".git/config"):
        (seeds.parent / name).write_text("key = 1")
    (seeds / "env.txt").symlink_to("../.env")
    (seeds / "git").symlink_to("../.git")
    assert ids(seeds) == []
    hidden = "a link to a hidden file or folder"
    assert reasons(seeds) == {"env.txt": hidden, "git": hidden}


@links
def test_loops_of_links_end_and_every_folder_is_read_once(seeds: Path) -> None:
    put(seeds, "b/text.txt")
    (seeds / "a").symlink_to(seeds / "b")
    (seeds / "b" / "loop").symlink_to(seeds)
    (seeds / "self.txt").symlink_to(seeds / "self.txt")
    (seeds / "gone.txt").symlink_to(seeds / "nothing.txt")
    assert ids(seeds) == ["b/text.txt"]
    assert reasons(seeds) == {
        "a": "a link to a folder that is read already",
        "b/loop": "a link to a folder that is read already",
        "self.txt": "a link that leads nowhere",
        "gone.txt": "a link that leads nowhere",
    }


@links
def test_many_crossing_links_stay_cheap(seeds: Path) -> None:
    for level in range(40):  # two ways to each next folder: 2**40 paths
        (seeds / f"d{level}").mkdir()
        put(seeds, f"d{level}/t.txt")
        for side in "ab":
            (seeds / f"d{level}" / side).symlink_to(seeds / f"d{level + 1}")
    assert len(ids(seeds)) == 40


@links
def test_a_seeds_folder_that_is_a_link_out_of_the_workspace_is_refused(seeds: Path, tmp_path: Path) -> None:
    put(tmp_path / "private", "diary.txt")
    link = tmp_path / "theirs" / "seeds"
    link.parent.mkdir()
    link.symlink_to(tmp_path / "private")
    with pytest.raises(WorkspaceError, match="outside of the workspace"):
        scan(link)


@links
def test_what_is_excluded_is_not_reported(seeds: Path, tmp_path: Path) -> None:
    (seeds / ".out.txt").symlink_to(tmp_path)
    put(seeds, ".cache/x.bin", "drafts/x.bin", "pictures/x.png", "a.txt")
    assert reasons(seeds, include=("*.txt",), exclude=(*DEFAULT_EXCLUDE, "drafts")) == {}


@as_user
@links
def test_an_unreadable_folder_and_file_are_skipped_with_the_reason(seeds: Path) -> None:
    put(seeds, "a.txt", "closed/b.txt", "locked.txt")
    (seeds / "closed").chmod(0)
    (seeds / "locked.txt").chmod(0)
    try:
        assert ids(seeds) == ["a.txt"]
        assert reasons(seeds) == {
            "closed": "cannot be opened: permission denied",
            "locked.txt": "cannot be opened: no permission to read it",
        }
    finally:
        (seeds / "closed").chmod(0o700)


def test_a_folder_that_cannot_be_listed_is_skipped_with_the_reason(
    seeds: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    put(seeds, "a.txt", "closed/b.txt")
    listed = Path.iterdir

    def iterdir(self: Path) -> object:
        if self.name == "closed":
            raise PermissionError(13, "Permission denied")
        return listed(self)

    monkeypatch.setattr(Path, "iterdir", iterdir)
    assert ids(seeds) == ["a.txt"]
    assert reasons(seeds) == {"closed": "cannot be opened: permission denied"}


@links
def test_special_files_are_not_opened(seeds: Path) -> None:
    os.mkfifo(seeds / "pipe.txt")
    assert reasons(seeds) == {"pipe.txt": "not a regular file"}


@pytest.mark.skipif(sys.platform != "linux", reason="other systems refuse such names")
def test_odd_names_neither_crash_nor_reach_the_index_undecodable(seeds: Path) -> None:
    put(seeds, "two\nlines.txt", "Übersicht – “neu”.txt", "日本.txt", "-rf.txt", "a:b.txt")
    (Path(os.fsdecode(os.fsencode(seeds) + b"/caf\xe9.txt"))).write_text("text")
    assert sorted(ids(seeds)) == sorted(["two\nlines.txt", "Übersicht – “neu”.txt", "日本.txt", "-rf.txt", "a:b.txt"])
    assert reasons(seeds) == {r"caf\xe9.txt": "its name is not valid UTF-8; rename it"}


def test_duplicates_keep_the_first_in_sorted_order() -> None:
    assert duplicates({"c": "1", "a": "1", "b": "2", "d": "1"}) == {"c": "a", "d": "a"}
    assert duplicates({}) == {}


@given(st.dictionaries(st.text(max_size=4), st.sampled_from("xyz")))
def test_what_is_kept_has_every_hash_once(hashes: dict[str, str]) -> None:
    later = duplicates(hashes)
    kept = [id_ for id_ in hashes if id_ not in later]
    assert sorted(hashes[id_] for id_ in kept) == sorted(set(hashes.values()))
    assert all(hashes[id_] == hashes[first] and first < id_ for id_, first in later.items())


def test_the_help_of_qa_index_lists_every_format_that_is_read() -> None:
    from qa.cli.index import index
    from qa.ingest.suffixes import READERS

    assert set(re.findall(r"\.[a-z]+\d?\b", index.__doc__.partition("Reads ")[2])) == set(READERS)
