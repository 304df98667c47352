"""Refuses to build a package without the core, which would fail only in a hook."""

import pathlib
import sys

import setuptools

if not (pathlib.Path(__file__).parent / 'charm_coordinator' / 'coordinator.wasm').is_file():
    sys.exit(
        'charm_coordinator/coordinator.wasm is missing: run `npm run build` in the root of the '
        'clone first; it builds the core and copies it here'
    )

setuptools.setup()
