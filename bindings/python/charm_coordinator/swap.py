"""The operator's policy: a module in a charm resource or a file, and rules in a config option.

What is new is loaded, described and checked before it takes the place of the old; if it fails, the
old one goes on, and the operator is told. ``host/abi.md``, "Swapping a policy", has the rules.
"""

from __future__ import annotations

import json
import os

from charm_coordinator import errors, exchange

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from charm_coordinator import contract, kept, offer, policy
    from charm_coordinator.host import Hook, Host

# A hook in which nothing is looked for, and nothing decided, does not pay for the other modules of
# this package that are imported below.

_NAME = 'coordinator-policy'
"""Where an operator puts a policy."""

_REFRESHING = ('install', 'start', 'upgrade-charm', 'config-changed', 'leader-elected')
"""In these Juju tells of a new resource, a new option, or that this unit leads."""


class InForce:
    """What decides in this hook.

    Args:
        document: as the core takes it; None: its default.
        module: what decides besides.
        problems: what the operator is to be told with each status.
    """

    def __init__(
        self,
        document: Any,
        module: policy.PolicyModule | contract.PolicyFunction | None,
        problems: list[contract.Problem],
    ):
        self.document = document
        self.module = module
        self.problems = problems


class Asking:
    """What a :class:`PolicySource` needs of the coordinator.

    Args:
        host: Juju's side.
        own: the charm's own policy, as the core takes it; it decides where the operator gives none.
        check: what the core has against a policy, or None.
    """

    def __init__(self, host: Host, own: Any, check: Callable[[Any], dict[str, str] | None]):
        self.host = host
        self.own = own
        self.check = check


