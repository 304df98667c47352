"""Runs what README.md shows, as it stands there."""

from __future__ import annotations

import os
import pathlib
import re
import shutil
import subprocess
import sys

HERE = pathlib.Path(__file__).parents[1]


def install(target: pathlib.Path, copy: pathlib.Path) -> None:
    """``pip install`` of this folder alone, built from a copy: what an earlier build left behind
    is no part of it."""
    ignored = shutil.ignore_patterns('build', '*.egg-info', '__pycache__', '.*')
    shutil.copytree(HERE, copy, ignore=ignored)
    pip = [sys.executable, '-m', 'pip', 'install', '--quiet', '--disable-pip-version-check']
    alone = ['--no-deps', '--no-index', '--no-build-isolation', '--target', str(target)]
    subprocess.run([*pip, *alone, str(copy)], check=True)


def test_the_charm_and_its_test_run_with_the_package_as_it_is_installed(tmp_path: pathlib.Path):
    install(tmp_path / 'installed', tmp_path / 'copy')
    text = (HERE / 'README.md').read_text()
    shown = re.findall(r'^```python (\S+)\n(.*?)^```$', text, re.DOTALL | re.MULTILINE)
    assert [name for name, _ in shown] == ['charm.py', 'test_charm.py']
    charm = tmp_path / 'charm'
    charm.mkdir()
    for name, text in shown:
        (charm / name).write_text(text)
    result = subprocess.run(
        [sys.executable, '-m', 'pytest', '-q', '-p', 'no:cacheprovider'],
        cwd=charm,
        capture_output=True,
        text=True,
        env={**os.environ, 'PYTHONPATH': str(tmp_path / 'installed')},
    )
    assert '3 passed' in result.stdout, result.stdout
