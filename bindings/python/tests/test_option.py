"""What an operator writes into the config option."""

from __future__ import annotations

import sys
from typing import Any

import pytest

from charm_coordinator import errors
from charm_coordinator.option import Option, read_option

WINDOW = """
rules:
  - serial
  - rule: window   # at night
    days: [sat, sun]
    from: 22:00
    to: 04:00
limit: 2
"""


def test_rules_a_limit_and_a_config_as_yaml():
    rules = ['serial', {'rule': 'window', 'days': ['sat', 'sun'], 'from': '22:00', 'to': '04:00'}]
    assert read_option(WINDOW) == Option(rules=rules, limit=2)
    assert read_option('config: {max: 2}') == Option(config={'max': 2})
    assert read_option('rule: serial') == Option(rules={'rule': 'serial'})


@pytest.mark.parametrize('value', [None, '', '  \n', '# nothing', 'null', '~'])
def test_nothing(value: Any):
    assert read_option(value) == Option()


@pytest.mark.parametrize('text', ['parallel:2', 'parallel:25%', 'serial', 'parallel:N/2-1', '{}'])
def test_a_word_or_json_needs_no_parser_of_yaml(text: str, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setitem(sys.modules, 'yaml', None)
    assert read_option(text) == Option(rules=None if text == '{}' else text)
    assert read_option('[{"rule": "parallel", "max": 2}]').rules == [{'rule': 'parallel', 'max': 2}]
    with pytest.raises(errors.InstallationError) as raised:
        read_option('rule: parallel')
    assert raised.value.code == 'no_yaml'


@pytest.mark.parametrize(
    ('text', 'value'),
    [
        ('on', 'on'),
        ('yes', 'yes'),
        ('22:00', '22:00'),
        ('2026-11-22', '2026-11-22'),
        ('010', 10),
        ('0o10', 8),
        ('0x1F', 31),
        ('+5', 5),
        ('1_000', '1_000'),
        ('1e3', 1000.0),
        ('.5', 0.5),
        ('True', True),
        ('FALSE', False),
        ('<<', '<<'),
        ('=', '='),
        ("'1'", '1'),
    ],
)
def test_scalars_are_those_of_yaml_1_2(text: str, value: Any):
    found = read_option(f'config: [{text}]').config
    assert found == [value] and type(found[0]) is type(value)


def test_keys_are_texts():
    assert read_option('config: {1: a, true: b}').config == {'1': 'a', 'true': 'b'}


@pytest.mark.parametrize(
    'text',
    [
        '[serial',
        'rules: serial\nrules: pause',
        'when: now',
        'config: .inf',
        'config: !!python/object:object {}',
        'config: [&a [x], *a]',
        'config: &a [*a]',
        'a: b: c',
        '%',
        '\x00',
        '--- a\n--- b',
        '[' * 100_000,
        '{? [a] : b}',
    ],
)
def test_what_is_none_of_these_is_named(text: str):
    with pytest.raises(errors.CoordinatorError) as raised:
        read_option(text)
    assert raised.value.code == 'bad_policy'
    assert '\n' not in str(raised.value)
