"""Root, settings and their origin, trust."""

import os
import sys

import pytest

from qa import modelfiles
from qa import settings as workspaces
from qa.errors import SettingError, WorkspaceError
from qa.inside import place
from qa.session import Session
from qa.settings import SETTINGS, Workspace, find, sources_folder
from qa.trust import Snapshot, packaged_prompt


def resolve(workspace, flags, env):
    snapshot = Snapshot.read(workspace)
    return workspaces.resolve(workspace, snapshot.config, flags, env, trusted=snapshot.is_trusted)


@pytest.fixture
def home(tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    root = tmp_path / "workspace"
    (root / "seeds").mkdir(parents=True)
    return root


def test_the_root_is_the_nearest_folder_upwards_with_a_qa_toml(home):
    (home / "qa.toml").write_text("")
    (home / "seeds" / "deep").mkdir()
    assert find(cwd=home / "seeds" / "deep").root == home


def test_without_a_qa_toml_the_working_directory_needs_seeds(home):
    assert find(cwd=home).root == home
    with pytest.raises(WorkspaceError, match=r"has neither qa\.toml nor seeds/"):
        find(cwd=home / "seeds")


def everybody_may_write(home, monkeypatch):
    home.chmod(0o777)


def of_another_user(home, monkeypatch):
    if os.geteuid() == 0:
        os.chown(home / "qa.toml", 12345, -1)
    else:
        monkeypatch.setattr(os, "geteuid", lambda: 12345)


@pytest.mark.skipif(not hasattr(os, "geteuid"), reason="needs owners of files, which Windows does not have")
@pytest.mark.parametrize("foreign", [everybody_may_write, of_another_user])
def test_a_qa_toml_above_that_others_may_have_put_there_is_not_used(home, monkeypatch, foreign):
    (home / "qa.toml").write_text('sources = "evil"\n')
    work = home / "work"
    (work / "seeds").mkdir(parents=True)
    assert find(cwd=work).root == home
    foreign(home, monkeypatch)
    told = []
    assert find(cwd=work, notify=told.append).root == work
    assert len(told) == 1
    assert told[0].startswith(f"{home / 'qa.toml'} ignored: ")
    assert told[0].endswith(f"run with: --root {home}")
    assert find(root=home, cwd=work).root == home
    assert find(cwd=home).root == home
    with Session.open(cwd=work, notify=told.append) as session:
        assert session.sources == work / "seeds"
    assert len(told) == 2


@pytest.mark.parametrize("named", [".qa", ".git", "docs/.private", "index", "Index/old", "link", "docs/../.qa"])
@pytest.mark.parametrize("trusted", [False, True])
def test_a_hidden_folder_and_those_of_qa_itself_are_no_documents(home, named, trusted):
    for folder in (".qa", ".git", "docs/.private", "index/old"):
        (home / folder).mkdir(parents=True)
    (home / "link").symlink_to(".qa")
    (home / "qa.toml").write_text(f'sources = "{named}"\n')
    if trusted:
        Snapshot.read(find(cwd=home)).trust()
    if named.count("..") and not trusted:
        assert resolve(find(cwd=home), {}, {}).ignored == ("sources",)
    else:
        with pytest.raises(SettingError, match=r"qa\.toml: sources: .* is (a folder that qa writes|a hidden folder)"):
            resolve(find(cwd=home), {}, {})


def test_a_home_folder_that_does_not_exist_is_named_with_where_it_is_set(home):
    (home / "qa.toml").write_text('sources = "~nosuch/documents"\n')
    Snapshot.read(find(cwd=home)).trust()
    with pytest.raises(SettingError, match=r"qa\.toml: sources: ~nosuch/documents: there is no such home folder"):
        resolve(find(cwd=home), {}, {})


OUTSIDE = ["/evil/x", "~evil/x", "../evil", "in/../../evil", "\\\\evil\\x", "//evil/x", "E:/evil", "e:evil"]
OUTSIDE += ["link/x", "deep/up"]  # through links


@pytest.mark.parametrize("path", OUTSIDE)
@pytest.mark.parametrize("was_trusted", [False, True])
def test_nobody_looks_at_a_path_outside_before_it_is_trusted(home, monkeypatch, path, was_trusted):
    """On Windows, looking at `//host/share` connects to it; elsewhere, an automounter may."""
    (home / "link").symlink_to("/evil")
    (home / "deep").mkdir()
    (home / "deep" / "up").symlink_to("../../evil")
    if was_trusted:
        (home / "qa.toml").write_text("history = true\n")
        Snapshot.read(find(cwd=home)).trust()
    settings = [*("sources", "embedder", "reranker", "reader", "entailment")]
    lines = [f"{name} = '{path}'\n" for name in settings] + [f"model = 'gguf:{path}'\n"]
    (home / "qa.toml").write_text("".join(lines))
    monkeypatch.chdir(home)
    seen = []
    for name in ("stat", "lstat", "open", "scandir", "listdir", "readlink"):
        real = getattr(os, name)

        def spy(where, *arguments, real=real, name=name, **options):
            text = str(where)
            if "evil" in text or (name != "readlink" and text.endswith(("/link", "/link/x", "/up"))):
                seen.append((name, text))
            return real(where, *arguments, **options)

        monkeypatch.setattr(os, name, spy)
    with Session.open(home) as session:
        ignored = session.settings.ignored
    monkeypatch.undo()
    assert not seen
    assert set(ignored) == {*settings, "model"}


def test_root_overrides_and_must_exist(home):
    assert find(root=home, cwd=home.parent).root == home
    with pytest.raises(WorkspaceError, match="is not a folder"):
        find(root=home / "nowhere")


def test_flag_beats_environment_beats_file_beats_default_and_origin_says_so(home):
    def origin(flags, env):
        settings = resolve(find(cwd=home), flags, env)
        return settings["k"], settings.origin("k")

    assert origin({}, {}) == (5, "default")
    (home / "qa.toml").write_text("k = 7")
    assert origin({}, {}) == (7, "qa.toml")
    assert origin({}, {"QA_K": "8"}) == (8, "environment QA_K")
    assert origin({"k": 9}, {"QA_K": "8"}) == (9, "flag --k")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("passage_char = 700", "unknown setting 'passage_char'; did you mean 'passage_chars'"),
        ("k = 'many'", "k: expected a whole number, got 'many'"),
        ("k = true", "k: expected a whole number, got True"),
        ("k = 0", "k: expected 1 to 100, got 0"),
        ("threshold = 1.5", "threshold: expected 0 to 1, got 1.5"),
        ("threshold = -0.1", "threshold: expected 0 to 1, got -0.1"),
        ("include = '*.txt'", "include: expected a list of strings"),
        ("precision = 'int8'", "precision: expected one of auto, float32, bfloat16"),
        ("k = ", "is not valid TOML"),
    ],
)
def test_a_wrong_setting_is_an_error_that_names_it(home, text, message):
    (home / "qa.toml").write_text(text)
    with pytest.raises(SettingError, match=message):
        resolve(find(cwd=home), {}, {})


