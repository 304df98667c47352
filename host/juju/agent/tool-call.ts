/**
 * What a hook tool's client sends: NUL-terminated fields, and on a second connection, if it was asked to, its standard input.
 *
 * @module
 */

/** A call: `SECRET call CONTEXT DIRECTORY NAME COUNT ARG…`. */
export interface Call {
  kind: "call";
  secret: string;
  context: string;
  /** The tool's working directory: the paths of its files start there. */
  directory: string;
  name: string;
  args: string[];
}

/** The standard input of a call: `SECRET stdin TICKET`, then the bytes until the connection ends. */
export interface Input {
  kind: "stdin";
  secret: string;
  ticket: string;
  stdin: string;
}

/** The first `limit` NUL-terminated fields of `bytes` from `start`, and where they end. */
function fieldsOf(bytes: Buffer, start: number, limit: number): { fields: string[]; end: number } {
  const fields: string[] = [];
  let at = start;
  while (fields.length < limit) {
    const end = bytes.indexOf(0, at);
    if (end < 0) break;
    fields.push(bytes.toString("utf8", at, end));
    at = end + 1;
  }
  return { fields, end: at };
}

/**
 * Reads what has arrived.
 *
 * @param ended whether the client has sent everything.
 * @returns `"more"` if a part is still to come, `"bad"` if it can never become a request.
 */
export function readRequest(bytes: Buffer, ended: boolean): Call | Input | "more" | "bad" {
  const incomplete = ended ? "bad" : "more";
  const head = fieldsOf(bytes, 0, 3);
  const [secret, kind, third] = head.fields;
  if (secret === undefined || kind === undefined || third === undefined) return incomplete;
  if (kind === "stdin") {
    if (!ended) return "more";
    return { kind, secret, ticket: third, stdin: bytes.toString("utf8", head.end) };
  }
  const call = fieldsOf(bytes, head.end, 3);
  const [directory, name, count] = call.fields;
  if (kind !== "call") return "bad";
  if (directory === undefined || name === undefined || count === undefined) return incomplete;
  if (!/^\d{1,6}$/.test(count)) return "bad";
  const args = fieldsOf(bytes, call.end, Number(count)).fields;
  if (args.length < Number(count)) return incomplete;
  return { kind, secret, context: third, directory, name, args };
}
