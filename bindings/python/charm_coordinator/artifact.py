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

_MOST_FILES = 16
"""Charms on one machine may carry different cores, policies and engines; of all so many stay."""

_MOST_OWN_FILES = 4
"""So many stay in a folder of the caller's."""

_SUFFIX = '.code'


def load_program(
    source: bytes,
    limits: engine.Limits,
    compile_module: engine.Compile,
    make: Callable[[], engine.Program],
    path: str | None = None,
) -> engine.Program:
    """A program, made before or now.

    Args:
        source: all that the program is made of; the machine code is bound to these very bytes.
        limits: what it may use.
        compile_module: the engine's adapter.
        make: makes it; raises if it must not be used, nor kept.
        path: the folder to keep it in. Default: this user's cache.
    """
    folder = _open_folder(path) if compile_module.__module__ == _WASMTIME else None
    try:
        name = '' if folder is None else _name_of(source)
        program = None if folder is None else _read_program(name, folder, limits)
        if program is not None:
            return program
        program = make()
        if folder is not None:
            _keep(program, name, folder, _MOST_FILES if path is None else _MOST_OWN_FILES)
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


def _name_of(source: bytes) -> str:
    import hashlib

    from charm_coordinator import engine_wasmtime

    return hashlib.sha256(engine_wasmtime.version().encode() + b'\0' + source).hexdigest()


def _read_program(name: str, folder: int, limits: engine.Limits) -> engine.Program | None:
    from charm_coordinator import engine_wasmtime

    # It was checked before it was written.
    file = _open(folder, name)
    if file is None:
        return None
    with open(file, 'rb') as stream:
        # Machine code of some size is not read, but mapped: a program uses little of it. A folder
        # from which nothing may be run does not permit that.
        program = engine_wasmtime.from_machine_code_in(f'/proc/self/fd/{file}', limits)
        return program or engine_wasmtime.from_machine_code(stream.read(), limits)


def _keep(program: engine.Program, name: str, folder: int, most: int) -> None:
    from charm_coordinator import engine_wasmtime

    assert isinstance(program, engine_wasmtime.WasmtimeProgram)
    # A full disk, or one that cannot be written to, is no reason to fail.
    with contextlib.suppress(OSError):
        _write(folder, f'{name}{_SUFFIX}', program.machine_code())
        _prune(folder, most)


def _open_folder(path: str | None) -> int | None:
    """The folder as a file descriptor, so that what was checked is what is used."""
    if not hasattr(os, 'geteuid') or os.open not in os.supports_dir_fd:
        return None
    if path is None:
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


def _open(folder: int, name: str) -> int | None:
    """A file of this user alone, as a descriptor."""
    try:
        file = os.open(
            f'{name}{_SUFFIX}', os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK, dir_fd=folder
        )
    except OSError:
        return None
    status = os.fstat(file)
    if stat.S_ISREG(status.st_mode) and _is_ours(status, 0o077):
        return file
    os.close(file)
    return None


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


def _prune(folder: int, most: int) -> None:
    def age(name: str) -> float:
        return -os.stat(name, dir_fd=folder, follow_symlinks=False).st_mtime

    names = [name for name in os.listdir(folder) if name.endswith(_SUFFIX)]
    for name in sorted(names, key=age)[most:]:
        os.unlink(name, dir_fd=folder)
