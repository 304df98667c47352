"""An operator's policy, taken from a resource, a file or an option."""

from __future__ import annotations

import json
import math
import os
import pathlib
from collections.abc import Callable
from typing import Any

import pytest
from scripted_policy import LOOP, TRAP, scripted_policy

from charm_coordinator import (
    Coordinator,
    MemoryApplication,
    MemoryHost,
    PolicySource,
    errors,
    policy,
    quiet,
)

GRANT = [{'unit': 'app/1', 'lock': 'restart'}]
HALF: dict[str, Any] = {
    'describe': {'ok': {'kind': 'policy', 'name': 'half', 'version': '1'}},
    'decide': {'ok': {'grant': GRANT}},
}
GRANTS_NOTHING: dict[str, Any] = {**HALF, 'decide': {'ok': {'grant': []}}}


class Stage:
    """A leader ``app/0`` takes its policy from its operator, while ``app/1`` waits for a lock."""

    def __init__(self, folder: pathlib.Path):
        self.kept = folder / 'kept'
        self.application = MemoryApplication(units=2)
        self.options: dict[str, Any] = {}
        self.own: Any = 'pause'
        self._attached = folder / 'attached.wasm'
        host = self.application.hook('app/1')
        with Coordinator(host) as coordinator:
            coordinator.acquire('restart')
        host.commit()

    def attach(self, wasm: bytes) -> str:
        """juju attach-resource"""
        self._attached.write_bytes(wasm)
        self.application.resources['coordinator-policy'] = str(self._attached)
        return policy.sha256_of(wasm)

    def configure(self, value: Any) -> None:
        """juju config"""
        self.application.config['coordinator-policy'] = value

    def hook(
        self,
        name: str = 'config-changed',
        change: Callable[[MemoryHost], None] = lambda host: None,
        unit: str = 'app/0',
    ) -> Any:
        """A hook; what its status said before it ended."""
        host = self.application.hook(unit, name)
        change(host)
        swap = PolicySource(**{'folder': str(self.kept), 'time': math.inf, **self.options})
        with Coordinator(host, policy=self.own, swap=swap) as coordinator:
            status = coordinator.status()
        host.commit()
        return status

    @property
    def is_granted(self) -> bool:
        return 'app/1' in self.application.settings.get('coordinator', '')

    @property
    def record(self) -> dict[str, Any]:
        return json.loads((self.kept / 'policy.json').read_text())

    def log(self) -> list[str]:
        """What was logged since this was asked."""
        lines = [f'{line.level} {line.message}' for line in self.application.log]
        self.application.log.clear()
        return lines


@pytest.fixture
def stage(tmp_path: pathlib.Path) -> Stage:
    return Stage(tmp_path)


def test_a_module_in_the_resource_takes_the_place_of_the_charms_policy_and_is_kept(stage: Stage):
    assert stage.hook()['policy'] == 'pause'
    sha256 = stage.attach(scripted_policy(**HALF))
    stage.log()
    stage.hook('upgrade-charm')
    told = f'INFO the policy is now half 1 (sha256 {sha256[:12]}), from the resource'
    assert stage.log()[0] == told
    assert stage.is_granted
    noted = json.loads(stage.application.settings['coordinator-v1'])['policy']
    assert noted == {'name': 'half', 'sha256': sha256}
    del stage.application.resources['coordinator-policy']
    assert stage.hook('update-status')['policy'] == 'half'


def test_what_decides_is_kept_in_a_folder_that_is_this_users_own(stage: Stage):
    needs = {'options': ['go']}
    sha256 = stage.attach(scripted_policy(**HALF, check={'ok': {'needs': needs}}))
    stage.configure('{ rules: serial, limit: 2, config: { max: 3 } }')
    stage.hook()
    assert stage.kept.stat().st_mode & 0o777 == 0o700
    names = sorted(file.name for file in stage.kept.iterdir() if file.suffix != '.code')
    assert names == ['policy.json', 'policy.wasm']
    assert stage.record == {
        'v': 1,
        'from': 'resource',
        'name': 'half',
        'version': '1',
        'sha256': sha256,
        'config': {'max': 3},
        'needs': needs,
        'rules': 'serial',
        'limit': 2,
        'refused': None,
    }


