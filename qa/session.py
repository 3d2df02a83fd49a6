"""A workspace in use: settings, retriever, language model, and the assistant that they make.

The command line, gold runs and the pytest plugin open a workspace here and nowhere else. Nothing is printed: what a
person should know goes to `notify`, one line at a time. Importing this module loads nothing heavy.
"""

import hashlib
import os
import threading
from collections.abc import Callable, Iterable, Mapping
from contextlib import ExitStack
from functools import cached_property
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self

from qa.errors import IndexMissingError, IndexUnusableError, ModelError, WorkspaceError
from qa.files import LARGE
from qa.llm import named
from qa.settings import CONFIG, Settings, Workspace, find, resolve, sources_folder
from qa.text import counted
from qa.trust import Snapshot

if TYPE_CHECKING:
    from qa.answer.assistant import Assistant
    from qa.gate.entailment import EntailmentJudge
    from qa.gate.examiner import Examiner
    from qa.index.build import BuildReport, Progress
    from qa.index.cluster import RayWorkers
    from qa.index.milvus import MilvusStore
    from qa.index.plan import Plan
    from qa.llm.chat import OpenAIChat
    from qa.llm.gguf import GgufChat
    from qa.llm.protocol import Chat
    from qa.records import Answer
    from qa.retrieve.retriever import Retriever

__all__ = ["Notify", "Session", "describe_changes", "workspace_root"]

LOCAL_PROMPT_TOKENS = 800  # a small model loses the thread in more, and a processor needs seconds for each hundred

Notify = Callable[[str], None]


def _ignore(message: str) -> None:
    """For programs that show no notices."""


