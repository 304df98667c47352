/**
 * A policy module's answers to the three operations that a host knows (host/abi.md): `describe`, `check` and `decide`. Whatever it is
 * given, it answers; what is wrong has a code and a place.
 */
import { field, isString, NONE, Node, parse, textOf } from "../../json/document";
import { faultOffset, faultText } from "../../json/lexer";
import { Names } from "../../json/names";
import { EMPTY, Slice } from "../../json/slice";
import { decimal } from "../../json/text";
import { bytesOf, placeOf, t, Word } from "../../json/word";
import { Writer } from "../../json/writer";
import { Config } from "./config";
import { Decider } from "./decider";
import { decide } from "./decision";
import { Policy } from "./policy";
import { State } from "./state";
import { sliceOfString } from "./string";

const DESCRIBE: i32 = 0;
const CHECK: i32 = 1;

export class Module {
  private out: Writer = new Writer();

  constructor(
    private name: Slice,
    private version: Slice,
    private decider: Decider,
  ) {}

  /** Handles one input and answers in JSON. */
  call(bytes: Slice): Slice {
    this.out = new Writer();
    const root = parse(bytes);
    const op = field(root, t("op"));
    if (root === NONE) this.fail(t("bad_json"), bytesOf(faultText()), decimal(faultOffset()));
    else if (isString(op)) this.dispatch(placeOf(textOf(op), t("describe check decide")), root);
    else
      this.fail(
        t("bad_input"),
        bytesOf(t("expected an object with the name of an operation")),
        bytesOf(t("op")),
      );
    return this.out.slice();
  }

  private dispatch(op: i32, root: Node): void {
    if (op < 0)
      return this.fail(
        t("bad_input"),
        bytesOf(t("expected describe, check or decide")),
        bytesOf(t("op")),
      );
    if (op === DESCRIBE) return this.describe();
    const decider = this.decider;
    const config = new Config(field(root, t("config")));
    decider.takeConfig(config);
    const faults = config.faults;
    if (!faults.isNone) return this.fail(t("bad_config"), faults.what, faults.path);
    if (op === CHECK) return this.check();
    const state = new State(root);
    if (state.fault !== EMPTY) return this.fail(t("bad_input"), state.fault, state.path);
    decide(decider, state, this.out.object().key(t("ok")));
    this.out.endObject();
  }

  private describe(): void {
    const out = this.out.object().key(t("ok")).object();
    out.field(t("kind"), bytesOf(t("policy"))).field(t("name"), this.name);
    out.field(t("version"), this.version).endObject().endObject();
  }

  private check(): void {
    const needs = this.decider.needs;
    const out = this.out.object().key(t("ok")).object();
    if (needs.options.length > 0 || needs.units || needs.released) {
      out.key(t("needs")).object();
      if (needs.options.length > 0) writeNames(needs.options, out.key(t("options")));
      if (needs.units) out.key(t("units")).bool(true);
      if (needs.released) writeNames(needs.releasing, out.key(t("released")));
      out.endObject();
    }
    out.endObject().endObject();
  }

  private fail(code: Word, message: Slice, path: Slice): void {
    const out = this.out.object().key(t("error")).object();
    out.field(t("code"), bytesOf(code)).field(t("message"), message);
    out.field(t("path"), path).endObject().endObject();
  }
}

function writeNames(names: Names, out: Writer): void {
  out.list();
  for (let i = 0; i < names.length; i++) out.string(names.at(i));
  out.endList();
}

let served: Module | null = null;

/** Makes this policy the one that the module decides by. Name and version are for people; both stand with every grant. */
export function serve(name: string, version: string, policy: Policy): void {
  serveBytes(sliceOfString(name), sliceOfString(version), policy);
}

/** The same with texts in UTF-8. */
export function serveBytes(name: Slice, version: Slice, decider: Decider): void {
  served = new Module(name, version, decider);
}

/** Handles one input of the host. */
export function call(bytes: Slice): Slice {
  const module = served;
  return module === null
    ? bytesOf(t('{"error":{"code":"bad_order","message":"no policy: call serve","path":""}}'))
    : module.call(bytes);
}
