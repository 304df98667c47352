/** What the core has to say besides its answer: problems found in this hook, and log lines since the last answer. */
import { EMPTY, equal, lengthOf, Slice } from "../json/slice";
import { Text } from "../json/text";
import { bytesOf, t, Word } from "../json/word";

class Problem {
  constructor(
    public code: Word,
    public unit: Slice,
    public key: Slice,
    public message: Text,
  ) {}

  isLike(code: Word, unit: Slice, key: Slice): bool {
    return equal(bytesOf(this.code), bytesOf(code)) && equal(this.unit, unit) && equal(this.key, key);
  }
}

export class Report {
  private problems: Array<Problem> = [] as Problem[];
  private log: Text = new Text();
  private lines: i32 = 0;

  /** Notes a problem and logs it, once a hook for the same code, unit and key. */
  problem(code: Word, unit: Slice, key: Slice, message: Text): void {
    for (let i = 0; i < this.problems.length; i++) {
      if (this.problems[i].isLike(code, unit, key)) return;
    }
    this.problems.push(new Problem(code, unit, key, message));
    const line = new Text();
    if (lengthOf(unit) > 0) line.bytes(unit).ascii(t(": "));
    if (lengthOf(key) > 0) line.bytes(key).ascii(t(": "));
    this.line(t("WARNING"), line.bytes(message.slice()));
  }

  line(level: Word, message: Text): void {
    if (this.lines > 0) this.log.ascii(t(", "));
    this.log
      .ascii(t('{"level": '))
      .quoted(level)
      .ascii(t(', "message": '))
      .string(message.slice())
      .byte(0x7d);
    this.lines += 1;
  }

  writeProblems(out: Text): void {
    out.byte(0x5b);
    for (let i = 0; i < this.problems.length; i++) {
      const problem = this.problems[i];
      out.ascii(i > 0 ? t(', {"code": ') : t('{"code": ')).quoted(problem.code);
      if (lengthOf(problem.unit) > 0) out.ascii(t(', "unit": ')).string(problem.unit);
      if (lengthOf(problem.key) > 0) out.ascii(t(', "key": ')).string(problem.key);
      out.ascii(t(', "message": ')).string(problem.message.slice()).byte(0x7d);
    }
    out.byte(0x5d);
  }

  /** Writes the log lines and forgets them. */
  writeLog(out: Text): void {
    out.byte(0x5b).bytes(this.log.slice()).byte(0x5d);
    this.log = new Text();
    this.lines = 0;
  }
}

/** A problem of no unit and no key in particular. */
export const NOWHERE: Slice = EMPTY;
