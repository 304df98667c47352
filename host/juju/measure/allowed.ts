/**
 * How many units a policy of built-in rules lets operate at once, computed a second time and apart from the core: what the core
 * allows is checked against it.
 *
 * @module
 */

/** Arithmetic on N, as in `parallel:N/2-1`; NaN if the text is none. */
export function amount(text: string, n: number): number {
  let at = 0;
  const source = text.replaceAll(" ", "");
  const sum = (): number => {
    let result = product();
    while (source[at] === "+" || source[at] === "-") {
      result = source[at++] === "+" ? result + product() : result - product();
    }
    return result;
  };
  const product = (): number => {
    let result = factor();
    while (source[at] === "*" || source[at] === "/") {
      result = source[at++] === "*" ? result * factor() : result / factor();
    }
    return result;
  };
  const factor = (): number => {
    if (source[at] === "(") {
      at += 1;
      const result = sum();
      return source[at++] === ")" ? result : Number.NaN;
    }
    const token = /^(N|\d+(\.\d+)?)/.exec(source.slice(at))?.[0] ?? "";
    at += token.length;
    return token === "N" ? n : token === "" ? Number.NaN : Number(token);
  };
  let result = sum();
  if (source[at] === "%") {
    at += 1;
    result = (result * n) / 100;
  }
  return at === source.length ? result : Number.NaN;
}

/**
 * The most units that may operate at once under this policy.
 *
 * @param n units of the application.
 * @returns Infinity where a policy says nothing about it.
 */
export function allowedAtOnce(policy: string, n: number): number {
  const [rule, argument = ""] = policy.split(/:(.*)/s, 2) as [string, string?];
  switch (rule) {
    case "simple":
    case "serial":
      return 1;
    case "parallel":
      return Math.max(1, Math.floor(amount(argument, n)));
    case "available":
      return n - Math.ceil(amount(argument, n));
    case "pause":
      return 0;
    default:
      return Number.POSITIVE_INFINITY;
  }
}
