"""The server that the charm manages: a process that outlives the hook which started it."""

from __future__ import annotations

import contextlib
import http.client
import os
import pathlib
import signal
import subprocess
import sys
import time

_SERVER = pathlib.Path(__file__).with_name('server.py').resolve()
_PATIENCE = 60
"""Seconds."""


class Service:
    """The server of one unit.

    Args:
        directory: where its process id and its port are kept; it has its port for life.
        warm_up: seconds that it needs before it answers.
    """

    def __init__(self, directory: pathlib.Path, warm_up: float):
        self._directory = directory
        self._warm_up = warm_up

    def version(self) -> str | None:
        """The version that the server answers; None if there is none that answers."""
        port = self._read('server.port')
        if port == 0:
            return None
        # Not by urllib: it would ask a proxy for what is on this machine.
        connection = http.client.HTTPConnection('127.0.0.1', port, timeout=5)
        with (
            contextlib.suppress(OSError, http.client.HTTPException),
            contextlib.closing(connection),
        ):
            connection.request('GET', '/')
            return connection.getresponse().read().decode()
        return None

    def start(self, version: str) -> None:
        """Starts the server unless it runs, and waits until it answers this version."""
        if self.version() is None:
            arguments = [version, str(self._read('server.port'))]
            subprocess.Popen(
                [sys.executable, _SERVER, *arguments, self._directory, str(self._warm_up)],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                start_new_session=True,
            )
        self._until(version)

    def stop(self) -> None:
        """Stops the server and waits until nothing listens any more."""
        pid = self._read('server.pid')
        if self.version() is None:
            return
        os.kill(pid, signal.SIGTERM)
        self._until(None)

    def _until(self, version: str | None) -> None:
        deadline = time.monotonic() + _PATIENCE
        while self.version() != version:
            if time.monotonic() > deadline:
                raise TimeoutError(f'the server did not become {version or "silent"}')
            time.sleep(0.01)

    def _read(self, name: str) -> int:
        """A number in a file; 0 if it is not there, or not written yet."""
        with contextlib.suppress(OSError, ValueError):
            return int((self._directory / name).read_text())
        return 0
