"""Locks for reactive charms.

Example::

    import charms.coordinator
    from charms.reactive import hook, when


    @hook('config-changed')
    def config_changed():
        charms.coordinator.acquire('restart')


    @when('coordinator.granted.restart')
    def restart():
        restart_service()  # may run twice, never beside another unit's

``coordinator.requested.LOCK`` is set while this unit waits for a lock, ``coordinator.granted.LOCK``
in the hook in which it holds it. ``charms.coordinator.coordinator`` is the object that knows who
holds and who waits; it is made when it is first looked at, at the latest when the hook begins.
"""

from __future__ import annotations

import importlib
import os
import sys
from typing import Any

import charmhelpers
import yaml
from charmhelpers.core import hookenv
from charms.reactive import flags

from charm_coordinator import charmhelpers as drop_in
from charm_coordinator import errors, swap

# What a charm derives from charmhelpers.coordinator is to be decided by the core, too.
if 'charmhelpers.coordinator' not in sys.modules:
    sys.modules['charmhelpers.coordinator'] = drop_in
    charmhelpers.coordinator = drop_in

_GRANTED = 'coordinator.granted.'
_REQUESTED = 'coordinator.requested.'
_LEVELS = ('critical', 'error', 'warning', 'info', 'debug')
_DEFAULT_CLASS = f'{__name__}.SimpleCoordinator'

_made: list[drop_in.BaseCoordinator] = []


class SimpleCoordinator(drop_in.BaseCoordinator):
    """One unit at a time, whatever the lock: it is granted all locks that it asks for.

    A subclass decides by its own ``default_grant`` and ``grant_<lock>``.
    """

    policy: Any = 'simple'
    """The rules that decide: the option ``policy``."""

    def default_grant(self, lock: str, unit: str, granted: set[str], queue: list[str]) -> bool:
        """Whether a unit is granted the lock now, where a subclass asks."""
        holders = {holder for holder, locks in (self.grants or {}).items() if locks}
        return holders == {unit} or (not holders and unit == queue[0])

    def _policy(self) -> Any:
        return self.policy if type(self) is SimpleCoordinator else super()._policy()


def acquire(lock: str, data: dict[str, Any] | None = None) -> bool:
    """Asks for a lock, unless it was asked for before.

    Args:
        lock: 1 to 256 bytes.
        data: for rules and policy modules; an object that JSON can say, of at most 4,096 bytes.
            Kept with the request.

    Returns:
        Whether the lock is held now, until the end of this hook. If not, a later hook of this unit
        begins with ``coordinator.granted.LOCK``.
    """
    found = _coordinator()
    is_held = found.acquire(lock) if data is None else found.acquire(lock, data=data)
    _show(found)
    return is_held


def __getattr__(name: str) -> Any:
    # Not made when this module is imported: its class may be in a module that imports this one.
    if name == 'coordinator':
        return _coordinator()
    raise AttributeError(f'module {__name__!r} has no attribute {name!r}')


def _coordinator() -> drop_in.BaseCoordinator:
    if not _made:
        _made.append(_make(_options()))
    return _made[0]


def _options() -> dict[str, Any]:
    """What layer.yaml of the built charm says of this layer."""
    with open(os.path.join(hookenv.charm_dir(), 'layer.yaml'), encoding='utf-8') as file:
        content: Any = yaml.safe_load(file) or {}
    return (content.get('options') or {}).get('coordinator') or {}


def _make(options: dict[str, Any]) -> drop_in.BaseCoordinator:
    policy, path = options.get('policy'), options.get('class') or _DEFAULT_CLASS
    if policy and path != _DEFAULT_CLASS:
        raise _bad_option('policy', 'a class decides by its own methods; give one or the other')
    made = _class_of(path)()
    if policy:
        made.policy = policy
    if options.get('swap'):
        made.swap = swap.PolicySource()
    level = str(options.get('log_level') or 'info')
    if level.lower() not in _LEVELS:
        raise _bad_option('log_level', f'expected one of {", ".join(_LEVELS)}, not {level}')
    if type(made).msg is drop_in.BaseCoordinator.msg:
        made.msg = lambda msg: _log(made, msg, level.upper())
    return made


def _class_of(path: str) -> Any:
    module, _, name = path.rpartition('.')
    try:
        found = getattr(importlib.import_module(module), name)
    except (ImportError, AttributeError, ValueError) as error:
        raise _bad_option('class', f'{path} cannot be imported: {error}') from error
    if isinstance(found, type) and issubclass(found, drop_in.BaseCoordinator):
        return found
    raise _bad_option(
        'class',
        f'{path} is not derived from charm_coordinator.charmhelpers.BaseCoordinator; where it is '
        'derived from charmhelpers.coordinator, its module must import charms.coordinator first',
    )


def _bad_option(option: str, what: str) -> errors.UsageError:
    return errors.UsageError('bad_option', f'layer.yaml: options: coordinator: {option}: {what}')


def _log(made: drop_in.BaseCoordinator, msg: str, level: str) -> None:
    hookenv.log(f'coordinator.{type(made).__name__} {msg}', level=level)


def _begin() -> None:
    # What is registered last is the first to run at the end: locks are given back before flags are
    # cleared.
    hookenv.atexit(_end)
    _coordinator()
    hookenv.atstart(_show_at_start)


def _show_at_start() -> None:
    _show(_coordinator())


def _end() -> None:
    # What was held is not held any more; in an action, which gives nothing back, not by handlers.
    _show(_coordinator(), is_over=True)


def _show(found: drop_in.BaseCoordinator, *, is_over: bool = False) -> None:
    """Brings the flags in line with what this unit has asked for and holds."""
    locks = found._own()
    granted = {lock for lock in locks if found.granted(lock)}
    wanted = {_REQUESTED + lock for lock in locks if lock not in granted}
    if not is_over:
        wanted |= {_GRANTED + lock for lock in granted}
    present = {flag for flag in flags.get_flags() if flag.startswith((_GRANTED, _REQUESTED))}
    for flag in sorted(present - wanted):
        flags.clear_flag(flag)
    for flag in sorted(wanted - present):
        flags.set_flag(flag)


hookenv.atstart(_begin)
