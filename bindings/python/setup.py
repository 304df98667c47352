"""Refuses to build a package without its modules, which would fail only in a hook."""

import pathlib
import sys

import setuptools

folder = pathlib.Path(__file__).parent / 'charm_coordinator'
for name in ('coordinator.wasm', 'meter.wasm'):
    if not (folder / name).is_file():
        sys.exit(
            f'charm_coordinator/{name} is missing: run `npm run build` in the root of the clone '
            'first; it builds it and copies it here'
        )

setuptools.setup()
