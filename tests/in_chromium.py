"""Drive a page in headless Chromium over the pipe of its debugger: no driver, no package."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import time

import pytest

CHROMIUM = next(
    (p for n in ("chromium", "chromium-browser", "google-chrome", "chrome") if (p := shutil.which(n))), None
)
needs_chromium = pytest.mark.skipif(CHROMIUM is None, reason="Chromium is not installed")


class Page:
    """One page of a browser of its own; `events` are the debugger's messages so far."""

    def __init__(self, folder, width=1400, height=1000):
        to_browser, from_browser = os.pipe(), os.pipe()
        self.events: list[dict] = []
        self._write, self._read = to_browser[1], from_browser[0]
        flags = ["--headless=new", "--disable-gpu", "--no-first-run", "--no-sandbox", f"--window-size={width},{height}"]
        # The debugger reads file 3 and writes file 4.
        command = f'exec "$@" 3<&{to_browser[0]} 4>&{from_browser[1]}'
        self._browser = subprocess.Popen(
            ["bash", "-c", command, "bash", CHROMIUM, *flags, f"--user-data-dir={folder}", "--remote-debugging-pipe"],
            pass_fds=(to_browser[0], from_browser[1]),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        os.close(to_browser[0])
        os.close(from_browser[1])
        self._buffer, self._number, self._session = b"", 0, None
        target = self.call("Target.createTarget", url="about:blank")["targetId"]
        self._session = self.call("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
        for domain in ("Page", "Runtime", "Network", "Log"):
            self.call(f"{domain}.enable")
        size = {"width": width, "height": height, "deviceScaleFactor": 1, "mobile": width < 600}
        self.call("Emulation.setDeviceMetricsOverride", **size)
        # Colours change at once, not in a transition that a test would have to wait for.
        still = {"name": "prefers-reduced-motion", "value": "reduce"}
        self.call("Emulation.setEmulatedMedia", features=[still])

    def call(self, method, **parameters):
        """Send a command, and return what it answers."""
        self._number += 1
        message = {"id": self._number, "method": method, "params": parameters}
        message |= {"sessionId": self._session} if self._session else {}
        os.write(self._write, json.dumps(message).encode() + b"\0")
        while (answer := self._next()).get("id") != self._number:
            self.events.append(answer)
        assert "error" not in answer, answer["error"]
        return answer["result"]

    def _next(self):
        while b"\0" not in self._buffer:
            more = os.read(self._read, 1 << 16)
            assert more, "the browser has gone"
            self._buffer += more
        message, _, self._buffer = self._buffer.partition(b"\0")
        return json.loads(message)

    def run(self, script):
        """Return the value of an expression; a promise is awaited."""
        found = self.call("Runtime.evaluate", expression=script, awaitPromise=True, returnByValue=True)
        assert "exceptionDetails" not in found, found["exceptionDetails"]
        return found["result"].get("value")

    def open(self, address):
        self.call("Page.navigate", url=address)
        self.until("document.readyState === 'complete'")

    def until(self, condition, seconds=60):
        """Wait until an expression is true."""
        end = time.monotonic() + seconds
        while not self.run(condition):
            assert time.monotonic() < end, f"never: {condition}"
            time.sleep(0.02)

    def press(self, key, *, shift=False):
        code = {"key": key, "code": key, "modifiers": 8 if shift else 0}
        code["windowsVirtualKeyCode"] = {"Tab": 9, "Enter": 13, "ArrowLeft": 37, "ArrowUp": 38, "ArrowRight": 39}[key]
        self.call("Input.dispatchKeyEvent", type="rawKeyDown", **code)
        self.call("Input.dispatchKeyEvent", type="keyUp", **code)

    def mouse(self, kind, x, y, **more):
        self.call("Input.dispatchMouseEvent", type=kind, x=x, y=y, **more)

    def close(self):
        try:
            self.call("Browser.close")
        finally:
            try:
                self._browser.wait(timeout=20)
            except subprocess.TimeoutExpired:
                self._browser.kill()
            os.close(self._write)
            os.close(self._read)
