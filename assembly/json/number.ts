/** Reading numbers without floating point: whole numbers, and whether a number is 0. */
import { kindOf, Node, NUMBER, textOf } from "./document";
import { addressOf, lengthOf, Slice } from "./slice";

/** Not a number of the kind asked for. */
export const NOT_WHOLE: i64 = -1;

/** Greatest whole number that every JSON reader keeps exact: 2^53 - 1. */
export const MAX_WHOLE: i64 = 9007199254740991;

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

/** The whole part of a decimal that is not negative, or NOT_WHOLE. Below ten it may be written with a negative exponent. */
export function floorOf(node: Node): i64 {
  if (kindOf(node) !== NUMBER) return NOT_WHOLE;
  const text = textOf(node);
  const length = lengthOf(text);
  const from = addressOf(text);
  let point = 0;
  while (
    point < length &&
    load<u8>(from + <usize>point) !== 0x2e &&
    !isExponent(from + <usize>point)
  )
    point += 1;
  let at = point;
  while (at < length && !isExponent(from + <usize>at)) at += 1;
  if (at === length) return wholeText((text & 0xffffffff00000000) | <u64>point);
  return point === 1 && load<u8>(from + <usize>at, 1) === 0x2d ? 0 : NOT_WHOLE;
}

/** Whether a number is 0, whatever way it is written. */
export function isZero(number: Node): bool {
  const text = textOf(number);
  const from = addressOf(text);
  for (let i = 0; i < lengthOf(text) && !isExponent(from + <usize>i); i++) {
    const c = load<u8>(from + <usize>i);
    if (c >= 0x31 && c <= 0x39) return false;
  }
  return true;
}

function isExponent(address: usize): bool {
  return (<i32>load<u8>(address) | 0x20) === 0x65;
}

/** A number as a double, where the last digits may be lost; 0 for what is no number. */
export function doubleOf(node: Node): f64 {
  if (kindOf(node) !== NUMBER) return 0;
  const from = addressOf(textOf(node));
  const end = from + <usize>lengthOf(textOf(node));
  let value: f64 = 0;
  let scale = 0;
  let exponent = 0;
  // Behind the point each digit counts a tenth; behind the `e` they are the exponent, beyond 999 of which all is 0 or endless.
  let step = 0;
  let isInExponent: bool = false;
  let sign = 1;
  for (let at = from; at < end; at++) {
    const digit = <i32>load<u8>(at) - 0x30;
    if (isExponent(at)) isInExponent = true;
    else if (digit === -2) step = 1;
    else if (digit === -3 && isInExponent) sign = -1;
    else if (digit >= 0 && isInExponent) exponent = min(exponent * 10 + digit, 999);
    else if (digit >= 0) {
      value = value * 10 + <f64>digit;
      scale -= step;
    }
  }
  scale += sign * exponent;
  for (; scale > 0; scale--) value *= 10;
  for (; scale < 0; scale++) value /= 10;
  return load<u8>(from) === 0x2d ? -value : value;
}
