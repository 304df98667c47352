"""Machine code of the core is kept for this user, and taken from nobody else."""

from __future__ import annotations

import os
import pathlib

import pytest

from charm_coordinator import core, engine_wasmtime, errors

DESCRIBE = b'{"op":"describe"}'


@pytest.fixture
def folder(tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch) -> pathlib.Path:
    monkeypatch.setenv('XDG_CACHE_HOME', str(tmp_path))
    return tmp_path / 'charm-coordinator'


@pytest.fixture
def compiled(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """How often something was compiled."""
    times: list[int] = []
    real = engine_wasmtime.compile_module

    def counting(*args: object) -> object:
        times.append(1)
        return real(*args)  # type: ignore

    monkeypatch.setattr(engine_wasmtime, 'compile_module', counting)
    counting.__module__ = real.__module__
    return times


def _answer() -> bytes:
    return core.load_core(core.read_core()).instantiate().call(DESCRIBE)


def test_a_core_is_compiled_once(folder: pathlib.Path, compiled: list[int]):
    assert _answer() == _answer()
    assert len(compiled) == 1
    (file,) = folder.iterdir()
    assert (folder.stat().st_mode & 0o777, file.stat().st_mode & 0o777) == (0o700, 0o600)


def test_a_folder_that_others_may_write_to_is_not_used(folder: pathlib.Path, compiled: list[int]):
    folder.mkdir(mode=0o777)
    folder.chmod(0o777)
    assert _answer() == _answer()
    assert len(compiled) == 2
    assert list(folder.iterdir()) == []


@pytest.mark.parametrize('mode', [0o622, 0o640])
def test_a_file_that_others_may_touch_is_not_read(
    mode: int, folder: pathlib.Path, compiled: list[int]
):
    _answer()
    for file in folder.iterdir():
        file.chmod(mode)
    _answer()
    assert len(compiled) == 2


def test_a_folder_of_another_user_is_not_used(
    folder: pathlib.Path, compiled: list[int], monkeypatch: pytest.MonkeyPatch
):
    _answer()
    # Not everybody can give a folder away, but anybody can be another user.
    another = os.geteuid() + 1
    monkeypatch.setattr(os, 'geteuid', lambda: another)
    _answer()
    assert len(compiled) == 2


def test_a_link_is_not_followed(folder: pathlib.Path, tmp_path: pathlib.Path, compiled: list[int]):
    _answer()
    (file,) = folder.iterdir()
    file.rename(tmp_path / 'elsewhere')
    file.symlink_to(tmp_path / 'elsewhere')
    _answer()
    assert len(compiled) == 2


def test_a_file_that_is_damaged_is_written_anew(folder: pathlib.Path, compiled: list[int]):
    _answer()
    (file,) = folder.iterdir()
    file.write_bytes(b'')
    _answer()
    _answer()
    assert len(compiled) == 2


def test_old_files_go(folder: pathlib.Path):
    folder.mkdir(mode=0o700)
    for number in range(20):
        (folder / f'old{number}.code').write_text('')
        os.utime(folder / f'old{number}.code', (number, number))
    (folder / 'of-somebody-else').write_text('')
    _answer()
    names = {file.name for file in folder.iterdir()}
    assert len(names) == 16 + 1
    assert {'old19.code', 'old5.code', 'of-somebody-else'} <= names


def test_a_damaged_core_is_told_of_and_not_kept(folder: pathlib.Path):
    with pytest.raises(errors.ModuleError) as raised:
        core.load_core(b'\0asm\1\0\0\0')
    assert raised.value.code == 'no_memory'
    assert list(folder.iterdir()) == []
