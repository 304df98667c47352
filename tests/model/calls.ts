/**
 * What a hook asks of Juju, call by call, and the events that begin a hook, both as small numbers.
 *
 * @module
 */

/** The call that a hook makes next. */
export const call = {
  /** is-leader; the result is 0 or 1. */
  isLeader: 0,
  /** leader-get, or relation-get of the application databag; the result is `content * 2 + (leads ? 1 : 0)`. */
  read: 1,
  /** relation-get of the unit's own databag: the content. */
  own: 2,
  /** relation-list: a bit for each unit. */
  members: 3,
  /** relation-get of another unit, `argument`: the content. */
  of: 4,
  /** leader-set, or relation-set --app, of the writes `argument`: 0 if refused, else the content before it, plus 1. */
  write: 5,
  /** goal-state: two bits for each unit, its life. */
  planned: 6,
  /** The unit's clock, where a request is made. */
  now: 7,
  /** How often more than 30 seconds have passed since the hook first heard that its unit leads. */
  waits: 8,
  /** The unit begins to operate under the locks `argument` (bits). */
  operate: 9,
  operated: 10,
  /** The charm has exited with code 0. */
  exit: 11,
  /** The charm has thrown; `argument` is the number of its message. */
  broken: 12,
  /** What the policy looks at outside the application: 1 if its gate is open. */
  gate: 13,
} as const;

export const life = { alive: 0, dying: 1, dead: 2 } as const;

/** Events as numbers. Those of a relation are followed by the number of the other unit. */
export const event = {
  none: 0,
  leaderElected: 1,
  settingsChanged: 2,
  /** config-changed with new options: the charm asks for its locks. */
  configChanged: 3,
  /** relation-changed for the application databag. */
  applicationChanged: 4,
  updateStatus: 5,
  stop: 6,
  remove: 7,
  /** juju-exec in which the library is opened and closed. */
  exec: 8,
  /** An action that may decide, and nothing else. */
  action: 9,
  /** config-changed in which the charm takes its requests back. */
  withdraw: 10,
  joined: 13,
  changed: 17,
  departed: 21,
  /** relation-departed on the unit that departs itself. */
  departing: 25,
} as const;

export const mostUnits = 4;

/** Whether this is none of Juju's events but a command of the operator's, which runs in a unit in error, too. */
export function isCommand(code: number): boolean {
  return code === event.exec || code === event.action;
}

/** A relation event without its unit, or the event itself. */
export function kindOf(code: number): number {
  if (code >= event.departing) return event.departing;
  if (code >= event.departed) return event.departed;
  if (code >= event.changed) return event.changed;
  return code >= event.joined ? event.joined : code;
}

/** The other unit of a relation event; -1 if there is none. */
export function remoteOf(code: number): number {
  return code >= event.joined ? code - kindOf(code) : -1;
}

const names: Readonly<Record<number, string>> = {
  [event.leaderElected]: "leader-elected",
  [event.settingsChanged]: "leader-settings-changed",
  [event.configChanged]: "config-changed",
  [event.applicationChanged]: "coordinator-relation-changed",
  [event.updateStatus]: "update-status",
  [event.stop]: "stop",
  [event.remove]: "remove",
  [event.exec]: "",
  [event.action]: "",
  [event.withdraw]: "config-changed",
  [event.joined]: "coordinator-relation-joined",
  [event.changed]: "coordinator-relation-changed",
  [event.departed]: "coordinator-relation-departed",
  [event.departing]: "coordinator-relation-departed",
};

/** JUJU_HOOK_NAME. */
export function hookName(code: number): string {
  return names[kindOf(code)]!;
}
