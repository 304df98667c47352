"""The host of a real charm, with hook tools that tell what they were given."""

from __future__ import annotations

import json
import os
import pathlib
import stat
import subprocess
import sys
import textwrap
from collections.abc import Sequence
from typing import Any

import pytest

from charm_coordinator import Coordinator, errors, juju, juju_host, tools

ENV = {
    'JUJU_UNIT_NAME': 'app/1',
    'JUJU_HOOK_NAME': 'update-status',
    'JUJU_VERSION': '3.6.11',
}


class Juju:
    """Answers hook tools and keeps what was written."""

    def __init__(self, **answers: Any):
        self.calls: list[str] = []
        self.inputs: list[str] = []
        self.answers: dict[str, Any] = {
            'is-leader': False,
            'relation-ids': ['coordinator:4'],
            'relation-get': {},
            'relation-list': [],
            'leader-get': {},
            **{name.replace('_', '-'): answer for name, answer in answers.items()},
        }

    def __call__(self, tool: str, args: Sequence[str], text: str = '') -> str:
        self.calls.append(' '.join([tool, *args]).replace('--format=json ', ''))
        self.inputs.append(text)
        answer = self.answers.get(tool)
        if isinstance(answer, Exception):
            raise answer
        return answer if isinstance(answer, str) else json.dumps(answer)


def refused(tool: str, stderr: str) -> errors.HookToolError:
    return errors.HookToolError(tool, [], 1, stderr)


def host(run: Juju, **more: str) -> juju.JujuHost:
    return juju_host(relation='coordinator', env={**ENV, **more}, run=run)


def test_a_unit_that_does_not_lead_calls_four_hook_tools():
    run = Juju()
    with Coordinator(host(run)) as coordinator:
        assert not coordinator.granted('restart')
    assert run.calls == [
        'is-leader --format=json',
        'relation-ids coordinator',
        'relation-get -r coordinator:4 - app/1',
        'leader-get -',
    ]


def test_a_request_is_written_as_the_old_library_does():
    run = Juju()
    with Coordinator(host(run)) as coordinator:
        coordinator.acquire('restart')
    assert run.calls[-1] == 'relation-set -r coordinator:4 --file -'
    written = json.loads(run.inputs[-1])
    assert list(json.loads(written['coordinator'])) == ['restart']
    assert written['coordinator-v1'] == '{"done": {}, "v": 1}'


def test_a_leader_of_n_units_calls_n_and_four():
    units = [f'app/{number}' for number in (0, 2, 3)]
    run = Juju(is_leader=True, relation_list=units)
    with Coordinator(host(run)):
        pass
    assert len(run.calls) == 4 + 4


def test_grants_live_in_the_application_databag_from_juju_4_on():
    run = Juju()
    with Coordinator(host(run, JUJU_VERSION='4.0.1')):
        pass
    assert run.calls[-1] == 'relation-get -r coordinator:4 --app - app'


@pytest.mark.parametrize(
    ('env', 'kind'),
    [
        ({}, 'hook'),
        ({'JUJU_HOOK_NAME': ''}, 'exec'),
        ({'JUJU_HOOK_NAME': '', 'JUJU_ACTION_NAME': 'restart'}, 'action'),
    ],
)
def test_the_kind_of_context(env: dict[str, str], kind: str):
    assert host(Juju(), **env).hook.kind == kind


def test_a_remote_unit_counts_only_in_hooks_of_the_peer_relation():
    for relation, seen in (('coordinator:4', 'app/2'), ('another:5', None)):
        env = {'JUJU_REMOTE_UNIT': 'app/2', 'JUJU_RELATION_ID': relation}
        assert host(Juju(), **env).hook.remote_unit == seen


def test_leader_set_that_is_refused_is_no_failure_and_anything_else_is():
    stderr = 'ERROR cannot write leadership settings: cannot write settings: not the leader'
    assert not host(Juju(leader_set=refused('leader-set', stderr))).leadership.write({'a': 'b'})
    with pytest.raises(errors.HookToolError):
        host(Juju(leader_set=refused('leader-set', 'connection lost'))).leadership.write({})


def test_a_unit_that_juju_refuses_to_show_is_left_out():
    run = Juju(relation_get=refused('relation-get', 'permission denied'))
    assert host(run).peers.of('app/2') is None
    run.calls.clear()
    assert host(run).peers.of('--help') is None
    assert run.calls == ['relation-ids coordinator']


@pytest.mark.parametrize(
    ('tool', 'answer'),
    [
        ('is_leader', 'yes'),
        ('is_leader', 1),
        ('relation_ids', {'a': 1}),
        ('relation_get', {'a': 1}),
        ('relation_get', 'nonsense'),
        ('leader_get', [1]),
    ],
)
def test_what_juju_would_never_say_is_refused(tool: str, answer: Any):
    with pytest.raises(errors.HostError) as raised:
        Coordinator(host(Juju(**{tool: answer}))).start()
    assert raised.value.code == 'bad_output'


def test_a_hook_tool_that_fails_fails_the_hook():
    run = Juju(relation_set=refused('relation-set', 'relation not found'))
    with (
        pytest.raises(errors.HookToolError, match='relation not found') as raised,
        Coordinator(host(run)) as coordinator,
    ):
        coordinator.acquire('restart')
    assert (raised.value.tool, raised.value.exit_code) == ('relation-set', 1)


