"""Every error that qa raises on purpose. Each message says what happened, where, and what to do next.

QaError                      exit code 1 at the command line
├── UsageError               exit code 2: the request itself is wrong
│   ├── SettingError         an unknown or invalid setting, flag or environment variable
│   ├── WhereError           a filter that cannot be read
│   ├── QuestionError        an empty question or one that is too long
│   ├── GoldError            a gold file that cannot be read; names file and line
│   └── ReplayError          recorded answers that are missing or damaged; names the file
├── WorkspaceError           no workspace here, or a path outside of it
├── SourceError              a document that cannot be read; the rest is indexed
├── ModelError               a model that cannot be found, fetched or loaded
├── ChatError                the language model gave no usable answer; never means that the sources do not say
│   ├── EndpointError        unreachable, broke off, keeps failing, or does not speak the OpenAI chat format
│   ├── KeyRefusedError      the key is missing, wrong, or not allowed to use the model
│   ├── NoSuchModelError     the endpoint does not have the model; lists what it offers
│   ├── ContextTooLongError  the prompt does not fit into the model's context
│   ├── RateLimitedError     too many requests, or no quota left
│   ├── DeadlineError        no complete answer within the time allowed
│   ├── RequestRefusedError  the endpoint rejects the request for any other reason
│   ├── BadReplyError        an answer that is empty, broken, too large or unreadable
│   ├── ContentRefusedError  the model or a content filter declined to answer
│   ├── ReplayMissError      nothing was recorded for this request
│   └── LocalModelError      a GGUF file, or the package that runs it, is missing or unusable
├── WorkersError             a Ray cluster that cannot be reached or used, or whose workers keep ending
├── ServerBusyError          qa serve answers as many questions as it takes at a time
└── IndexUnusableError       the index on disk cannot be used as it is
    ├── IndexMissingError    there is none yet
    ├── IndexDamagedError    a file is missing or altered
    ├── IndexForeignError    made by another version or model, or not an index of qa at all
    │   └── IndexOutdatedError   made by an older version of qa, in a format that is no longer read
    ├── IndexUntrustedError  built by somebody else, and not accepted by this user
    ├── IndexBusyError       another process is building it
    └── StoreError           the database that searches it cannot be reached, or does not hold it
"""

__all__ = [
    "BadReplyError",
    "ChatError",
    "ContentRefusedError",
    "ContextTooLongError",
    "DeadlineError",
    "EndpointError",
    "GoldError",
    "IndexBusyError",
    "IndexDamagedError",
    "IndexForeignError",
    "IndexMissingError",
    "IndexUntrustedError",
    "IndexUnusableError",
    "KeyRefusedError",
    "LocalModelError",
    "ModelError",
    "NoSuchModelError",
    "QaError",
    "QuestionError",
    "RateLimitedError",
    "ReplayError",
    "ReplayMissError",
    "RequestRefusedError",
    "ServerBusyError",
    "SettingError",
    "SourceError",
    "StoreError",
    "UsageError",
    "WhereError",
    "WorkersError",
    "WorkspaceError",
]


class QaError(Exception):
    """The root: catch this to catch everything that qa raises on purpose."""


class UsageError(QaError):
    """The request itself is wrong."""


class SettingError(UsageError):
    """An unknown or invalid setting, flag or environment variable."""


class WhereError(UsageError):
    """A filter that cannot be read."""


class QuestionError(UsageError):
    """An empty question or one that is too long."""


class GoldError(UsageError):
    """A gold file that cannot be read; the message names file and line. problems: one line each."""

    def __init__(self, *problems: str) -> None:
        super().__init__("\n".join(problems))
        self.problems = problems


class ReplayError(UsageError):
    """Recorded answers that are missing or damaged; the message names the file."""


class WorkspaceError(QaError):
    """No workspace here, or a path outside of it."""


class SourceError(QaError):
    """A document that cannot be read. The message is the reason that `qa index` lists."""


class ModelError(QaError):
    """A model that cannot be found, fetched or loaded."""


class ChatError(QaError):
    """The language model gave no usable answer. Never means that the sources do not say."""


class EndpointError(ChatError):
    """The endpoint is unreachable, broke off, keeps failing, or does not speak the OpenAI chat format."""


class KeyRefusedError(ChatError):
    """The key is missing, wrong, or not allowed to use the model. The message never holds the key."""


class NoSuchModelError(ChatError):
    """The endpoint does not have the model. offered: the names it lists, empty when it lists none."""

    def __init__(self, message: str, offered: tuple[str, ...] = ()) -> None:
        super().__init__(message)
        self.offered = offered


class ContextTooLongError(ChatError):
    """The prompt does not fit into the model's context. limit: its size in tokens, None when not said."""

    def __init__(self, message: str, limit: int | None = None) -> None:
        super().__init__(message)
        self.limit = limit


class RateLimitedError(ChatError):
    """Too many requests, or no quota left. retry_after: seconds the endpoint asks to wait, None when not said."""

    def __init__(self, message: str, retry_after: float | None = None) -> None:
        super().__init__(message)
        self.retry_after = retry_after


class DeadlineError(ChatError):
    """No complete answer within the time allowed."""


class RequestRefusedError(ChatError):
    """The endpoint rejects the request for a reason that no other error names."""


class BadReplyError(ChatError):
    """An answer that is empty, broken, too large or unreadable."""


class ContentRefusedError(ChatError):
    """The model or a content filter declined to answer."""


class ReplayMissError(ChatError):
    """Nothing was recorded for this request; the message shows how it differs from the nearest one that was."""


class LocalModelError(ChatError):
    """A GGUF file, or the package that runs it, is missing or unusable."""


class WorkersError(QaError):
    """A Ray cluster cannot be reached or used, or its workers keep ending."""


class ServerBusyError(QaError):
    """A server answers as many questions as it takes at a time."""


class IndexUnusableError(QaError):
    """The index on disk cannot be used as it is: the subclasses say why, or it cannot be written."""


class IndexMissingError(IndexUnusableError):
    """There is no index yet."""


class IndexDamagedError(IndexUnusableError):
    """A file of the index is missing or altered."""


class IndexForeignError(IndexUnusableError):
    """The index was made by another version or model, or is not one of qa's at all."""


class IndexOutdatedError(IndexForeignError):
    """The index was made by an older version, in a format that is no longer read; building makes a new one."""


class IndexUntrustedError(IndexUnusableError):
    """The index was not built by this user, who has not accepted it either."""


class IndexBusyError(IndexUnusableError):
    """Another process is building the index."""


class StoreError(IndexUnusableError):
    """The database that searches the index cannot be reached, or does not hold it."""
