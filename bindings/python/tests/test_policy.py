"""A policy that is a module of its own."""

from __future__ import annotations

import hashlib
import json
import math
import pathlib
from typing import Any

import pytest
from scripted_policy import LOOP, TRAP, scripted_policy

from charm_coordinator import Coordinator, MemoryApplication, errors, load_policy, policy

GRANT = [{'unit': 'app/1', 'lock': 'restart'}]
STATE: Any = {
    'now': '2026-11-22 09:52:56.123456Z',
    'leader': 'app/0',
    'n': 2,
    'units': ['app/0', 'app/1'],
    'holders': [],
    'queue': [{'unit': 'app/1', 'lock': 'restart', 'id': '2026-11-22 09:52:50.000000Z'}],
}


def test_a_policy_is_loaded_says_who_it_is_and_decides():
    wasm = scripted_policy(decide={'ok': {'grant': GRANT}})
    loaded = load_policy(wasm)
    assert (loaded.kind, loaded.name, loaded.version) == ('module', 'scripted', '1')
    assert loaded.needs == {}
    assert loaded.sha256 == hashlib.sha256(wasm).hexdigest()
    assert loaded.decide(STATE) == {'grant': GRANT}


def test_each_decision_has_the_whole_fuel_and_says_how_much_of_it_was_used():
    loaded = load_policy(scripted_policy(decide={'ok': {'grant': GRANT}}))
    loaded.decide(STATE)
    used = loaded.fuel_used
    loaded.decide(STATE)
    assert used is not None and used > 0
    assert loaded.fuel_used == used


def test_what_it_needs_is_told_to_the_core_and_what_nobody_knows_is_refused():
    needs = {'options': ['go'], 'units': True, 'released': ['app/0']}
    assert load_policy(scripted_policy(check={'ok': {'needs': needs}})).needs == needs
    for wrong in (3, {'options': 'go'}, {'units': 1}, {'released': [0]}, {'weather': True}):
        with pytest.raises(errors.ModuleError) as raised:
            load_policy(scripted_policy(check={'ok': {'needs': wrong}}))
        assert raised.value.code == 'bad_answer'


def test_a_config_that_it_does_not_take_is_an_error_in_its_own_words():
    error = {'code': 'odd', 'message': 'max must be a number', 'path': 'config.max'}
    with pytest.raises(errors.ModuleError) as raised:
        load_policy(scripted_policy(check={'error': error}), config={'max': 'x'})
    assert raised.value.code == 'bad_config'
    assert str(raised.value) == 'check: max must be a number (at config.max)'


def test_a_config_that_is_no_json_is_told_at_once():
    for wrong in ({'a': object()}, math.nan):
        with pytest.raises(errors.UsageError, match='config'):
            load_policy(scripted_policy(), config=wrong)


ABOUT = {'kind': 'policy', 'name': 'x', 'version': '1'}


@pytest.mark.parametrize(
    ('script', 'code'),
    [
        ({'describe': {'ok': {**ABOUT, 'kind': 'core'}}}, 'bad_answer'),
        ({'describe': {'ok': {**ABOUT, 'name': ''}}}, 'bad_answer'),
        ({'describe': {'ok': {**ABOUT, 'version': 1}}}, 'bad_answer'),
        ({'describe': {'error': {'code': 'no'}}}, 'bad_answer'),
        ({'check': {'ask': {'what': 'planned'}}}, 'bad_answer'),
        ({'describe': TRAP}, 'trap'),
        ({'check': LOOP}, 'timeout'),
    ],
)
def test_a_policy_that_is_none_is_not_loaded(script: Any, code: str):
    with pytest.raises(errors.ModuleError) as raised:
        load_policy(scripted_policy(**script), time=math.inf)
    assert raised.value.code == code


def test_a_file_that_is_too_big_is_not_looked_into():
    with pytest.raises(errors.ModuleError) as raised:
        load_policy(bytes((4 << 20) + 1))
    assert raised.value.code == 'too_big'


