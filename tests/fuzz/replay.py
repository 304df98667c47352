"""Plays conversations with the core on each engine that is here, and says where an answer differs.

The file holds a list of conversations, each with an instance of its own: a list of pairs, what was
asked and what was answered elsewhere, both bytes in base64.
"""

import base64
import json
import sys

from charm_coordinator import core, module

with open(sys.argv[1]) as file:
    conversations = json.load(file)


def engines():
    yield 'wasmtime', core.fresh_core
    try:
        from charm_coordinator import engine_wasm3
    except ImportError:
        return
    loaded = module.load_module(
        core.read_core(), 'core', compile_module=engine_wasm3.compile_module
    )
    yield 'wasm3', loaded.instantiate


calls = 0
for name, instantiate in engines():
    for number, conversation in enumerate(conversations):
        instance = instantiate()
        for asked, expected in conversation:
            calls += 1
            answer = instance.call(base64.b64decode(asked))
            if answer != base64.b64decode(expected):
                sys.exit(
                    f'{name}, conversation {number}: {base64.b64decode(asked)!r} was answered\n'
                    f'{answer!r}, elsewhere\n{base64.b64decode(expected)!r}'
                )
print(calls)
