"""Runs subjects in wasmtime: a line of JSON for each, and a line with what came of it.

The lines are those of ``tests/equivalence/engines.ts``.
"""

from __future__ import annotations

import base64
import functools
import json
import pathlib
import sys

from charm_coordinator import errors, exchange, module


@functools.cache
def load(file: str, kind: str) -> module.Module:
    """A module, loaded once."""
    limit = {} if kind == 'core' else {'time': 60.0}
    return module.load_module(pathlib.Path(file).read_bytes(), kind, **limit)


def run(subject: dict) -> list:
    """The answers, the error's code and the trap's."""
    answers: list[str] = []
    try:
        instance = load(subject['module'], subject['kind']).instantiate()
        for given in subject['inputs']:
            answer = instance.call(base64.b64decode(given))
            answers.append(base64.b64encode(answer).decode())
            exchange.parse_answer(answer)
    except errors.ModuleError as error:
        return [answers, error.code, error.trap or '']
    return [answers, '', '']


for line in sys.stdin:
    print(json.dumps(run(json.loads(line)), separators=(',', ':')), flush=True)
