"""A hook with nothing to decide does without the core, and the core would have said the same."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import textwrap
from typing import Any

import hypothesis
import pytest
from hypothesis import strategies as st

from charm_coordinator import core, exchange, quiet
from charm_coordinator.coordinator import Coordinator
from charm_coordinator.memory import MemoryApplication, MemoryHost

NOTHING = {
    'granted': [],
    'requested': [],
    'leading': False,
    'flags': {'set': [], 'clear': []},
    'problems': [],
    'log': [],
}
NOTHING_TO_DO: dict[str, Any] = {
    'effects': [],
    'released': [],
    'grants': [],
    'problems': [],
    'log': [],
}


def test_a_bystander_does_not_even_import_the_engine():
    """The unit has held a lock before, and another unit holds it now."""
    script = """
        import sys
        import charm_coordinator
        application = charm_coordinator.MemoryApplication(units=3)
        application.databags['app/1'] = {
            'coordinator': '{}',
            'coordinator-v1': '{"done": {"restart": "2026-01-01 00:00:00.000009Z"}, "v": 1}',
        }
        application.settings = {
            'coordinator': '{"app/2": {"restart": "2026-01-01 00:00:00.000012Z"}}',
            'coordinator-v1': '{"generation": 3, "marks": {}, "order": [],'
            ' "policy": {"name": "serial"},'
            ' "released": {"restart": {"app/0": "2026-01-01 00:00:00.000003Z"}}, "v": 1}',
        }
        host = application.hook('app/1')
        with charm_coordinator.Coordinator(host, policy='serial') as coordinator:
            assert not coordinator.granted('restart')
        host.commit()
        print(sorted({'wasmtime', 'charm_coordinator.engine'} & sys.modules.keys()))
        host = application.hook('app/1')
        with charm_coordinator.Coordinator(host, policy='serial') as coordinator:
            coordinator.acquire('restart')
        print(sorted({'wasmtime', 'charm_coordinator.engine'} & sys.modules.keys()))
    """
    result = subprocess.run(
        [sys.executable, '-c', textwrap.dedent(script)],
        capture_output=True,
        check=True,
        text=True,
        env={**os.environ, 'PYTHONPATH': os.pathsep.join(sys.path)},
    )
    assert result.stdout.splitlines() == ['[]', "['charm_coordinator.engine', 'wasmtime']"]
    assert result.stderr == ''


UNITS = ['app/0', 'app/1', 'app/2']
LOCKS = ['restart', 'a b', '', 'x' * 256, 'x' * 257, 'é', '"', '\\']
TIMES = [
    '2026-11-22 12:00:00.000000Z',
    '2026-11-22 12:00:00.000001Z',
    '2026-02-28 12:00:00.000000Z',
    '2024-02-29 12:00:00.000000Z',
    '2026-02-29 12:00:00.000000Z',
    '2026-02-30 12:00:00.000000Z',
    '2026-04-31 12:00:00.000000Z',
    '2026-01-30 23:59:59.999999Z',
    '2026-12-31 24:00:00.000000Z',
    '0000-01-01 00:00:00.000000Z',
    '0001-01-01 00:00:00.000000Z',
    '9999-12-31 23:59:59.999999Z',
    '2026-11-22T12:00:00.000000Z',
    '2026-11-22 12:00:00Z',
    '٢026-11-22 12:00:00.000000Z',
]
JUNK: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | st.integers(-2, 2) | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.text(), inner, max_size=2),
    max_leaves=4,
)

# Mostly what the core itself writes, now and then something else: only what is nearly right can
# show where recognising stops too late.
good_time = st.sampled_from(TIMES[:2])
rare = st.integers(0, 11).map(lambda number: number == 0)


def mostly(usual: st.SearchStrategy[Any], unusual: st.SearchStrategy[Any] = JUNK):
    return rare.flatmap(lambda is_rare: unusual if is_rare else usual)


times = mostly(good_time, st.sampled_from(TIMES))
ids = mostly(st.dictionaries(mostly(st.just('restart'), st.sampled_from(LOCKS)), times, max_size=2))
# The unit under test is app/1.
others = st.sampled_from(['app/0', 'app/2'])
ids_by_unit = mostly(st.dictionaries(st.sampled_from(UNITS), ids, max_size=2))
versions = mostly(st.just(1), st.sampled_from([0, 1.0, 2, True, '1', None, 10**16, -0.0]))
order = mostly(st.lists(mostly(st.tuples(others, st.just('restart'), good_time)), max_size=2))
extra_of_leader = st.fixed_dictionaries(
    {'v': versions},
    optional={
        'generation': mostly(st.integers(0, 9), st.integers() | st.floats(allow_nan=False)),
        'marks': ids_by_unit,
        'released': ids_by_unit,
        'order': order,
        'policy': mostly(st.just({'name': 'serial'})),
    },
)
document_of_reign = st.builds(
    lambda extra, grants, writer: {**extra, 'grants': grants, 'writer': writer},
    extra_of_leader,
    ids_by_unit,
    mostly(others),
)
extra_of_unit = st.fixed_dictionaries({'v': versions, 'done': ids}, optional={'data': JUNK})


def damaged(text: str, how: int, place: int) -> str:
    """Mostly the text itself; else it is cut, doubled, or has something put in."""
    at = place % (len(text) + 1)
    changes = ['-', '0', ' ', '\0', '\\u0061', '\ufeff', '}', '"v": 1, ', '\xa0']
    if how == 0:
        return text[:at]
    if how <= len(changes):
        return text[:at] + changes[how - 1] + text[at:]
    return text


def written(value: st.SearchStrategy[Any]) -> st.SearchStrategy[str]:
    text = st.builds(json.dumps, value, sort_keys=st.just(True), ensure_ascii=st.booleans())
    return st.builds(damaged, text, st.integers(0, 60), st.integers(0, 400))


def values(**keys: st.SearchStrategy[Any]) -> st.SearchStrategy[dict[str, str]]:
    given = {name.replace('_', '-'): written(value) | st.just('') for name, value in keys.items()}
    return st.fixed_dictionaries({}, optional=given)


snapshots = st.fixed_dictionaries(
    {
        'op': st.just('start'),
        'unit': st.just('app/1'),
        'now': st.just('2026-11-22 12:00:00.000000Z'),
        'context': st.sampled_from(['hook', 'hook', 'action', 'exec']),
        'hook': st.sampled_from(
            ['update-status', 'config-changed', 'coordinator-relation-created']
        ),
        'remote_unit': st.sampled_from([None, 'app/0', 'app/1']),
        'departing_unit': st.sampled_from([None, 'app/0', 'app/1']),
        'leader': rare,
        'age': st.just(1),
        'store': st.sampled_from(['settings', 'application']),
        'relation': mostly(st.just(True), st.booleans()),
        'databags': values(coordinator=mostly(st.just({}), ids), coordinator_v1=extra_of_unit).map(
            lambda own: {'app/1': own}
        ),
        'members': st.just([]),
        'saved': mostly(st.just(''), written(extra_of_unit)),
        'flags': mostly(st.just([]), st.just(['coordinator.granted.restart'])),
        'policy': mostly(st.just('serial')),
        'self_grant': st.just('published'),
        'key': st.just('coordinator'),
        'subordinate': st.booleans(),
        'allow': st.sampled_from([[], ['acquire', 'withdraw', 'release', 'decide']]),
    }
).flatmap(
    lambda given: st.builds(
        lambda settings: {**given, 'settings': settings},
        values(coordinator=ids_by_unit, coordinator_v1=extra_of_leader)
        if given['store'] == 'settings'
        else values(
            coordinator_r1=document_of_reign,
            coordinator_r3=document_of_reign,
            coordinator_r07=document_of_reign,
            coordinator_r9007199254740991=document_of_reign,
        ),
    )
)


BYSTANDER: dict[str, Any] = {
    'op': 'start',
    'unit': 'app/1',
    'now': '2026-11-22 12:00:00.000000Z',
    'context': 'hook',
    'hook': 'update-status',
    'leader': False,
    'store': 'settings',
    'relation': True,
    'databags': {'app/1': {'coordinator': '{}', 'coordinator-v1': '{"done": {}, "v": 1}'}},
    'settings': {
        'coordinator': '{"app/2": {"restart": "2026-11-22 12:00:00.000000Z"}}',
        'coordinator-v1': '{"generation": 1, "marks": {}, "v": 1}',
    },
    'flags': [],
    'key': 'coordinator',
}
MINE = '{"app/1": {"restart": "2026-11-22 12:00:00.000000Z"}}'


def _own(requests: str, extra: str) -> dict[str, Any]:
    return {'databags': {'app/1': {'coordinator': requests, 'coordinator-v1': extra}}}


@pytest.mark.parametrize(
    'change',
    [
        pytest.param({'leader': True, 'members': [], 'age': 1}, id='it leads'),
        pytest.param({'flags': ['coordinator.granted.restart']}, id='a flag is set'),
        pytest.param(_own('{"restart": "2026-11-22 12:00:00.000000Z"}', ''), id='it asks'),
        pytest.param(
            {'settings': {'coordinator': MINE, 'coordinator-v1': f'{{"marks": {MINE}, "v": 1}}'}},
            id='a hook that failed had granted to itself',
        ),
        pytest.param({'settings': {'coordinator': MINE}}, id='it has not done with its grant'),
        pytest.param(
            {'settings': {'coordinator': MINE}}
            | _own('{}', '{"done": {"restart": "2026-11-22 11:59:59.999999Z"}, "v": 1}'),
            id='it has done with an earlier one',
        ),
        pytest.param({'settings': {'coordinator': '{"app/2": 1}'}}, id='grants are wrong'),
        pytest.param(
            {'settings': {'coordinator': '{"a": {}, "a": {}}'}}, id='a key is there twice'
        ),
        pytest.param({'settings': {'coordinator-v1': '{"v": 2}'}}, id='grants are newer'),
        pytest.param(_own('{}', '{"done": {}, "v": 1, "v": 1}'), id='own key is there twice'),
        pytest.param(_own('{}', '{"done": {"a": "x"}, "v": 1}'), id='own data is wrong'),
        pytest.param(_own('{}', '{"done": {}, "v": 2}'), id='own data is newer'),
        pytest.param(_own('{}', '') | {'hook': 'config-changed'}, id='requests may be saved'),
    ],
)
def test_what_the_core_would_act_upon_or_report_is_left_to_it(change: dict[str, Any]):
    assert quiet.is_quiet(BYSTANDER)
    snapshot = {**BYSTANDER, **change}
    assert not quiet.is_quiet(snapshot)
    instance = core.fresh_core()
    answers = [
        exchange.exchange(instance, snapshot),
        exchange.exchange(instance, {'op': 'end', 'now': snapshot['now']}),
    ]
    assert answers != [{'ok': NOTHING}, {'ok': NOTHING_TO_DO}]


@pytest.mark.parametrize('store', ['settings', 'application'])
def test_a_grant_that_it_has_done_with_wakes_nobody(store: str):
    reign = f'{{"generation": 1, "grants": {MINE}, "v": 1, "writer": "app/0"}}'
    assert quiet.is_quiet(
        {
            **BYSTANDER,
            **_own('{}', '{"done": {"restart": "2026-11-22 12:00:00.000000Z"}, "v": 1}'),
            'store': store,
            'settings': {'coordinator': MINE} if store == 'settings' else {'coordinator-r1': reign},
        }
    )


@hypothesis.settings(max_examples=400, deadline=None, derandomize=True)
@hypothesis.given(snapshots)
def test_whatever_is_called_quiet_the_core_answers_with_nothing(snapshot: dict[str, Any]):
    hypothesis.assume(quiet.is_quiet(snapshot))
    instance = core.fresh_core()
    assert exchange.exchange(instance, snapshot) == {'ok': NOTHING}, json.dumps(snapshot)
    end = {'op': 'end', 'now': '2026-11-22 12:00:01.000000Z'}
    assert exchange.exchange(instance, end) == {'ok': NOTHING_TO_DO}


@hypothesis.settings(max_examples=60, deadline=None, derandomize=True)
@hypothesis.given(
    st.sampled_from(['settings', 'application']),
    st.lists(
        st.tuples(
            st.sampled_from(UNITS),
            st.sampled_from(['update-status', 'config-changed']),
            st.sampled_from(['', '', 'restart', 'migrate']),
            st.sampled_from([True, True, True, False]),
        ),
        max_size=25,
    ),
)
def test_a_history_is_the_same_whether_the_core_is_asked_or_not(store: Any, hooks: list[Any]):
    assert _play(store, hooks, can_be_quiet=True) == _play(store, hooks, can_be_quiet=False)


class _Application(MemoryApplication):
    """Its clock goes by hooks and not by looks, of which there are fewer in a quiet one."""

    hooks = 0

    def now(self) -> str:
        return f'2026-01-01 00:00:{self.hooks:02}.000000Z'


def _play(store: Any, hooks: list[Any], *, can_be_quiet: bool) -> list[Any]:
    application = _Application(units=3, store=store)
    told: list[Any] = []
    with pytest.MonkeyPatch.context() as patch:
        if not can_be_quiet:
            patch.setattr(quiet, 'is_quiet', lambda snapshot: False)
        for unit, name, lock, succeeds in hooks:
            application.hooks += 1
            host = application.hook(unit, name)
            told.append(_run_hook(host, lock, succeeds))
            told.append([dict(application.databags), dict(application.settings)])
    return [told, application.log]


def _run_hook(host: MemoryHost, lock: str, succeeds: bool) -> tuple[str, ...]:
    coordinator = Coordinator(host, policy='serial')
    coordinator.start()
    if lock:
        coordinator.acquire(lock)
    held = coordinator.locks
    if succeeds:
        coordinator.end()
        host.commit()
    else:
        host.fail()
    return held


def test_a_usual_bystander_is_recognised():
    """Else the tests above could hold because nothing ever is."""
    loaded = 0

    class Counting(Coordinator):
        def _make_core(self, core: Any) -> Any:
            nonlocal loaded
            loaded += 1
            return super()._make_core(core)

    application = MemoryApplication(units=3)
    for unit, lock in [('app/1', 'restart'), ('app/0', ''), ('app/1', ''), ('app/0', '')]:
        host = application.hook(unit)
        with Counting(host, policy='serial') as coordinator:
            if lock:
                coordinator.acquire(lock)
        host.commit()
    assert loaded == 4
    for unit in ['app/1', 'app/2']:
        for name in ['update-status', 'coordinator-relation-changed']:
            host = application.hook(unit, name)
            with Counting(host, policy='serial'):
                pass
            host.commit()
    assert loaded == 4
