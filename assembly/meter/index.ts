/**
 * The rewriter's face to a host (host/abi.md): a module in, the same module out, with fuel; or an error. One instance serves one module.
 */
import { Bytes } from "./bytes";
import { Contract, MOST_COMMAND } from "./contract";
import { Outline } from "./outline";
import { Rewriter } from "./rewriter";
import { Source } from "./source";

/** Address of so many bytes for the module; 0 if that is more than any may have. */
export function meter_alloc(length: i32): i32 {
  if (length < 0 || length > MOST_COMMAND) return 0;
  // The header of a module is looked at in one piece, whatever is there.
  return <i32>heap.alloc(<usize>length + 8);
}

/**
 * Prepares the module at address, length.
 *
 * @param kind which contract it must keep: 0 none, 1 a policy, 2 a command, 3 either of these, whichever it is.
 * @param pages the most that its memory may have, in pages of 64 KiB.
 * @param fuel what an instance has to begin with.
 * @returns address << 32 | length of the module, or of JSON, which begins as no module does.
 */
export function meter_prepare(address: i32, length: i32, kind: i32, pages: i32, fuel: i64): i64 {
  const source = new Source(<usize>(<u32>address), length);
  const outline = new Outline(source);
  outline.read();
  const contract = new Contract(outline, kind, <u32>pages);
  contract.check();
  let answer = new Bytes();
  if (source.isSound) answer = new Rewriter(outline, <u32>pages, fuel, contract.mostOutput).write();
  if (!source.isSound) answer = errorOf(source);
  return <i64>(((<u64>answer.start) << 32) | <u64>answer.length);
}

function errorOf(source: Source): Bytes {
  const text = new Bytes();
  text.text('{"error":{"code":"');
  text.text(source.code);
  text.text('","reason":"');
  text.text(source.reason);
  text.text('","message":"');
  text.append(source.message);
  text.text('","at":');
  text.decimal(<u32>source.faultAt);
  text.text("}}");
  return text;
}
