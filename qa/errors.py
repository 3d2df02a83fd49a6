"""Every error that qa raises on purpose. Each message says what happened, where, and what to do next.

QaError                      exit code 1 at the command line
├── UsageError               exit code 2: the request itself is wrong
│   ├── SettingError         an unknown or invalid setting, flag or environment variable
│   ├── WhereError           a filter that cannot be read
│   ├── QuestionError        an empty question or one that is too long
│   └── GoldError            a gold file that cannot be read; names file and line
├── WorkspaceError           no workspace here, or a path outside of it
├── SourceError              a document that cannot be read; the rest is indexed
├── ModelError               an embedding model that cannot be found or loaded
└── IndexError_              the index on disk
    ├── IndexMissingError    there is none yet
    ├── IndexDamagedError    a file is missing or altered
    ├── IndexForeignError    made by another version or model, or not an index of qa at all
    └── IndexBusyError       another process is building it
"""

__all__ = [
    "GoldError",
    "IndexBusyError",
    "IndexDamagedError",
    "IndexError_",
    "IndexForeignError",
    "IndexMissingError",
    "ModelError",
    "QaError",
    "QuestionError",
    "SettingError",
    "SourceError",
    "UsageError",
    "WhereError",
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
    """A gold file that cannot be read; the message names file and line."""


class WorkspaceError(QaError):
    """No workspace here, or a path outside of it."""


class SourceError(QaError):
    """A document that cannot be read. The message is the reason that `qa index` lists."""


class ModelError(QaError):
    """An embedding model that cannot be found or loaded."""


class IndexError_(QaError):
    """Anything wrong with the index on disk."""


class IndexMissingError(IndexError_):
    """There is no index yet."""


class IndexDamagedError(IndexError_):
    """A file of the index is missing or altered."""


class IndexForeignError(IndexError_):
    """The index was made by another version or model, or is not one of qa's at all."""


class IndexBusyError(IndexError_):
    """Another process is building the index."""
