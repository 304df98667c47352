"""A program is run as ``subprocess`` would run it."""

from __future__ import annotations

import gc
import os
import signal
import sys
import threading

import pytest

from charm_coordinator import process


def python(script: str, text: bytes = b'') -> tuple[int, bytes, bytes]:
    return process.run(sys.executable, ['-S', '-c', f'import os, sys\n{script}'], text)


def open_files() -> list[str]:
    # What earlier tests have left to the collector is closed whenever that comes.
    gc.collect()
    return sorted(os.listdir('/dev/fd'))


def test_it_gives_the_exit_code_the_output_and_the_errors():
    assert process.run('sh', ['-c', 'cat; echo no >&2; exit 3'], b'yes') == (3, b'yes', b'no\n')


def test_no_amount_of_text_makes_it_wait_for_ever():
    script = """
text = sys.stdin.buffer.read()
os.write(2, b'e' * 300_000)
os.write(1, text)
os.write(2, b'e' * 300_000)
"""
    text = b'x' * 1_000_000
    assert python(script, text) == (0, text, b'e' * 600_000)


def test_a_program_that_reads_nothing_is_no_failure():
    assert python('', b'x' * 1_000_000) == (0, b'', b'')


def test_a_signal_is_a_negative_code():
    assert python('os.kill(os.getpid(), 9)')[0] == -signal.SIGKILL


def test_a_program_is_ended_by_a_broken_pipe_as_usual():
    told = process.run('sh', ['-c', 'kill -s PIPE $$; echo still here'])
    assert told == (-signal.SIGPIPE, b'', b'')


def test_the_environment_and_the_folder_are_those_of_now(monkeypatch, tmp_path):
    (tmp_path / 'tool').write_text('#!/bin/sh\npwd -P; echo "$COLOUR"\n')
    (tmp_path / 'tool').chmod(0o755)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv('COLOUR', 'red')
    monkeypatch.setenv('PATH', f'{tmp_path}:{os.environ["PATH"]}')
    assert process.run('tool', [])[1].decode() == f'{tmp_path.resolve()}\nred\n'


@pytest.mark.parametrize('program', ['/there/is/none', '', 'no\0name'])
def test_what_cannot_be_started_is_an_error(program: str):
    before = open_files()
    with pytest.raises((OSError, ValueError)):
        process.run(program, [])
    assert open_files() == before


def test_nothing_stays_open():
    before = open_files()
    process.run('sh', ['-c', 'cat'], b'text')
    assert open_files() == before


def test_an_interrupt_ends_the_program():
    here = threading.get_ident()
    threading.Timer(0.3, lambda: signal.pthread_kill(here, signal.SIGINT)).start()
    with pytest.raises(KeyboardInterrupt):
        process.run('sleep', ['60'])
    with pytest.raises(ChildProcessError):
        os.waitpid(-1, os.WNOHANG)
