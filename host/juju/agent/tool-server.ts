/**
 * Answers the hook tools of all units: one server on 127.0.0.1 that knows each call by its unit's secret and its context.
 *
 * A hook tool is a process of its own (see `tools/client.bash`), so what arrives here is untrusted: it is bounded, and a call
 * without the secret of a unit is answered nothing.
 *
 * @module
 */

import { randomBytes } from "node:crypto";
import { type AddressInfo, createServer, type Server, type Socket } from "node:net";
import { readsStdin } from "../model/tools.js";
import { type Call, type Input, readRequest } from "./tool-call.js";

/** What a hook tool answers: its exit code and exactly what it writes. */
export interface ToolAnswer {
  exitCode: number;
  stdout: string;
  stderr: string;
}

/** One hook tool as it was called. `stdin` is null unless the tool was told to read it. */
export interface ToolCall {
  name: string;
  args: readonly string[];
  directory: string;
  stdin: string | null;
}

/** Carries out one hook tool of the context that is open. */
export type ToolHandler = (call: ToolCall) => ToolAnswer;

/** The context of a unit's hook that is running, and who answers its tools. */
interface OpenContext {
  id: string;
  handler: ToolHandler;
}

/** Bytes that one connection may send. */
const LONGEST_REQUEST = 64 << 20;
/** Bytes of output that the client takes into a variable; a longer one it copies from the socket. */
const LONGEST_SHORT_OUTPUT = 4096;

/** The answer as the client reads it. */
function encode({ exitCode, stdout, stderr }: ToolAnswer): Buffer {
  const out = Buffer.from(stdout);
  const err = Buffer.from(stderr);
  const short = out.length <= LONGEST_SHORT_OUTPUT && !out.includes(0);
  return Buffer.concat([
    Buffer.from(`${exitCode} ${err.length} ${short ? out.length : "-"}\n`),
    err,
    out,
  ]);
}

function refuse(message: string): ToolAnswer {
  return { exitCode: 1, stdout: "", stderr: `ERROR ${message}\n` };
}

/** The server; see the module's comment. */
export class ToolServer {
  readonly #server: Server;
  readonly #contexts = new Map<string, OpenContext | null>();
  readonly #awaitingInput = new Map<string, { socket: Socket; call: Call }>();
  readonly #sockets = new Set<Socket>();

  private constructor() {
    this.#server = createServer((socket) => this.#accept(socket));
  }

  /** Starts a server on a free port of 127.0.0.1. */
  static async listen(): Promise<ToolServer> {
    const server = new ToolServer();
    await new Promise<void>((resolve, reject) => {
      server.#server.once("error", reject);
      server.#server.listen(0, "127.0.0.1", resolve);
    });
    return server;
  }

  /** `127.0.0.1:PORT`, for JUJU_AGENT_SOCKET_ADDRESS. */
  get address(): string {
    return `127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  /** Makes a unit known. @returns the secret that its hook tools must show. */
  addUnit(): string {
    const secret = randomBytes(16).toString("hex");
    this.#contexts.set(secret, null);
    return secret;
  }

  /** Forgets a unit: its secret opens nothing any more. */
  removeUnit(secret: string): void {
    this.#contexts.delete(secret);
  }

  /** Lets the unit's hook tools of this context, and of no other, reach `handler`. */
  open(secret: string, id: string, handler: ToolHandler): void {
    this.#contexts.set(secret, { id, handler });
  }

  /** Ends the unit's open context: a tool that comes later is refused, as in Juju. */
  close(secret: string): void {
    if (this.#contexts.has(secret)) this.#contexts.set(secret, null);
  }

  /** Stops listening and drops every connection. */
  async stop(): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  #accept(socket: Socket): void {
    const chunks: Buffer[] = [];
    let size = 0;
    let answered = false;
    const read = (ended: boolean) => {
      if (answered) return;
      const request = readRequest(Buffer.concat(chunks), ended);
      if (request === "more") return;
      answered = true;
      if (request === "bad") socket.destroy();
      else if (request.kind === "stdin") this.#input(request);
      else this.#call(socket, request);
    };
    this.#sockets.add(socket);
    socket.on("close", () => this.#sockets.delete(socket));
    // A client killed with its hook is no error here.
    socket.on("error", () => socket.destroy());
    socket.on("end", () => read(true));
    socket.on("data", (chunk: Buffer) => {
      size += chunk.length;
      chunks.push(chunk);
      if (size > LONGEST_REQUEST) socket.destroy();
      else read(false);
    });
  }

  #call(socket: Socket, call: Call): void {
    if (!this.#contexts.has(call.secret)) {
      socket.destroy();
    } else if (readsStdin(call.args)) {
      const ticket = randomBytes(8).toString("hex");
      this.#awaitingInput.set(ticket, { socket, call });
      socket.once("close", () => this.#awaitingInput.delete(ticket));
      socket.write(`stdin ${ticket}\n`);
    } else {
      socket.end(encode(this.#answer(call, null)));
    }
  }

  #input({ secret, ticket, stdin }: Input): void {
    const waiting = this.#awaitingInput.get(ticket);
    if (waiting?.call.secret !== secret) return;
    this.#awaitingInput.delete(ticket);
    waiting.socket.end(encode(this.#answer(waiting.call, stdin)));
  }

  #answer({ secret, context, ...call }: Call, stdin: string | null): ToolAnswer {
    const open = this.#contexts.get(secret);
    if (!open) return refuse(`dial tcp ${this.address}: connect: connection refused`);
    if (open.id !== context) {
      return refuse(`bad request: expected context id "${open.id}", got "${context}"`);
    }
    return open.handler({ ...call, stdin });
  }
}