class PolicySource:
    """For ``swap`` of a ``Coordinator``: takes the policy from the charm's operator.

    Example::

        # juju attach-resource my-charm coordinator-policy=./half.wasm
        # juju config my-charm coordinator-policy='parallel:2'
        with Coordinator(juju_host(), policy='serial', swap=PolicySource()) as coordinator:
            ...

    Args:
        resource: the charm resource that holds a module, or None. An empty file is none.
        option: the config option that holds rules, as YAML, or None.
        file: a module among the charm's files, for when the resource has none.
        config: the module's config, where the option gives none; what JSON can say. Default:
            ``{}``.
        folder: where the policy in force is kept, by the charm's directory.
        time: seconds that one operation of a module may take, if its fuel lasts. Default: 2.

    Raises:
        UsageError: ``bad_type`` if ``config`` is nothing that JSON can say.
    """

    def __init__(
        self,
        *,
        resource: str | None = _NAME,
        option: str | None = _NAME,
        file: str | None = None,
        config: Any = None,
        folder: str = f'.{_NAME}',
        time: float | None = None,
    ):
        env = os.environ
        charm = env.get('JUJU_CHARM_DIR') or env.get('CHARM_DIR') or os.getcwd()
        self._resource = resource
        self._option = option
        self._file = file
        self._path = None if file is None else os.path.join(charm, file)
        self._config: Any = {} if config is None else config
        exchange.check_json('config', self._config)
        self._folder = os.path.join(charm, folder)
        self._time = time

    def is_due(self, hook: Hook) -> bool:
        """Whether there may be something new in this hook.

        In all others no hook tool is run for it, unless nothing was kept.
        """
        return hook.kind == 'hook' and hook.name in _REFRESHING

    def in_force(self, asking: Asking, leader: bool) -> InForce:
        """What was kept; a leader with nothing kept looks for what there is."""
        from charm_coordinator import kept

        found, problems = self._read()
        if found is None and leader and asking.host.hook.kind == 'hook':
            return self.refresh(asking)
        old = found or kept.Kept()
        document, module = self._of(asking.own, old)
        return InForce(document, module, [*problems, *self._told(old)])

    def refresh(self, asking: Asking) -> InForce:
        """Looks for what is new, and takes all of it or nothing."""
        from charm_coordinator import kept, offer

        hook = asking.host.hook
        found, problems = self._read()
        for problem in problems:
            hook.log('WARNING', problem['message'])
        old = found or kept.Kept()
        try:
            new, module, file = self._load(asking, old)
            if new != found:
                self._keep(new, file)
            if new != old:
                hook.log('INFO', f'the policy is now {_describe(new)}')
        except offer.RefusalError as refusal:
            return self._go_on(asking, old, refusal.refused, problems)
        document, made = self._of(asking.own, new)
        return InForce(document, module or made, problems)

    def _read(self) -> tuple[kept.Kept | None, list[contract.Problem]]:
        from charm_coordinator import kept

        try:
            return kept.KeptFolder(self._folder).read(), []
        except (OSError, ValueError) as error:
            message = f'what was kept of the policy cannot be read: {error}'
            return None, [{'code': 'bad_record', 'message': message}]

    def _load(
        self, asking: Asking, old: kept.Kept
    ) -> tuple[kept.Kept, policy.PolicyModule | None, offer.File | None]:
        """What is there now, checked; its module and its file, if they are new.

        Raises:
            RefusalError
        """
        from charm_coordinator import kept, offer

        hook = asking.host.hook
        places = offer.Places(self._resource, self._option, self._path)
        file, option = offer.find_offer(hook, places, old.origin == 'resource')
        config = self._config if option.config is None else option.config
        new = kept.Kept(rules=option.rules, limit=option.limit)
        if file is not None:
            new = new._replace(origin=file.origin, sha256=file.sha256, config=config)
        # A charm or an engine that is new may find it different.
        if hook.name != 'upgrade-charm' and _is_same(new, old):
            return old, None, None
        module = None if file is None else self._load_module(hook, file, config)
        if module is not None:
            new = new._replace(name=module.name, version=module.version, needs=module.needs)
        self._check(asking, new)
        return new, module, file

    def _check(self, asking: Asking, new: kept.Kept) -> None:
        """Raises a RefusalError if the core does not take it."""
        from charm_coordinator import offer

        is_options = new.rules is not None or new.limit is not None
        # The charm's own is not the operator's to mend; it is looked at when the core is asked.
        if new.origin == '' and not is_options:
            return
        error = asking.check(_document_of(asking.own, new))
        if error is None:
            return
        origin = 'option' if is_options or new.origin == '' else new.origin
        where = f' (at {error["path"]})' if error['path'] else ''
        message = f'{error["message"]}{where}'
        raise offer.RefusalError(origin, error['code'], message, new.sha256)

    def _load_module(self, hook: Hook, file: offer.File, config: object) -> policy.PolicyModule:
        from charm_coordinator import offer, policy

        def log(line: str) -> None:
            hook.log('WARNING', f'{self._key_of(file.origin)}: {line}')

        try:
            return policy.load_policy(
                file.wasm, config=config, time=self._time, log=log, folder=self._folder
            )
        except Exception as error:
            # Whatever it is must not cost the hook.
            is_named = isinstance(error, errors.CoordinatorError)
            code, message = (error.code, str(error)) if is_named else ('policy_failed', repr(error))
            raise offer.RefusalError(file.origin, code, message, file.sha256) from None

    def _go_on(
        self,
        asking: Asking,
        old: kept.Kept,
        refused: kept.Refused,
        problems: list[contract.Problem],
    ) -> InForce:
        """The old policy goes on, and everybody is told why."""
        from charm_coordinator import offer

        still = old._replace(refused=refused)
        told = self._told(still)
        try:
            self._keep(still, None)
        except offer.RefusalError as refusal:
            if refusal.refused.code != refused.code:
                told.append(self._problem_of(refusal.refused))
        for problem in told:
            line = f'{problem.get("key")} is refused: {problem["message"]}'
            asking.host.hook.log('WARNING', f'{line}; the policy is still {_describe(old)}')
        document, module = self._of(asking.own, old)
        return InForce(document, module, [*problems, *told])

    def _keep(self, new: kept.Kept, file: offer.File | None) -> None:
        from charm_coordinator import kept, offer

        try:
            kept.KeptFolder(self._folder).write(new, None if file is None else file.wasm)
        except OSError as error:
            origin = 'option' if file is None else file.origin
            sha256 = '' if file is None else file.sha256
            message = f'it cannot be kept: {error}'
            raise offer.RefusalError(origin, 'folder_failed', message, sha256) from None

    def _of(self, own: Any, of: kept.Kept) -> tuple[Any, policy.PolicyModule | None]:
        document = _document_of(own, of)
        return document, None if of.origin == '' else self._module_of(of)

    def _module_of(self, of: kept.Kept) -> policy.PolicyModule:
        """The module in the folder, loaded when it is first asked."""
        from charm_coordinator import kept, policy

        folder = kept.KeptFolder(self._folder)

        def read() -> bytes:
            wasm = folder.module()
            if wasm is not None and policy.sha256_of(wasm) == of.sha256:
                return wasm
            folder.forget()
            raise errors.ModuleError('lost', 'the file that was kept is not there any more')

        facts = policy.PolicyFacts(of.name, of.version, of.sha256, of.needs)
        return policy.kept_policy(
            facts, read, config=of.config, time=self._time, folder=self._folder
        )

    def _told(self, of: kept.Kept) -> list[contract.Problem]:
        return [] if of.refused is None else [self._problem_of(of.refused)]

    def _problem_of(self, refused: kept.Refused) -> contract.Problem:
        message = f'{refused.code}: {refused.message}'
        return {'code': 'policy_refused', 'key': self._key_of(refused.origin), 'message': message}

    def _key_of(self, origin: kept.Origin) -> str:
        names = {
            'resource': self._resource,
            'option': self._option,
            'file': self._file,
        }
        return f'{origin} {names[origin]}'


def _is_same(new: kept.Kept, old: kept.Kept) -> bool:
    """Whether what was found now has been loaded and checked before, as JSON says it."""
    known = old._replace(name='', version='', needs={})
    return exchange.write(new) == exchange.write(known)


def _document_of(own: Any, of: kept.Kept) -> Any:
    """A module alone, or with the option's rules; without one those rules, else the charm's own."""
    bound = {} if of.limit is None else {'limit': of.limit}
    rules = {} if of.rules is None else {'rules': of.rules}
    if of.origin != '':
        external = {'name': of.name, 'sha256': of.sha256, 'needs': of.needs}
        return {**rules, 'external': external, **bound}
    if rules:
        return {**rules, **bound}
    if not bound:
        return own
    is_parts = exchange.is_object(own) and 'rule' not in own
    return {**(own if is_parts else {'rules': 'simple' if own is None else own}), **bound}


def _describe(of: kept.Kept) -> str:
    """For a person."""
    parts: list[str] = []
    if of.origin != '':
        sha256 = f'sha256 {of.sha256[:12]}'
        parts.append(f'{of.name} {of.version} ({sha256}), from the {of.origin}')
    if of.rules is not None or of.limit is not None:
        rules = {} if of.rules is None else {'rules': of.rules}
        said = of.rules if of.limit is None else {**rules, 'limit': of.limit}
        parts.append(f'{json.dumps(said)}, from the option')
    return ', and '.join(parts) or "the charm's own"
