/**
 * The types of functions, and the few that the rewriter adds behind them.
 */
import { Bytes } from "./bytes";
import { F64, I32, I64, readValueType } from "./opcodes";
import { Source } from "./source";

const FUNCTION: u32 = 0x60;
/** More parameters or results than an engine takes are no signature. */
const MOST_VALUES: u32 = 1000;

export class Signatures {
  private readonly starts: Array<usize> = [];
  private readonly parameterCounts: Array<i32> = [];
  private readonly resultCounts: Array<i32> = [];
  /** For each type with several results the type without parameters that has the same ones: the type of a block. */
  private readonly blocks: Array<i32> = [];
  private addedCount: i32 = 0;

  get count(): i32 {
    return this.starts.length;
  }

  read(source: Source): void {
    for (let left = source.u32(); left > 0 && source.isSound; left--) {
      const form = source.byte();
      if (form !== FUNCTION) {
        if (form >= 0x4d && form <= 0x5f) source.fail("forbidden", "it uses GC", source.at - 1);
        else source.fail("bad_type", "no function type", source.at - 1);
      }
      this.starts.push(source.at);
      this.parameterCounts.push(readValues(source));
      const results = readValues(source);
      this.resultCounts.push(results);
      this.blocks.push(results > 1 ? this.addedCount++ : -1);
    }
  }

  parametersOf(type: i32): i32 {
    return this.parameterCounts[type];
  }

  resultsOf(type: i32): i32 {
    return this.resultCounts[type];
  }

  /** The index of the type of the function that charges for bulk instructions: (i32, i32) -> i32. */
  get helper(): i32 {
    return this.count + this.addedCount;
  }

  /** How many types are added. */
  get added(): i32 {
    return this.addedCount + 1;
  }

  /** Writes the types that are added. */
  writeAdded(to: Bytes): void {
    for (let type = 0; type < this.count; type++) {
      if (this.blocks[type] < 0) continue;
      to.two(FUNCTION, 0);
      to.u32(<u32>this.resultCounts[type]);
      to.copy(this.resultsAt(type), this.resultCounts[type]);
    }
    to.two(FUNCTION, 2);
    to.two(I32, I32);
    to.two(1, I32);
  }

  /** Writes the type of a block with the results of this type. */
  writeBlockType(to: Bytes, type: i32): void {
    const results = this.resultCounts[type];
    if (results === 0) to.byte(0x40);
    else if (results === 1) to.byte(<u32>load<u8>(this.resultsAt(type)));
    else to.positive(<i64>(this.count + this.blocks[type]));
  }

  /** Where the result types stand, a byte each. */
  private resultsAt(type: i32): usize {
    const from = this.starts[type];
    const parameters = this.parameterCounts[type];
    // Counts up to 1,000 may be written in more bytes than they need, so they are passed, not computed.
    return passCount(passCount(from) + <usize>parameters);
  }

  /** Writes it as host/abi.md does: (i32, i32) -> i64. */
  show(to: Bytes, type: i32): void {
    to.byte(0x28);
    showValues(to, passCount(this.starts[type]), this.parameterCounts[type]);
    to.text(") -> ");
    const results = this.resultCounts[type];
    if (results !== 1) to.byte(0x28);
    showValues(to, this.resultsAt(type), results);
    if (results !== 1) to.byte(0x29);
  }
}

function readValues(source: Source): i32 {
  const from = source.at;
  const count = source.u32();
  if (count > MOST_VALUES) source.refuse("too_big", "a function type has over 1000 values", from);
  for (let left = count; left > 0 && source.isSound; left--) readValueType(source);
  return <i32>count;
}

function passCount(at: usize): usize {
  let end = at;
  while (load<u8>(end) >= 0x80) end++;
  return end + 1;
}

function showValues(to: Bytes, at: usize, count: i32): void {
  for (let i = 0; i < count; i++) {
    if (i > 0) to.text(", ");
    const type = <u32>load<u8>(at + <usize>i);
    to.text(type === I32 ? "i32" : type === I64 ? "i64" : type === F64 ? "f64" : "f32");
  }
}
