"""Keeps machine code from hook to hook: compiling takes longer than all else.

Machine code runs with all that this process may do, and wasmtime believes what it is given. So it
is read only from a folder that belongs to this user alone, out of a file that nobody else can have
written. Where there is no such folder, or it cannot be made, modules are compiled each time.
"""

from __future__ import annotations

import contextlib
import os
import stat
from collections.abc import Callable

from charm_coordinator import engine, errors

_MOST_FILES = 8
"""Charms on one machine may carry different cores and engines; of the old ones so many stay."""


def load_program(
    wasm: bytes,
    limits: engine.Limits,
    compile_module: engine.Compile,
    check: Callable[[engine.Program], object] | None = None,
) -> engine.Program:
    """A module that this package brings, compiled before or now.

    Args:
        wasm: the content of the file.
        limits: what it may use.
        compile_module: the engine's adapter.
        check: raises if what was compiled now must not be used, nor kept.
    """
    folder = _open_folder() if compile_module.__module__ == _WASMTIME else None
    try:
        program = None if folder is None else _read_program(wasm, folder, limits)
        if program is not None:
            return program
        program = compile_module(wasm, limits)
        if check is not None:
            check(program)
        if folder is not None:
            _keep(program, wasm, folder)
        return program
    finally:
        if folder is not None:
            os.close(folder)


def read_file(path: str) -> bytes:
    """The bytes of a module that this package brings: the same in every binding.

    Raises:
        InstallationError: ``no_core``.
    """
    try:
        with open(path, 'rb') as file:
            return file.read()
    except OSError as error:
        raise errors.InstallationError(
            'no_core',
            f'{path} cannot be read ({error.strerror}): in a clone run `npm run build`, '
            'elsewhere install charm-coordinator again',
        ) from None


_WASMTIME = 'charm_coordinator.engine_wasmtime'


def _name_of(wasm: bytes) -> str:
    import hashlib

    from charm_coordinator import engine_wasmtime

    return hashlib.sha256(engine_wasmtime.version().encode() + b'\0' + wasm).hexdigest()


def _read_program(wasm: bytes, folder: int, limits: engine.Limits) -> engine.Program | None:
    from charm_coordinator import engine_wasmtime

    # It was checked before it was written, and is bound to these very bytes.
    code = _read(folder, _name_of(wasm))
    return None if code is None else engine_wasmtime.from_machine_code(code, limits)


def _keep(program: engine.Program, wasm: bytes, folder: int) -> None:
    from charm_coordinator import engine_wasmtime

    assert isinstance(program, engine_wasmtime.WasmtimeProgram)
    # A full disk, or one that cannot be written to, is no reason to fail.
    with contextlib.suppress(OSError):
        _write(folder, _name_of(wasm), program.machine_code())
        _prune(folder)


def _open_folder() -> int | None:
    """The folder as a file descriptor, so that what was checked is what is used."""
    if not hasattr(os, 'geteuid') or os.open not in os.supports_dir_fd:
        return None
    cache = os.environ.get('XDG_CACHE_HOME') or os.path.expanduser('~/.cache')
    path = os.path.join(cache, 'charm-coordinator')
    if not os.path.isabs(path):
        return None
    try:
        os.makedirs(path, mode=0o700, exist_ok=True)
        folder = os.open(path, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW)
    except OSError:
        return None
    if _is_ours(os.fstat(folder), 0o077):
        return folder
    os.close(folder)
    return None


def _is_ours(status: os.stat_result, forbidden: int) -> bool:
    return status.st_uid == os.geteuid() and not stat.S_IMODE(status.st_mode) & forbidden


def _read(folder: int, name: str) -> bytes | None:
    try:
        file = os.open(name, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK, dir_fd=folder)
    except OSError:
        return None
    with open(file, 'rb') as stream:
        status = os.fstat(file)
        if not stat.S_ISREG(status.st_mode) or not _is_ours(status, 0o077):
            return None
        return stream.read()


def _write(folder: int, name: str, code: bytes) -> None:
    """Writes under another name first: no other hook reads half of it."""
    unfinished = f'{name}.{os.getpid()}'
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW
    file = os.open(unfinished, flags, 0o600, dir_fd=folder)
    try:
        with open(file, 'wb') as stream:
            stream.write(code)
        os.replace(unfinished, name, src_dir_fd=folder, dst_dir_fd=folder)
    except OSError:
        os.unlink(unfinished, dir_fd=folder)
        raise


def _prune(folder: int) -> None:
    def age(name: str) -> float:
        return -os.stat(name, dir_fd=folder, follow_symlinks=False).st_mtime

    for name in sorted(os.listdir(folder), key=age)[_MOST_FILES:]:
        os.unlink(name, dir_fd=folder)
