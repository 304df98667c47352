"""A unit of a reactive charm: each hook a process, hook tools that read and write one file."""

from __future__ import annotations

import json
import os
import pathlib
import shutil
import subprocess
import sys
from typing import Any

import yaml

PYTHON = pathlib.Path(__file__).parents[1]
LAYER = PYTHON / 'layer'

_TOOLS = """\
#!{python} -S
import json, os, pathlib, sys

tool = os.path.basename(sys.argv[0])
args = [arg for arg in sys.argv[1:] if arg != '--format=json']
file = pathlib.Path(os.environ['STATE'])
state = json.loads(file.read_text())


def pairs():
    if '--file' in args:
        return json.loads(sys.stdin.read() if args[-1] == '-' else open(args[-1]).read())
    return dict(arg.split('=', 1) for arg in args if '=' in arg)


def bag():
    return state['application'] if '--app' in args else state['databags'].setdefault(args[-1], {{}})


answer = None
if tool == 'is-leader':
    answer = state['leader']
elif tool == 'config-get':
    answer = state['config']
elif tool == 'resource-get':
    sys.exit('ERROR resource "' + args[0] + '" not found')
elif tool == 'relation-ids':
    answer = [args[0] + ':0'] if state['related'] else []
elif tool == 'relation-list':
    answer = [unit for unit in state['databags'] if unit != 'app/0']
elif tool == 'relation-get':
    answer = bag()
elif tool == 'leader-get':
    answer = state['settings']
elif tool == 'leader-set':
    state['settings'].update(pairs())
elif tool == 'relation-set':
    (state['application'] if '--app' in args else state['databags']['app/0']).update(pairs())
elif tool == 'goal-state':
    answer = {{'units': {{unit: {{'status': 'active'}} for unit in state['databags']}}}}
elif tool == 'juju-log':
    state['log'].append(' '.join(args))
else:
    sys.exit(tool + ' is not expected')
file.write_text(json.dumps(state))
print(json.dumps(answer))
"""

_NAMES = [
    'config-get',
    'goal-state',
    'is-leader',
    'juju-log',
    'leader-get',
    'leader-set',
    'relation-get',
    'relation-ids',
    'relation-list',
    'relation-set',
    'resource-get',
]

_HOOK = """\
import platform
platform.linux_distribution = lambda: ('Ubuntu',)
from charms import reactive
reactive.main()
"""


def build(source: pathlib.Path, target: pathlib.Path) -> None:
    """What ``charm build`` does with this layer and a charm on top of it.

    Files are copied, those of the charm over those of the layer; YAML is merged; options are given
    their defaults.
    """
    merged: dict[str, Any] = {}
    for layer in (LAYER, source):
        shutil.copytree(layer, target, dirs_exist_ok=True)
        for name in ('metadata.yaml', 'layer.yaml'):
            content: dict[str, Any] = yaml.safe_load((layer / name).read_text())
            merged[name] = _merge(merged.get(name, {}), content)
    defined: dict[str, Any] = merged['layer.yaml'].pop('defines')
    options = merged['layer.yaml'].setdefault('options', {}).setdefault('coordinator', {})
    assert options.keys() <= defined.keys()
    for option, about in defined.items():
        options.setdefault(option, about['default'])
    for name, content in merged.items():
        (target / name).write_text(yaml.safe_dump(content))


def _merge(below: dict[str, Any], above: dict[str, Any]) -> dict[str, Any]:
    both = {**below, **above}
    for key in below.keys() & above.keys():
        if isinstance(below[key], dict):
            both[key] = _merge(below[key], above[key])
        elif isinstance(below[key], list):
            both[key] = [*below[key], *above[key]]
    return both


class Unit:
    """The unit ``app/0``.

    Args:
        folder: for its charm, its hook tools and their state.
        charm: the text of ``reactive/charm.py``.
        options: those of the layer.
    """

    def __init__(self, folder: pathlib.Path, charm: str, **options: Any):
        source = folder / 'source'
        (source / 'reactive').mkdir(parents=True)
        (source / 'reactive' / 'charm.py').write_text(charm)
        (source / 'metadata.yaml').write_text('name: app\n')
        layer = {'includes': ['layer:coordinator'], 'options': {'coordinator': options}}
        (source / 'layer.yaml').write_text(yaml.safe_dump(layer))
        self.directory = folder / 'charm'
        build(source, self.directory)
        self._tools = folder / 'tools'
        self._tools.mkdir()
        for name in _NAMES:
            (self._tools / name).write_text(_TOOLS.format(python=sys.executable))
            (self._tools / name).chmod(0o755)
        self._file = folder / 'state.json'
        self.set(
            leader=False,
            related=True,
            databags={'app/0': {}, 'app/1': {}},
            settings={},
            config={},
            application={},
            log=[],
        )

    @property
    def state(self) -> dict[str, Any]:
        """What Juju knows."""
        return json.loads(self._file.read_text()) if self._file.exists() else {}

    def set(self, **changes: Any) -> None:
        """Changes what Juju knows."""
        self._file.write_text(json.dumps({**self.state, **changes}))

    @property
    def requests(self) -> dict[str, str]:
        """This unit's requests: ids by lock."""
        return json.loads(self.state['databags']['app/0'].get('coordinator', '{}'))

    def hook(self, name: str, juju: str = '3.6.0') -> list[str]:
        """Runs a hook, which must succeed; what the charm printed."""
        result = self.try_hook(name, juju)
        assert result.returncode == 0, result.stderr
        return [line[1:] for line in result.stdout.splitlines() if line.startswith('>')]

    def try_hook(self, name: str, juju: str = '3.6.0') -> subprocess.CompletedProcess[str]:
        """Runs a hook. What it wrote to leader settings stays, whatever becomes of it."""
        before = self.state
        paths = [self.directory / 'lib', self.directory, PYTHON]
        result = subprocess.run(
            [sys.executable, '-c', _HOOK],
            cwd=self.directory,
            capture_output=True,
            text=True,
            env={
                'HOME': os.environ.get('HOME', ''),
                'PATH': f'{self._tools}:{os.environ["PATH"]}',
                'PYTHONPATH': ':'.join(map(str, paths)),
                'STATE': str(self._file),
                'CHARM_DIR': str(self.directory),
                'JUJU_CHARM_DIR': str(self.directory),
                'JUJU_CONTEXT_ID': '1',
                'JUJU_HOOK_NAME': name,
                'JUJU_UNIT_NAME': 'app/0',
                'JUJU_VERSION': juju,
            },
        )
        if result.returncode != 0:
            self.set(databags=before['databags'], application=before['application'])
        return result
