// What the compiler does not know of the core, and what makes the module smaller: its memory is zero when it is given out, and some
// functions are called from many places where a call costs nothing that matters.
import binaryen from "assemblyscript/binaryen";
import { Transform } from "assemblyscript/transform";

/** Never copied to where they are called, small as they are. */
const CALLED = [
  "assembly/core/hook/Hook#get:self",
  "assembly/core/input/Input#node",
  "assembly/json/document/textOf",
  "assembly/json/lexer/fail",
  "assembly/json/text/Text#ascii",
  "assembly/json/text/Text#slice",
  "assembly/json/text/decimal",
  "assembly/json/text/quoted",
  "assembly/json/word/isText",
  "assembly/json/writer/Writer#endList",
  "assembly/json/writer/Writer#endObject",
  "assembly/json/writer/Writer#entry",
  "assembly/json/writer/Writer#field",
  "assembly/json/writer/Writer#key",
  "assembly/json/writer/Writer#list",
  "assembly/json/writer/Writer#name",
  "assembly/json/writer/Writer#object",
  "assembly/json/writer/Writer#raw",
  "assembly/json/writer/Writer#slice",
  "assembly/json/writer/Writer#string",
  "assembly/json/writer/Writer#word",
];

/** Classes whose objects carry a header, from which a virtual call knows their class. */
const RULES = "assembly/policy/rule";

/** AssemblyScript's flag of `@unmanaged`. */
const UNMANAGED = 16;

export class Shrink extends Transform {
  afterInitialize(program) {
    for (const element of program.elementsByName.values()) {
      if (!("implicitlyExtendsObject" in element)) continue;
      const { internalName } = element;
      if (!/^assembly\/|^~lib\/(array\/Array|string\/Temp)/.test(internalName)) continue;
      if (internalName.startsWith(RULES)) continue;
      element.decoratorFlags |= UNMANAGED;
      element.implicitlyExtendsObject = false;
    }
  }

  afterCompile(module) {
    for (let i = 0; i < module.getNumFunctions(); i++) {
      const { name, body } = binaryen.getFunctionInfo(module.getFunctionByIndex(i));
      if (name.endsWith("#constructor")) dropZeros(module, body);
    }
    for (const name of CALLED) {
      binaryen.setPassArgument("no-inline", name);
      module.runPasses(["no-inline"]);
    }
    // What is called from one place alone goes there, however long it is, and the shortest goes everywhere: the compiler's own limits
    // are lower where it is to keep the module small.
    binaryen.setAlwaysInlineMaxSize(16);
    binaryen.setFlexibleInlineMaxSize(0);
    binaryen.setOneCallerInlineMaxSize(1000);
    module.runPasses(["inlining"]);
  }
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
  return typeof value === "object" ? value.low === 0 && value.high === 0 : Object.is(value, 0);
}
