"""A policy in a module of its own, in whatever language.

It is loaded, described and checked before anything depends on it, then asked for decisions. It may
be wrong in every way; each has a code, and none costs more than that decision.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, Literal, NamedTuple

from charm_coordinator import (
    answers,
    artifact,
    command,
    engine,
    errors,
    exchange,
    meter,
    module,
)

if TYPE_CHECKING:
    from charm_coordinator import contract

PolicyKind = Literal['module', 'command']

TakeLine = Callable[[str], object]
"""Takes a line that a command has written on standard error."""

MOST_FILE = 4 << 20
"""The most bytes that the file of a policy may have; of a module 1 MiB at the most."""


class PolicyFacts(NamedTuple):
    """What is known of a policy without running it."""

    name: str
    """That status shows and grants carry."""
    version: str
    sha256: str
    """Of the file as it was given, in hexadecimal."""
    needs: contract.PolicyNeeds
    """What it wants to be told with each decision."""


class PolicyModule:
    """A policy that was loaded, described and checked; for ``policy`` of a ``Coordinator``.

    For :func:`load_policy` and :func:`kept_policy`.
    """

    name: str
    version: str
    sha256: str
    needs: contract.PolicyNeeds

    def __init__(self, facts: PolicyFacts, runner: Runner, config: object):
        self.name, self.version, self.sha256, self.needs = facts
        self._runner = runner
        self._config = config

    @property
    def kind(self) -> PolicyKind:
        """Whether it keeps the contract of a module, or is run as a command."""
        return self._runner.kind

    @property
    def fuel_used(self) -> int | None:
        """What the last operation used, the same on every machine and in every language."""
        return self._runner.fuel_used

    def decide(
        self, state: contract.PolicyState, log: TakeLine | None = None
    ) -> contract.PolicyDecision:
        """Decides, in an instance of its own.

        Args:
            state: what the core asks about; the policy's config is added.
            log: takes each line that a command writes on standard error.

        Raises:
            ModuleError: whatever goes wrong, by the codes of ``host/abi.md``.
        """
        answer = self._runner.call({'op': 'decide', **state, 'config': self._config}, log)
        return answers.decision_of(answer, state)


class Runner:
    """Runs each operation in an instance of its own.

    Args:
        load: called once, when there is something to ask.
    """

    def __init__(self, load: Callable[[], Loaded]):
        self._load = load
        self._loaded: Loaded | None = None
        self.fuel_used: int | None = None

    @property
    def kind(self) -> PolicyKind:
        """Whether it is a module or a command."""
        return 'command' if isinstance(self._program(), command.Command) else 'module'

    def call(self, given: Mapping[str, Any], log: TakeLine | None = None) -> dict[str, Any]:
        """One operation.

        Raises:
            ModuleError: whatever goes wrong.
        """
        self.fuel_used = None
        program = self._program()
        instance: engine.Instance | command.Run | None = None
        try:
            instance = program.instantiate()
            text = instance.call(exchange.write(given))
            answers.check_depth(text)
            return exchange.parse_answer(text)
        except errors.ModuleError as error:
            message = f'{given["op"]}: {error}'
            raise errors.ModuleError(error.code, message, error.trap) from None
        finally:
            if instance is not None:
                self.fuel_used = instance.fuel_used
            if isinstance(instance, command.Run) and log is not None:
                for line in instance.lines:
                    log(line)

    def _program(self) -> Loaded:
        if self._loaded is None:
            self._loaded = self._load()
        return self._loaded


Loaded = module.Module | command.Command
"""A policy's program."""


