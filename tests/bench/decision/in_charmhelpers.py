"""Decides with charmhelpers' own Serial, as tests/bench/decision/program.ts tells it to.

Only its `handle` is timed: what it reads is read before, what it would write is not written, and hook tools cost nothing.
"""

import json
import sys
import time
from pathlib import Path

from charmhelpers import coordinator
from charmhelpers.core import hookenv


def answer_as(start: dict) -> None:
    """Lets charmhelpers see what the core would be given."""
    unit, databags = start['unit'], start['databags']
    hookenv.local_unit = lambda: unit
    hookenv.is_leader = lambda: True
    hookenv.has_juju_version = lambda version: True
    hookenv.log = lambda *args, **kwargs: None
    hookenv.relation_ids = lambda name: ['coordinator:0']
    hookenv.related_units = lambda relid: start['members']
    hookenv.relation_get = lambda key, of, relid: databags.get(of, {}).get(key)
    hookenv.leader_get = lambda key: start['settings'].get(key)


def fresh() -> coordinator.Serial:
    """The coordinator of a new hook, which has read everything."""
    coordinator.Singleton._instances.clear()
    hookenv._atstart.clear()
    hookenv._atexit.clear()
    serial = coordinator.Serial(peer_relation_name='coordinator')
    serial.initialize()
    return serial


def main() -> None:
    for line in sys.stdin:
        task = json.loads(line)
        answer_as(json.loads(Path(task['inputs'][0]).read_bytes()))
        samples = []
        end = time.perf_counter() + task['milliseconds'] / 1000
        while not samples or time.perf_counter() < end:
            serial = fresh()
            began = time.perf_counter()
            serial.handle()
            samples.append((time.perf_counter() - began) * 1000)
        granted = [unit for unit, locks in serial.grants.items() if locks]
        print(json.dumps({'milliseconds': samples, 'granted': granted}), flush=True)


if __name__ == '__main__':
    main()