def test_environment_values_are_read_in_the_settings_type(home):
    env = {"QA_BOILERPLATE": "no", "QA_THRESHOLD": "0.25", "QA_EXCLUDE": "*.md, drafts/**"}
    settings = resolve(find(cwd=home), {}, env)
    assert (settings["boilerplate"], settings["threshold"]) == (False, 0.25)
    assert settings.build().exclude == ("*.md", "drafts/**")
    with pytest.raises(SettingError, match="QA_K: expected a whole number, got 'x'"):
        resolve(find(cwd=home), {}, {"QA_K": "x"})


def test_trust_ends_when_anything_that_it_covers_changes(home):
    (home / "qa.toml").write_text("k = 7")
    (home / "prompts").mkdir()
    workspace = find(cwd=home)
    assert not Snapshot.read(workspace).is_trusted
    Snapshot.read(workspace).trust()
    assert Snapshot.read(workspace).is_trusted
    (home / "prompts" / "answer.j2").write_text("{{ question }}")
    assert not Snapshot.read(workspace).is_trusted
    Snapshot.read(workspace).trust()
    assert Snapshot.read(workspace).is_trusted
    (home / "qa.toml").write_text("k = 8")
    assert not Snapshot.read(workspace).is_trusted


@pytest.mark.parametrize("before", ["a folder", "a link inside", "a link outside"])
def test_trust_ends_when_the_documents_come_to_lie_outside_or_elsewhere_outside(home, tmp_path, before):
    docs, private = home / "docs", tmp_path / "private"
    for folder in (tmp_path / "notes", home / "inside", private):
        folder.mkdir()
    (home / "qa.toml").write_text('sources = "docs"\nhistory = true\n')
    match before:
        case "a folder":
            docs.mkdir()
        case "a link inside":
            docs.symlink_to("inside")
        case "a link outside":
            docs.symlink_to(tmp_path / "notes")
    workspace = find(cwd=home)
    Snapshot.read(workspace).trust()
    assert resolve(workspace, {}, {}).ignored == ()
    docs.rename(home / "old")
    docs.symlink_to(private)
    assert resolve(workspace, {}, {}).ignored == ("sources", "history")
    Snapshot.read(workspace).trust()
    assert sources_folder(workspace, resolve(workspace, {}, {})).resolve() == private


