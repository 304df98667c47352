// What makes the module small. The compiler is told which objects need no header; then Binaryen, newer than the compiler's own,
// optimises what it wrote, and is told that memory is zero when it is given out.
import { Transform } from "assemblyscript/transform";
import binaryen from "binaryen";

/** AssemblyScript's flags of `@unmanaged` and `@inline`. */
const UNMANAGED = 16;
const INLINE = 64;

/** Copied to wherever they are called, as `inline.always` does at one place: short, and called for each text, node or unit that is read or written. */
const COPIED = [
  "assembly/core/databag/isLockName",
  "assembly/core/ledger/placeOf",
  "assembly/core/own-form/braceOf",
  "assembly/json/document/countOf",
  "assembly/json/document/firstOf",
  "assembly/json/document/kindOf",
  "assembly/json/document/nextKey",
  "assembly/json/document/nextString",
  "assembly/json/document/putNode",
  "assembly/json/document/valueOf",
  "assembly/json/slice/addressOf",
  "assembly/json/slice/areSame",
  "assembly/json/slice/sliceOf",
  "assembly/json/time/digits",
  "assembly/json/time/pairsAt",
  "assembly/json/writer/Writer#close",
  "assembly/json/writer/Writer#colon",
  "assembly/json/writer/Writer#open",
  "~lib/array/Array#__uget",
];

export class Hints extends Transform {
  /** @param isCore a policy module has only some of the functions that are copied; the core has all of them. */
  constructor(isCore) {
    super();
    this.isCore = isCore;
  }

  afterInitialize(program) {
    for (const name of COPIED) {
      const [owner, method] = name.split("#");
      const element = program.elementsByName.get(owner);
      const copied = method === undefined ? element : element?.instanceMembers?.get(method);
      if (copied !== undefined) copied.decoratorFlags |= INLINE;
      else if (this.isCore) throw new Error(`${name} is to be copied, and is not there`);
    }
    // Where one class extends another an object is asked for its class, which stands in its header; no other object needs one.
    const classes = [...program.elementsByName.values()].filter(isPlain);
    const bases = new Set(classes.map(({ basePrototype }) => basePrototype));
    for (const element of classes) {
      if (isOwn(element) && (element.basePrototype !== null || bases.has(element))) continue;
      element.decoratorFlags |= UNMANAGED;
      element.implicitlyExtendsObject = false;
    }
  }
}

function isOwn({ internalName }) {
  return internalName.startsWith("assembly/");
}

/** Whether an element is a class of the core's own, or its array; template strings are arrays to the compiler. */
function isPlain(element) {
  return (
    "implicitlyExtendsObject" in element &&
    (isOwn(element) || /^~lib\/(array\/|string\/Temp)/.test(element.internalName))
  );
}

/** Optimises a module that has its functions' names. */
export function shrink(bytes) {
  const module = binaryen.readBinary(bytes);
  const { BulkMemory, BulkMemoryOpt, MutableGlobals, NontrappingFPToInt, SignExt } =
    binaryen.Features;
  module.setFeatures(BulkMemory | BulkMemoryOpt | MutableGlobals | NontrappingFPToInt | SignExt);
  for (let i = 0; i < module.getNumFunctions(); i++) {
    const { name, body } = binaryen.getFunctionInfo(module.getFunctionByIndex(i));
    if (name.endsWith("#constructor")) dropZeros(module, body);
  }
  binaryen.setLowMemoryUnused(true);
  binaryen.setZeroFilledMemory(true);
  binaryen.setGenerateStackIR(true);
  binaryen.setOptimizeStackIR(true);
  // What is called from one place alone goes there, however long it is; what else should, says so by `inline.always`.
  binaryen.setAlwaysInlineMaxSize(0);
  binaryen.setFlexibleInlineMaxSize(0);
  binaryen.setOneCallerInlineMaxSize(1000);
  for (const [optimizeLevel, shrinkLevel] of [
    [3, 0],
    [2, 2],
  ]) {
    binaryen.setOptimizeLevel(optimizeLevel);
    binaryen.setShrinkLevel(shrinkLevel);
    module.optimize();
  }
  // Constants of eight bytes that a function needs more than once, and functions that are often called and so get the shortest numbers.
  module.runPasses(["const-hoisting", "reorder-functions"]);
  return module.emitBinary();
}

/** A constructor sets every field, most of them to zero; the arena has done that (assembly/runtime/arena.ts). */
function dropZeros(module, block) {
  const { id, children } = binaryen.getExpressionInfo(block);
  if (id !== binaryen.BlockId) return;
  children.forEach((child, i) => {
    const { id, target, operands } = binaryen.getExpressionInfo(child);
    if (id === binaryen.BlockId) dropZeros(module, child);
    else if (
      id === binaryen.CallId &&
      target.includes("#set:") &&
      isThis(operands[0]) &&
      isZero(module, operands[1])
    )
      binaryen.Block.setChildAt(block, i, module.nop());
  });
}

function isThis(expression) {
  const { id, index } = binaryen.getExpressionInfo(expression);
  return id === binaryen.LocalGetId && index === 0;
}

function isZero(module, expression) {
  const { id, value, name } = binaryen.getExpressionInfo(expression);
  if (id === binaryen.GlobalGetId) {
    const { mutable, init } = binaryen.getGlobalInfo(module.getGlobal(name));
    return !mutable && isZero(module, init);
  }
  if (id !== binaryen.ConstId) return false;
  return value === 0n || Object.is(value, 0);
}
