/**
 * A host that tells of each call before and after it is made, so that anything can happen between two calls of one hook.
 *
 * @module
 */

import type { Host } from "../../bindings/typescript/host.js";

/** Told the unit and the call: `isLeader`, `read`, `of`, … or `operation` when an operation is under way. */
export type CallListener = (unit: string, call: string, when: "before" | "after") => void;

/** The same host, watched. Flags and logging are left out: they are no calls to Juju's controller. */
export function watchedHost(host: Host, listener: CallListener): Host {
  const { unit } = host.hook;
  const watched = <T extends object>(part: T): T =>
    new Proxy(part, {
      get(target, name) {
        const value: unknown = Reflect.get(target, name, target);
        if (typeof value !== "function") return value;
        return (...args: unknown[]) => {
          listener(unit, String(name), "before");
          const result: unknown = Reflect.apply(value, target, args);
          listener(unit, String(name), "after");
          return result;
        };
      },
    });
  return {
    leadership: watched(host.leadership),
    peers: watched(host.peers),
    flags: host.flags,
    hook: host.hook,
  };
}
