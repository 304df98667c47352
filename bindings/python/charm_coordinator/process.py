"""Runs a program and takes what it writes.

``subprocess`` does more, and importing it takes longer than most hooks have to decide.
"""

from __future__ import annotations

import os
import select
import signal

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

_CHUNK = 1 << 16

_RESTORED = (signal.SIGPIPE, signal.SIGXFSZ)
"""Python ignores these; a program would inherit that."""


def run(program: str, args: Sequence[str], text: bytes = b'') -> tuple[int, bytes, bytes]:
    """Runs the program that is on PATH, with ``text`` as its input.

    Returns:
        Its exit code (negative: the signal that ended it), its output, and its standard error.

    Raises:
        OSError, ValueError: if it cannot be started.
    """
    given = _input(text)
    out, out_end = os.pipe()
    error, error_end = os.pipe()
    try:
        pid = os.posix_spawnp(
            program,
            [program, *args],
            os.environ,
            file_actions=[
                (os.POSIX_SPAWN_DUP2, given, 0),
                (os.POSIX_SPAWN_DUP2, out_end, 1),
                (os.POSIX_SPAWN_DUP2, error_end, 2),
            ],
            setsigdef=_RESTORED,
        )
    except BaseException:
        os.close(out)
        os.close(error)
        raise
    finally:
        for end in (given, out_end, error_end):
            os.close(end)
    try:
        written = _read(out, error)
    except BaseException:
        os.kill(pid, signal.SIGKILL)
        os.waitpid(pid, 0)
        raise
    _, status = os.waitpid(pid, 0)
    return os.waitstatus_to_exitcode(status), written[out], written[error]


def _input(text: bytes) -> int:
    """A file that holds the text, from its beginning."""
    if not text:
        return os.open(os.devnull, os.O_RDONLY)
    import tempfile

    # Not a pipe: a program that writes before it reads would wait for this one, and it for that.
    with tempfile.TemporaryFile() as file:
        file.write(text)
        file.seek(0)
        return os.dup(file.fileno())


def _read(*pipes: int) -> dict[int, bytes]:
    """Everything that comes out of pipes until all are closed; closes them."""
    parts: dict[int, list[bytes]] = {pipe: [] for pipe in pipes}
    poll = select.poll()
    for pipe in pipes:
        poll.register(pipe, select.POLLIN)
    left = len(pipes)
    try:
        while left:
            # Whichever has something: a program must never wait until the other one is read.
            for pipe, _ in poll.poll():
                part = os.read(pipe, _CHUNK)
                parts[pipe].append(part)
                if not part:
                    poll.unregister(pipe)
                    left -= 1
    finally:
        for pipe in pipes:
            os.close(pipe)
    return {pipe: b''.join(part) for pipe, part in parts.items()}
