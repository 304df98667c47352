"""Decides in the core on wasmtime, through the Python binding, as tests/bench/decision/program.ts tells it to."""

import json
import sys
import time
from pathlib import Path

from charm_coordinator import module


def main() -> None:
    core = module.load_module(Path(sys.argv[1]).read_bytes(), kind='core')
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
        print(json.dumps({'milliseconds': samples, 'granted': granted}), flush=True)


if __name__ == '__main__':
    main()
