/**
 * A row of bytes that grows: what the rewriter writes, be it a module or the text of an error.
 */

const LEB_MORE: u32 = 0x80;

export class Bytes {
  start: usize = 0;
  length: i32 = 0;
  private room: i32 = 0;

  /** Sees to it that so many bytes have room without being moved. */
  expect(most: i32): void {
    this.reserve(most);
    this.length -= most;
  }

  private reserve(more: i32): usize {
    const needed = this.length + more;
    if (needed > this.room) {
      const room = max(needed, this.room * 2 + 256);
      const start = heap.alloc(<usize>room);
      memory.copy(start, this.start, <usize>this.length);
      this.start = start;
      this.room = room;
    }
    const at = this.start + <usize>this.length;
    this.length = needed;
    return at;
  }

  byte(value: u32): void {
    store<u8>(this.reserve(1), value);
  }

  two(first: u32, second: u32): void {
    this.byte(first);
    this.byte(second);
  }

  /** An unsigned LEB128. */
  u32(value: u32): void {
    let left = value;
    while (left >= LEB_MORE) {
      this.byte((left & 0x7f) | LEB_MORE);
      left >>= 7;
    }
    this.byte(left);
  }

  /** A signed LEB128 of a number that is not negative, of any width. */
  positive(value: i64): void {
    let left = value;
    while (left >= 0x40) {
      this.byte((<u32>left & 0x7f) | LEB_MORE);
      left >>= 7;
    }
    this.byte(<u32>left);
  }

  copy(from: usize, length: i32): void {
    memory.copy(this.reserve(length), from, <usize>length);
  }

  append(other: Bytes): void {
    this.copy(other.start, other.length);
  }

  /** Puts in front of what was written from here on its length, as a section or a body has it. */
  insertLength(from: i32): void {
    const length = this.length - from;
    let width = 1;
    for (let left = <u32>length >> 7; left > 0; left >>= 7) width++;
    this.reserve(width);
    const start = this.start + <usize>from;
    memory.copy(start + <usize>width, start, <usize>length);
    this.length = from;
    this.u32(<u32>length);
    this.length += length;
  }

  /** Text of ASCII. */
  text(text: string): void {
    for (let i = 0; i < text.length; i++) this.byte(<u32>text.charCodeAt(i));
  }

  equals(text: string): bool {
    if (this.length !== text.length) return false;
    for (let i = 0; i < this.length; i++) {
      if (<u32>load<u8>(this.start + <usize>i) !== <u32>text.charCodeAt(i)) return false;
    }
    return true;
  }

  decimal(value: u32): void {
    if (value >= 10) this.decimal(value / 10);
    this.byte(0x30 + (value % 10));
  }
}
