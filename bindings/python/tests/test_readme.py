"""Runs what README.md shows, as it stands there."""

from __future__ import annotations

import os
import pathlib
import re
import subprocess
import sys

README = pathlib.Path(__file__).parents[1] / 'README.md'


def test_the_charm_and_its_test(tmp_path: pathlib.Path):
    shown = re.findall(
        r'^```python (\S+)\n(.*?)^```$', README.read_text(), re.DOTALL | re.MULTILINE
    )
    assert [name for name, _ in shown] == ['charm.py', 'test_charm.py']
    for name, text in shown:
        (tmp_path / name).write_text(text)
    result = subprocess.run(
        [sys.executable, '-m', 'pytest', '-q', '-p', 'no:cacheprovider'],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        env={**os.environ, 'PYTHONPATH': str(README.parent)},
    )
    assert '3 passed' in result.stdout, result.stdout
