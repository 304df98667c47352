"""A policy that is a command: what it finds around it, and how it may end."""

from __future__ import annotations

import functools
import struct
from typing import Any

import pytest
import wasmtime

from charm_coordinator import engine, errors, policy, wasi

STATE: Any = {'now': '', 'leader': '', 'n': 1, 'units': [], 'holders': [], 'queue': []}

# Answers describe and check, and decides by running `body`.
COMMAND = r"""(module
  (import "wasi_snapshot_preview1" "fd_read" (func $read (param i32 i32 i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "fd_write" (func $write (param i32 i32 i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "random_get" (func $random (param i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "proc_exit" (func $exit (param i32)))
  (memory (export "memory") 4)
  (data (i32.const 0) "\40\00\00\00\40\00\00\00")
  (data (i32.const 8) "\80\00\00\00\31\00\00\00")
  (data (i32.const 16) "\00\01\00\00\09\00\00\00")
  (data (i32.const 24) "\00\02\00\00\13\00\00\00")
  (data (i32.const 128)
    "{\22ok\22:{\22kind\22:\22policy\22,\22name\22:\22t\22,\22version\22:\221\22}}")
  (data (i32.const 256) "{\22ok\22:{}}")
  (data (i32.const 512) "{\22ok\22:{\22grant\22:[]}}")
  (func $answer (param $what i32)
    (drop (call $write (i32.const 1) (local.get $what) (i32.const 1) (i32.const 32))))
  (func (export "_start")
    (local $name i32)
    (drop (call $read (i32.const 0) (i32.const 0) (i32.const 1) (i32.const 32)))
    (local.set $name (i32.load8_u offset=9 (i32.const 64)))
    (if (i32.eq (local.get $name) (i32.const 0x73)) (then (call $answer (i32.const 8)) (return)))
    (if (i32.eq (local.get $name) (i32.const 0x65)) (then (call $answer (i32.const 16)) (return)))
    %s)
  %s)"""


def load(body: str, more: str = '', **options: Any) -> policy.PolicyModule:
    return policy.load_policy(bytes(wasmtime.wat2wasm(COMMAND % (body, more))), **options)


def test_a_command_decides():
    loaded = load('(call $answer (i32.const 24))')
    assert (loaded.kind, loaded.name) == ('command', 't')
    assert loaded.decide(STATE) == {'grant': []}


def test_what_runs_at_its_start_may_call_the_host_and_end_the_run():
    starts = '(func $start (call $exit (i32.const 3))) (start $start)'
    with pytest.raises(errors.ModuleError) as raised:
        load('', starts)
    assert raised.value.code == 'exit'
    assert '3' in str(raised.value)


def test_a_host_function_is_stopped_by_the_clock_where_no_engine_stops_it():
    """A command that has the host do the work uses little fuel."""
    body = '(loop (drop (call $random (i32.const 0) (i32.const 262144))) (br 0))'
    loaded = load(body, time=0.3)
    with pytest.raises(errors.ModuleError) as raised:
        loaded.decide(STATE)
    assert raised.value.code == 'timeout'
    assert loaded.fuel_used is not None and loaded.fuel_used < 100_000_000


class _Memory:
    """A page of memory, for the functions alone."""

    def __init__(self):
        self.bytes = bytearray(65536)

    def size(self) -> int:
        return len(self.bytes)

    def read(self, address: int, length: int) -> bytes:
        return bytes(self.bytes[address : address + length])

    def write(self, address: int, data: bytes) -> None:
        self.bytes[address : address + len(data)] = data


class _Host:
    """The functions of one run, called as a command would."""

    def __init__(self, text: bytes = b'', most: int = 100):
        self.wasi = wasi.Wasi(most)
        self.memory = _Memory()
        running: Any = self.memory
        self.wasi.begin(running, text, None)
        self._functions: dict[str, engine.Import] = {one.name: one for one in self.wasi.functions()}

    def __getattr__(self, name: str) -> Any:
        return functools.partial(self._functions[name].run)

    def buffers(self, *buffers: tuple[int, int]) -> tuple[int, int]:
        for place, buffer in enumerate(buffers):
            address, length = (number & 0xFFFF_FFFF for number in buffer)
            self.memory.write(8 * place, struct.pack('<II', address, length))
        return 0, len(buffers)


