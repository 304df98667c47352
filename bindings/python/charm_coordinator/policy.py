"""A policy in a module of its own, in whatever language.

It is loaded, described and checked before anything depends on it, then asked for decisions. It may
be wrong in every way; each has a code, and none costs more than that decision.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterable, Mapping
from typing import TYPE_CHECKING, Any, Literal, NamedTuple

from charm_coordinator import artifact, command, engine, errors, exchange, meter, module

if TYPE_CHECKING:
    from charm_coordinator import contract

PolicyKind = Literal['module', 'command']

TakeLine = Callable[[str], object]
"""Takes a line that a command has written on standard error."""

Loaded = module.Module | command.Command

_MOST_BYTES = 4 << 20


class About(NamedTuple):
    """What is known of a policy that was loaded, described and checked."""

    name: str
    version: str
    sha256: str
    needs: contract.PolicyNeeds


class PolicyModule:
    """A policy that was loaded, described and checked; for ``policy`` of a ``Coordinator``.

    It may be used by several threads.

    Args:
        about: what is known of it.
        config: what it is told with each operation.
        load: makes the program, when it is first asked for a decision.
    """

    name: str
    """What it calls itself, or what it was called when it was loaded."""
    version: str
    sha256: str
    """Of the file as it was given, in hexadecimal."""
    needs: contract.PolicyNeeds
    """What it wants to be told with each decision."""
    config: object
    fuel_used: int | None
    """What the last operation used, the same on every machine and in every language."""

    def __init__(self, about: About, config: object, load: Callable[[], Loaded]):
        self.name, self.version, self.sha256, self.needs = about
        self.config = config
        self.fuel_used = None
        self._load = load
        self._loaded: Loaded | None = None

    @property
    def kind(self) -> PolicyKind:
        """Whether it keeps the contract of a module, or is run as a command."""
        return 'command' if isinstance(self._program(), command.Command) else 'module'

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
        given = {'op': 'decide', **state, 'config': self.config}
        answer, self.fuel_used = _operate(self._program(), given, log)
        if isinstance(answer, errors.ModuleError):
            raise answer
        if 'error' in answer:
            raise errors.ModuleError('policy_error', f'it answered {_told(answer["error"])}')
        if 'ok' not in answer:
            raise _wrong('decide', 'it asks, where a policy must answer')
        return _decision_of(answer['ok'], state)

    def document(self) -> dict[str, Any]:
        """What the core is told of it, as ``external``."""
        return {'name': self.name, 'sha256': self.sha256, 'needs': self.needs}

    def _program(self) -> Loaded:
        if self._loaded is None:
            self._loaded = self._load()
        return self._loaded


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
    _check_config(config)
    if len(wasm) > _MOST_BYTES:
        raise errors.ModuleError(
            'too_big', f'the file has {len(wasm)} bytes; at most {_MOST_BYTES}'
        )
    sha256 = hashlib.sha256(wasm).hexdigest()
    loaded = load_program(
        sha256, lambda: wasm, time=time, compile_module=compile_module, folder=folder
    )
    described = _describe(_answer_of(loaded, {'op': 'describe'}, log))
    needs = _needs_of(_answer_of(loaded, {'op': 'check', 'config': config}, log))
    about = About(name or described[0], described[1], sha256, needs)
    return PolicyModule(about, config, lambda: loaded)


def load_program(
    sha256: str,
    read: Callable[[], bytes],
    *,
    time: float | None = None,
    compile_module: engine.Compile | None = None,
    folder: str | None = None,
) -> Loaded:
    """The program of a file, prepared and compiled before or now.

    Args:
        sha256: of the file, in hexadecimal.
        read: reads the file, if its machine code is not there.
        time: seconds that one operation may take.
        compile_module: the engine's adapter.
        folder: where its machine code is kept.

    Raises:
        ModuleError: with the code of the first check that fails, in the order of ``host/abi.md``.
        InstallationError: if there is no engine.
    """
    limits = module.limits_of('policy', time)
    compile_module = compile_module or engine.pick()

    def make() -> engine.Program:
        prepared = module.prepare(read(), 'either', compile_module)
        program = module.compile_program(prepared, limits, compile_module)
        if not program.imports:
            module.check_abi(module.Module(program, limits, begin=module.begin_of(program.exports)))
        return program

    # The machine code has in it what the rewriter has put there.
    source = f'{sha256} {module.PREPARED} '.encode() + meter.read_meter()
    program = artifact.load_program(source, limits, compile_module, make, folder)
    begin = module.begin_of(program.exports)
    if program.imports:
        return command.Command(program, limits, begin=begin)
    return module.Module(program, limits, begin=begin)


def _answer_of(loaded: Loaded, given: Mapping[str, Any], log: TakeLine | None) -> dict[str, Any]:
    answer, _ = _operate(loaded, given, log)
    if isinstance(answer, errors.ModuleError):
        raise answer
    return answer


def _operate(
    loaded: Loaded, given: Mapping[str, Any], log: TakeLine | None
) -> tuple[dict[str, Any] | errors.ModuleError, int | None]:
    """One operation in an instance of its own: its answer, or what went wrong; and its fuel."""
    instance: engine.Instance | command.Run | None = None
    try:
        instance = loaded.instantiate()
        answer = exchange.exchange(instance, given)
    except errors.ModuleError as error:
        answer = error
    if isinstance(instance, command.Run) and log is not None:
        for line in instance.lines:
            log(line)
    return answer, None if instance is None else instance.fuel_used


def _describe(answer: Mapping[str, Any]) -> tuple[str, str]:
    if 'error' in answer:
        raise _wrong('describe', f'it answered {_told(answer["error"])}')
    about = answer.get('ok', {})
    kind, name, version = about.get('kind'), about.get('name'), about.get('version')
    if kind != 'policy':
        raise _wrong('describe', f'its kind is {_show(kind)}; expected "policy"')
    if not _is_text(name):
        raise _wrong('describe', f'its name is {_show(name)}; expected a text')
    if not _is_text(version):
        raise _wrong('describe', f'its version is {_show(version)}; expected a text')
    return name, version


def _needs_of(answer: Mapping[str, Any]) -> contract.PolicyNeeds:
    if 'error' in answer:
        raise errors.ModuleError('bad_config', _told(answer['error']))
    if 'ok' not in answer:
        raise _wrong('check', 'it asks, where a policy must answer')
    needs: Any = answer['ok'].get('needs', {})
    if not exchange.is_object(needs):
        raise _wrong('check', f'its needs are {_show(needs)}; expected an object')
    for need, value in needs.items():
        if need in ('options', 'released'):
            if not (exchange.is_list(value) and all(_is_text(one) for one in value)):
                raise _wrong('check', f'its need {need} is {_show(value)}; expected texts')
        elif need == 'units':
            if not isinstance(value, bool):
                raise _wrong('check', f'its need units is {_show(value)}; expected true or false')
        else:
            raise _wrong('check', f'it needs {_show(need)}, which is not known')
    known: Any = needs
    return known


def _decision_of(ok: Mapping[str, Any], state: contract.PolicyState) -> contract.PolicyDecision:
    """The decision, if it is of the right form and grants only what is asked for, and that once."""
    unknown = ok.keys() - {'grant', 'wait', 'retry_after'}
    if unknown:
        found = min(unknown)
        raise _wrong(
            'decide', f'it has {_show(found)}; expected grant, wait and retry_after only'
        )
    grant, wait, retry_after = ok.get('grant'), ok.get('wait', []), ok.get('retry_after', 0)
    if not _are_entries(grant, ['unit', 'lock']):
        raise _wrong('decide', f'grant is {_show(grant)}; expected objects with unit and lock')
    if not _are_entries(wait, ['unit', 'lock', 'reason']):
        raise _wrong('decide', f'wait is {_show(wait)}; expected such objects, with a reason')
    is_number = isinstance(retry_after, int | float) and not isinstance(retry_after, bool)
    if not is_number or retry_after < 0:
        raise _wrong('decide', f'retry_after is {_show(retry_after)}; expected seconds')
    _check_asked(grant, state)
    decision: Any = ok
    return decision


def _check_asked(grant: Iterable[Mapping[str, str]], state: contract.PolicyState) -> None:
    queued = {(one['unit'], one['lock']) for one in state['queue']}
    left = set(queued)
    for entry in grant:
        unit, lock = entry['unit'], entry['lock']
        if (unit, lock) in left:
            left.remove((unit, lock))
            continue
        is_queued = (unit, lock) in queued
        why = 'twice' if is_queued else 'nobody who waits has asked for that'
        raise errors.ModuleError('not_asked', f'it grants {lock} to {unit}: {why}')


def _are_entries(entries: Any, members: Iterable[str]) -> bool:
    return exchange.is_list(entries) and all(
        exchange.is_object(entry) and all(isinstance(entry.get(name), str) for name in members)
        for entry in entries
    )


def _is_text(value: object) -> bool:
    return isinstance(value, str) and value != ''


def _check_config(config: object) -> None:
    try:
        exchange.write(config)
    except (TypeError, ValueError, RecursionError) as error:
        message = f'config cannot be written as JSON: {error}'
        raise errors.UsageError('bad_type', message) from None


def _wrong(op: str, what: str) -> errors.ModuleError:
    return errors.ModuleError('bad_answer', f'{op}: {what}')


def _told(error: Mapping[str, str]) -> str:
    """The policy's own words for what it refuses."""
    code, message, path = error['code'], error['message'], error['path']
    return f'{message or code}{f" (at {path})" if path else ""}'


def _show(value: object) -> str:
    return 'missing' if value is None else json.dumps(value)[:80]