BAD = {
    'is no WebAssembly': (b'hello', 'not_wasm'),
    'traps': (scripted_policy(describe=TRAP), 'trap'),
    'never ends': (scripted_policy(check=LOOP), 'timeout'),
    'does not take its config': (scripted_policy(check={'error': {'code': 'x'}}), 'bad_config'),
    'is larger than any may be': (bytes((4 << 20) + 1), 'too_big'),
}


@pytest.mark.parametrize('what', BAD)
def test_a_bad_module_is_refused_until_it_is_mended_and_the_old_one_decides(
    what: str, stage: Stage
):
    wasm, code = BAD[what]
    stage.attach(scripted_policy(**GRANTS_NOTHING))
    stage.hook()
    stage.log()
    stage.attach(wasm)
    status = stage.hook('upgrade-charm')
    assert status['policy'] == 'half'
    (problem,) = status['problems']
    assert (problem['code'], problem['key']) == ('policy_refused', 'resource coordinator-policy')
    assert problem['message'].startswith(f'{code}: ')
    (line,) = stage.log()
    assert line.startswith(f'WARNING resource coordinator-policy is refused: {code}: ')
    assert '; the policy is still half 1 ' in line

    assert stage.hook('update-status')['problems'] == [problem]
    assert stage.log() == []

    stage.attach(scripted_policy(**HALF))
    assert stage.hook('upgrade-charm')['problems'] == []
    assert stage.is_granted


def test_a_config_that_no_module_can_be_told_is_told_at_once():
    with pytest.raises(errors.UsageError, match='config cannot be written as JSON'):
        PolicySource(config={'max': object()})


def test_whatever_loading_a_module_raises_is_no_reason_to_fail_the_hook(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
):
    def fail(*args: Any, **more: Any) -> Any:
        raise MemoryError('no room')

    monkeypatch.setattr(policy, 'load_policy', fail)
    stage.attach(scripted_policy(**HALF))
    status = stage.hook()
    assert status['policy'] == 'pause'
    assert status['problems'][0]['message'] == "policy_failed: MemoryError('no room')"


def test_a_module_with_a_name_that_would_fill_leader_settings_is_refused(stage: Stage):
    about = {'kind': 'policy', 'name': 'x' * 50_000, 'version': '1'}
    stage.attach(scripted_policy(describe={'ok': about}))
    status = stage.hook()
    assert status['policy'] == 'pause'
    assert status['problems'][0]['message'].startswith('bad_policy: name: more than 256 bytes')


@pytest.mark.parametrize('limit', [1, 2])
def test_the_limit_of_the_option_holds_whatever_its_rules_permit(limit: int, stage: Stage):
    stage.configure(f'{{ rules: "parallel:5", limit: {limit} }}')
    host = stage.application.hook('app/0', 'config-changed')
    with Coordinator(host, swap=PolicySource(folder=str(stage.kept))) as coordinator:
        coordinator.acquire('restart')
        assert len(coordinator.status()['holders']) == limit
    host.commit()


def test_without_an_old_one_the_charms_own_policy_goes_on(stage: Stage):
    stage.own = 'serial'
    stage.attach(b'hello')
    assert stage.hook()['policy'] == 'serial'
    assert stage.is_granted


@pytest.mark.parametrize('name', ['function', 'half'])
def test_the_charms_own_policy_may_be_a_function_or_a_module(name: str, stage: Stage):
    def function(state: Any) -> Any:
        return {'grant': GRANT}

    stage.own = function
    if name == 'half':
        stage.own = policy.load_policy(scripted_policy(**HALF))
    stage.configure('pause')
    assert stage.hook()['policy'] == 'pause'
    assert not stage.is_granted
    stage.configure('')
    assert stage.hook()['policy'] == name
    assert stage.is_granted


def test_an_empty_resource_is_how_to_take_a_module_back(stage: Stage):
    stage.attach(scripted_policy(**HALF))
    stage.hook()
    stage.attach(b'')
    stage.log()
    assert stage.hook('upgrade-charm')['policy'] == 'pause'
    assert stage.log() == ["INFO the policy is now the charm's own"]
    assert not (stage.kept / 'policy.wasm').exists()


