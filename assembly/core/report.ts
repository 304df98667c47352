/** What the core has to say besides its answer: problems found in this hook, and log lines since the last answer. */
import { Names } from "../json/names";
import { EMPTY, lengthOf, Slice } from "../json/slice";
import { fill } from "../json/text";
import { bytesOf, t, Word } from "../json/word";
import { Writer } from "../json/writer";

export class Report {
  private names: Names = new Names();
  private problems: Writer = new Writer();
  private log: Writer = new Writer();

  /** Notes a problem and logs it, once a hook for the same code, unit and key (or message, where there is neither). */
  problem(code: Word, unit: Slice, key: Slice, message: Slice): void {
    const isNowhere = lengthOf(unit) + lengthOf(key) === 0;
    const name = fill(t("{} {} {}"), bytesOf(code), unit, isNowhere ? message : key);
    const before = this.names.length;
    if (this.names.add(name) < before) return;
    const out = this.problems.object().field(t("code"), bytesOf(code));
    let line = message;
    if (lengthOf(key) > 0) line = fill(t("{}: {}"), key, line);
    if (lengthOf(unit) > 0) {
      line = fill(t("{}: {}"), unit, line);
      out.field(t("unit"), unit);
    }
    if (lengthOf(key) > 0) out.field(t("key"), key);
    out.field(t("message"), message).endObject();
    this.line(t("WARNING"), line);
  }

  line(level: Word, message: Slice): void {
    this.log.object().field(t("level"), bytesOf(level)).field(t("message"), message).endObject();
  }

  writeProblems(out: Writer): void {
    out.key(t("problems")).list().raw(this.problems.slice()).endList();
  }

  /** Writes the log lines and forgets them. */
  writeLog(out: Writer): void {
    out.key(t("log")).list().raw(this.log.slice()).endList();
    this.log = new Writer();
  }
}

/** A problem of no unit and no key in particular. */
export const NOWHERE: Slice = EMPTY;
