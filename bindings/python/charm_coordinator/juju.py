"""The host of a real charm: Juju's hook tools, run one after another.

Each takes 20 to 50 ms, so none is run that need not be.
"""

from __future__ import annotations

import json
import os
import re
import sys
import time

from charm_coordinator import errors, exchange, flags, metadata, tools

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from typing import Any

    from typing_extensions import Self

    from charm_coordinator.host import (
        ContextKind,
        Flags,
        Leadership,
        LogLevel,
        Store,
        Values,
    )

_LONGEST_ARGUMENT = 131_071
"""Linux takes no longer argument; NUL included."""

_CONTROL = re.compile('[\x00-\x1f\x7f-\x9f]')
_UNIT_NAME = re.compile(r'[a-z0-9][a-z0-9-]*/[0-9]+')
_REFUSES_SETTINGS = re.compile('not the leader|cannot write leadership settings')
_REFUSES_DATABAG = re.compile('not the leader|cannot write relation settings')


class JujuHost:
    """The host of the hook that runs now."""

    def __init__(self, leadership: Leadership, peers: PeerRelation, hook: JujuHook):
        self.leadership = leadership
        self.peers = peers
        self.flags: Flags = flags.MemoryFlags()
        self.hook = hook


def juju_host(
    *,
    relation: str | None = None,
    store: Store | None = None,
    env: Mapping[str, str] | None = None,
    run: tools.RunTool = tools.run_tool,
) -> JujuHost:
    """The host of the hook that runs now.

    Args:
        relation: the peer relation. Default: ``coordinator`` if the charm's metadata has it, else
            its first peer relation by name.
        store: where the grants are kept. Default: the application databag on Juju 4 and later, else
            leader settings.
        env: default: the environment of this process.
        run: runs a hook tool.

    Raises:
        HostError: ``no_hook`` outside a hook.
    """
    env = os.environ if env is None else env
    unit = env.get('JUJU_UNIT_NAME', '')
    if not unit:
        raise errors.HostError(
            'no_hook', 'JUJU_UNIT_NAME is not set: this must run in a hook of Juju'
        )
    given = tools.Tools(run)
    peers = PeerRelation(given, unit, lambda: relation or metadata.peer_relation_name(env))
    if store is None:
        store = default_store(env)
    leadership = LeaderSettings(given) if store == 'settings' else ApplicationDatabag(given, peers)
    return JujuHost(leadership, peers, JujuHook(given, peers, unit, env))


def default_store(env: Mapping[str, str]) -> Store:
    """Where this Juju has room for the grants."""
    found = re.match('[0-9]+', env.get('JUJU_VERSION', ''))
    return 'application' if found and int(found[0]) >= 4 else 'settings'


class LeaderSettings:
    """Juju ≤ 3.6. leader-set takes no file, so each value must fit into one argument."""

    store: Store = 'settings'

    def __init__(self, given: tools.Tools):
        self._tools = given

    def is_leader(self) -> bool:
        """is-leader."""
        return self._tools.is_leader()

    def read(self) -> Values:
        """leader-get."""
        return self._tools.values('leader-get', '-')

    def write(self, values: Mapping[str, str]) -> bool:
        """leader-set: at once."""
        args = [f'{key}={value}' for key, value in values.items()]
        return self._tools.write(_REFUSES_SETTINGS, 'leader-set', args)


class ApplicationDatabag:
    """Juju ≥ 4.0, or by choice."""

    store: Store = 'application'

    def __init__(self, given: tools.Tools, peers: PeerRelation):
        self._tools = given
        self._peers = peers

    def is_leader(self) -> bool:
        """is-leader."""
        return self._tools.is_leader()

    def read(self) -> Values:
        """relation-get --app."""
        id_, application = self._peers.id, self._peers.application
        if id_ is None:
            return {}
        return self._tools.values('relation-get', '-r', id_, '--app', '-', application)

    def write(self, values: Mapping[str, str]) -> bool:
        """relation-set --app: committed with the hook."""
        args = ['-r', self._peers.existing(), '--app', '--file', '-']
        return self._tools.write(_REFUSES_DATABAG, 'relation-set', args, json.dumps(dict(values)))


class PeerRelation:
    """The peer relation, by hook tools."""

    def __init__(self, given: tools.Tools, unit: str, name: Callable[[], str | None]):
        self._tools = given
        self._unit = unit
        self._name = name
        self._found: list[str] | None = None
        self.application = unit.partition('/')[0]

    @property
    def id(self) -> str | None:
        """The relation's id, asked for once; None if there is none."""
        if self._found is None:
            name = self._name()
            ids = [] if name is None else self._tools.strings('relation-ids', name)
            self._found = sorted(ids)[:1]
        return self._found[0] if self._found else None

    def existing(self) -> str:
        """The relation's id, where there must be one."""
        if self.id is None:
            raise errors.HostError('no_relation', 'there is no peer relation yet')
        return self.id

    def own(self) -> Values | None:
        """relation-get of this unit."""
        return None if self.id is None else self._read(self.id, self._unit)

    def members(self) -> list[str]:
        """relation-list."""
        return [] if self.id is None else self._tools.strings('relation-list', '-r', self.id)

    def of(self, unit: str) -> Values | None:
        """relation-get of another unit."""
        # The names come out of data that any unit may write: nothing that a hook tool could take
        # for an option.
        if self.id is None or not is_unit_name(unit):
            return None
        try:
            return self._read(self.id, unit)
        except errors.HookToolError as error:
            if error.exit_code is None:
                raise
            return None

    def write_own(self, values: Mapping[str, str]) -> None:
        """relation-set."""
        args = ['-r', self.existing(), '--file', '-']
        self._tools.run('relation-set', args, json.dumps(dict(values)))

    def planned(self) -> dict[str, str]:
        """goal-state."""
        state = self._tools.json('goal-state')
        units = state.get('units') if exchange.is_object(state) else None
        if not exchange.is_object(units):
            raise tools.unexpected('goal-state', 'units', state)
        return {
            unit: str(about.get('status', '')) if exchange.is_object(about) else ''
            for unit, about in units.items()
        }

    def read_saved(self, key: str) -> str:
        """state-get."""
        value = self._tools.json('state-get', key)
        if value is None:
            return ''
        if isinstance(value, str):
            return value
        raise tools.unexpected('state-get', 'a string', value)

    def write_saved(self, key: str, value: str) -> None:
        """state-set."""
        self._tools.run('state-set', ['--file', '-'], json.dumps({key: value}))

    def _read(self, id_: str, unit: str) -> Values:
        return self._tools.values('relation-get', '-r', id_, '-', unit)


