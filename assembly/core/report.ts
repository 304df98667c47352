/** What the core has to say besides its answer: problems found in this hook, and log lines since the last answer. */
import { Names } from "../json/names";
import { EMPTY, lengthOf, Slice } from "../json/slice";
import { Text } from "../json/text";
import { t, Word } from "../json/word";
import { Writer } from "../json/writer";

class Problem {
  constructor(
    public code: Word,
    public unit: Slice,
    public key: Slice,
    public message: Text,
  ) {}
}

export class Report {
  private names: Names = new Names();
  private problems: Array<Problem> = new Array<Problem>();
  private log: Writer = new Writer().list();

  /** Notes a problem and logs it, once a hook for the same code, unit and key (or message, where there is neither). */
  problem(code: Word, unit: Slice, key: Slice, message: Text): void {
    const name = new Text().ascii(code).ascii(t(" ")).bytes(unit).ascii(t(" ")).bytes(key);
    if (lengthOf(unit) + lengthOf(key) === 0) name.bytes(message.slice());
    const before = this.names.length;
    if (this.names.add(name.slice()) < before) return;
    this.problems.push(new Problem(code, unit, key, message));
    const line = new Text();
    if (lengthOf(unit) > 0) line.bytes(unit).ascii(t(": "));
    if (lengthOf(key) > 0) line.bytes(key).ascii(t(": "));
    this.line(t("WARNING"), line.bytes(message.slice()));
  }

  line(level: Word, message: Text): void {
    this.log
      .object()
      .key(t("level"))
      .word(level)
      .key(t("message"))
      .string(message.slice())
      .endObject();
  }

  writeProblems(out: Writer): void {
    out.key(t("problems")).list();
    for (let i = 0; i < this.problems.length; i++) {
      const problem = this.problems[i];
      out.object().key(t("code")).word(problem.code);
      if (lengthOf(problem.unit) > 0) out.key(t("unit")).string(problem.unit);
      if (lengthOf(problem.key) > 0) out.key(t("key")).string(problem.key);
      out.key(t("message")).string(problem.message.slice()).endObject();
    }
    out.endList();
  }

  /** Writes the log lines and forgets them. */
  writeLog(out: Writer): void {
    out.key(t("log")).raw(this.log.endList().slice());
    this.log = new Writer().list();
  }
}

/** A problem of no unit and no key in particular. */
export const NOWHERE: Slice = EMPTY;
