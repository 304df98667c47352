"""What an operator writes into the config option: rules, a limit, and the config of a module.

It is YAML 1.2, as in every language: ``22:00`` and ``on`` are texts, as are dates. PyYAML, which
reads YAML 1.1, does it with the rules of 1.2; it is loaded only for what is neither a word, such as
``parallel:2``, nor JSON.
"""

from __future__ import annotations

import json
import re
from typing import Any, ClassVar, NamedTuple

from charm_coordinator import errors
from charm_coordinator.exchange import is_object

_WORD = re.compile(r'[a-z]+(?::[A-Za-z0-9%/.*()-]+)?')
_NO_WORDS = ('null', 'true', 'false')

_RESOLVED = {
    'null': re.compile(r'(?:null|Null|NULL|~|)\Z'),
    'bool': re.compile(r'(?:true|True|TRUE|false|False|FALSE)\Z'),
    'int': re.compile(r'(?:[-+]?[0-9]+|0o[0-7]+|0x[0-9a-fA-F]+)\Z'),
    'float': re.compile(
        r'(?:[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?'
        r'|[-+]?\.(?:inf|Inf|INF)|\.(?:nan|NaN|NAN))\Z'
    ),
}
"""What a plain scalar is in the core schema of YAML 1.2, in this order; all else is a text."""


class Option(NamedTuple):
    """What the option holds; each None if there is none."""

    rules: Any = None
    """A rule or a list of rules, which the core has not seen yet."""
    limit: Any = None
    config: Any = None


class OptionError(errors.CoordinatorError):
    """The option cannot be read: ``bad_policy``."""


def read_option(value: object) -> Option:
    """Reads a rule, a list of rules, or an object of rules, limit and config.

    Args:
        value: what config-get says of the option; None if nothing.

    Raises:
        OptionError: ``bad_policy`` if it is something else.
        InstallationError: ``no_yaml`` if PyYAML is needed, and not here.
    """
    said = _parse(value) if isinstance(value, str) else value
    if said is None:
        return Option()
    if not is_object(said) or 'rule' in said:
        return Option(rules=said)
    unknown = said.keys() - {'rules', 'limit', 'config'}
    if unknown:
        raise OptionError(
            'bad_policy',
            f'unknown field {json.dumps(min(unknown))}; expected a rule, a list of rules, or '
            'rules, limit and config',
        )
    return Option(**said)


def _parse(text: str) -> Any:
    text = text.strip()
    if text == '':
        return None
    if _WORD.fullmatch(text) and text not in _NO_WORDS:
        return text
    if text[0] in '{[':
        try:
            return json.loads(text, parse_constant=_refuse)
        except (ValueError, RecursionError):
            pass
    return _parse_yaml(text)


def _parse_yaml(text: str) -> Any:
    try:
        import yaml
    except ImportError:
        raise errors.InstallationError(
            'no_yaml',
            'PyYAML is not here: without it the option takes a rule by name, such as parallel:2, '
            'or JSON',
        ) from None

    base: Any = yaml.SafeLoader

    class Loader(base):
        """Reads the core schema of YAML 1.2, without aliases, and no key twice."""

        yaml_implicit_resolvers: ClassVar[Any] = {
            None: [(f'tag:yaml.org,2002:{name}', found) for name, found in _RESOLVED.items()]
        }

        def compose_node(self, parent: Any, index: Any) -> Any:
            if isinstance(self.peek_event(), yaml.AliasEvent):
                raise yaml.YAMLError('aliases are not taken')
            known: Any = super()
            return known.compose_node(parent, index)

        def construct_mapping(self, node: Any, deep: bool = False) -> Any:
            """An object: its keys are texts, and ``<<`` is a key as any other."""
            made: dict[str, Any] = {}
            for key, value in node.value:
                name = self.construct_scalar(key)
                if name in made:
                    raise yaml.YAMLError(f'{name} is there twice')
                made[name] = self.construct_object(value, deep=True)
            return made

        def construct_yaml_int(self, node: Any) -> int:
            text = self.construct_scalar(node)
            base = {'0o': 8, '0x': 16}.get(text[:2], 10)
            return int(text, base)

        def construct_yaml_float(self, node: Any) -> float:
            return float(self.construct_scalar(node).replace('.inf', 'inf').replace('.nan', 'nan'))

    Loader.add_constructor('tag:yaml.org,2002:int', Loader.construct_yaml_int)
    Loader.add_constructor('tag:yaml.org,2002:float', Loader.construct_yaml_float)
    Loader.add_constructor('tag:yaml.org,2002:map', Loader.construct_mapping)
    try:
        # Nothing is left that JSON could not say.
        return json.loads(json.dumps(yaml.load(text, Loader), allow_nan=False))
    except Exception as error:
        # Not YAMLError alone: a number without digits is an IndexError, and so on.
        message = ' '.join(str(error).split())
        raise OptionError('bad_policy', f'it is not YAML: {message}') from None


def _refuse(constant: str) -> Any:
    raise ValueError(constant)