class Session:
    """One workspace. Safe to share between threads; `close` ends everything that it opened.

    snapshot: what its trust covers, as it was when the session was opened. sources: the folder of documents. changed:
    the ids of documents that a notice has already said were changed. cwd: what a relative path of a model file counts
    from, unless `qa.toml` names it.
    """

    def __init__(
        self, snapshot: Snapshot, settings: Settings, sources: Path, notify: Notify = _ignore, cwd: Path = Path()
    ) -> None:
        self.snapshot, self.workspace = snapshot, snapshot.workspace
        self.settings, self.sources = settings, sources
        self.notify, self.cwd = notify, cwd
        self.changed: frozenset[str] = frozenset()
        self._lock = threading.Lock()
        self._opened = ExitStack()
        self._retriever: Retriever | None = None

    @classmethod
    def open(
        cls,
        root: Path | None = None,
        flags: Mapping[str, object] | None = None,
        notify: Notify = _ignore,
        cwd: Path | None = None,
        required: bool = True,
    ) -> Self:
        """The workspace at `root`, or the one that `cwd` is in. Neither index nor model is opened yet.

        flags: settings that override environment and `qa.toml`; None stands for a flag that was not given. required:
        where there is no workspace, False takes the working directory as an empty one. Raises WorkspaceError and
        SettingError.
        """
        try:
            workspace = find(root, cwd, notify)
        except WorkspaceError:
            if required or root is not None:
                raise
            workspace = Workspace(cwd or Path.cwd(), None)
        snapshot = Snapshot.read(workspace)
        settings = resolve(workspace, snapshot.settings, flags or {}, os.environ, trusted=snapshot.is_trusted)
        if settings.ignored:
            names = ", ".join(settings.ignored)
            notify(
                f"{names} in {CONFIG} ignored: this workspace is not trusted. Review its {CONFIG}, then run: qa trust"
            )
        here = cwd or Path()
        return cls(snapshot, settings, sources_folder(workspace, settings, here), notify, here)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Close the index and the model."""
        self._opened.close()

    @property
    def folder(self) -> str:
        """The name of the folder of documents with a slash, as it stands before ids in messages: `seeds/`."""
        return f"{self.sources.name}/"

    def retriever(
        self, build: bool = True, progress: "Progress | None" = None, unfinished: bool = False
    ) -> "Retriever":
        """The index, opened at the first call and kept.

        build: build or update it first; if False, a notice says when it is older than the documents, or not finished.
        progress: as for `qa.index.build.build`. unfinished: one that another process is still building will do; the
        answers say so.
        """
        with self._lock:
            if self._retriever is None:
                self._retriever = self._opened.enter_context(self._open_index(build, progress, unfinished))
            return self._retriever

    def _open_index(self, build: bool, progress: "Progress | None", unfinished: bool) -> "Retriever":
        from qa.retrieve.retriever import Retriever

        if build:
            self._update(progress, unfinished)
        retriever = Retriever.open(
            self.workspace.index,
            notify=self.notify,
            store=self._database,
            embedder=self.settings.build().embedder,
            **self._rerankers(),
        )
        if not build and not (unfinished and retriever.unfinished):
            self._warn_if_stale(retriever)  # after opening, which says more clearly that there is no index
        return retriever

    def _rerankers(self) -> dict[str, Any]:
        """The reranker and the reader that the settings name. Nothing is opened before it is used."""
        from qa.embed.cross_encoder import CrossEncoder, SpanReader

        kinds = {"reranker": CrossEncoder, "reader": SpanReader}
        named = {setting: (kind, self.settings[setting]) for setting, kind in kinds.items()}
        return {setting: kind(name, notify=self.notify) for setting, (kind, name) in named.items() if name}

    def _update(self, progress: "Progress | None", unfinished: bool) -> None:
        from qa.index import store
        from qa.index.tidy import tidy
        from qa.index.unfinished import is_being_completed

        todo = self.plan()
        if not todo.stale:
            tidy(self.workspace.index)
            self._send(progress)
            return
        if unfinished and is_being_completed(self.workspace.index):
            return
        has_index = True
        try:
            store.current_name(self.workspace.index)
            if not store.is_untrusted(self.workspace.index):
                self.notify(f"{describe_changes(todo, self.folder)}; updating the index ...")
        except IndexMissingError:
            has_index = False
            self.notify(f"building the index of {self.sources} ...")
        try:
            built = self.build(progress)
        except IndexUnusableError as error:
            if unfinished and is_being_completed(self.workspace.index):  # since this process waited
                return
            if type(error) is not IndexUnusableError or not has_index:
                raise
            raise IndexUnusableError(f"{error}, or use the index as it is with --no-build") from None
        if built.plan.skipped:
            self.notify(f"{counted(len(built.plan.skipped), 'file')} skipped; qa status lists them")

    @cached_property
    def _database(self) -> "MilvusStore | None":
        """What the setting `store` names, None for this machine; a notice names a host first. Raises SettingError."""
        if self.settings["store"] == "local":
            return None
        from qa.index.milvus import MilvusStore

        database = MilvusStore.parse(self.settings["store"], self.workspace.index)
        if database.host:
            self.notify(f"searching in {database.host}; the words of your documents and questions go there")
        return database

    @cached_property
    def _workers(self) -> "RayWorkers | None":
        """What the setting `ray` names, None for this process; a notice names a cluster first. Raises SettingError."""
        address = self.settings["ray"]
        if not address:
            return None
        from qa.index.cluster import RayWorkers

        workers = RayWorkers(address)
        if address != "local":
            where = "that this machine is part of" if address == "auto" else f"at {address}"
            read = f"new documents are read and encoded on the Ray cluster {where}"
            self.notify(f"{read}; whoever can use it can see them")
        return workers

    def _send(self, progress: "Progress | None") -> None:
        """Give an index that was built before to the database, unless it is there."""
        from qa.index.upload import send_current

        if self._database:
            send_current(self.workspace.index, self._database, progress or (lambda stage, done, total: None))

    def _warn_if_stale(self, retriever: "Retriever") -> None:
        if retriever.unfinished:
            self.notify(retriever.unfinished)
            return
        try:
            todo = self.plan()
        except (WorkspaceError, ModelError) as error:
            self.notify(f"cannot check whether the index is up to date, using it as it is: {error}")
            return
        if todo.stale:
            self.notify(f"{describe_changes(todo, self.folder)}; these results come from the old index. Run: qa index")
        self.changed = frozenset(todo.changed)

    def plan(self, check_content: bool = False) -> "Plan":
        """What `build` would do. Raises WorkspaceError, ModelError and IndexUnusableError."""
        from qa.index.plan import plan

        return plan(self.sources, self.workspace.index, self.settings.build(), check_content=check_content)

    def build(
        self, progress: "Progress | None" = None, rebuild: bool = False, check_content: bool = False
    ) -> "BuildReport":
        """Build or update the index; a notice says if one that somebody else built is replaced. For the options see
        `qa.index.build.build`.
        """
        from qa.index import store
        from qa.index.build import build

        index = self.workspace.index
        if store.is_untrusted(index):
            self.notify(f"the index in {index} was not built by you; building a new one from {self.sources} ...")
        settings, database = self.settings.build(), self._database
        report = build(
            self.sources,
            index,
            settings,
            progress=progress,
            rebuild=rebuild,
            check_content=check_content,
            database=database,
            workers=self._workers,
        )
        if not report.written:
            self._send(progress)
        return report

    def note_differing(self, doc_ids: Iterable[str]) -> None:
        """Name the documents whose file differs from what was indexed, except those in `changed` and missing files."""
        retriever = self.retriever()
        differing = [
            self.folder + doc_id
            for doc_id in dict.fromkeys(doc_ids)
            if doc_id not in self.changed and self._differs(doc_id, retriever.info(doc_id).sha256)
        ]
        if differing:
            verb = "differs" if len(differing) == 1 else "differ"
            self.notify(
                f"{', '.join(differing)} {verb} from what was indexed; the quotes are from the index. "
                "Run: qa index --rebuild"
            )

    def _differs(self, doc_id: str, sha256: str) -> bool:
        from qa.ingest import scan

        try:
            return hashlib.sha256(scan.read(self.sources, doc_id, LARGE)).hexdigest() != sha256
        except (OSError, ValueError):
            return False

    @property
    def template(self) -> Callable[[str], str]:
        """Gives the text of a prompt template by its file name: the workspace's own if it is trusted."""
        return self.snapshot.template

    def assistant(self, chat: "Chat | None" = None) -> "Assistant":
        """Answers questions as the settings say; with quotes only if there is no chat."""
        from qa.answer.assistant import Assistant

        names = ("threshold", "uncertain", "floor", "k", "strict", "prompt_tokens", "prompt_passages", "second_opinion")
        options = {name: self.settings[name] for name in names}
        if self.model_file and self.settings.origin("prompt_tokens") == "default":
            options["prompt_tokens"] = LOCAL_PROMPT_TOKENS
        if chat is not None:
            examiner = self.examiner
            options["judge"], options["final_silence"] = examiner.judge(chat)
            options["rewrites"] = examiner.may_rewrite(chat)
        return Assistant(self.retriever(), chat, template=self.template, **options)

    @property
    def examiner(self) -> "Examiner":
        """Lets models sit the exam after which they may judge statements. Raises SettingError."""
        from qa.gate.examiner import Examiner

        file = self.model_file
        return Examiner(
            self.model,
            str(file.resolve()) if file else str(self.settings["base_url"]),
            self._entailment,
            self.settings["second_opinion"] != "off",
            self.template,
            self.notify,
        )

    @cached_property
    def _entailment(self) -> "EntailmentJudge | None":
        """The entailment model that the settings name, kept once it is loaded. Nothing is opened yet."""
        if not self.settings["entailment"]:
            return None
        from qa.gate.entailment import EntailmentJudge

        return EntailmentJudge(self.settings["entailment"], notify=self.notify)

    @property
    def model_file(self) -> Path | None:
        """The GGUF file that the settings name, None for a model behind an endpoint. Raises SettingError."""
        return named.model_file(self.settings, self.workspace.root, self.cwd)

    @property
    def model(self) -> str:
        """The name of the model that the settings name, as a chat gives it; empty if they name none."""
        file = self.model_file
        return file.stem if file else str(self.settings["model"])

    def chat(self) -> "OpenAIChat | GgufChat":
        """A new chat with the model that the settings name; closed with the session. Nothing is sent yet.

        Raises SettingError, KeyRefusedError and LocalModelError for a model that cannot be asked.
        """
        names = self.snapshot.own_templates
        if names and not self.snapshot.is_trusted:
            listed = ", ".join(f"prompts/{name}" for name in names)
            self.notify(f"{listed} ignored: this workspace is not trusted. Review them, then run: qa trust")
        trusted = self.snapshot.models if self.settings.origin("model") == CONFIG else None
        chat = named.open_chat(self.settings, self.model_file, self.notify, trusted)
        self._opened.callback(chat.close)
        return chat

    def cost(self, answer: "Answer") -> float | None:
        """What the answer cost, in the currency of the configured prices; None without prices."""
        prompt, completion = self.settings["price_prompt"], self.settings["price_completion"]
        if not prompt and not completion:
            return None
        used = answer.usage
        return float(prompt * used.get("prompt_tokens", 0) + completion * used.get("completion_tokens", 0)) / 1_000_000


def describe_changes(todo: "Plan", folder: str) -> str:
    """`seeds/ has changed since the index was built (1 added, 2 changed)`, or why else the index is stale."""
    if todo.reasons:
        return f"the index is out of date: {'; '.join(todo.reasons)}"
    kinds = (("added", todo.added), ("changed", todo.changed), ("removed", todo.removed))
    parts = [f"{len(ids):,} {name}" for name, ids in kinds if ids]
    if parts:
        return f"{folder} has changed since the index was built ({', '.join(parts)})"
    return f"different files of {folder} are skipped than when the index was built"


def workspace_root(root: Path | None) -> Path:
    """The folder of the workspace, or the working directory if there is none. Reads no settings."""
    try:
        return find(root).root
    except WorkspaceError:
        return Path.cwd()
