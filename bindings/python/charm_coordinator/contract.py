"""The JSON of ``host/abi.md`` as types.

Nothing of it is needed to run a hook, and importing ``typing`` takes time in each: what runs looks
at it only where types are checked.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Literal, TypedDict

if TYPE_CHECKING:
    from typing_extensions import NotRequired, Required

Rule = str | Mapping[str, Any]
"""By name (``'serial'``), with its main argument (``'parallel:2'``), or as an object."""

Policy = str | Sequence[Rule] | Mapping[str, Any]
"""What decides which of the queue is granted now; the rules are in ``host/abi.md``, "Policies"."""


class Holder(TypedDict, total=False):
    """A request that was granted. ``member`` only in :class:`Status`: the unit is in sight."""

    unit: Required[str]
    lock: Required[str]
    id: Required[str]
    data: dict[str, Any]
    member: bool


class Waiting(TypedDict):
    """A request in the queue, as a policy is given it."""

    unit: str
    lock: str
    id: str
    data: NotRequired[dict[str, Any]]


class PolicyNeeds(TypedDict, total=False):
    """What a policy module wants to be told besides; each costs the leader something."""

    options: list[str]
    """Config options, told in ``options``."""
    units: bool
    """The units of goal-state, told in ``status``."""
    released: list[str]
    """When locks were released, told in ``released``: the latest, and that of these units."""


class PolicyState(TypedDict):
    """What a policy function or module is given."""

    now: str
    """UTC."""
    leader: str
    n: int
    """The number of units in relation-list, and the leader."""
    units: list[str]
    holders: list[Holder]
    queue: list[Waiting]
    """In the order of the queue."""
    options: NotRequired[dict[str, Any]]
    """The needed options that have a value."""
    status: NotRequired[dict[str, str]]
    """The units of goal-state with their status."""
    released: NotRequired[dict[str, dict[str, str]]]
    """By lock, then by unit: UTC."""


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
    data: NotRequired[dict[str, Any]]
    """What came with it."""
    granted: bool


class Place(TypedDict):
    """A request that waits: where, and why."""

    position: int
    unit: str
    lock: str
    id: str
    data: NotRequired[dict[str, Any]]
    """What came with it."""
    rule: str
    reason: str
    until: NotRequired[str]
    """When what keeps it waiting is over, if that is known; UTC."""


class Status(TypedDict):
    """Who holds, who waits, and why."""

    unit: str
    leading: bool
    policy: str
    hold: str
    """Why nothing can be decided at all, or ``''``."""
    requests: list[OwnRequest]
    holders: list[Holder]
    """On a unit that does not lead, as published last: some may have given the lock back since."""
    queue: list[Place]
    """Only a leader knows the queue of others; elsewhere this unit's own, with position 0."""
    awaits: str
    """What ends the waiting of this unit, or of all: an event, or update-status and the time."""
    problems: list[Problem]


PolicyFunction = Callable[[PolicyState], PolicyDecision]
"""A policy in the charm's own code."""

Act = Literal['acquire', 'withdraw', 'release', 'decide']
"""What an action or juju-exec may ask for by name; in a hook all of it is allowed."""

SelfGrant = Literal['published', 'committed', 'unsafe']
"""When the leader may act on a grant to itself. ``unsafe`` may run beside another unit."""
