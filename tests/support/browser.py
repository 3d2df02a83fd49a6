"""Chromium without a window, driven over a pipe in its DevTools protocol: no package, no port, no network."""

import base64
import json
import os
import select
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

PATIENCE = 300  # seconds that a browser may be silent, on however busy a machine
NAMES = ("chromium", "chromium-browser", "chromium-headless-shell", "google-chrome", "google-chrome-stable")


def executable() -> str | None:
    """The browser that QA_TEST_BROWSER names, or one on the PATH."""
    named = os.environ.get("QA_TEST_BROWSER")
    return named or next(filter(None, map(shutil.which, NAMES)), None)


# Becomes the browser, with the two descriptors as 3 and 4, where it expects its pipe.
ON_3_AND_4 = """
import fcntl, os, sys
copies = [fcntl.fcntl(int(descriptor), fcntl.F_DUPFD_CLOEXEC, 10) for descriptor in sys.argv[1:3]]
os.dup2(copies[0], 3)
os.dup2(copies[1], 4)
os.execv(sys.argv[3], sys.argv[3:])
"""


class Browser:
    """One page. Every message that it logs, refusals of its policy included, is kept in `log`."""

    def __init__(self, reader: Any, writer: Any) -> None:
        self._reader, self._writer, self._number, self._session = reader, writer, 0, ""
        self._rest = b""
        self.log: list[str] = []
        self.requests: list[str] = []
        target = self.call("Target.createTarget", url="about:blank")["targetId"]
        self._session = self.call("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
        for domain in ("Page", "Runtime", "Log", "Network", "Accessibility"):
            self.call(f"{domain}.enable")

    def call(self, method: str, **params: Any) -> dict[str, Any]:
        """One command of the protocol and its result."""
        self._number += 1
        message = {"id": self._number, "method": method, "params": params}
        message |= {"sessionId": self._session} if self._session else {}
        self._writer.write(json.dumps(message).encode() + b"\0")
        self._writer.flush()
        while True:
            answer = self._next()
            if answer.get("id") == self._number:
                assert "error" not in answer, (method, answer["error"])
                return dict(answer["result"])

    def open(
        self, path: Path, width: int = 1200, height: int = 900, scheme: str = "light", script: bool = True
    ) -> None:
        """Load a file in a window of that size, in CSS pixels; scheme: light or dark."""
        self.visit(path.resolve().as_uri(), width, height, scheme, script)

    def visit(self, url: str, width: int = 1200, height: int = 900, scheme: str = "light", script: bool = True) -> None:
        """Load an address of this machine, as `open` does a file."""
        self.call("Emulation.setDeviceMetricsOverride", width=width, height=height, deviceScaleFactor=1, mobile=False)
        self.call("Emulation.setEmulatedMedia", media="", features=[{"name": "prefers-color-scheme", "value": scheme}])
        self.call("Emulation.setScriptExecutionDisabled", value=not script)
        self.call("Page.navigate", url=url)
        self.loaded()

    def loaded(self) -> None:
        """Wait until the next page has loaded."""
        while self._next().get("method") != "Page.loadEventFired":
            pass

    def run(self, expression: str) -> Any:
        """The value of a JavaScript expression in the page."""
        done = self.call("Runtime.evaluate", expression=expression, returnByValue=True, awaitPromise=True)
        assert "exceptionDetails" not in done, done
        return done["result"].get("value")

    def press(self, key: str, text: str = "", code: int = 0, shift: bool = False) -> None:
        """One key, pressed and let go."""
        common = {"key": key, "windowsVirtualKeyCode": code or ord(key[:1].upper()), "modifiers": 8 if shift else 0}
        self.call("Input.dispatchKeyEvent", type="keyDown", text=text, **common)
        self.call("Input.dispatchKeyEvent", type="keyUp", **common)

    def screenshot(self, path: Path, whole: bool = False) -> None:
        """A PNG of the window, or of the whole page."""
        data = self.call("Page.captureScreenshot", format="png", captureBeyondViewport=whole)["data"]
        path.write_bytes(base64.b64decode(data))

    def _next(self) -> dict[str, Any]:
        while b"\0" not in self._rest:
            ready, _, _ = select.select([self._reader], [], [], PATIENCE)
            data = os.read(self._reader, 1 << 16) if ready else b""
            assert data, "the browser ended" if ready else "the browser does not answer"
            self._rest += data
        line, _, self._rest = self._rest.partition(b"\0")
        message: dict[str, Any] = json.loads(line)
        method, params = message.get("method"), message.get("params", {})
        if method == "Log.entryAdded" and params["entry"]["level"] in ("warning", "error"):  # not "autofocus blocked"
            self.log.append(params["entry"]["text"])
        if method in ("Runtime.exceptionThrown", "Runtime.consoleAPICalled", "Page.javascriptDialogOpening"):
            self.log.append(json.dumps(params))
        if method == "Network.requestWillBeSent":
            self.requests.append(params["request"]["url"])
        return message


@contextmanager
def browsing(command: str, profile: Path) -> Iterator[Browser]:
    """A browser that reads no profile but an empty one and reaches no host but this machine."""
    theirs, ours = os.pipe()
    mine, yours = os.pipe()
    flags = [
        "--headless", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--no-first-run", "--hide-scrollbars",
        "--remote-debugging-pipe", f"--user-data-dir={profile}",
        "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",
        "--disable-background-networking", "--disable-component-update", "--disable-sync",
    ]  # fmt: skip
    process = subprocess.Popen(
        [sys.executable, "-c", ON_3_AND_4, str(theirs), str(yours), command, *flags],
        pass_fds=(theirs, yours),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    os.close(theirs)
    os.close(yours)
    with os.fdopen(ours, "wb") as writer:
        try:
            yield Browser(mine, writer)
        finally:
            process.kill()
            process.wait()
            os.close(mine)
