"""The layer for charms.reactive."""

from __future__ import annotations

import json
import os
import pathlib

import pytest
import yaml
from reactive_unit import LAYER, Unit, build

CHARM = """
import charms.coordinator
from charmhelpers.core import hookenv
from charms.reactive import get_flags, hook, when


def show():
    print('>' + ' '.join(flag for flag in get_flags() if flag.startswith('coordinator.')))


@hook('update-status')
def update_status():
    show()


@hook('config-changed')
def config_changed():
    print('>asks:', charms.coordinator.acquire('restart'))
    show()


@when('coordinator.granted.restart')
def restart():
    print('>restarts')
    show()
"""


def test_a_unit_asks_waits_and_operates_once_while_it_holds_the_lock(tmp_path: pathlib.Path):
    unit = Unit(tmp_path, CHARM)
    assert unit.hook('config-changed') == ['asks: False', 'coordinator.requested.restart']
    assert unit.hook('update-status') == ['coordinator.requested.restart']

    unit.set(settings={'coordinator': json.dumps({'app/0': unit.requests})})
    assert unit.hook('update-status') == [
        'coordinator.granted.restart',
        'restarts',
        'coordinator.granted.restart',
    ]
    assert unit.requests == {}
    # The leader has not looked yet, but the lock is given back.
    assert unit.hook('update-status') == ['']


@pytest.mark.parametrize('juju', ['3.6.0', '4.0.0'])
def test_a_leader_operates_at_once_or_in_its_next_hook(tmp_path: pathlib.Path, juju: str):
    unit = Unit(tmp_path, CHARM)
    unit.set(leader=True)
    asked = unit.hook('config-changed', juju)
    operated = asked if juju < '4' else unit.hook('update-status', juju)
    assert operated[-2:] == ['restarts', 'coordinator.granted.restart']
    assert unit.hook('update-status', juju) == ['']


def test_a_hook_that_fails_keeps_the_lock_and_operates_again(tmp_path: pathlib.Path):
    fails = CHARM + "    assert hookenv.hook_name() != 'config-changed'\n"
    unit = Unit(tmp_path, fails)
    unit.set(leader=True)
    result = unit.try_hook('config-changed')
    assert result.returncode != 0 and '>restarts' in result.stdout
    assert 'restarts' in unit.hook('update-status')
    assert unit.hook('update-status') == ['']


def test_data_goes_with_a_request(tmp_path: pathlib.Path):
    unit = Unit(tmp_path, CHARM.replace("acquire('restart')", "acquire('restart', {'zone': 'a'})"))
    unit.hook('config-changed')
    extra = json.loads(unit.state['databags']['app/0']['coordinator-v1'])
    assert extra['data'] == {'restart': {'zone': 'a'}}


ANY = """
from charmhelpers.coordinator import BaseCoordinator


class AnyTime(BaseCoordinator):
    def default_grant(self, lock, unit, granted, queue):
        return lock == 'restart'

    def grant_restart_all(self, lock, unit, granted, queue):
        return False
"""
BOTH = ANY.replace('\n', '\nimport charms.coordinator\n', 1) + CHARM.replace(
    "acquire('restart')", "acquire('restart_all')"
)


def test_a_class_of_the_charm_decides(tmp_path: pathlib.Path):
    unit = Unit(tmp_path, BOTH, **{'class': 'reactive.charm.AnyTime'})
    unit.set(leader=True)
    assert unit.hook('config-changed')[0] == 'asks: False'
    charm = unit.directory / 'reactive' / 'charm.py'
    charm.write_text(charm.read_text().replace("acquire('restart_all')", "acquire('restart')"))
    assert unit.hook('config-changed')[0] == 'asks: True'


MIGRATE = {'migrate': '2026-01-01 00:00:00.000000Z'}
HOLDS_MIGRATE = {
    'settings': {'coordinator': json.dumps({'app/1': MIGRATE})},
    'databags': {
        'app/0': {},
        'app/1': {'coordinator': json.dumps(MIGRATE), 'coordinator-v1': '{"done": {}, "v": 1}'},
    },
}


