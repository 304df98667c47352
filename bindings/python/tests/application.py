"""An application in memory, as small as a script of the conformance kit needs it.

The brother of ``tests/conformance/application.ts``: units with databags that are committed at the
end of a hook, a leader, and a place for the grants. The core is the real one; every hook has a
fresh instance.
"""

from __future__ import annotations

import re
from typing import Any

from charm_coordinator import core, engine, exchange

Values = dict[str, str]


class _Hook:
    """One hook that runs. Nothing of it but leader settings is seen by others before it ends."""

    def __init__(self, led: int | None, application: Values):
        self.core: engine.Callable = core.fresh_core()
        self.led = led
        self.application = application


class _Unit:
    def __init__(self):
        self.databag: Values = {}
        self.saved = ''
        self.flags: dict[str, None] = {}
        self.unmet: set[str] = set()
        self.stale: dict[str, Values] = {}
        self.hook: _Hook | None = None
        self.is_member = True
        self.is_alive = True


class Application:
    """Carries out the commands of a script."""

    def __init__(self):
        self._units: dict[str, _Unit] = {}
        self._leader = ''
        self._seconds = 0
        self._settings: Values = {}
        self._application: Values = {}
        self._options: Values = {}
        self._lines: list[str] = []

    def run(self, command: str, args: list[str], options: Values) -> list[str]:
        """Carries out one command; the lines that tell what came of it."""
        self._lines = []
        name = args[0] if args else ''
        if command == 'units':
            self._create(int(name), options)
        elif command == 'leader':
            self._leader = name
        elif command == 'clock':
            self._seconds += int(name)
        elif command in ('hook', 'exec'):
            self._hook(command, args, options)
        elif command == 'begin':
            self._begin('hook', args, options)
        elif command in ('acquire', 'withdraw'):
            self._ask(command, name, args[1])
        elif command == 'end':
            self._end(name)
        elif command == 'status':
            self._status(name)
        elif command == 'databag':
            self._units[name].databag.update(options)
            self._show(self._units[name].databag)
        elif command == 'settings':
            self._grants.update(options)
            self._show(self._grants)
        elif command == 'set':
            self._options |= options
        elif command == 'unmet':
            self._units[name].unmet.add(args[1])
        elif command == 'stale':
            self._units[name].stale[args[1]] = dict(self._units[args[1]].databag)
        elif command == 'departs':
            self._units[name].is_member = False
        elif command == 'dies':
            self._units[name].is_member = self._units[name].is_alive = False
        else:
            raise ValueError(f'unknown command: {command}')
        return self._lines

    def _say(self, line: str) -> None:
        # Ids are long; all are of one morning.
        self._lines.append(
            re.sub(
                r'2026-11-22 (\d\d:\d\d:\d\d)\.(\d{6})Z',
                lambda found: found[1] if found[2] == '000000' else f'{found[1]}.{found[2]}',
                line,
            )
        )

    def _create(self, count: int, options: Values) -> None:
        self._units = {f'app/{number}': _Unit() for number in range(count)}
        others = dict(options)
        self._leader = others.pop('leader', 'app/0')
        self._options = others

    @property
    def _is_in_settings(self) -> bool:
        return self._options.get('store') != 'application'

    @property
    def _grants(self) -> Values:
        return self._settings if self._is_in_settings else self._application

    def _show(self, values: Values) -> None:
        for key, value in values.items():
            self._say(f'{key} = {value}')

    # Hooks

    def _hook(self, kind: str, args: list[str], options: Values) -> None:
        """A hook in one line: begin, acquire, and end unless it fails."""
        name = args[0]
        self._begin(kind, args, options)
        if 'withdraw' in options:
            self._ask('withdraw', name, options['withdraw'])
        for lock in options['acquire'].split(',') if 'acquire' in options else []:
            self._ask('acquire', name, lock)
        self._seconds += int(options.get('takes', 0))
        if 'fails' not in args:
            self._end(name)
            return
        self._units[name].hook = None
        self._say('fails: what it had not written at once is lost')

    def _begin(self, kind: str, args: list[str], options: Values) -> None:
        name = args[0]
        unit = self._units[name]
        self._seconds += 1
        is_leader = self._leader == name
        unit.stale.pop(options.get('remote', ''), None)
        unit.hook = _Hook(self._seconds if is_leader else None, dict(self._application))
        where: dict[str, Any] = {'context': 'hook', 'hook': args[1] if len(args) > 1 else ''}
        if kind != 'hook':
            allow = options['allow'].split(',') if 'allow' in options else []
            where = {'context': 'exec', 'hook': '', 'allow': allow}
        snapshot = self._snapshot(name, is_leader, options)
        self._view(unit, self._exchange(name, {'op': 'start', **where, **snapshot}))

    def _snapshot(self, name: str, is_leader: bool, options: Values) -> dict[str, Any]:
        unit = self._units[name]
        members = self._members_seen_by(name) if is_leader else []
        hook = self._running(name)
        return {
            'unit': name,
            'remote_unit': options.get('remote'),
            'departing_unit': options.get('departing'),
            'leader': is_leader,
            'store': 'settings' if self._is_in_settings else 'application',
            'relation': True,
            'databags': {of: self._read(name, of) for of in [name, *members]},
            'members': members,
            'settings': self._settings if self._is_in_settings else hook.application,
            'flags': list(unit.flags),
            **{key: self._options[key] for key in ('policy', 'self_grant') if key in self._options},
        }

    def _members_seen_by(self, name: str) -> list[str]:
        unmet = self._units[name].unmet
        return [
            other
            for other, unit in self._units.items()
            if other != name and unit.is_member and other not in unmet
        ]

    def _read(self, reader: str, of: str) -> Values:
        return self._units[reader].stale.get(of, self._units[of].databag)

    def _running(self, name: str) -> _Hook:
        hook = self._units[name].hook
        assert hook is not None, f'no hook of {name} runs'
        return hook

    def _ask(self, op: str, name: str, lock: str) -> None:
        self._view(self._units[name], self._exchange(name, {'op': op, 'lock': lock}))

    def _end(self, name: str) -> None:
        end = self._exchange(name, {'op': 'end'})
        if end is None:
            return
        self._log(end)
        for lock in end['released']:
            self._say(f'releases {lock}')
        for effect in end['effects']:
            self._carry_out(name, effect)
        self._units[name].hook = None

    def _carry_out(self, name: str, effect: dict[str, Any]) -> None:
        unit, hook = self._units[name], self._running(name)
        do = effect['do']
        if do == 'flags':
            self._change_flags(unit, effect)
        elif do == 'databag':
            self._write('relation-set', unit.databag, effect['values'])
        elif do == 'saved':
            unit.saved = effect['value']
        elif do == 'application':
            self._write('relation-set --app', hook.application, effect['values'])
            # All that this hook knows of is committed; only what it deleted goes away.
            for key in effect['values']:
                self._application.pop(key, None)
            self._application |= hook.application
        elif self._leader == name:
            self._write('leader-set', self._settings, effect['values'])
        else:
            self._say('leader-set is refused: this unit does not lead')

    def _write(self, tool: str, target: Values, values: Values) -> None:
        for key, value in values.items():
            self._say(f'{tool} {key}={value}')
            if value == '':
                target.pop(key, None)
            else:
                target[key] = value

    # What the core is given and what it says

    def _times(self, name: str) -> dict[str, Any]:
        led = self._running(name).led
        minutes, seconds = divmod(self._seconds, 60)
        now = f'2026-11-22 {9 + minutes // 60:02}:{minutes % 60:02}:{seconds:02}.000000Z'
        return {'now': now} if led is None else {'now': now, 'age': self._seconds - led}

    def _exchange(self, name: str, text: dict[str, Any]) -> dict[str, Any] | None:
        """One operation and everything the core asks for on the way; None if it is refused."""
        instance = self._running(name).core
        answer = exchange.exchange(instance, {**text, **self._times(name)})
        while 'ask' in answer:
            ask = answer['ask']
            answer = exchange.exchange(
                instance,
                {
                    'op': 'answer',
                    'what': ask['what'],
                    **self._obtain(name, ask),
                    **self._times(name),
                },
            )
        if 'ok' in answer:
            return answer['ok']
        self._say(f'refused: {answer["error"]["code"]}: {answer["error"]["message"]}')
        return None

    def _obtain(self, name: str, ask: dict[str, Any]) -> dict[str, Any]:
        hook = self._running(name)
        leads = self._leader == name
        what = ask['what']
        if what == 'saved':
            return {'result': self._units[name].saved}
        if what == 'units':
            self._say(f'relation-get of {", ".join(ask["units"])}')
            return {'result': {of: self._units[of].databag for of in ask['units'] if self._is(of)}}
        if what == 'planned':
            return {'result': self._planned()}
        if what == 'leader':
            self._say(f'is-leader: {leads}')
            hook.led = self._seconds if leads else hook.led
            return {'result': leads}
        if not leads:
            self._say('leader-set is refused: this unit does not lead')
            return {'failure': 'refused'}
        self._write('leader-set', self._settings, ask['values'])
        hook.led = self._seconds
        if what == 'publish':
            return {'result': True}
        self._say('leader-get')
        return {'result': self._settings}

    def _is(self, name: str) -> bool:
        return name in self._units and self._units[name].is_alive

    def _planned(self) -> Values:
        states = {
            name: 'active' if unit.is_member else 'dying'
            for name, unit in self._units.items()
            if unit.is_alive
        }
        self._say(f'goal-state: {", ".join(f"{name} {state}" for name, state in states.items())}')
        return states

    def _view(self, unit: _Unit, view: dict[str, Any] | None) -> None:
        if view is None:
            return
        self._log(view)
        self._change_flags(unit, view['flags'])
        if view['granted']:
            self._say(f'holds {", ".join(view["granted"])}')
        if view['requested']:
            self._say(f'waits for {", ".join(view["requested"])}')

    def _change_flags(self, unit: _Unit, changes: dict[str, Any]) -> None:
        unit.flags |= dict.fromkeys(changes['set'])
        for flag in changes['clear']:
            unit.flags.pop(flag, None)

    def _log(self, answer: dict[str, Any]) -> None:
        for line in answer['log']:
            self._say(f'{line["level"]} {line["message"]}')

    def _status(self, name: str) -> None:
        is_running = self._units[name].hook is not None
        if not is_running:
            self._begin('exec', [name], {})
        status = self._exchange(name, {'op': 'status'})
        assert status is not None
        if not is_running:
            self._units[name].hook = None
        if status['hold']:
            self._say(f'nothing can be decided: {status["hold"]}')
        for one in status['holders']:
            self._say(f'{one["unit"]} holds {one["lock"]} {one["id"]}')
        for one in status['queue']:
            self._say(
                f'{one["position"]}. {one["unit"]} {one["lock"]} {one["id"]}: '
                f'{one["rule"]}: {one["reason"]}'
            )
        if status['awaits']:
            self._say(f'awaits: {status["awaits"]}')
