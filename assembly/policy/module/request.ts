import { Node } from "../../json/document";
import { EMPTY, Slice } from "../../json/slice";
import { secondsOf } from "./seconds";
import { stringOf } from "./string";
import { Value } from "./value";

/** A lock that somebody asks for or holds. */
export class Lock {
  /** Who holds it now. */
  holders: Array<Request> = new Array<Request>();

  private text: string | null = null;

  /** Locks are numbered in the order in which they were first seen. */
  constructor(
    readonly number: i32,
    readonly bytes: Slice,
  ) {}

  /** Its name; the same object each time. */
  get name(): string {
    let text = this.text;
    if (text === null) {
      text = stringOf(this.bytes);
      this.text = text;
    }
    return text;
  }
}

/** A request that waits, or one that is granted: then its unit holds the lock. */
export class Request {
  /** Where it stands among others. */
  rank: f64 = 0;
  /** Why it waits; EMPTY if that is not said. */
  reason: Slice = EMPTY;
  /** The next one of the same unit. */
  next: Request | null = null;

  private unitText: string | null = null;

  /** Units are numbered: those of relation-list first, in their order. */
  constructor(
    readonly unitNumber: i32,
    readonly unitBytes: Slice,
    readonly lockItself: Lock,
    readonly idBytes: Slice,
    readonly dataNode: Node,
    /** Whether the unit is the one that leads. */
    readonly isLeader: bool,
  ) {}

  /** The unit's name, such as `app/2`. */
  get unit(): string {
    let text = this.unitText;
    if (text === null) {
      text = stringOf(this.unitBytes);
      this.unitText = text;
    }
    return text;
  }

  /** The lock's name. */
  get lock(): string {
    return this.lockItself.name;
  }

  /** The moment of the request as it is written, such as `2026-11-22 09:52:56.123456Z`. */
  get id(): string {
    return stringOf(this.idBytes);
  }

  /** The moment of the request, in seconds since 1970, UTC; NaN if its id is none. */
  get since(): f64 {
    return secondsOf(this.idBytes);
  }

  /** What came with the request. */
  get data(): Value {
    return new Value(this.dataNode);
  }
}
