/**
 * A row of bytes that grows: what the rewriter writes, be it a module or the text of an error.
 */

const LEB_MORE: u32 = 0x80;

export class Bytes {
  start: usize = 0;
  length: i32 = 0;
  private room: i32 = 0;

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

  /** As a section, a body or a name has it: the length before the bytes. */
  appendWithLength(other: Bytes): void {
    this.u32(<u32>other.length);
    this.append(other);
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