def test_a_resource_that_was_never_attached_is_none_and_anything_else_is_a_failure():
    path = '/var/lib/juju/agents/unit-app-1/resources/policy/policy.wasm'
    assert host(Juju(resource_get=f'{path}\n')).hook.resource('policy') == path
    missing = refused('resource-get', 'ERROR could not download resource: resource not found')
    assert host(Juju(resource_get=missing)).hook.resource('policy') is None
    for failure in (
        refused('resource-get', 'ERROR could not download resource: connection refused'),
        errors.HookToolError('resource-get', [], None, 'not found'),
    ):
        with pytest.raises(errors.HookToolError):
            host(Juju(resource_get=failure)).hook.resource('policy')


def test_outside_a_hook_it_says_so():
    with pytest.raises(errors.HostError) as raised:
        juju_host(env={})
    assert raised.value.code == 'no_hook'


@pytest.mark.parametrize(
    ('metadata', 'asked'),
    [
        ('peers: {b: {interface: x}, a: {interface: x}}', 'relation-ids a'),
        ('peers: {b: {interface: x}, coordinator: {interface: x}}', 'relation-ids coordinator'),
        ('name: no-peers', None),
        ('[]', None),
    ],
)
def test_the_peer_relation_is_found_in_the_metadata(
    metadata: str, asked: str | None, tmp_path: pathlib.Path
):
    (tmp_path / 'metadata.yaml').write_text(metadata)
    run = Juju()
    juju_host(env={**ENV, 'JUJU_CHARM_DIR': str(tmp_path)}, run=run).peers.own()
    assert [call for call in run.calls if call.startswith('relation-ids')] == (
        [] if asked is None else [asked]
    )


def test_metadata_that_cannot_be_read_is_told_of(tmp_path: pathlib.Path):
    (tmp_path / 'metadata.yaml').write_text('{')
    with pytest.raises(errors.HostError) as raised:
        juju_host(env={**ENV, 'JUJU_CHARM_DIR': str(tmp_path)}, run=Juju()).peers.own()
    assert raised.value.code == 'bad_metadata'


def test_a_line_of_the_log_has_no_control_characters(capsys: pytest.CaptureFixture[str]):
    run = Juju()
    hook = host(run).hook
    hook.log('DEBUG', 'a\nb\x1b[0m')
    hook.log('WARNING', 'c\nd')
    assert capsys.readouterr().out == 'DEBUG a b [0m\n'
    assert run.calls == ['juju-log -l WARNING -- c d']


def test_a_line_that_cannot_be_logged_does_not_fail_the_hook(
    capsys: pytest.CaptureFixture[str],
):
    host(Juju(juju_log=refused('juju-log', 'no'))).hook.log('ERROR', 'a')
    assert capsys.readouterr().err == 'ERROR a\n'


def test_the_clock_takes_the_longer_of_two(monkeypatch: pytest.MonkeyPatch):
    monotonic, wall = [0.0], [0.0]
    monkeypatch.setattr('time.monotonic', lambda: monotonic[0])
    monkeypatch.setattr('time.time', lambda: wall[0])
    clock = juju.Clock()
    monotonic[0], wall[0] = 1, 40
    assert clock.seconds() == 40
    monotonic[0], wall[0] = 3, 0
    assert clock.seconds() == 42


def test_real_programs_are_run_with_their_input_and_errors(
    tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch
):
    for name, script in (('shows', 'cat; echo "$@"'), ('fails', 'echo no >&2; exit 3')):
        (tmp_path / name).write_text(f'#!/bin/sh\n{script}\n')
        (tmp_path / name).chmod(stat.S_IRWXU)
    monkeypatch.setenv('PATH', str(tmp_path), prepend=os.pathsep)
    assert tools.run_tool('shows', ['a b'], 'é') == 'éa b\n'
    with pytest.raises(errors.HookToolError, match='exited with 3: no'):
        tools.run_tool('fails', [])
    for args in (['is-not-there'], ['shows', 'nul\0']):
        with pytest.raises(errors.HookToolError) as raised:
            tools.run_tool(args[0], args[1:])
        assert raised.value.exit_code is None


def test_without_an_engine_the_error_names_the_machine_and_the_choice():
    script = """
        import platform, sys
        sys.modules['wasmtime'] = sys.modules['wasm3'] = None
        platform.machine = lambda: 's390x'
        from charm_coordinator import core, errors
        try:
            core.fresh_core()
        except errors.InstallationError as error:
            print(error.code, error)
    """
    result = subprocess.run(
        [sys.executable, '-c', textwrap.dedent(script)],
        capture_output=True,
        check=True,
        text=True,
        env={**os.environ, 'PYTHONPATH': os.pathsep.join(sys.path)},
    )
    for word in ('no_engine', 's390x', 'pywasm3'):
        assert word in result.stdout
    assert result.stdout.count('\n') == 1


def test_without_its_core_the_package_says_what_to_do(monkeypatch: pytest.MonkeyPatch):
    from charm_coordinator import core

    monkeypatch.setattr(core, '_FILE', '/is/not/there')
    with pytest.raises(errors.InstallationError, match='npm run build') as raised:
        core.read_core()
    assert raised.value.code == 'no_core'