class AboutUnit:
    """Which unit a hook is about, where it is a hook of this peer relation."""

    @property
    def remote_unit(self) -> str | None:
        """JUJU_REMOTE_UNIT in a hook of this peer relation."""
        return self._of_this_relation('JUJU_REMOTE_UNIT')

    @property
    def departing_unit(self) -> str | None:
        """JUJU_DEPARTING_UNIT in a hook of this peer relation."""
        return self._of_this_relation('JUJU_DEPARTING_UNIT')

    def _of_this_relation(self, variable: str) -> str | None:
        raise NotImplementedError


class WholeHost(AboutUnit):
    """A host that is its own leadership, peers and hook."""

    @property
    def leadership(self) -> Self:
        """Leadership."""
        return self

    @property
    def peers(self) -> Self:
        """The peer relation."""
        return self

    @property
    def hook(self) -> Self:
        """The hook."""
        return self


class JujuHook(AboutUnit):
    """The hook, by the environment that Juju gives it."""

    def __init__(self, given: tools.Tools, peers: PeerRelation, unit: str, env: Mapping[str, str]):
        self._tools = given
        self._peers = peers
        self._env = env
        self._clock = Clock()
        self.unit = unit
        self.name = env.get('JUJU_HOOK_NAME', '')
        self.kind: ContextKind = (
            'action' if env.get('JUJU_ACTION_NAME') else 'hook' if self.name else 'exec'
        )
        self.subordinate = bool(env.get('JUJU_PRINCIPAL_UNIT'))

    def _of_this_relation(self, variable: str) -> str | None:
        # A second peer relation has the same units in it, but in its hooks Juju has not read this
        # one's databags anew.
        unit = self._env.get(variable)
        if not unit or self._env.get('JUJU_RELATION_ID') != self._peers.id:
            return None
        return unit

    def now(self) -> str:
        """UTC, microseconds."""
        return utc_now()

    def monotonic(self) -> float:
        """Seconds on a clock that counts suspension."""
        return self._clock.seconds()

    def config(self) -> Mapping[str, Any]:
        """config-get."""
        answer = self._tools.json('config-get')
        if exchange.is_object(answer):
            return answer
        raise tools.unexpected('config-get', 'options', answer)

    def resource(self, name: str) -> str | None:
        """resource-get."""
        try:
            return self._tools.run('resource-get', [name], '').removesuffix('\n')
        except errors.HookToolError as error:
            if error.exit_code == 1 and 'not found' in error.stderr:
                return None
            raise

    def log(self, level: LogLevel, message: str) -> None:
        """Writes a line to Juju's log.

        What a hook prints is logged by Juju at DEBUG, without the price of a hook tool. Messages
        quote what other units wrote, so no control character is passed on. A line that cannot be
        logged goes to stderr and does not fail the hook.
        """
        line = without_control(message)
        if level in ('DEBUG', 'INFO'):
            print_line(sys.stdout, f'{level} {line}')
            return
        argument = line.encode('utf-8', 'replace')[:_LONGEST_ARGUMENT].decode('utf-8', 'ignore')
        try:
            self._tools.run('juju-log', ['-l', level, '--', argument], '')
        except errors.HookToolError:
            print_line(sys.stderr, f'{level} {line}')


def is_unit_name(text: str) -> bool:
    """Whether this can be the name of a unit."""
    return _UNIT_NAME.fullmatch(text) is not None


def without_control(message: str) -> str:
    """A message that may quote what other units wrote, as one line."""
    return _CONTROL.sub(' ', message)


def print_line(stream: Any, line: str) -> None:
    """Prints a line in a hook, where the locale may be C: what it cannot say is escaped."""
    encoding = stream.encoding or 'ascii'
    stream.write(line.encode(encoding, 'backslashreplace').decode(encoding) + '\n')


def utc_now() -> str:
    """The wall clock as the core reads it: ``2026-11-22 09:52:56.123456Z``."""
    seconds, rest = divmod(time.time_ns(), 1_000_000_000)
    text = time.strftime('%Y-%m-%d %H:%M:%S', time.gmtime(seconds))
    return f'{text}.{rest // 1000:06}Z'


class Clock:
    """Seconds that never go back and never stand still while the machine sleeps.

    Of the time that the monotonic clock and the wall clock say has passed since the last look, the
    longer one counts. Too long is the safe side: it only makes a leader ask again.
    """

    def __init__(self):
        self._elapsed = 0.0
        self._monotonic = time.monotonic()
        self._wall = time.time()

    def seconds(self) -> float:
        """Seconds since this clock was made."""
        monotonic, wall = time.monotonic(), time.time()
        self._elapsed += max(monotonic - self._monotonic, wall - self._wall)
        self._monotonic, self._wall = monotonic, wall
        return self._elapsed
