"""Talks to a module in JSON: puts an input together and takes an answer apart."""

from __future__ import annotations

import json

from charm_coordinator import errors

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any, TypeGuard

    from charm_coordinator import engine


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


def check_json(name: str, value: object) -> None:
    """Checks what a caller has given.

    Raises:
        UsageError: ``bad_type`` if JSON cannot say it.
    """
    try:
        write(value)
    except (TypeError, ValueError, RecursionError) as error:
        message = f'{name} cannot be written as JSON: {error}'
        raise errors.UsageError('bad_type', message) from None


def well_formed(text: str) -> str:
    """A text that the core takes: half a surrogate pair is none."""
    if text.isascii():
        return text
    return ''.join('\ufffd' if '\ud800' <= letter <= '\udfff' else letter for letter in text)


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
