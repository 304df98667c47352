"""What a command finds of WASI: the functions that ``host/abi.md`` names, and nothing behind them.

There is no file, no argument and no environment; clocks stand still, and random numbers are 0.
So a program decides the same everywhere, and costs the same fuel.
"""

from __future__ import annotations

import math
import struct
import time
from typing import TYPE_CHECKING

from charm_coordinator import engine

if TYPE_CHECKING:
    from collections.abc import Callable

_WASI = 'wasi_snapshot_preview1'
_MOST_ERRORS = 4096
"""Bytes of standard error that one run may have logged; what is beyond them is lost."""

_FILETYPE_UNKNOWN = 0
_RIGHTS = {0: 1 << 1, 1: 1 << 6, 2: 1 << 6}
"""Of standard input to be read, of the others to be written."""

_SUCCESS, _BADF, _FAULT, _INVAL, _NOSYS, _SPIPE = 0, 8, 21, 28, 52, 70
"""Numbers of errors in WASI."""

_NANOSECONDS = 1
"""Of every clock, always: Go takes 0 for a fault."""

_MOST_BUFFERS = 1024
"""In one call, as on Linux."""


class ExitError(Exception):
    """The command has ended, with an exit code."""

    def __init__(self, code: int):
        super().__init__(code)
        self.code = code


class TooLongError(Exception):
    """It has written more than an answer may have."""


class _RefusalError(Exception):
    """What was asked for is not to be had."""

    def __init__(self, errno: int):
        super().__init__(errno)
        self.errno = errno


