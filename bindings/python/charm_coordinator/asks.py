"""The ask loop: what the core was not given and needs, the host obtains.

What cannot be had is input too, under the name of its failure, so that every language goes on
alike.
"""

from __future__ import annotations

from charm_coordinator import errors, exchange

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping
    from typing import Any

    from typing_extensions import TypeIs

    from charm_coordinator import contract, engine
    from charm_coordinator.host import Host, Values
    from charm_coordinator.policy import PolicyModule

_PROVEN_FOR = 30
"""Seconds for which Juju lets nobody else lead after it said True, or has accepted a write."""

_MOST_ASKS = 100
"""With more asks for one operation the core is broken: it asks for each thing once or twice."""

_MOST_VALUE = 65_536
"""A databag's value with more bytes is not read; one more byte says that it is too long."""


class _Failure(Exception):  # noqa: N818
    """Why something asked for could not be had; the core reports it as a problem."""

    def __init__(self, failure: str, message: str):
        super().__init__(message)
        self.failure = failure


class Asker:
    """Talks to the core for one hook, on behalf of a host.

    Args:
        make_core: called when the core is first asked: loading its engine is what costs most.
    """

    def __init__(
        self,
        make_core: Callable[[], engine.Callable],
        host: Host,
        key: str,
    ):
        self._make_core = make_core
        self._core: engine.Callable | None = None
        self._host = host
        self._key = key
        self.policy: contract.PolicyFunction | PolicyModule | None = None
        """What is not the core's to decide; set before the core is asked to start."""
        self.led_at: float | None = None
        """The moment before is-leader last said True, or before the last accepted write.

        None if this unit was never seen to lead.
        """

    def is_leader(self) -> bool:
        """Asks is-leader.

        The answer's age counts from the moment before the question: from then on the 30 seconds
        run.
        """
        before = self._host.hook.monotonic()
        leader = self._host.leadership.is_leader()
        if leader:
            self.led_at = before
        return leader

    def databag(self, values: Mapping[str, str]) -> Values:
        """The values of a databag under the relation key.

        The core reads none that is too long, so none is carried to it whole.
        """
        return {key: value[: _MOST_VALUE + 1] for key, value in self.grants(values).items()}

    def grants(self, values: Mapping[str, str]) -> Values:
        """The grants' values under the relation key.

        The charm's own data in the same place is none of the core's business.
        """
        return {key: value for key, value in values.items() if key.startswith(self._key)}

    def databags(self, units: Iterable[str]) -> dict[str, Values]:
        """The databags of these units, without those that Juju refuses to show."""
        found: dict[str, Values] = {}
        for unit in units:
            values = self._host.peers.of(unit)
            if values is not None:
                found[unit] = self.databag(values)
        return found

    def is_late(self) -> bool:
        """Whether Juju said too long ago that this unit leads.

        Then another may have led, and written the grants, since.
        """
        return self.led_at is not None and self._host.hook.monotonic() - self.led_at >= _PROVEN_FOR

    def times(self) -> dict[str, Any]:
        """What the core is told of the clock."""
        now = self._host.hook.now()
        if self.led_at is None:
            return {'now': now}
        return {'now': now, 'age': self._host.hook.monotonic() - self.led_at}

    def request(self, text: Mapping[str, Any]) -> Any:
        """One operation of the core, with everything it asks for on the way.

        Args:
            text: the operation; what it says of the clock is kept, else the clock is read.

        Raises:
            CoreError: if the core refuses the operation.
        """
        core = self._awake()
        answer = exchange.exchange(core, text if 'now' in text else {**text, **self.times()})
        asks = 0
        while 'ask' in answer:
            if asks == _MOST_ASKS:
                raise errors.ModuleError('bad_answer', f'it asked {asks} times')
            asks += 1
            answer = exchange.exchange(core, self._answer(answer['ask']))
        if 'error' in answer:
            error = answer['error']
            raise errors.CoreError(error['code'], error['message'], error['path'])
        return answer['ok']

    def check(self, policy: contract.Policy) -> dict[str, str] | None:
        """What the core has against a policy: code, message and path; possible before ``start``."""
        return exchange.exchange(self._awake(), {'op': 'check', 'policy': policy}).get('error')

    def _awake(self) -> engine.Callable:
        if self._core is None:
            self._core = self._make_core()
        return self._core

    def _answer(self, ask: dict[str, Any]) -> dict[str, Any]:
        answer: dict[str, Any] = {'op': 'answer', 'what': ask['what']}
        try:
            answer['result'] = self._obtain(ask)
        except _Failure as failure:
            answer |= {'failure': failure.failure, 'message': exchange.well_formed(str(failure))}
        except errors.HostError as error:
            answer |= {'failure': error.code, 'message': exchange.well_formed(str(error))}
        return answer | self.times()

    def _obtain(self, ask: dict[str, Any]) -> Any:
        what = ask['what']
        hook, leadership, peers = self._host.hook, self._host.leadership, self._host.peers
        if what == 'saved':
            return peers.read_saved(self._key)
        if what == 'units':
            return self.databags(ask['units'])
        if what == 'planned':
            return peers.planned()
        if what == 'config':
            config = hook.config()
            return {option: config[option] for option in ask['options'] if option in config}
        if what == 'policy':
            return self._decide(ask['input'])
        if what == 'publish':
            if self.is_late():
                raise _Failure('refused', 'is-leader said True too long ago')
            self._publish(ask['values'])
            return True
        if what == 'reread':
            self._publish(ask['values'])
            return self.grants(leadership.read())
        if what == 'leader':
            return self.is_leader()
        raise _Failure('unknown_ask', f'this binding does not know {ask}')

    def _publish(self, values: dict[str, str]) -> None:
        before = self._host.hook.monotonic()
        if not self._host.leadership.write(values):
            raise _Failure('refused', 'Juju refused the write: this unit does not lead')
        self.led_at = before

    def _decide(self, state: contract.PolicyState) -> Any:
        if self.policy is None:
            raise _Failure('no_policy', 'the charm has no policy function')
        if is_module(self.policy):
            return self._decide_by(self.policy, state)
        try:
            decision: object = self.policy(state)
        except Exception as error:
            raise _Failure('policy_failed', f'it raised {error!r}') from None
        return _check_decision(decision)

    def _decide_by(self, policy: PolicyModule, state: contract.PolicyState) -> Any:
        def log(line: str) -> None:
            self._host.hook.log('WARNING', f'{policy.name}: {line}')

        try:
            return policy.decide(state, log)
        except errors.CoordinatorError as error:
            raise _Failure(error.code, str(error)) from None
        except Exception as error:
            raise _Failure('policy_failed', repr(error)) from None


def is_module(policy: object) -> TypeIs[PolicyModule]:
    """Whether it is a policy module. Its class is not needed to run a hook."""
    return hasattr(policy, 'decide') and hasattr(policy, 'sha256')


def _check_decision(decision: object) -> Any:
    """A decision as JSON, so that nothing in it can fail later."""
    if not exchange.is_object(decision) or not isinstance(decision.get('grant'), list | tuple):
        raise _Failure('bad_answer', 'the policy must return a dict with a list "grant"')
    from charm_coordinator import answers

    try:
        text = exchange.write(decision)
        text.decode('utf-8')
        answers.check_depth(text)
    except (TypeError, ValueError, RecursionError, errors.ModuleError) as error:
        message = f"the policy's decision cannot be written as JSON: {error}"
        raise _Failure('bad_answer', message) from None
    return decision
