/**
 * The module that is read: every read is bounded, and of what is wrong the first thing is kept with its place.
 *
 * After a fault the reader stands at its end and reads zeros, so that whoever reads in a loop comes to an end, too.
 */
import { Bytes } from "./bytes";

/** Of a name out of the module no more is shown. */
const LONGEST_NAME: i32 = 64;

export class Source {
  at: usize;
  end: usize;
  private readonly start: usize;
  /** What is wrong, as host/abi.md names it; empty as long as nothing is. */
  code: string = "";
  /** More of it, where the code is `not_wasm`. */
  reason: string = "";
  faultAt: i32 = 0;
  message: Bytes = new Bytes();

  /** In bytes. */
  readonly length: i32;

  constructor(start: usize, length: i32) {
    this.start = start;
    this.length = length;
    this.at = start;
    this.end = start + <usize>length;
  }

  get isSound(): bool {
    return this.code.length === 0;
  }

  get isDone(): bool {
    return this.at >= this.end;
  }

  /** Bytes from the beginning of the module. */
  offsetOf(at: usize): i32 {
    return <i32>(at - this.start);
  }

  /** It is no module, or none that is taken. @returns whether that is the first fault, whose message may be written on. */
  fail(reason: string, message: string, at: usize = this.at): bool {
    const isFirst = this.refuse("not_wasm", message, at);
    if (isFirst) this.reason = reason;
    return isFirst;
  }

  /** It is a module, but does not keep the contract. @returns as `fail` does */
  refuse(code: string, message: string, at: usize = this.at): bool {
    if (!this.isSound) return false;
    this.code = code;
    this.faultAt = this.offsetOf(at);
    this.message.text(message);
    this.at = this.end;
    return true;
  }

  /** Forgets what is wrong, for what is worse. */
  forget(): void {
    this.code = "";
    this.reason = "";
    this.message.length = 0;
  }

  /** Writes a name of the module into the message: what is not plain ASCII is shown as a question mark. */
  show(start: usize, length: i32): void {
    for (let i: i32 = 0; i < min(length, LONGEST_NAME); i++) {
      const byte = <u32>load<u8>(start + <usize>i);
      const isPlain = byte >= 0x20 && byte < 0x7f && byte !== 0x22 && byte !== 0x5c;
      this.message.byte(isPlain ? byte : 0x3f);
    }
  }

  /** The next byte without taking it; 0 at the end. */
  get next(): u32 {
    return this.isDone ? 0 : <u32>load<u8>(this.at);
  }

  byte(): u32 {
    if (this.isDone) {
      this.fail("truncated", "a byte is missing");
      return 0;
    }
    return <u32>load<u8>(this.at++);
  }

  /** An unsigned LEB128 of at most 32 bits. */
  u32(): u32 {
    const from = this.at;
    let value: u32 = 0;
    for (let shift: u32 = 0; shift < 35; shift += 7) {
      const byte = this.byte();
      if (shift === 28 && byte > 0x0f) break;
      value |= (byte & 0x7f) << shift;
      if (byte < 0x80) return value;
    }
    this.fail("bad_number", "a number has more than 32 bits", from);
    return 0;
  }

  /** Passes a signed LEB128 of at most so many bytes. @returns its last byte, whose bit 6 is the sign. */
  skipSigned(most: i32): u32 {
    const from = this.at;
    for (let i = 0; i < most; i++) {
      const byte = this.byte();
      if (byte < 0x80) return byte;
    }
    this.fail("bad_number", "a number has too many bytes", from);
    return 0;
  }

  skip(length: u32): void {
    if (length > <u32>(this.end - this.at)) this.fail("truncated", "bytes are missing");
    else this.at += <usize>length;
  }

  /** An index that must be lower than `count`. */
  index(count: i32, message: string): i32 {
    const from = this.at;
    const index = this.u32();
    if (index < <u32>count) return <i32>index;
    this.fail("bad_index", message, from);
    return 0;
  }

  /** A byte that tells which memory or table, of which there is one. */
  zero(message: string): void {
    const from = this.at;
    if (this.u32() !== 0) this.fail("forbidden", message, from);
  }
}
