/**
 * Reads the body of one function: what each part of it costs, how much of the stack it needs, and where it is to be changed.
 *
 * A part is code that runs as often as its beginning, or seldomer: it goes on until a branch may leave it, and ends with its block.
 */
import {
  BLOCK,
  BR,
  BR_TABLE,
  BULK as BULK_OPCODE,
  CALL,
  CALL_INDIRECT,
  ELSE,
  EMPTY,
  END,
  featureOf,
  GLOBAL_GET,
  GLOBAL_SET,
  IF,
  LOCAL_GET,
  LOCAL_TEE,
  LOOP,
  MEMORY_GROW,
  NOT_PLAIN,
  passPlain,
  RETURN,
  readValueType,
  UNREACHABLE,
} from "./opcodes";
import { Outline } from "./outline";
import { BULK, CHECKED, GONE, LEAVE, PLAIN, Points } from "./points";
import { Source } from "./source";

/** Every instruction costs 1, and these more: they ask the engine or the host for something. */
const GROW_COST: i64 = 10_000;
const IMPORT_COST: i64 = 1_000;
const CALL_COST: i64 = 4;
/** Of one item, in sixteenths of an instruction. */
const BYTE_WEIGHT: i64 = 1;
const ELEMENT_WEIGHT: i64 = 256;

/** Parameters and locals of one function. */
const MOST_LOCALS: u32 = 4096;

export class Body {
  /** How many groups of locals are declared, where, and up to where: there the first instruction is. */
  groups: u32 = 0;
  declarations: usize = 0;
  code: usize = 0;
  readonly points: Points = new Points();
  /** Parameters, locals and the most that lies on the stack. */
  slots: i32 = 0;
  calls: bool = false;
  /** Parameters and locals. */
  locals: i32 = 0;

  private readonly outline: Outline;
  private readonly source: Source;
  private height: i32 = 0;
  private highest: i32 = 0;
  /** The charge that pays for what is read now. */
  private point: i32 = 0;
  /** Pays for what never runs. */
  private nobody: i32 = 0;

  // The blocks that are open, the function itself first.
  private readonly opcodes: Array<u32> = [];
  private readonly payers: Array<i32> = [];
  private readonly bases: Array<i32> = [];
  private readonly parameters: Array<i32> = [];
  private readonly results: Array<i32> = [];
  /** Whether a branch out of the block may go past its end. */
  private readonly leaves: Array<bool> = [];

  constructor(outline: Outline) {
    this.outline = outline;
    this.source = outline.source;
  }

  /** Reads the body from here to the source's end. */
  read(type: i32): void {
    const signatures = this.outline.signatures;
    this.points.clear();
    this.opcodes.length = 0;
    this.payers.length = 0;
    this.bases.length = 0;
    this.parameters.length = 0;
    this.results.length = 0;
    this.leaves.length = 0;
    this.calls = false;
    this.height = 0;
    this.highest = 0;
    this.locals = signatures.parametersOf(type);
    this.readLocals();
    this.code = this.source.at;
    this.nobody = this.points.add(GONE, this.code, 0, 0);
    this.point = this.points.add(CHECKED, this.code, 0, 0);
    this.open(BLOCK, 0, signatures.resultsOf(type));
    while (this.opcodes.length > 0 && this.source.isSound) this.readInstruction();
    if (!this.source.isDone) this.source.fail("bad_body", "code behind a function's end");
    this.slots = this.locals + this.highest;
    this.points.settle();
  }

  private readLocals(): void {
    const source = this.source;
    this.groups = source.u32();
    this.declarations = source.at;
    for (let left = this.groups; left > 0 && source.isSound; left--) {
      const from = source.at;
      const count = source.u32();
      readValueType(source);
      if (count > MOST_LOCALS || <u32>this.locals + count > MOST_LOCALS)
        source.refuse("too_big", "a function has more than 4096 locals", from);
      this.locals += <i32>count;
    }
  }

  private readInstruction(): void {
    const source = this.source;
    const from = source.at;
    const opcode = source.byte();
    if (opcode !== END && opcode !== ELSE) this.points.charge(this.point, 1);
    const change = passPlain(source, opcode);
    if (change !== NOT_PLAIN) {
      this.move(change);
      if (opcode === MEMORY_GROW) this.points.charge(this.point, GROW_COST);
      if (opcode === UNREACHABLE) this.goOnDead();
    } else if (opcode >= LOCAL_GET && opcode <= GLOBAL_SET) this.readVariable(opcode);
    else if (opcode >= BLOCK && opcode <= IF) this.readOpening(opcode);
    else if (opcode === ELSE) this.readElse(from);
    else if (opcode === END) this.readEnd();
    else if (opcode >= BR && opcode <= RETURN) this.readBranch(opcode, from);
    else if (opcode === CALL || opcode === CALL_INDIRECT) this.readCall(opcode);
    else if (opcode === BULK_OPCODE) this.readBulk(from);
    else this.refuse(opcode, from);
  }

  private refuse(opcode: u32, from: usize): void {
    const feature = featureOf(opcode);
    if (feature.length === 0) this.source.fail("bad_opcode", "no known instruction", from);
    else if (this.source.fail("forbidden", "it uses ", from)) this.source.message.text(feature);
  }

  private move(change: i32): void {
    this.height += change;
    this.highest = max(this.highest, this.height);
  }