def test_trust_covers_what_a_model_is_loaded_from_and_nothing_else_in_its_folder(home, tmp_path):
    model = home / "model"
    for path in (model / "1_Pooling" / "config.json", model / "b.json", model / ".git" / "c.json", tmp_path / "d.json"):
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("{}")
    (model / "linked").symlink_to(tmp_path)  # refused when the model is loaded
    covered = modelfiles.named(home, {"embedder": str(model)})
    assert [path.relative_to(model).as_posix() for path in covered] == [
        *("1_Pooling", "b.json", "linked", "1_Pooling/config.json")
    ]


def test_trust_is_remembered_outside_the_workspace(home):
    assert not Snapshot.read(find(cwd=home)).trust().is_relative_to(home)


def test_every_setting_has_help_and_an_environment_variable():
    assert all(kind.help and kind.env for kind in SETTINGS.values())


def test_model_endpoint_and_key_of_a_workspace_count_only_while_it_is_trusted(home):
    (home / "qa.toml").write_text('model = "m"\nbase_url = "http://h/v1"\napi_key = "sk-1"\nstrict = true\n')
    settings = resolve(find(cwd=home), {}, {})
    assert settings.ignored == ("model", "base_url", "api_key")
    assert (settings["model"], settings["base_url"], settings["api_key"], settings["strict"]) == ("", "", "", True)
    Snapshot.read(find(cwd=home)).trust()
    settings = resolve(find(cwd=home), {}, {})
    assert (settings["model"], settings["base_url"], settings["api_key"]) == ("m", "http://h/v1", "sk-1")
    assert settings.ignored == ()
    (home / "qa.toml").write_text('model = "other"\n')
    assert resolve(find(cwd=home), {}, {}).ignored == ("model",)


def test_an_empty_setting_needs_no_trust(home):
    (home / "qa.toml").write_text('model = ""\n')
    settings = resolve(find(cwd=home), {}, {})
    assert (settings.ignored, settings.origin("model")) == ((), "qa.toml")


def test_a_key_is_never_shown(home):
    settings = resolve(find(cwd=home), {}, {"OPENAI_API_KEY": "sk-1", "OPENAI_BASE_URL": "https://u:sk-1@h/v1?k=sk-1"})
    shown = {setting.name: setting.shown for setting in settings}
    assert (shown["api_key"], shown["base_url"]) == ("set", "https://h/ (the rest is not shown)")
    assert "sk-1" not in repr(settings)
    assert resolve(find(cwd=home), {}, {}).values["api_key"].shown == "not set"
    (home / "qa.toml").write_text('api_key = ["sk-1"]')
    with pytest.raises(SettingError) as caught:
        resolve(find(cwd=home), {}, {})
    assert "sk-1" not in str(caught.value)


