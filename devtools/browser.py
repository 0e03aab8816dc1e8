"""Chromium without a window, driven over its own protocol. Runs in the virtual environment."""

import base64
import json
import re
import subprocess
import tempfile
import time
import urllib.request

import requests
import websocket

QUIET = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--remote-debugging-port=0",
    "--remote-allow-origins=*",
)
READY = """!document.querySelector(".o_loading_indicator") && !!document.querySelector(%s)
    && [...document.images].every((image) => image.complete || image.loading === "lazy")"""


class Page:
    """A page of a browser, logged in to an Odoo server."""

    def __init__(self, program, base):
        self.base = base
        self._folder = tempfile.TemporaryDirectory()
        self._process = subprocess.Popen(
            [program, *QUIET, f"--user-data-dir={self._folder.name}", "about:blank"],
            stderr=subprocess.PIPE,
            text=True,
        )
        for line in self._process.stderr:
            if found := re.search(r"listening on ws://([\d.:]+)/", line):
                break
        with urllib.request.urlopen(f"http://{found[1]}/json") as answer:
            page = next(one for one in json.load(answer) if one["type"] == "page")
        self._socket = websocket.create_connection(page["webSocketDebuggerUrl"], timeout=60)
        self._count = 0

    def close(self):
        """End the browser."""
        self._socket.close()
        self._process.kill()
        self._process.wait()

    def do(self, method, **parameters):
        """Call a method of the browser's protocol and return its result."""
        self._count += 1
        self._socket.send(json.dumps({"id": self._count, "method": method, "params": parameters}))
        while True:
            message = json.loads(self._socket.recv())
            if message.get("id") == self._count:
                return message.get("result", {})

    def value(self, expression):
        """Return what a JavaScript expression gives."""
        result = self.do("Runtime.evaluate", expression=expression, returnByValue=True)
        return result.get("result", {}).get("value")

    def log_in(self, database, login):
        """Log in as a user whose password is the same as the login."""
        session = requests.Session()
        answer = session.post(
            f"{self.base}/web/session/authenticate",
            json={"params": {"db": database, "login": login, "password": login}},
            timeout=60,
        ).json()
        if "error" in answer:
            raise SystemExit(f"{login} cannot log in with the password {login}.")
        self.do(
            "Network.setCookie",
            name="session_id",
            value=session.cookies["session_id"],
            url=self.base,
        )

    def open(self, path, width, height, selector):
        """Go to a path and wait until it shows ``selector``; say whether it did."""
        self.do(
            "Emulation.setDeviceMetricsOverride",
            width=width,
            height=height,
            deviceScaleFactor=1,
            mobile=width < 500,
        )
        self.do("Emulation.setTouchEmulationEnabled", enabled=width < 500)
        self.do("Page.navigate", url=self.base + path)
        return self.wait(selector)

    def click(self, selector):
        """Click on the first element of a selector."""
        self.value(f"document.querySelector({json.dumps(selector)})?.click()")

    def wait(self, selector):
        """Wait until the page shows ``selector``, all loaded; say whether it did."""
        ready = READY % json.dumps(selector)
        deadline = time.monotonic() + 40
        ready_count = 0
        while time.monotonic() < deadline and ready_count < 4:
            ready_count = ready_count + 1 if self.value(ready) else 0
            self.value("new Promise(done => setTimeout(done, 150))")
            time.sleep(0.15)
        return ready_count >= 4

    def save(self, file):
        """Write what the page shows as a PNG."""
        picture = self.do("Page.captureScreenshot", format="png")["data"]
        file.write_bytes(base64.b64decode(picture))