def test_input_is_read_in_pieces_to_its_end():
    host = _Host(b'abcdefg')
    pieces = host.buffers((100, 2), (102, 0), (200, 3))
    assert host.fd_read(0, *pieces, 64) == 0
    assert host.memory.read(64, 4) == b'\5\0\0\0'
    assert (host.memory.read(100, 2), host.memory.read(200, 3)) == (b'ab', b'cde')
    assert host.fd_read(0, *pieces, 64) == 0
    assert host.memory.read(64, 4) == b'\2\0\0\0'
    assert host.fd_read(0, *pieces, 64) == 0
    assert host.memory.read(64, 4) == b'\0\0\0\0'


def test_output_is_taken_whole_and_has_an_end():
    host = _Host()
    host.memory.write(100, b'x' * 200)
    assert host.fd_write(1, *host.buffers((100, 60), (100, 40)), 64) == 0
    assert host.memory.read(64, 4) == b'\x64\0\0\0'
    assert host.wasi.output == b'x' * 100
    with pytest.raises(wasi.TooLongError):
        host.fd_write(1, *host.buffers((100, 1)), 64)


def test_of_errors_the_first_4096_bytes_are_kept_and_the_rest_is_taken():
    host = _Host()
    host.memory.write(100, b'e' * 5000)
    for _ in range(2):
        assert host.fd_write(2, *host.buffers((100, 3000)), 64) == 0
        assert host.memory.read(64, 4) == struct.pack('<I', 3000)
    assert host.wasi.errors == b'e' * 4096


BADF, FAULT, INVAL, NOSYS, SPIPE = 8, 21, 28, 52, 70


def test_there_is_nothing_but_three_streams():
    host = _Host()
    assert host.fd_prestat_get(3, 0) == BADF
    assert host.fd_prestat_dir_name(3, 0, 8) == BADF
    assert host.path_open(3, 0, 0, 0, 0, 0, 0, 0, 0) == BADF
    assert host.fd_read(1, 0, 0, 64) == BADF
    assert host.fd_write(0, 0, 0, 64) == BADF
    assert host.fd_write(3, 0, 0, 64) == BADF
    assert [host.fd_seek(fd, 0, 0, 64) for fd in (0, 1, 2, 3)] == [SPIPE, SPIPE, SPIPE, BADF]
    assert [host.fd_fdstat_get(fd, 0) for fd in (0, 2, 3, -1)] == [0, 0, BADF, BADF]
    assert host.poll_oneoff(0, 0, 1, 64) == NOSYS
    assert host.fd_close(1) == 0
    assert host.fd_write(1, 0, 0, 64) == BADF
    assert host.fd_close(1) == BADF


@pytest.mark.parametrize('address', [65533, 0x7FFF_FFFF, -4])
def test_an_address_outside_the_memory_is_told(address: int):
    host = _Host(b'abc')
    assert host.clock_time_get(0, 0, address) == FAULT
    assert host.random_get(address, 4) == FAULT
    assert host.random_get(4, address) == FAULT
    assert host.args_sizes_get(0, address) == FAULT
    assert host.fd_read(0, address, 1, 64) == FAULT
    assert host.fd_read(0, *host.buffers((address, 4)), 64) == FAULT
    assert host.fd_read(0, *host.buffers((100, 4)), address) == FAULT
    assert host.fd_write(1, *host.buffers((100, address)), 64) == FAULT
    # Nothing of it was taken.
    assert host.fd_read(0, *host.buffers((100, 4)), 64) == 0
    assert host.memory.read(100, 3) == b'abc'
    assert host.wasi.output == b''


def test_each_call_looks_at_the_clock():
    host = _Host()
    running: Any = host.memory
    host.wasi.begin(running, b'', -1)
    with pytest.raises(engine.TimeOutError):
        host.sched_yield()


def test_nobody_makes_the_host_work_for_long_in_one_call():
    assert _Host().fd_write(2, 0, 1025, 64) == INVAL
    assert _Host().fd_write(2, 0, -1, 64) == INVAL
