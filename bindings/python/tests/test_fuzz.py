"""Whatever comes from outside, be it files, hook tools or a module, ends in a value or in an error
of this package."""

from __future__ import annotations

import contextlib
import functools
import json
import pathlib
import tempfile
from collections.abc import Sequence
from typing import Any

import hypothesis
import pytest
import wasmtime
from hypothesis import strategies as st

from charm_coordinator import (
    answers,
    binary,
    core,
    errors,
    exchange,
    kept,
    metadata,
    module,
    option,
    policy,
    tools,
)
from charm_coordinator.coordinator import Coordinator
from charm_coordinator.juju import juju_host

KIT = pathlib.Path(__file__).parents[3] / 'tests' / 'conformance'

fuzz = functools.partial(hypothesis.settings, deadline=None, derandomize=True)

JSON: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=6,
)
DEEP = st.sampled_from(['[', '{"a":', '[0,']).map(lambda part: part * 100_000)
TEXTS = st.one_of(
    JSON.map(json.dumps),
    st.text(),
    DEEP,
    st.sampled_from(['9' * 5000, '1e999', '-Infinity', '"\\ud800"', '{"a":1,"a":2}', '\ufeff{}']),
)


def test_a_hook_tool_that_says_nonsense_is_named():
    given = tools.Tools(lambda tool, args, text: '{"coordinator": 7}')
    with pytest.raises(errors.HostError, match='expected strings by key'):
        given.values('leader-get', '-')


@fuzz(max_examples=500)
@hypothesis.given(TEXTS)
def test_answers_of_hook_tools(text: str):
    given = tools.Tools(lambda tool, args, input: text)
    for read, kind in [(given.values, dict), (given.strings, list), (given.is_leader, bool)]:
        try:
            answer: Any = read() if read == given.is_leader else read('tool')
        except errors.HostError as error:
            assert error.code == 'bad_output'
            assert '\n' not in str(error).replace(text[:80], '')
            continue
        assert type(answer) is kind
        assert all(isinstance(item, str) for item in (answer if kind is not bool else []))


@fuzz(max_examples=500)
@hypothesis.given(
    st.one_of(
        TEXTS,
        st.dictionaries(st.sampled_from(['ok', 'ask', 'error', 'x']), JSON).map(json.dumps),
    )
)
def test_answers_of_a_module(text: str):
    try:
        answer = exchange.parse_answer(text.encode('utf-8', 'surrogatepass'))
    except errors.ModuleError as error:
        assert error.code in ('not_json', 'bad_answer')
    except UnicodeDecodeError:
        # The engine has seen to it that an answer is UTF-8.
        assert any('\ud800' <= character <= '\udfff' for character in text)
    else:
        assert len(answer) == 1 and answer.keys() <= {'ok', 'ask', 'error'}


YAML = st.one_of(
    st.text(),
    st.text(alphabet='peers:{}[]-&*!|>\'"%@` \n\tcx0123456789.~#?,', max_size=60),
    st.builds('peers: {}'.format, st.text(alphabet='{}[]:, &*!\'"\nab-0123456789', max_size=40)),
    JSON.map(json.dumps),
    JSON.map(lambda value: json.dumps({'peers': value})),
    st.sampled_from(
        [
            'peers: 2026-99-99',
            'peers: {2026-02-30: {}}',
            'peers: 0x',
            'peers: !!python/object:os.system {}',
            'peers: !!binary "%"',
            'peers: &a [*a]',
            'peers: {? [a] : b}',
            'peers: {<<: 7}',
            'peers: 1e999',
            'peers: =',
            'peers: 190:20:30',
            'peers: !!int ""',
            'peers: !!timestamp x',
            'peers: ' + '[' * 5000,
            'peers: \x00',
        ]
    ),
)


@fuzz(max_examples=1000)
@hypothesis.given(YAML)
def test_metadata(text: str):
    with tempfile.TemporaryDirectory() as folder:
        file = pathlib.Path(folder, 'metadata.yaml')
        file.write_bytes(text.encode('utf-8', 'surrogatepass'))
        try:
            name = metadata.peer_relation_name({'JUJU_CHARM_DIR': folder})
        except errors.HostError as error:
            assert error.code == 'bad_metadata'
        else:
            assert name is None or isinstance(name, str)


GUESTS = [
    bytes(wasmtime.wat2wasm(file.read_text())) for file in sorted((KIT / 'guests').glob('*.wat'))
]


@st.composite
def damaged_wasm(draw: st.DrawFn) -> bytes:
    """A guest of which a few bytes are changed, left out or put in, or the end is missing."""
    wasm = bytearray(draw(st.sampled_from(GUESTS)))
    for _ in range(draw(st.integers(1, 3))):
        at = draw(st.integers(0, len(wasm) - 1))
        new = draw(st.binary(min_size=0, max_size=2))
        wasm[at : at + draw(st.integers(0, 2))] = new
    return bytes(wasm[: draw(st.just(len(wasm)) | st.integers(1, len(wasm)))])