class Wasi:
    """The functions that one run of a command may call.

    Args:
        most_output: bytes that it may write on standard output.
    """

    def __init__(self, most_output: int):
        self._most_output = most_output
        self._running: engine.Running | None = None
        self._input = memoryview(b'')
        self._deadline = math.inf
        self._closed: set[int] = set()
        self.output = bytearray()
        self.errors = bytearray()
        """The beginning of what it has written on standard error."""

    def begin(self, running: engine.Running, text: bytes, seconds: float | None) -> None:
        """What the command runs in, its input, and the seconds that it may take."""
        self._running = running
        self._input = memoryview(text)
        self._deadline = math.inf if seconds is None else time.monotonic() + seconds

    def end(self) -> None:
        """Lets go of the instance, which holds these functions."""
        self._running = None

    def functions(self) -> list[engine.Import]:
        """All of them, as an engine takes them."""
        types: dict[str, tuple[str, Callable[..., int | None]]] = {
            'args_get': ('i(ii)', self._nothing),
            'args_sizes_get': ('i(ii)', self._no_sizes),
            'clock_time_get': ('i(iIi)', self._clock_time_get),
            'environ_get': ('i(ii)', self._nothing),
            'environ_sizes_get': ('i(ii)', self._no_sizes),
            'fd_close': ('i(i)', self._fd_close),
            'fd_fdstat_get': ('i(ii)', self._fd_fdstat_get),
            'fd_fdstat_set_flags': ('i(ii)', self._fd_fdstat_set_flags),
            'fd_prestat_dir_name': ('i(iii)', self._no_descriptor),
            'fd_prestat_get': ('i(ii)', self._no_descriptor),
            'fd_read': ('i(iiii)', self._fd_read),
            'fd_seek': ('i(iIii)', self._fd_seek),
            'fd_write': ('i(iiii)', self._fd_write),
            'path_open': ('i(iiiiiIIii)', self._no_descriptor),
            'poll_oneoff': ('i(iiii)', self._no_function),
            'proc_exit': ('v(i)', self._proc_exit),
            'random_get': ('i(ii)', self._random_get),
            'sched_yield': ('i()', self._nothing),
        }
        return [
            engine.Import(_WASI, name, type_, self._guarded(run))
            for name, (type_, run) in types.items()
        ]

    def _guarded(self, run: Callable[..., int | None]) -> Callable[..., int | None]:
        def guarded(*args: int) -> int | None:
            # The engine's own clock does not run in here, and not every engine has one.
            if time.monotonic() > self._deadline:
                raise engine.TimeOutError
            try:
                return run(*args)
            except _RefusalError as refusal:
                return refusal.errno

        return guarded

    # ---- the memory

    def _memory(self, address: int, length: int) -> tuple[engine.Running, int]:
        address &= 0xFFFF_FFFF
        # What runs before the command begins has nothing to ask for.
        if self._running is None or address + length > self._running.size():
            raise _RefusalError(_FAULT)
        return self._running, address

    def _read(self, address: int, length: int) -> bytes:
        running, address = self._memory(address, length)
        return running.read(address, length)

    def _write(self, address: int, data: bytes | memoryview) -> None:
        running, address = self._memory(address, len(data))
        running.write(address, bytes(data))

    def _buffers(self, address: int, count: int) -> list[tuple[int, int]]:
        """A list of addresses and lengths, all of them within the memory."""
        if not 0 <= count <= _MOST_BUFFERS:
            raise _RefusalError(_INVAL)
        listed = self._read(address, count * 8)
        buffers: list[tuple[int, int]] = list(struct.iter_unpack('<II', listed))
        for buffer in buffers:
            self._memory(*buffer)
        return buffers

    # ---- nothing to be had

    def _nothing(self, *args: int) -> int:
        return _SUCCESS

    def _no_sizes(self, count: int, size: int) -> int:
        self._write(count, bytes(4))
        self._write(size, bytes(4))
        return _SUCCESS

    def _no_function(self, *args: int) -> int:
        return _NOSYS

    def _no_descriptor(self, *args: int) -> int:
        return _BADF

    def _clock_time_get(self, clock: int, precision: int, shown: int) -> int:
        self._write(shown, struct.pack('<Q', _NANOSECONDS))
        return _SUCCESS

    def _random_get(self, address: int, length: int) -> int:
        length &= 0xFFFF_FFFF
        self._memory(address, length)
        self._write(address, bytes(length))
        return _SUCCESS

    # ---- the three descriptors

    def _is_open(self, descriptor: int) -> bool:
        return descriptor in _RIGHTS and descriptor not in self._closed

    def _fd_close(self, descriptor: int) -> int:
        if not self._is_open(descriptor):
            return _BADF
        self._closed.add(descriptor)
        return _SUCCESS

    def _fd_fdstat_get(self, descriptor: int, stat: int) -> int:
        if not self._is_open(descriptor):
            return _BADF
        rights = _RIGHTS[descriptor]
        self._write(stat, struct.pack('<BxHxxxxQQ', _FILETYPE_UNKNOWN, 0, rights, 0))
        return _SUCCESS

    def _fd_fdstat_set_flags(self, descriptor: int, flags: int) -> int:
        return _SUCCESS if self._is_open(descriptor) else _BADF

    def _fd_seek(self, descriptor: int, offset: int, whence: int, position: int) -> int:
        return _SPIPE if self._is_open(descriptor) else _BADF

    def _fd_read(self, descriptor: int, buffers: int, count: int, read: int) -> int:
        if descriptor != 0 or not self._is_open(descriptor):
            return _BADF
        found = self._buffers(buffers, count)
        self._memory(read, 4)
        total = 0
        for address, length in found:
            part = self._input[:length]
            self._input = self._input[length:]
            self._write(address, part)
            total += len(part)
        self._write(read, struct.pack('<I', total))
        return _SUCCESS

    def _fd_write(self, descriptor: int, buffers: int, count: int, written: int) -> int:
        if descriptor not in (1, 2) or not self._is_open(descriptor):
            return _BADF
        found = self._buffers(buffers, count)
        self._memory(written, 4)
        total = sum(length for _, length in found)
        if total >> 32:
            return _INVAL
        for address, length in found:
            self._take(descriptor, address, length)
        self._write(written, struct.pack('<I', total))
        return _SUCCESS

    def _take(self, descriptor: int, address: int, length: int) -> None:
        if descriptor == 2:
            length = min(length, _MOST_ERRORS - len(self.errors))
            self.errors += self._read(address, length)
            return
        if len(self.output) + length > self._most_output:
            raise TooLongError
        self.output += self._read(address, length)

    def _proc_exit(self, code: int) -> None:
        raise ExitError(code & 0xFFFF_FFFF)
