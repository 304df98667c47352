"""The core that this package brings with it, loaded once in a process."""

from __future__ import annotations

import os

from charm_coordinator import artifact, engine, errors, module

_FILE = os.path.join(os.path.dirname(__file__), 'coordinator.wasm')

_core: module.Module | None = None


def fresh_core() -> engine.Instance:
    """A fresh instance of the core, for one hook.

    Raises:
        InstallationError: ``no_core`` if the file is missing, ``no_engine`` if nothing can run it.
        ModuleError: if the file beside this module is damaged.
    """
    global _core
    if _core is None:
        _core = artifact.load_core(read_core())
    return _core.instantiate()


def read_core() -> bytes:
    """The file's bytes: the same in every binding.

    Raises:
        InstallationError: ``no_core``.
    """
    try:
        with open(_FILE, 'rb') as file:
            return file.read()
    except OSError as error:
        raise errors.InstallationError(
            'no_core',
            f'{_FILE} cannot be read ({error.strerror}): in a clone run `npm run build`, '
            'elsewhere install charm-coordinator again',
        ) from None