def test_templates_are_the_packaged_ones_until_the_workspace_is_trusted(home):
    (home / "prompts").mkdir()
    (home / "prompts" / "answer.j2").write_text("mine")
    (home / "prompts" / "answer_markers.j2").write_text(packaged_prompt("answer_markers.j2"))
    workspace = find(cwd=home)
    assert Snapshot.read(workspace).own_templates == ("answer.j2",)
    assert Snapshot.read(workspace).template("answer.j2") == packaged_prompt("answer.j2")
    Snapshot.read(workspace).trust()
    assert Snapshot.read(workspace).template("answer.j2") == "mine"
    (home / "prompts" / "answer_markers.j2").unlink()
    Snapshot.read(workspace).trust()
    assert Snapshot.read(workspace).template("answer_markers.j2") == packaged_prompt("answer_markers.j2")


def test_a_template_that_is_not_utf_8_is_an_error(home):
    (home / "prompts").mkdir()
    (home / "prompts" / "answer.j2").write_bytes(b"\xff")
    Snapshot.read(find(cwd=home)).trust()
    with pytest.raises(SettingError, match="not UTF-8"):
        Snapshot.read(find(cwd=home)).template("answer.j2")


@pytest.mark.parametrize(
    ("name", "value", "message"),
    [
        ("deadline", "9" * 400, "deadline: expected 1 to 86400, got 1e"),
        ("deadline", "-" + "9" * 400, "deadline: expected 1 to 86400, got -1e"),
        ("k", "9" * 400, "k: expected 1 to 100, got 1e"),
        ("k", "9" * 5000, "too long or too deeply nested"),
        ("k", "[" * 5000, "too long or too deeply nested|not valid TOML"),
        ("embedder", '"a\\u0000"', "embedder: it must not contain a NUL character"),
        ("include", '["a\\u0000"]', "include: it must not contain a NUL character"),
    ],
)
def test_a_value_that_python_cannot_hold_or_a_path_cannot_have_is_a_setting_error(home, name, value, message):
    (home / "qa.toml").write_text(f"{name} = {value}", encoding="utf-8")
    with pytest.raises(SettingError, match=message):
        resolve(find(cwd=home), {}, {})


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ('sources = "{}"', "sources: must not have over 4,096 characters"),
        ('embedder = "{}"', "embedder: must not have over 4,096 characters"),
        ('precision = "{}"', "precision: must not have over 4,096 characters"),
        ("{} = 1", "unknown setting"),
    ],
)
def test_a_text_that_is_too_long_is_refused_and_not_repeated(home, text, message):
    (home / "qa.toml").write_text(text.replace("{}", ("b/" if '"' in text else "b") * 200_000))
    with pytest.raises(SettingError, match=message) as caught:
        Snapshot.read(find(cwd=home))
    assert len(str(caught.value)) < len(str(home)) + 300


def test_a_path_of_very_many_parts_is_not_looked_at(home):
    (home / "link").symlink_to("b/" * 300)
    assert place(home, "b/" * 400) == home.joinpath(*["b"] * 400)
    assert place(home, "b/" * 501) is None
    assert place(home, "link/" + "b/" * 300) is None


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere names of files are Unicode")
def test_a_template_whose_name_is_not_utf_8_is_covered_like_any_other(home):
    (home / "prompts").mkdir()
    name = home / "prompts" / os.fsdecode(b"\xff.j2")
    name.write_text("one")
    workspace = find(cwd=home)
    Snapshot.read(workspace).trust()
    assert Snapshot.read(workspace).is_trusted
    name.write_text("two")
    assert not Snapshot.read(workspace).is_trusted