@pytest.mark.parametrize(
    ('value', 'expected'),
    [
        ('parallel:2', 'parallel'),
        ('{ rule: parallel, max: 2 }', 'parallel'),
        ('[serial, { rule: gate, option: go }]', 'serial, gate'),
        ('rules: [serial]\nlimit: 1', 'serial'),
        ('limit: 1', 'pause'),
        ('', 'pause'),
        ('# nothing yet', 'pause'),
        (None, 'pause'),
    ],
)
def test_rules_in_the_option_take_the_place_of_the_charms_own(
    value: Any, expected: str, stage: Stage
):
    stage.configure(value)
    status = stage.hook()
    assert (status['policy'], status['problems']) == (expected, [])


@pytest.mark.parametrize(
    'value', ['serially', '[serial', '{ rules: serial, when: now }', 'limit: 0', True]
)
def test_rules_that_are_wrong_are_refused_and_the_old_ones_go_on(value: Any, stage: Stage):
    stage.configure('parallel:2')
    stage.hook()
    stage.configure(value)
    status = stage.hook()
    assert status['policy'] == 'parallel'
    (problem,) = status['problems']
    assert problem['key'] == 'option coordinator-policy'
    assert problem['message'].startswith('bad_policy: ')


def test_with_a_module_and_rules_both_must_permit(stage: Stage):
    stage.attach(scripted_policy(**HALF))
    stage.configure('pause')
    assert stage.hook()['policy'] == 'pause, half'
    assert not stage.is_granted
    stage.configure('')
    assert stage.hook()['policy'] == 'half'
    assert stage.is_granted


def test_a_good_module_beside_a_bad_option_changes_nothing_and_neither_the_other_way_round(
    stage: Stage,
):
    stage.attach(scripted_policy(**HALF))
    stage.configure('serially')
    assert stage.hook()['policy'] == 'pause'
    stage.attach(b'hello')
    stage.configure('serial')
    assert stage.hook()['policy'] == 'pause'


def test_a_file_of_the_charm_decides_where_the_resource_is_empty(
    stage: Stage, tmp_path: pathlib.Path
):
    file = tmp_path / 'own.wasm'
    file.write_bytes(scripted_policy(**HALF))
    stage.options['file'] = str(file)
    stage.attach(b'')
    stage.hook()
    assert stage.record['from'] == 'file'
    assert stage.is_granted
    file.unlink()
    status = stage.hook()
    assert status['policy'] == 'half'
    assert status['problems'][0]['message'].startswith('file_failed: ')


def fails(method: str) -> Callable[[MemoryHost], None]:
    def fail(*args: Any) -> Any:
        raise errors.HostError('hook_tool_failed', 'no route to the controller')

    return lambda host: setattr(host, method, fail)


@pytest.mark.parametrize(
    ('method', 'code'), [('resource', 'resource_failed'), ('config', 'config_failed')]
)
def test_what_juju_cannot_give_is_a_problem_and_the_old_policy_goes_on(
    method: str, code: str, stage: Stage
):
    stage.attach(scripted_policy(**HALF))
    stage.hook()
    status = stage.hook('config-changed', fails(method))
    assert status['policy'] == 'half'
    assert status['problems'][0]['message'] == f'{code}: no route to the controller'


def test_a_resource_that_has_decided_and_is_gone_is_a_problem(stage: Stage):
    stage.attach(scripted_policy(**HALF))
    stage.hook()
    del stage.application.resources['coordinator-policy']
    assert stage.hook()['problems'][0]['message'].startswith('resource_failed: ')


def counts(calls: list[str]) -> Callable[[MemoryHost], None]:
    def change(host: MemoryHost) -> None:
        for method in ('config', 'resource'):
            real = getattr(host, method)

            def counting(*args: Any, method: str = method, real: Any = real) -> Any:
                calls.append(method)
                return real(*args)

            setattr(host, method, counting)

    return change


def test_no_hook_tool_is_run_for_it_where_nothing_new_can_be_but_a_leader_without_a_record_looks(
    stage: Stage,
):
    calls: list[str] = []
    stage.application.leader = 'app/1'
    stage.hook('update-status', counts(calls))
    assert calls == []
    stage.application.leader = 'app/0'
    stage.hook('update-status', counts(calls))
    assert sorted(calls) == ['config', 'resource']
    stage.hook('update-status', counts(calls))
    assert len(calls) == 2


