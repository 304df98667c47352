import { kindOf, Node, NUMBER, textOf } from "./document";
import { addressOf, lengthOf, Slice } from "./slice";

/** Not a number of the kind asked for. */
export const NOT_WHOLE: i64 = -1;

/** Greatest whole number that every JSON reader keeps exact: 2^53 - 1. */
const MAX_WHOLE: i64 = 9007199254740991;

/** A whole number from 0 to 2^53 - 1, or NOT_WHOLE. */
export function wholeOf(node: Node): i64 {
  return kindOf(node) === NUMBER ? wholeText(textOf(node)) : NOT_WHOLE;
}

/** The same of bare digits, without zeros in front. */
export function wholeText(text: Slice): i64 {
  const length = lengthOf(text);
  const from = addressOf(text);
  if (length === 0 || length > 16) return NOT_WHOLE;
  if (length > 1 && load<u8>(from) === 0x30) return NOT_WHOLE;
  let result: i64 = 0;
  for (let i = 0; i < length; i++) {
    const digit = <i32>load<u8>(from + <usize>i) - 0x30;
    if (digit < 0 || digit > 9) return NOT_WHOLE;
    result = result * 10 + <i64>digit;
  }
  return result <= MAX_WHOLE ? result : NOT_WHOLE;
}

/** A number's value, to the precision that seconds need; NaN if the node is no number. */
export function numberOf(node: Node): f64 {
  if (kindOf(node) !== NUMBER) return NaN;
  const text = textOf(node);
  const end = addressOf(text) + <usize>lengthOf(text);
  let at = addressOf(text);
  const negative = load<u8>(at) === 0x2d;
  if (negative) at += 1;
  let mantissa: f64 = 0;
  let scale = 0;
  let exponent = 0;
  let fraction = false;
  while (at < end) {
    const c = <i32>load<u8>(at);
    at += 1;
    if (c === 0x2e) {
      fraction = true;
    } else if ((c | 0x20) === 0x65) {
      exponent = exponentAt(at, end);
      break;
    } else {
      mantissa = mantissa * 10 + <f64>(c - 0x30);
      if (fraction) scale += 1;
    }
  }
  const result = mantissa * power(exponent - scale);
  return negative ? -result : result;
}

function exponentAt(from: usize, end: usize): i32 {
  let at = from;
  const sign = <i32>load<u8>(at);
  if (sign === 0x2b || sign === 0x2d) at += 1;
  let result = 0;
  while (at < end) {
    result = min(result * 10 + <i32>load<u8>(at) - 0x30, 9999);
    at += 1;
  }
  return sign === 0x2d ? -result : result;
}

/** 10 to a power, by multiplication: the same on every engine. */
function power(exponent: i32): f64 {
  let result: f64 = 1;
  const steps = min(exponent < 0 ? -exponent : exponent, 400);
  for (let i = 0; i < steps; i++) result *= 10;
  return exponent < 0 ? 1 / result : result;
}