  private readVariable(opcode: u32): void {
    if (opcode >= GLOBAL_GET) this.outline.readGlobalIndex();
    else this.source.index(this.locals, "there is no such local");
    const isGet = opcode === GLOBAL_GET || opcode === LOCAL_GET;
    this.move(isGet ? 1 : opcode === LOCAL_TEE ? 0 : -1);
  }

  private open(opcode: u32, parameters: i32, results: i32): void {
    this.opcodes.push(opcode);
    this.payers.push(this.point);
    this.bases.push(this.height - parameters);
    this.parameters.push(parameters);
    this.results.push(results);
    this.leaves.push(false);
  }

  private readOpening(opcode: u32): void {
    const source = this.source;
    let parameters = 0;
    let results = 0;
    const from = source.at;
    const first = source.next;
    if (first === EMPTY) source.byte();
    else if (first >= 0x40 && first < 0x80) {
      readValueType(source);
      results = 1;
    } else {
      const type = this.outline.readType();
      // A type's number is written as a signed one.
      if (source.isSound && (load<u8>(source.at - 1) & 0x40) !== 0)
        source.fail("bad_index", "there is no such type", from);
      if (!source.isSound) return;
      parameters = this.outline.signatures.parametersOf(type);
      results = this.outline.signatures.resultsOf(type);
    }
    if (opcode === IF) this.move(-1);
    this.open(opcode, parameters, results);
    if (opcode === LOOP) this.point = this.points.add(CHECKED, source.at, 0, this.point);
    else if (opcode === IF) this.goOn();
  }

  /** From here on a part of its own pays. */
  private goOn(): void {
    this.point = this.points.add(PLAIN, this.source.at, 0, this.point);
  }

  /** What follows up to the end of the block never runs. */
  private goOnDead(): void {
    this.point = this.nobody;
    this.height = this.bases[this.bases.length - 1];
  }

  private readElse(from: usize): void {
    const top = this.opcodes.length - 1;
    if (this.opcodes[top] !== IF) {
      this.source.fail("bad_body", "an else without an if", from);
      return;
    }
    this.opcodes[top] = ELSE;
    this.height = this.bases[top] + this.parameters[top];
    this.point = this.payers[top];
    this.goOn();
  }

  private readEnd(): void {
    const top = this.opcodes.length - 1;
    this.height = this.bases[top];
    this.move(this.results[top]);
    this.point = this.payers[top];
    const leaves = this.leaves[top];
    this.opcodes.length = top;
    this.payers.length = top;
    this.bases.length = top;
    this.parameters.length = top;
    this.results.length = top;
    this.leaves.length = top;
    // Who branched past this end does not run what follows.
    if (leaves && top > 0) this.goOn();
  }

  /** A label's number. @returns how many blocks are left on the way to it */
  private readLabel(): i32 {
    return this.source.index(this.opcodes.length, "there is no such label");
  }

  private leave(blocks: i32): void {
    const count = this.opcodes.length;
    for (let i = count - blocks; i < count; i++) this.leaves[i] = true;
  }

  private readBranch(opcode: u32, from: usize): void {
    if (opcode === RETURN) {
      const around = this.opcodes.length - 1;
      this.points.add(LEAVE, from, <i64>around, this.nobody);
      this.leave(around);
      this.goOnDead();
      return;
    }
    if (opcode === BR_TABLE) {
      const source = this.source;
      let furthest = 0;
      // One more than it says: the last is for all other numbers.
      for (let left = <i64>source.u32(); left >= 0 && source.isSound; left--)
        furthest = max(furthest, this.readLabel());
      this.leave(furthest);
      this.goOnDead();
      return;
    }
    this.leave(this.readLabel());
    if (opcode === BR) this.goOnDead();
    else {
      this.move(-1);
      this.goOn();
    }
  }

  private readCall(opcode: u32): void {
    const signatures = this.outline.signatures;
    const functions = this.outline.functions;
    const importedFunctions = this.outline.importedFunctions;
    let type: i32;
    let cost = CALL_COST;
    if (opcode === CALL) {
      const callee = this.outline.readFunction();
      if (!this.source.isSound) return;
      type = functions[callee];
      if (callee < importedFunctions) cost = IMPORT_COST;
    } else {
      type = this.outline.readType();
      this.source.zero("it uses several tables");
      if (!this.source.isSound) return;
      this.move(-1);
    }
    this.calls = true;
    this.points.charge(this.point, cost);
    this.move(-signatures.parametersOf(type));
    this.move(signatures.resultsOf(type));
  }

  private readBulk(from: usize): void {
    const source = this.source;
    const number = source.u32();
    // A float becomes a whole number.
    if (number < 8) return;
    if (number > 17) {
      source.fail("bad_opcode", "no known instruction", from);
      return;
    }
    if (number > 14) {
      source.fail("forbidden", "it uses reference types", from);
      return;
    }
    const isTable = number >= 12;
    const many = isTable ? "it uses several tables" : "it uses several memories";
    if (number === 9 || number === 13) {
      source.u32();
      return;
    }
    if (number === 8 || number === 12) source.u32();
    else if (number !== 11) source.zero(many);
    source.zero(many);
    this.points.add(BULK, from, isTable ? ELEMENT_WEIGHT : BYTE_WEIGHT, this.nobody);
    this.move(-3);
  }
}