def test_the_message_of_a_wrong_number_of_thousands_of_digits_is_short(home):
    with pytest.raises(SettingError, match="QA_K: expected a whole number") as caught:
        resolve(find(cwd=home), {}, {"QA_K": "9" * 5000})
    assert len(str(caught.value)) < 200


@pytest.mark.parametrize("name", ["reranker", "reader", "entailment"])
def test_a_model_that_reads_needs_trust_by_name_and_by_path_and_trust_covers_its_files(home, name):
    (home / "qa.toml").write_text(f'{name} = "owner/model"\n')
    settings = resolve(find(cwd=home), {}, {})
    assert (settings[name], settings.ignored) == ("", (name,))
    assert resolve(find(cwd=home), {}, {f"QA_{name.upper()}": "owner/model"})[name] == "owner/model"
    (home / "models").mkdir()
    (home / "models" / "config.json").write_text("{}")
    (home / "qa.toml").write_text(f'{name} = "models"\n')
    Snapshot.read(find(cwd=home)).trust()
    assert resolve(find(cwd=home), {}, {})[name] == str(home / "models")
    (home / "models" / "config.json").write_text('{"a": 1}')
    assert resolve(find(cwd=home), {}, {}).ignored == (name,)


@pytest.mark.parametrize(
    "text",
    [
        "a." * 400_000 + "a = 1",
        " [ " + "a . " * 33 + "a ]",
        "[[" + "'a'." * 33 + "a]]",
        'k = {b = 1, "x\\"y".' + "a." * 400_000 + "a = 1}",
        "k = [{" + "a." * 33 + "a = 1}]",
        '"' + "\\" * 900_000,
        " " * 900_000 + "=",
        "[" * 900_000,
        "{," * 450_000,
    ],
    ids=["key", "header", "array", "inline", "list", "escapes", "blanks", "brackets", "commas"],
)
def test_keys_that_would_keep_the_reader_busy_are_refused(home, text):
    (home / "qa.toml").write_text(text)
    with pytest.raises(SettingError, match="is not valid TOML"):
        Snapshot.read(find(cwd=home))


def test_a_key_of_32_dots_and_dots_in_texts_are_read(home):
    (home / "qa.toml").write_text("k = {" + "a." * 32 + 'a = 1}\nstore = "' + "a." * 99 + '"\nmodel = "....,....."\n')
    assert Snapshot.read(find(cwd=home)).config.keys() == {"k", "store", "model"}


@pytest.mark.parametrize("name", ["model", "k", "include", "threshold"])
@pytest.mark.parametrize("value", ["0x" + "f" * 5000, "[0x" + "f" * 5000 + "]"])
def test_a_hexadecimal_number_of_thousands_of_digits_is_a_setting_error(home, name, value):
    (home / "qa.toml").write_text(f"{name} = {value}")
    with pytest.raises(SettingError, match=f"{name}: expected"):
        resolve(find(cwd=home), {}, {})


def test_documents_behind_a_link_and_back_need_trust(home):
    """The system follows `link` and then goes up; a program that cuts `link/..` out of the path does not."""
    (home / "inside" / "deep").mkdir(parents=True)
    (home / "link").symlink_to("inside/deep")
    (home / "qa.toml").write_text('sources = "link/../../private"\n')
    assert resolve(find(cwd=home), {}, {}).ignored == ("sources",)
    (home / "qa.toml").write_text('sources = "inside/deep"\n')
    assert resolve(find(cwd=home), {}, {}).ignored == ()


@pytest.mark.parametrize("named", ["./~/papers", "~x/../~/papers", ".//~/papers", "~papers/../~/papers"])
def test_a_tilde_inside_of_a_path_is_no_home_folder(home, tmp_path, monkeypatch, named):
    monkeypatch.setenv("HOME", str(tmp_path / "elsewhere"))
    (home / "qa.toml").write_text(f'sources = "{named}"\n')
    workspace = find(cwd=home)
    settings = resolve(workspace, {}, {})
    assert settings.ignored or sources_folder(workspace, settings) == home / "~" / "papers"


