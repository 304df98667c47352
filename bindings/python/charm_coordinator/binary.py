"""Reads from a WebAssembly file what engines do not tell alike: imports, limits and types.

It is meant for files that an engine has validated, yet relies on none of that: every read is
bounded, and what it does not know is a :class:`BinaryError`, never a guess.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple, TypeVar

_T = TypeVar('_T')

_HEADER = b'\0asm\1\0\0\0'
_TYPE, _IMPORT, _FUNCTION, _MEMORY, _EXPORT = 1, 2, 3, 5, 7
_KINDS = ('function', 'table', 'memory', 'global', 'tag')
_VALUES = {
    0x7F: 'i32',
    0x7E: 'i64',
    0x7D: 'f32',
    0x7C: 'f64',
    0x7B: 'v128',
    0x70: 'funcref',
    0x6F: 'externref',
}


class BinaryError(Exception):
    """The file ends too early, or says something this reader does not know."""


class Export(NamedTuple):
    """One export: its kind, and what there is to say about it."""

    kind: str
    type: str = ''
    """Of a function, written as in ``host/abi.md``: ``(i32, i32) -> i64``."""
    max: int | None = None
    """Of a memory: its declared maximum in pages of 64 KiB; None if none is declared."""


class _Reader:
    def __init__(self, data: bytes, at: int, end: int):
        self._data = data
        self._at = at
        self._end = end

    @property
    def done(self) -> bool:
        return self._at >= self._end

    def byte(self) -> int:
        if self.done:
            raise BinaryError(f'byte {self._at} is missing')
        self._at += 1
        return self._data[self._at - 1]

    def u32(self) -> int:
        """An unsigned LEB128 of at most 32 bits."""
        value = 0
        for shift in range(0, 35, 7):
            byte = self.byte()
            if shift == 28 and byte > 0x0F:
                break
            value |= (byte & 0x7F) << shift
            if byte < 0x80:
                return value
        raise BinaryError(f'the number that ends at byte {self._at} has more than 32 bits')

    def part(self, length: int) -> _Reader:
        """The next ``length`` bytes, as a reader of their own."""
        start = self._at
        if length > self._end - start:
            raise BinaryError(f'{length} bytes from byte {start} on are not all there')
        self._at += length
        return _Reader(self._data, start, self._at)

    def name(self) -> str:
        part = self.part(self.u32())
        return self._data[part._at : part._end].decode('utf-8', 'replace')

    def list(self, item: Callable[[_Reader], _T]) -> list[_T]:
        # Each item takes at least a byte, so a count that lies ends at the last byte of the file.
        return [item(self) for _ in range(self.u32())]


def _value_type(reader: _Reader) -> str:
    byte = reader.byte()
    if byte not in _VALUES:
        raise BinaryError(f'{byte:#x} is no known type')
    return _VALUES[byte]


def _function_type(reader: _Reader) -> str:
    form = reader.byte()
    if form != 0x60:
        raise BinaryError(f'{form:#x} is no function type')
    parameters = reader.list(_value_type)
    results = reader.list(_value_type)
    result = results[0] if len(results) == 1 else f'({", ".join(results)})'
    return f'({", ".join(parameters)}) -> {result}'


def _memory_max(reader: _Reader) -> int | None:
    flags = reader.byte()
    if flags > 1:
        raise BinaryError('a memory is shared or has 64-bit addresses')
    reader.u32()
    return reader.u32() if flags == 1 else None


def _imported_function(reader: _Reader) -> int:
    module, name, kind = reader.name(), reader.name(), reader.byte()
    if kind != 0:
        raise BinaryError(f'{module}.{name} is no function')
    return reader.u32()


def _sections(data: bytes) -> dict[int, _Reader]:
    """The sections by number, without custom ones. A valid file has one of each number."""
    if not data.startswith(_HEADER):
        raise BinaryError('it does not begin as WebAssembly 1 does')
    reader = _Reader(data, len(_HEADER), len(data))
    found: dict[int, _Reader] = {}
    while not reader.done:
        number = reader.byte()
        content = reader.part(reader.u32())
        if number != 0:
            found[number] = content
    return found


def read_first_import(data: bytes) -> str | None:
    """The first import, as ``module.name``; None if there is none.

    Raises:
        BinaryError: where the file is cut off.
    """
    section = _sections(data).get(_IMPORT)
    if section is None or section.u32() == 0:
        return None
    return f'{section.name()}.{section.name()}'


def read_exports(data: bytes) -> dict[str, Export]:
    """The exports by name.

    Args:
        data: a module that imports functions at most.

    Raises:
        BinaryError: where the file is cut off or uses what this reader does not know.
    """
    found = _sections(data)

    def items(number: int, item: Callable[[_Reader], _T]) -> list[_T]:
        return found[number].list(item) if number in found else []

    types = items(_TYPE, _function_type)
    functions = items(_IMPORT, _imported_function) + items(_FUNCTION, _Reader.u32)
    memories = items(_MEMORY, _memory_max)

    def describe(reader: _Reader) -> tuple[str, Export]:
        name, kind, index = reader.name(), reader.byte(), reader.u32()
        if kind >= len(_KINDS):
            raise BinaryError(f'{kind} is no known kind of export')
        if _KINDS[kind] == 'function':
            return name, Export('function', type=_at(types, _at(functions, index)))
        if _KINDS[kind] == 'memory':
            return name, Export('memory', max=_at(memories, index))
        return name, Export(_KINDS[kind])

    return dict(items(_EXPORT, describe))


def _at(items: list[_T], index: int) -> _T:
    if index >= len(items):
        raise BinaryError(f'there is no number {index} in a list of {len(items)}')
    return items[index]