def load_policy(
    wasm: bytes,
    *,
    config: object = None,
    name: str | None = None,
    time: float | None = None,
    log: TakeLine | None = None,
    compile_module: engine.Compile | None = None,
    folder: str | None = None,
) -> PolicyModule:
    """Loads a policy: checks the file, asks it who it is, and whether it takes this config.

    Example::

        policy = load_policy(pathlib.Path('half.wasm').read_bytes())
        with Coordinator(juju_host(), policy=policy) as coordinator:
            ...

    Args:
        wasm: the content of a ``.wasm`` file: a module of at most 1 MiB, or a command of at most
            4 MiB.
        config: what the policy is told at its check and with each decision; what JSON can say.
            Default: ``{}``.
        name: the name that status shows and grants carry. Default: what it calls itself.
        time: seconds that one operation may take, if its fuel lasts. Default: 2.
        log: takes each line that a command writes on standard error meanwhile.
        compile_module: the engine's adapter. Default: that of the engine that is here.
        folder: where its machine code is kept. Default: this user's cache.

    Raises:
        ModuleError: with the code of what is wrong, from ``host/abi.md``, "A policy module";
            ``bad_config`` if the policy does not take its config.
        UsageError: ``bad_type`` if ``config`` is nothing that JSON can say.
        InstallationError: if there is no engine.
    """
    config = {} if config is None else config
    exchange.check_json('config', config)
    if len(wasm) > MOST_FILE:
        raise errors.ModuleError('too_big', f'the file has {len(wasm)} bytes; at most {MOST_FILE}')
    sha256 = sha256_of(wasm)
    runner = Runner(lambda: load_program(wasm, sha256, time, compile_module, folder))
    described = answers.facts_of(runner.call({'op': 'describe'}, log))
    needs = answers.needs_of(runner.call({'op': 'check', 'config': config}, log))
    facts = PolicyFacts(name or described[0], described[1], sha256, needs)
    return PolicyModule(facts, runner, config)


def kept_policy(
    facts: PolicyFacts,
    read: Callable[[], bytes],
    *,
    config: object,
    time: float | None = None,
    folder: str | None = None,
) -> PolicyModule:
    """A policy that was loaded before, with what is known since.

    Args:
        facts: what was found out then.
        read: reads its file when it is asked for the first decision. It may raise a ModuleError;
            that is then what goes wrong with the decision.
        config: as it was checked then.
        time: seconds that one operation may take, if its fuel lasts. Default: 2.
        folder: where its machine code is kept. Default: this user's cache.
    """
    runner = Runner(lambda: load_program(read(), facts.sha256, time, None, folder))
    return PolicyModule(facts, runner, config)


def sha256_of(wasm: bytes) -> str:
    """In hexadecimal."""
    return hashlib.sha256(wasm).hexdigest()


def load_program(
    wasm: bytes,
    sha256: str,
    time: float | None = None,
    compile_module: engine.Compile | None = None,
    folder: str | None = None,
) -> Loaded:
    """The program of a file, prepared and compiled before or now.

    Args:
        wasm: the content of a ``.wasm`` file.
        sha256: of the same.
        time: seconds that one operation may take, if its fuel lasts. Default: 2.
        compile_module: the engine's adapter. Default: that of the engine that is here.
        folder: where its machine code is kept. Default: this user's cache.

    Raises:
        ModuleError: with the code of the first check that fails, in the order of ``host/abi.md``.
        InstallationError: if there is no engine.
    """
    limits = module.limits_of('policy', time)
    compile_module = compile_module or engine.pick()

    def make() -> engine.Program:
        prepared = module.prepare(wasm, 'either', compile_module)
        program = module.compile_program(prepared, limits, compile_module)
        made = _of(program, limits)
        if isinstance(made, module.Module):
            module.check_abi(made)
        return program

    # In the machine code is what the rewriter has put there.
    source = f'{sha256} {module.PREPARED} '.encode() + meter.read_meter()
    return _of(artifact.load_program(source, limits, compile_module, make, folder), limits)


def _of(program: engine.Program, limits: engine.Limits) -> Loaded:
    if program.imports:
        return command.Command(program, limits)
    return module.Module(program, limits, begin=module.begin_of(program.exports))
