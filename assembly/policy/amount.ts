/**
 * A number of units: `2`, `"25%"` of N, or arithmetic on N with + - * / and brackets, such as `"N/2-1"`. Evaluated in doubles
 * and rounded at the very end, by the rule that uses it.
 */
import { addressOf, lengthOf, Slice } from "../json/slice";

export class Amount {
  private at: usize = 0;
  private end: usize = 0;
  private n: f64 = 0;
  private valid: bool = true;
  private depth: i32 = 0;

  constructor(private text: Slice) {}

  /** Whether the text is an amount at all. */
  isValid(): bool {
    this.value(3);
    return this.valid;
  }

  /** Whether it is under one however many units there are. */
  isNeverOne(): bool {
    return this.value(0) < 1 && this.value(1000000) < 1;
  }

  /** Its value for N units; not finite where it divides by zero. */
  value(n: i32): f64 {
    this.n = <f64>n;
    this.valid = true;
    this.depth = 0;
    this.at = addressOf(this.text);
    this.end = this.at + <usize>lengthOf(this.text);
    let result = this.terms(0);
    if (this.here() === 0x25) {
      this.at += 1;
      result = (result * this.n) / 100;
    }
    if (this.here() !== -1) this.valid = false;
    return result;
  }

  private here(): i32 {
    while (this.at < this.end && load<u8>(this.at) === 0x20) this.at += 1;
    return this.at < this.end ? <i32>load<u8>(this.at) : -1;
  }

  /** On level 0 a sum, on level 1 a product. */
  private terms(level: i32): f64 {
    if (level > 1) return this.factor();
    let result = this.terms(level + 1);
    while (true) {
      const c = this.here();
      if (c !== 0x2b - level && c !== 0x2d + 2 * level) return result;
      this.at += 1;
      const next = this.terms(level + 1);
      if (c === 0x2b) result += next;
      else if (c === 0x2d) result -= next;
      else result = c === 0x2a ? result * next : result / next;
    }
  }

  private factor(): f64 {
    const c = this.here();
    if (c === 0x4e) {
      this.at += 1;
      return this.n;
    }
    if (c === 0x28 && this.depth < 32) {
      this.at += 1;
      this.depth += 1;
      const result = this.terms(0);
      this.depth -= 1;
      if (this.here() !== 0x29) this.valid = false;
      else this.at += 1;
      return result;
    }
    return this.whole();
  }

  private whole(): f64 {
    const from = this.at;
    let result: f64 = 0;
    while (this.at < this.end) {
      const digit = <i32>load<u8>(this.at) - 0x30;
      if (digit < 0 || digit > 9) break;
      result = result * 10 + <f64>digit;
      this.at += 1;
    }
    if (this.at === from || this.at - from > 9) this.valid = false;
    return result;
  }
}
