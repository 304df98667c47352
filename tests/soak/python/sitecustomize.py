"""Loaded before a charm that runs in Python, by its name.

Its unit's clock is so many seconds ahead (negative: behind) as the environment says.
"""

import datetime
import os
import time

_ahead = int(os.environ.get('SOAK_SECONDS_AHEAD', '0'))
_time, _time_ns, _datetime = time.time, time.time_ns, datetime.datetime


class _Skewed(_datetime):
    @classmethod
    def now(cls, tz=None):
        return _datetime.now(tz) + datetime.timedelta(seconds=_ahead)

    @classmethod
    def utcnow(cls):
        return cls.now(datetime.timezone.utc).replace(tzinfo=None)


if _ahead:
    time.time = lambda: _time() + _ahead
    time.time_ns = lambda: _time_ns() + _ahead * 1_000_000_000
    datetime.datetime = _Skewed
