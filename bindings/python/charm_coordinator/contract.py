"""The JSON of ``host/abi.md`` as types, and the one place that takes an answer's bytes apart."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, TypedDict

from charm_coordinator import errors

if TYPE_CHECKING:
    from typing import TypeGuard

    from typing_extensions import NotRequired, Required

    from charm_coordinator import engine

Rule = str | Mapping[str, Any]
"""By name (``'serial'``), with its main argument (``'parallel:2'``), or as an object."""

Policy = str | Sequence[Rule] | Mapping[str, Any]
"""What decides which of the queue is granted now; the rules are in ``host/abi.md``, "Policies"."""


class Holder(TypedDict, total=False):
    """A request that was granted. ``member`` only in :class:`Status`: the unit is in sight."""

    unit: Required[str]
    lock: Required[str]
    id: Required[str]
    member: bool


class Waiting(TypedDict):
    """A request in the queue, as a policy is given it."""

    unit: str
    lock: str
    id: str
    data: NotRequired[dict[str, Any]]


class PolicyState(TypedDict):
    """What a policy function is given."""

    now: str
    """UTC."""
    leader: str
    n: int
    """The number of units in relation-list, and the leader."""
    units: list[str]
    holders: list[Holder]
    queue: list[Waiting]
    """In the order of the queue."""


class PolicyDecision(TypedDict, total=False):
    """What a policy function decides.

    Only what is queued can be granted, and nothing is ever taken back.
    """

    grant: Required[Sequence[Mapping[str, Any]]]
    """Of each its ``unit`` and ``lock``."""
    wait: Sequence[Mapping[str, Any]]
    """Of each ``unit``, ``lock`` and a ``reason`` for people to read in :class:`Status`."""
    retry_after: float
    """Seconds."""


class Problem(TypedDict):
    """Something wrong that was found; it never breaks the hook. Codes: ``host/abi.md``."""

    code: str
    unit: NotRequired[str]
    key: NotRequired[str]
    message: str


class LogLine(TypedDict):
    """A line for Juju's log."""

    level: str
    message: str


class FlagChanges(TypedDict):
    """Flags to set and to clear."""

    set: list[str]
    clear: list[str]


class View(TypedDict):
    """The answer to ``start``, ``acquire`` and ``withdraw``."""

    granted: list[str]
    requested: list[str]
    leading: bool
    flags: FlagChanges
    problems: list[Problem]
    log: list[LogLine]


class OwnRequest(TypedDict):
    """A request of this unit."""

    lock: str
    id: str
    granted: bool


class Place(TypedDict):
    """A request that waits: where, and why."""

    position: int
    unit: str
    lock: str
    id: str
    rule: str
    reason: str


class Status(TypedDict):
    """Who holds, who waits, and why."""

    unit: str
    leading: bool
    policy: str
    hold: str
    """Why nothing can be decided at all, or ``''``."""
    requests: list[OwnRequest]
    holders: list[Holder]
    queue: list[Place]
    """Only a leader knows the queue of others; elsewhere this unit's own, with position 0."""
    awaits: str
    """The event that is waited for."""
    problems: list[Problem]


class Input(TypedDict, total=False):
    """Every input is an object with ``op``; the other fields depend on it."""

    op: Required[str]


def exchange(module: engine.Callable, text: Mapping[str, Any]) -> dict[str, Any]:
    """One call: an input, and the answer, which has exactly one of ``ok``, ``ask`` and ``error``.

    Raises:
        ModuleError: ``not_json`` or ``bad_answer``, and whatever the call raises.
    """
    return parse_answer(module.call(write(text)))


def write(value: Any) -> bytes:
    """A value as JSON in UTF-8.

    What JSON cannot say raises TypeError or ValueError; a lone surrogate, which is no text, becomes
    bytes that the core refuses.
    """
    text = json.dumps(value, ensure_ascii=False, separators=(',', ':'), allow_nan=False)
    return text.encode('utf-8', 'surrogatepass')


def parse_answer(answer: bytes) -> dict[str, Any]:
    """An answer, which has exactly one of ``ok``, ``ask`` and ``error``.

    Raises:
        ModuleError: ``not_json`` or ``bad_answer``.
    """
    text = answer.decode('utf-8')
    beginning = text[:80]
    try:
        value = json.loads(text, parse_constant=_refuse)
    except (ValueError, RecursionError):
        raise errors.ModuleError('not_json', f'the answer is not JSON: {beginning}') from None
    if is_object(value):
        ok, ask, error = value.get('ok'), value.get('ask'), value.get('error')
        if is_object(ok):
            return {'ok': ok}
        if is_object(ask) and isinstance(ask.get('what'), str):
            return {'ask': ask}
        if is_object(error) and isinstance(error.get('code'), str):
            return {'error': {name: _text(error.get(name)) for name in ('code', 'message', 'path')}}
    raise errors.ModuleError(
        'bad_answer', f'the answer has neither "ok", "ask" nor "error": {beginning}'
    )


def is_object(value: object) -> TypeGuard[dict[str, Any]]:
    """Whether a value that came as JSON is an object."""
    return isinstance(value, dict)


def is_list(value: object) -> TypeGuard[list[Any]]:
    """Whether a value that came as JSON is a list."""
    return isinstance(value, list)


def _refuse(constant: str) -> None:
    raise ValueError(f'{constant} is not JSON')


def _text(value: object) -> str:
    return value if isinstance(value, str) else ''
