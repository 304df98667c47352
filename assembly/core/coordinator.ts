/**
 * The coordinator: takes one input at a time, in an order that makes sense, and hands it to the operation that it names.
 */
import { field, isString, NONE, Node, parse, textOf } from "../json/document";
import { faultOffset, faultText } from "../json/lexer";
import { Slice } from "../json/slice";
import { decimal } from "../json/text";
import { bytesOf, placeOf, t, Word } from "../json/word";
import { Writer } from "../json/writer";
import { Policy } from "../policy/policy";
import { OPS, writeDescription, writeError, writeErrorAt } from "./answers";
import { Hook } from "./hook";
import { Input } from "./input";
import { Operations } from "./operations";
import { OwnForm } from "./own-form";

const DESCRIBE: i32 = 0;
const CHECK: i32 = 1;
const START: i32 = 2;
const ACQUIRE: i32 = 3;
const WITHDRAW: i32 = 4;
const STATUS: i32 = 5;
const END: i32 = 6;
const ANSWER: i32 = 7;

export class Coordinator {
  /** What runs between `start` and `end`. */
  private operations: Operations | null = null;
  private out: Writer = new Writer();

  /** Handles one input and answers in JSON. */
  call(bytes: Slice): Slice {
    this.out = new Writer();
    const root = parse(bytes, new OwnForm(t("databags")));
    const op = field(root, t("op"));
    if (root === NONE)
      writeErrorAt(t("bad_json"), bytesOf(faultText()), decimal(faultOffset()), this.out);
    else if (isString(op)) this.dispatch(placeOf(textOf(op), OPS), root);
    else this.fail(t("bad_input"), t("expected an object with the name of an operation"));
    return this.out.slice();
  }

  private dispatch(op: i32, root: Node): void {
    if (op < 0) return this.fail(t("bad_input"), t("unknown operation"));
    if (op === DESCRIBE) return writeDescription(this.out);
    if (op === CHECK) return this.check(root);
    if (op === START) return this.start(root);
    const operations = this.operations;
    if (op !== ANSWER && (operations === null || operations.isOver))
      return this.fail(t("bad_order"), t("only between start and end"));
    if (operations === null) return this.fail(t("bad_order"), t("nothing was asked"));
    if (op !== ANSWER && operations.isWaiting)
      return this.fail(t("bad_order"), t("an answer is due first"));
    operations.out = this.out;
    if (op === ACQUIRE) operations.acquire(root);
    else if (op === WITHDRAW) operations.withdraw(root);
    else if (op === STATUS) operations.status();
    else if (op === END) operations.end(root);
    else operations.answer(root);
  }

  private check(root: Node): void {
    const policy = new Policy(field(root, t("policy")));
    if (!policy.isValid)
      return writeErrorAt(t("bad_policy"), policy.faults.what, policy.faults.path, this.out);
    const out = this.out.object().key(t("ok")).object();
    out.field(t("policy"), policy.name()).endObject().endObject();
  }

  private start(root: Node): void {
    if (this.operations !== null)
      return this.fail(t("bad_order"), t("start was called before; one instance serves one hook"));
    const input = new Input(root);
    const hook = new Hook(input);
    if (input.isValid && hook.hasRelation && !hook.self.read)
      input.fail(t("databags"), t("this unit's own databag is missing"));
    if (!input.isValid) return writeError(t("bad_input"), input.fault, input.path, this.out);
    const operations = new Operations(hook);
    operations.out = this.out;
    this.operations = operations;
    operations.start(input.optionalText(t("saved")));
  }

  private fail(code: Word, message: Word): void {
    writeError(code, bytesOf(message), t("op"), this.out);
  }
}
