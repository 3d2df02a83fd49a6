"""Who may judge statements in a workspace: a model whose exam is passed, put to it once."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from qa.errors import ChatError, ModelError, SettingError
from qa.gate import exam, examined
from qa.gate.exam import ExamResult
from qa.gate.judge import ChatJudge, Judge
from qa.llm.protocol import Chat
from qa.llm.recorded import Player

if TYPE_CHECKING:
    from qa.gate.entailment import EntailmentJudge

__all__ = ["Examiner"]


@dataclass(frozen=True, slots=True)
class Examiner:
    """Examines models and remembers how they did.

    model, endpoint: what the settings name. entailment: the entailment model, if they name one. is_wanted: whether
    second opinions are wanted at all. template: gives the text of a prompt template by its file name. notify: called
    with one line at a time for people.
    """

    model: str
    endpoint: str
    entailment: "EntailmentJudge | None"
    is_wanted: bool
    template: Callable[[str], str]
    notify: Callable[[str], None]

    def judge(self, chat: Chat | None) -> tuple[Judge | None, bool]:
        """Who judges statements, and whether the chat's silence is final.

        The judge is the entailment model if it has passed the exam, else the chat if it has. A recording judges as far
        as it did when it was made. Raises ModelError for an entailment model that is not on this machine.
        """
        if isinstance(chat, Player) and self.is_wanted:
            return ChatJudge(chat, self.template) if chat.trust.judges else None, chat.trust.is_final
        if chat is None or not self._examines(chat):
            return None, False
        result, entailment = self.result(), self.entailment
        final = result is not None and result.may_refuse
        if entailment:
            known = examined.load(entailment.name, entailment.weights, self._exam)
            if known is not None and known.may_judge:
                return entailment, final
        return ChatJudge(chat, self.template) if result is not None and result.may_judge else None, final

    def may_rewrite(self, chat: Chat) -> bool:
        """Whether the chat itself has passed the exam, whoever judges."""
        result = self.result() if self._examines(chat) else None
        return result is not None and result.may_judge

    def result(self) -> ExamResult | None:
        """How the model of the settings did in the exam, None if it has not taken it."""
        return examined.load(self.model, self.endpoint, self._exam)

    def examine(self, chat: Chat) -> ExamResult | None:
        """Let the model take the exam unless it has, and keep the result; None where nobody wants to know. An
        entailment model takes it too.

        A model that fails to answer, or cannot be used, is noticed, and is asked again next time.
        """
        if not self._examines(chat):
            return None
        if self.entailment:
            try:
                self.examine_entailment(self.entailment)
            except ModelError as error:  # the answer stands without it
                self.notify(str(error))
        if known := self.result():
            return known
        self.notify(
            f"checking whether {chat.model} can judge its own statements: up to {exam.REQUESTS} requests, once; "
            "nothing of your documents is sent (second_opinion = off skips this)"
        )
        try:
            result = exam.sit(ChatJudge(chat, self.template), chat, self.template)
        except (ChatError, SettingError) as error:
            self.notify(f"the check broke off and is made again next time: {error}")
            return None
        return self._keep(self.model, self.endpoint, chat.model, result)

    def examine_entailment(self, judge: "EntailmentJudge") -> ExamResult:
        """Let an entailment model take the exam's pairs unless it has, and keep the result. Raises ModelError."""
        if known := examined.load(judge.name, judge.weights, self._exam):
            return known
        self.notify(f"checking whether {judge.name} can judge statements, once and on this machine")
        return self._keep(judge.name, judge.weights, judge.name, exam.sit(judge, None, self.template))

    @property
    def _exam(self) -> str:
        return exam.identity(self.template)

    def _examines(self, chat: Chat) -> bool:
        """A recording is not examined."""
        return self.is_wanted and not isinstance(chat, Player)

    def _keep(self, model: str, endpoint: str, shown: str, result: ExamResult) -> ExamResult:
        examined.save(model, endpoint, self._exam, result)
        self.notify(exam.describe(shown, result))
        return result
