"""The core that this package brings with it, loaded once in a process."""

from __future__ import annotations

import os

from charm_coordinator import artifact, engine, module

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
        _core = load_core(read_core())
    return _core.instantiate()


def load_core(wasm: bytes) -> module.Module:
    """The core, compiled before or now.

    Raises:
        ModuleError, InstallationError: as ``load_module`` does.
    """
    limits = module.limits_of('core')
    compile_module = engine.pick()

    def make() -> engine.Program:
        program = compile_module(wasm, limits)
        module.load_module(wasm, 'core', compile_module=lambda wasm, limits: program)
        return program

    program = artifact.load_program(wasm, limits, compile_module, make)
    return module.Module(program, limits, begin=module.begin_of(program.exports))


def read_core() -> bytes:
    """The file's bytes: the same in every binding.

    Raises:
        InstallationError: ``no_core``.
    """
    return artifact.read_file(_FILE)