def test_what_is_new_is_looked_for_in_a_hook_whose_core_stays_asleep(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
):
    """Any unit may lead next, and its first decision is no time to find out."""
    sha256 = stage.attach(scripted_policy(**HALF))
    usual = {'coordinator': '{}', 'coordinator-v1': '{"done": {}, "v": 1}'}
    stage.application.databags['app/1'] = usual
    answers: list[bool] = []
    real = quiet.is_quiet
    monkeypatch.setattr(
        quiet, 'is_quiet', lambda snapshot: answers.append(real(snapshot)) or answers[-1]
    )
    host = stage.application.hook('app/1', 'upgrade-charm')
    with Coordinator(host, swap=PolicySource(folder=str(stage.kept))):
        pass
    assert answers == [True]
    assert stage.record['sha256'] == sha256


def test_what_has_not_changed_is_not_loaded_again_unless_the_charm_may_have(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
):
    stage.attach(scripted_policy(**HALF))
    stage.configure('{ rules: serial, config: { max: 1 } }')
    stage.hook()
    loaded: list[bytes] = []
    real = policy.load_policy
    monkeypatch.setattr(
        policy, 'load_policy', lambda wasm, **more: loaded.append(wasm) or real(wasm, **more)
    )
    before = os.stat(stage.kept / 'policy.json').st_mtime_ns
    assert stage.hook()['policy'] == 'serial, half'
    assert os.stat(stage.kept / 'policy.json').st_mtime_ns == before
    assert loaded == []
    stage.hook('upgrade-charm')
    stage.configure('{ rules: serial, config: { max: true } }')
    stage.hook()
    assert len(loaded) == 2


@pytest.mark.parametrize('text', ['{', '[]', '{"v":2}', '[' * 100_000, '\xff'])
def test_a_record_that_cannot_be_read_is_as_if_there_was_none_and_is_told(text: str, stage: Stage):
    stage.attach(scripted_policy(**HALF))
    stage.kept.mkdir(mode=0o700)
    (stage.kept / 'policy.json').write_text(text, encoding='latin-1')
    status = stage.hook('update-status')
    assert (status['policy'], status['problems'][0]['code']) == ('half', 'bad_record')
    assert stage.hook('update-status')['problems'] == []


@pytest.mark.parametrize(
    ('member', 'wrong'),
    [('from', 'nowhere'), ('name', 7), ('needs', None), ('refused', {}), ('v', True)],
)
def test_a_record_of_another_form_is_as_if_there_was_none(member: str, wrong: Any, stage: Stage):
    stage.attach(scripted_policy(**HALF))
    stage.hook()
    (stage.kept / 'policy.json').write_text(json.dumps({**stage.record, member: wrong}))
    status = stage.hook('update-status')
    assert (status['policy'], status['problems'][0]['code']) == ('half', 'bad_record')


def test_a_kept_module_that_was_lost_grants_nothing_and_the_next_hook_fetches_it(stage: Stage):
    stage.attach(scripted_policy(**GRANTS_NOTHING))
    stage.hook()
    stage.attach(scripted_policy(**HALF))
    (stage.kept / 'policy.wasm').write_text('something else')
    stage.log()
    stage.hook('update-status')
    assert 'policy: lost: ' in ''.join(stage.log())
    stage.hook('update-status')
    assert stage.is_granted


def test_where_nothing_can_be_kept_nothing_new_decides(stage: Stage):
    stage.kept.write_text('a file where the folder should be')
    stage.configure('serial')
    status = stage.hook()
    assert status['policy'] == 'pause'
    assert status['problems'][-1]['message'].startswith('folder_failed: ')


def test_a_charm_may_name_places_of_its_own_or_none(stage: Stage):
    stage.attach(scripted_policy(**HALF))
    stage.configure('serial')
    stage.application.config['rules'] = 'parallel:2'
    stage.options = {'resource': None, 'option': 'rules'}
    assert stage.hook()['policy'] == 'parallel'
    stage.options = {'resource': None, 'option': None}
    assert stage.hook()['policy'] == 'pause'


def test_an_action_looks_for_nothing(stage: Stage):
    calls: list[str] = []

    def action(host: MemoryHost) -> None:
        host.kind = 'action'
        counts(calls)(host)

    for name in ('', 'start'):
        stage.hook(name, action)
    assert calls == []
    assert not stage.kept.exists()