FAILURES = {
    'grants nothing that is a list': ({'ok': {'grant': 'app/1'}}, 'bad_answer'),
    'grants without a lock': ({'ok': {'grant': [{'unit': 'app/1'}]}}, 'bad_answer'),
    'revokes': ({'ok': {'grant': [], 'revoke': GRANT}}, 'bad_answer'),
    'gives no reason to wait': ({'ok': {'grant': [], 'wait': GRANT}}, 'bad_answer'),
    'would be asked before now': ({'ok': {'grant': [], 'retry_after': -1}}, 'bad_answer'),
    'would never be asked': ({'ok': {'grant': [], 'retry_after': True}}, 'bad_answer'),
    'asks': ({'ask': {'what': 'units'}}, 'bad_answer'),
    'answers neither': ({'granted': []}, 'bad_answer'),
    'grants to a stranger': ({'ok': {'grant': [{**GRANT[0], 'unit': 'app/9'}]}}, 'not_asked'),
    'grants one thing twice': ({'ok': {'grant': [*GRANT, *GRANT]}}, 'not_asked'),
    'refuses to decide': ({'error': {'code': 'odd', 'message': 'no'}}, 'policy_error'),
    'refuses in half a letter': ({'error': {'code': 'odd', 'message': '\ud800'}}, 'policy_error'),
    'traps': (TRAP, 'trap'),
    'never ends': (LOOP, 'timeout'),
}


@pytest.mark.parametrize('what', FAILURES)
def test_a_policy_that_fails_grants_nothing_takes_nothing_back_and_fails_no_hook(what: str):
    decide, code = FAILURES[what]
    failing = load_policy(scripted_policy(decide=decide), time=math.inf)
    with pytest.raises(errors.ModuleError) as raised:
        failing.decide(STATE)
    assert raised.value.code == code

    application = MemoryApplication(units=3)
    hook(application, 'app/2', acquires=True)
    hook(application, 'app/0')
    assert 'app/2' in application.settings['coordinator']
    hook(application, 'app/1', acquires=True)
    held = application.settings['coordinator']
    hook(application, 'app/0', policy=failing)
    assert f'policy: {code}: ' in application.log[-1].message
    assert application.settings['coordinator'] == held


def hook(application: MemoryApplication, unit: str, *, acquires: bool = False, **options: Any):
    """One hook that succeeds."""
    host = application.hook(unit)
    with Coordinator(host, **options) as coordinator:
        if acquires:
            coordinator.acquire('restart')
    host.commit()


def test_the_leader_grants_what_the_policy_says_and_name_and_sha256_go_with_the_grants():
    granting = load_policy(scripted_policy(decide={'ok': {'grant': GRANT}}), name='half')
    application = MemoryApplication(units=2)
    hook(application, 'app/1', acquires=True)
    hook(application, 'app/0', policy=granting)
    assert '"app/1": {"restart"' in application.settings['coordinator']
    noted = json.loads(application.settings['coordinator-v1'])['policy']
    assert noted == {'name': 'half', 'sha256': granting.sha256}


def test_nothing_in_a_decision_can_fail_in_the_core():
    reason = {**GRANT[0], 'reason': 'half a letter: \ud800'}
    answer = {'ok': {'grant': [{**GRANT[0], 'why': '\ud800'}], 'wait': [reason]}}
    application = MemoryApplication(units=2)
    hook(application, 'app/1', acquires=True)
    hook(application, 'app/0', policy=load_policy(scripted_policy(decide=answer)))
    assert '"app/1": {"restart"' in application.settings['coordinator']


def test_a_policy_that_was_loaded_before_is_read_when_it_is_asked():
    wasm = scripted_policy(decide={'ok': {'grant': GRANT}})
    loaded = load_policy(wasm)
    facts = policy.PolicyFacts(loaded.name, loaded.version, loaded.sha256, loaded.needs)
    assert policy.kept_policy(facts, lambda: wasm, config={}).decide(STATE) == {'grant': GRANT}

    def read() -> bytes:
        raise errors.ModuleError('lost', 'it is not there any more')

    kept = policy.kept_policy(facts, read, config={})
    application = MemoryApplication(units=2)
    hook(application, 'app/1', acquires=True, policy=kept)
    hook(application, 'app/0', policy=kept)
    assert 'policy: lost: it is not there any more' in application.log[-1].message


def test_a_policy_is_compiled_once(tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch):
    wasm = scripted_policy(decide={'ok': {'grant': GRANT}})
    folder = str(tmp_path / 'kept')
    load_policy(wasm, folder=folder)
    monkeypatch.setattr('charm_coordinator.module.prepare', None)
    assert load_policy(wasm, folder=folder).decide(STATE) == {'grant': GRANT}
    with pytest.raises(TypeError):
        load_policy(wasm, folder=str(tmp_path / 'another'))