def _loads(wasm: bytes, kind: module.ModuleKind = 'policy') -> bool:
    try:
        module.load_module(wasm, kind, time=0.2 if kind == 'policy' else None)
    except errors.ModuleError:
        return False
    return True


@fuzz(max_examples=1500)
@hypothesis.given(damaged_wasm() | st.binary(max_size=40).map(lambda end: b'\0asm\1\0\0\0' + end))
def test_modules(wasm: bytes):
    try:
        found = binary.read_exports(wasm)
        imported = binary.read_first_import(wasm)
    except binary.BinaryError:
        pass
    else:
        seen = _exports_in_engine(wasm)
        if seen is not None and imported is None:
            assert sorted(found) == seen
    _loads(wasm)


def _exports_in_engine(wasm: bytes) -> list[str] | None:
    """The names of the exports, as the engine has them; None if it refuses the file."""
    try:
        seen = wasmtime.Module(wasmtime.Engine(), wasm)
    except wasmtime.WasmtimeError:
        return None
    return sorted(str(export.name) for export in seen.exports)


def test_the_core_cut_off_anywhere_is_no_module():
    whole = core.read_core()
    assert _loads(whole, 'core')
    for end in range(8, len(whole), 997):
        assert not _loads(whole[:end], 'core')


@fuzz(max_examples=500)
@hypothesis.given(TEXTS | st.text('[]{}:,- \n#&*!"\'ab0.~', max_size=30))
def test_options(text: str):
    try:
        found = option.read_option(text)
    except errors.CoordinatorError as error:
        assert error.code == 'bad_policy'
    else:
        exchange.write(found)


@fuzz(max_examples=500)
@hypothesis.given(TEXTS)
def test_records(text: str):
    with tempfile.TemporaryDirectory() as folder:
        file = pathlib.Path(folder) / 'policy.json'
        file.write_bytes(text.encode('utf-8', 'surrogatepass'))
        with contextlib.suppress(ValueError):
            assert kept.KeptFolder(folder).read() is None


class _Answering(policy.Runner):
    """Gives one answer, whatever it is asked."""

    def __init__(self, text: str):
        super().__init__(lambda: pytest.fail('nothing is to be loaded'))
        self._text = text.encode('utf-8', 'surrogatepass')

    def call(self, given: Any, log: Any = None) -> dict[str, Any]:
        answers.check_depth(self._text)
        return exchange.parse_answer(self._text)


ENTRY = st.fixed_dictionaries(
    {},
    optional={
        'unit': st.sampled_from(['app/1', 'app/9', '\ud800']) | JSON,
        'lock': st.just('restart') | JSON,
        'reason': st.text() | st.just('\ud800') | JSON,
    },
)
ANSWERS = st.fixed_dictionaries(
    {},
    optional={'grant': st.lists(ENTRY) | JSON, 'wait': st.lists(ENTRY) | JSON, 'retry_after': JSON},
)


@fuzz(max_examples=500)
@hypothesis.given(TEXTS | ANSWERS.map(lambda ok: json.dumps({'ok': ok})))
def test_decisions(text: str):
    """The core can read what is left of them."""
    facts = policy.PolicyFacts('x', '1', '', {})
    queue = [{'unit': 'app/1', 'lock': 'restart', 'id': ''}]
    state: Any = {'queue': queue}
    try:
        decision = policy.PolicyModule(facts, _Answering(text), {}).decide(state)
    except errors.ModuleError as error:
        assert error.code in ('not_json', 'not_utf8', 'bad_answer', 'policy_error', 'not_asked')
    else:
        json.loads(exchange.write(decision).decode('utf-8'))


SENSIBLE = {
    'is-leader': ['true', 'false'],
    'relation-ids': ['["coordinator:1"]', '[]', 'null'],
    'relation-list': ['["app/1", "app/2"]', '[]'],
    'relation-get': ['{}', '{"coordinator": "{}"}', '{"coordinator": "{", "x": "y"}'],
    'leader-get': ['{}', '{"coordinator": "{}"}', '{"coordinator": "["}'],
    'goal-state': ['{"units": {"app/0": {"status": "active"}}}'],
    'config-get': ['{}'],
    'state-get': ['""', '"{"'],
}


@fuzz(max_examples=400)
@hypothesis.given(
    st.data(), st.sampled_from(['3.6.0', '4.0.0', '', 'x', '99999999999999999999.1']), TEXTS
)
def test_a_hook_in_which_tools_say_anything(data: st.DataObject, version: str, junk: str):
    def run(tool: str, args: Sequence[str], text: str) -> str:
        how = data.draw(st.integers(0, 19))
        if how == 0:
            raise errors.HookToolError(tool, args, 1, 'ERROR it does not work')
        return junk if how == 1 else data.draw(st.sampled_from(SENSIBLE.get(tool, [''])))

    env = {'JUJU_UNIT_NAME': 'app/0', 'JUJU_HOOK_NAME': 'config-changed', 'JUJU_VERSION': version}
    try:
        host = juju_host(relation='coordinator', env=env, run=run)
        with Coordinator(host, policy='serial') as coordinator:
            coordinator.acquire('restart')
            coordinator.status()
    except errors.CoordinatorError as error:
        assert error.code