def test_a_limit_of_size_above_the_default_needs_trust(home):
    (home / "qa.toml").write_text("max_mb = 2000\n")
    settings = resolve(find(cwd=home), {}, {})
    assert (settings["max_mb"], settings.ignored) == (50, ("max_mb",))
    assert resolve(find(cwd=home), {"max_mb": 2000}, {})["max_mb"] == 2000
    Snapshot.read(find(cwd=home)).trust()
    assert resolve(find(cwd=home), {}, {})["max_mb"] == 2000
    (home / "qa.toml").write_text("max_mb = 10\n")
    assert resolve(find(cwd=home), {}, {})["max_mb"] == 10


@pytest.mark.parametrize(
    ("store", "shown"),
    [
        ("milvus:http://root:s3cret@h:19530#news", "milvus:http://h:19530#news"),
        ("milvus:https://root:s3@cret@h/db?token=s3cret", "milvus:https://h/db"),
        ("milvus:http://root:s3cret@[::1]:19530", "milvus:http://[::1]:19530"),
        ("milvus:a@b.db", "milvus:a@b.db"),
        ("milvus:my files/x.db#news", "milvus:my files/x.db#news"),
    ],
)
def test_the_password_of_a_store_is_never_shown(home, store, shown):
    assert resolve(find(cwd=home), {"store": store}, {}).values["store"].shown == shown
    (home / "qa.toml").write_text(f'store = ["{store}"]')
    assert "s3" not in refused_value(home)


@pytest.mark.parametrize(
    ("ray", "shown"),
    [
        ("ray://user:s3cret@h:1", "ray://h:1"),
        ("ray://user:s3cret@[h:1", "(not shown)"),
        ("user:s3cret@h:1", "h:1"),
        ("ray://h:1?token=s3cret", "ray://h:1"),
        ("h:6379", "h:6379"),
    ],
)
def test_the_password_of_a_cluster_is_never_shown(home, ray, shown):
    assert resolve(find(cwd=home), {}, {"QA_RAY": ray}).values["ray"].shown == shown


@pytest.mark.parametrize(
    ("setting", "value"),
    [
        *(
            (setting, prefix + address)
            for setting, prefix in (("store", "milvus:"), ("base_url", ""))
            for address in (
                "http://evil.example:19530/x@localhost:19530",
                "http://evil.example:19530?x=@localhost",
                "http://evil.example:19530#@localhost",
                "http://me:s3cret@evil.example/x@localhost",
                "http://evil.example\\u200b/",
                "http://evil.example\\u202e",
                "http://evil.example\\n",
                "http://[s3",
            )
        ),
        ("store", "milvus:root:s3cret@h"),
        ("store", "milvus:http:/root:s3cret@h"),
        ("store", "milvus:http://evil.example\\\\.localhost"),
        ("store", "milvus:http://evil.example localhost"),
        ("store", "milvus:http://ev\\u0456l.example"),
        ("base_url", "evil@localhost"),
    ],
)
def test_an_address_that_looks_like_another_one_is_refused_and_not_repeated(home, setting, value):
    (home / "qa.toml").write_text(f'{setting} = "{value}"\n', encoding="utf-8")
    message = refused_value(home)
    assert "the address " in message
    assert "s3" not in message
    assert "evil" not in message


def refused_value(home):
    with pytest.raises(SettingError) as caught:
        resolve(find(cwd=home), {}, {})
    return str(caught.value)


@pytest.mark.parametrize("value", ["", "  "])
@pytest.mark.parametrize("name", ["embedder", "sources", "store", "precision"])
def test_what_has_to_be_named_is_not_empty(home, name, value):
    (home / "qa.toml").write_text(f"{name} = '{value}'")
    with pytest.raises(SettingError, match=f"{name}: it must not be empty; the default is"):
        resolve(find(cwd=home), {}, {})
    with pytest.raises(SettingError, match=f"--{name}: it must not be empty"):
        resolve(Workspace(home, None), {name: value}, {})
