"""Decides in the core on wasmtime, through the Python binding, as tests/bench/decision/program.ts tells it to.

Its answers have one more member: `fuel`, the instructions of one decision as wasmtime counts them, the same on every machine.
"""

import json
import sys
import time
from pathlib import Path

import wasmtime
from charm_coordinator import module

MOST = 1 << 62


class Counted:
    """The core in a wasmtime that counts instructions."""

    def __init__(self, wasm: bytes):
        config = wasmtime.Config()
        config.consume_fuel = True
        self._engine = wasmtime.Engine(config)
        self._module = wasmtime.Module(self._engine, wasm)

    def fuel(self, inputs: list[bytes]) -> int:
        """What one decision takes, without the making of its instance."""
        store = wasmtime.Store(self._engine)
        store.set_fuel(MOST)
        exports = wasmtime.Instance(store, self._module, []).exports(store)
        left = store.get_fuel()
        for text in inputs:
            address = exports['coordinator_alloc'](store, len(text)) & 0xFFFF_FFFF
            exports['memory'].write(store, text, address)
            exports['coordinator_call'](store, address, len(text))
        return left - store.get_fuel()


def main() -> None:
    wasm = Path(sys.argv[1]).read_bytes()
    core = module.load_module(wasm, kind='core')
    counted = Counted(wasm)
    for line in sys.stdin:
        task = json.loads(line)
        inputs = [Path(name).read_bytes() for name in task['inputs']]
        samples = []
        end = time.perf_counter() + task['milliseconds'] / 1000
        while not samples or time.perf_counter() < end:
            instance = core.instantiate()
            began = time.perf_counter()
            for text in inputs:
                answer = instance.call(text)
            samples.append((time.perf_counter() - began) * 1000)
        granted = [grant['unit'] for grant in json.loads(answer)['ok']['grants']]
        fuel = counted.fuel(inputs)
        print(json.dumps({'milliseconds': samples, 'granted': granted, 'fuel': fuel}), flush=True)


if __name__ == '__main__':
    main()
