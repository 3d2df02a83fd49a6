"""No network: an audit hook, which no code can remove or go around from Python, writes down every attempt and refuses
it, in a process and in all that it starts.
"""

from pathlib import Path

__all__ = ["attempts", "hooked"]

# Python reads this at its start, in every process that has its folder on PYTHONPATH.
SITECUSTOMIZE = """
import os, sys

EVENTS = {"socket.connect", "socket.getaddrinfo", "socket.gethostbyname", "socket.gethostbyaddr", "socket.sendto"}

def write(kind, text):
    with open(os.path.join(os.environ["QA_TEST_OFFLINE"], kind), "a") as log:
        log.write(text + chr(10))

def refuse(event, arguments):
    if event in EVENTS:
        write("attempts", f"{event} {arguments[1:]!r}")
        raise OSError("the test blocks the network")

sys.addaudithook(refuse)
write("started", str(os.getpid()))
"""


def hooked(folder: Path) -> dict[str, str]:
    """Make the hook in a new folder; the environment variables that put it into every Python that is started."""
    folder.mkdir()
    (folder / "sitecustomize.py").write_text(SITECUSTOMIZE, encoding="utf-8")
    return {"PYTHONPATH": str(folder), "QA_TEST_OFFLINE": str(folder)}


def attempts(folder: Path, kind: str = "attempts") -> list[str]:
    """What the hook wrote down: attempts, or the processes that started."""
    path = folder / kind
    return path.read_text(encoding="utf-8").splitlines() if path.exists() else []