@pytest.mark.parametrize(
    ('options', 'is_granted'),
    [
        pytest.param({}, False, id='one unit at a time, whatever the lock'),
        pytest.param({'class': 'charmhelpers.coordinator.Serial'}, True, id='one for each lock'),
        pytest.param({'policy': 'serial'}, True, id='rules: one for each lock'),
        pytest.param({'policy': 'pause'}, False, id='rules: nobody'),
    ],
)
def test_options_say_what_is_granted(
    tmp_path: pathlib.Path, options: dict[str, str], is_granted: bool
):
    unit = Unit(tmp_path, CHARM, **options)
    unit.set(leader=True, **HOLDS_MIGRATE)
    assert unit.hook('config-changed')[0] == f'asks: {is_granted}'


@pytest.mark.parametrize(
    ('rules', 'is_granted'), [('serial', True), ('', False), ('pause', False), ('anarchy', False)]
)
def test_rules_of_an_operator_go_before_those_of_the_charm(
    tmp_path: pathlib.Path, rules: str, is_granted: bool
):
    given = f'charms.coordinator.coordinator.operator_policy = {rules!r}\n'
    unit = Unit(tmp_path, CHARM.replace('\n\n\n', f'\n{given}\n\n', 1))
    unit.set(leader=True, **HOLDS_MIGRATE)
    assert unit.hook('config-changed')[0] == f'asks: {is_granted}'


@pytest.mark.parametrize(('swaps', 'is_granted'), [(True, True), (False, False)])
def test_an_operators_policy_goes_before_the_charms_where_the_charm_wants_it(
    tmp_path: pathlib.Path, swaps: bool, is_granted: bool
):
    unit = Unit(tmp_path, CHARM, policy='pause', swap=swaps)
    unit.set(leader=True, config={'coordinator-policy': 'serial'})
    assert unit.hook('config-changed')[0] == f'asks: {is_granted}'
    assert (unit.directory / '.coordinator-policy').exists() == swaps


@pytest.mark.parametrize(
    ('options', 'message'),
    [
        ({'class': 'reactive.charm.Missing'}, 'class: reactive.charm.Missing cannot be imported'),
        ({'class': 'datetime.date'}, 'class: datetime.date is not derived from'),
        ({'class': 'charmhelpers.coordinator.Serial', 'policy': 'serial'}, 'policy: a class'),
        ({'policy': 'anarchy'}, 'unknown rule'),
        ({'log_level': 'loud'}, 'log_level: expected one of'),
    ],
)
def test_a_wrong_option_is_named(tmp_path: pathlib.Path, options: dict[str, str], message: str):
    unit = Unit(tmp_path, CHARM, **options)
    unit.set(leader=True)
    result = unit.try_hook('config-changed')
    assert result.returncode != 0
    assert message in result.stderr.splitlines()[-1]


@pytest.mark.parametrize(('options', 'level'), [({}, 'INFO'), ({'log_level': 'debug'}, 'DEBUG')])
def test_what_is_asked_for_is_logged(tmp_path: pathlib.Path, options: dict[str, str], level: str):
    unit = Unit(tmp_path, CHARM, **options)
    unit.hook('config-changed')
    lines = [line for line in unit.state['log'] if 'Requested restart' in line]
    assert lines == [f'-l {level} coordinator.SimpleCoordinator Requested restart']


def test_a_charm_that_is_built_has_what_the_layer_brings(tmp_path: pathlib.Path):
    sample = LAYER.parents[2] / 'host' / 'charms' / 'reactive'
    build(sample, tmp_path)
    metadata = yaml.safe_load((tmp_path / 'metadata.yaml').read_text())
    assert metadata['peers'] == {'coordinator': {'interface': 'coordinator'}}
    options = yaml.safe_load((tmp_path / 'layer.yaml').read_text())['options']['coordinator']
    assert options == {
        'class': 'charms.coordinator.SimpleCoordinator',
        'log_level': 'info',
        'policy': 'serial',
        'swap': True,
    }
    assert 'charm-coordinator' in (tmp_path / 'wheelhouse.txt').read_text()
    assert (tmp_path / 'lib' / 'charms' / 'coordinator.py').is_file()
    assert os.access(tmp_path / 'hooks' / 'coordinator-relation-created', os.X_OK)
