/*
 * The policy "N/2-1 at a time, the leader last", in C without a library. Names of units and locks are repeated as they were written.
 */
#include "json.h"

#define EXPORT(name) __attribute__((export_name(name)))
#define MOST_TEXT (1u << 20)
/* An entry is at least {"unit":"","lock":""}: no more of them fit into an input. */
#define MOST_ENTRIES (MOST_TEXT / 20)
#define SLOTS (1u << 17)

static Byte input[MOST_TEXT];
static Byte output[2 * MOST_TEXT];
static Number written;

/* ---- the answer ---- */

/* A host takes no more than half of what fits; `decide` sees to it that it is less. */
static void put(const Byte *bytes, Number length) {
  if (length > sizeof output - written) length = sizeof output - written;
  __builtin_memcpy(output + written, bytes, length);
  written += length;
}

static void say(const char *text) {
  Number length = 0;
  while (text[length]) length++;
  put((const Byte *)text, length);
}

static void sayText(const Byte *text) { put(text, (Number)(passText(text) - text)); }

/* The same without its quotes, to be a part of another text. */
static void sayInside(const Byte *text) { put(text + 1, (Number)(passText(text) - text) - 2); }

static void sayNumber(Number value) {
  if (value > 9) sayNumber(value / 10);
  Byte digit = (Byte)('0' + value % 10);
  put(&digit, 1);
}

static void fail(const char *code, const char *message, const char *path) {
  say("{\"error\":{\"code\":\"");
  say(code);
  say("\",\"message\":\"");
  say(message);
  say("\",\"path\":\"");
  say(path);
  say("\"}}");
}

/* ---- the policy ---- */

/* The members of the input that are looked at. */
enum { OP, CONFIG, N, LEADER, HOLDERS, QUEUE, MEMBERS };
static const char *const members[] = {"op", "config", "n", "leader", "holders", "queue"};

typedef struct {
  const Byte *unit, *lock;
  /* How many hold the lock. */
  Number *holders;
  Byte isLeader, isGranted;
} Entry;

static Entry queue[MOST_ENTRIES];
/* By what the lock's name says, in the slot that its hash names or one behind it. */
static struct {
  const Byte *lock;
  Number holders;
} locks[SLOTS];

static Number *holdersOf(const Byte *lock) {
  Number hash = 2166136261u;
  Reader reader = {lock + 1, 0};
  for (int byte; (byte = next(&reader)) >= 0;) hash = (hash ^ (Number)byte) * 16777619u;
  for (;; hash++) {
    Number slot = hash % SLOTS;
    if (!locks[slot].lock) locks[slot].lock = lock;
    if (isSame(locks[slot].lock, lock)) return &locks[slot].holders;
  }
}

/* Reads a list of entries, 0 if it is none. Without a place for them they are counted by their locks. */
static int readEntries(const Byte *list, const Byte *leader, Entry *to, Number *count) {
  static const char *const names[] = {"unit", "lock"};
  if (!list || *list != '[') return 0;
  for (const Byte *at = firstOf(list); at;) {
    const Byte *found[2];
    if (*at != '{') return 0;
    at = after(find(at, names, found, 2));
    if (!isText(found[0]) || !isText(found[1])) return 0;
    Number *holders = holdersOf(found[1]);
    if (to) to[(*count)++] = (Entry){found[0], found[1], holders, isSame(found[0], leader), 0};
    else ++*holders;
  }
  return 1;
}

/* A whole number of 1 or more, at most 1,000,000,000; 0 if it is none. */
static Number readCount(const Byte *at) {
  Number value = 0;
  if (!at) return 0;
  for (; *at >= '0' && *at <= '9'; at++) {
    value = value * 10 + (*at - '0');
    if (value > 1000000000u) return 0;
  }
  return *at == '.' || (*at | 32) == 'e' ? 0 : value;
}

static void sayEntry(const Entry *entry, int isFirst) {
  say(isFirst ? "{\"unit\":" : ",{\"unit\":");
  sayText(entry->unit);
  say(",\"lock\":");
  sayText(entry->lock);
}

/* First all others, then the leader: what may be granted now, or else why the rest waits. */
static void sayEntries(Number count, Number n, int isGrant) {
  Number most = n < 4 ? 1 : n / 2 - 1;
  int isFirst = 1;
  for (int ofLeader = 0; ofLeader < 2; ofLeader++) {
    for (Entry *entry = queue; entry < queue + count; entry++) {
      if (entry->isLeader != ofLeader || entry->isGranted) continue;
      if (isGrant && *entry->holders >= most) continue;
      sayEntry(entry, isFirst);
      isFirst = 0;
      if (isGrant) {
        ++*entry->holders;
        entry->isGranted = 1;
      } else {
        say(",\"reason\":\"");
        sayNumber(most);
        say(" of ");
        sayNumber(n);
        say(" units may hold ");
        sayInside(entry->lock);
        say(" at a time\"");
      }
      say("}");
    }
  }
}

static void decide(const Byte *const *given) {
  static const char list[] = "expected a list of objects with unit and lock";
  Number n = readCount(given[N]), count = 0;
  if (!n) return fail("bad_input", "expected a whole number of 1 or more", "n");
  const Byte *leader = given[LEADER];
  if (!isText(leader)) return fail("bad_input", "expected a text", "leader");
  if (!readEntries(given[HOLDERS], leader, 0, 0)) return fail("bad_input", list, "holders");
  if (!readEntries(given[QUEUE], leader, queue, &count)) return fail("bad_input", list, "queue");
  say("{\"ok\":{\"grant\":[");
  sayEntries(count, n, 1);
  say("]");
  Number grants = written;
  say(",\"wait\":[");
  sayEntries(count, n, 0);
  say("]}}");
  /* Reasons that do not fit are left out: they are for people. */
  if (written <= MOST_TEXT) return;
  written = grants;
  say("}}");
}

static void check(const Byte *config) {
  if (config && *config != '{') return fail("bad_config", "expected an object", "config");
  const Byte *name = config ? firstOf(config) : 0;
  if (!name) return say("{\"ok\":{}}");
  say("{\"error\":{\"code\":\"bad_config\",\"message\":\"this policy has no config\",\"path\":\"config.");
  sayInside(name);
  say("\"}}");
}

EXPORT("coordinator_abi") int coordinatorAbi(void) { return 1; }

EXPORT("coordinator_alloc") Byte *coordinatorAlloc(Number length) {
  return length <= MOST_TEXT ? input : 0;
}

EXPORT("coordinator_call") unsigned long long coordinatorCall(const Byte *address, Number length) {
  const Byte *given[MEMBERS] = {0};
  written = 0;
  end = address + length;
  int isJson = passValue(address, 0) == end;
  const Byte *object = passSpace(address);
  if (isJson && *object == '{') find(object, members, given, MEMBERS);
  int hasOp = isText(given[OP]);
  if (!isJson) fail("bad_json", "the input is not JSON", "");
  else if (hasOp && says(given[OP], "describe")) say("{\"ok\":{\"kind\":\"policy\",\"name\":\"half\",\"version\":\"1\"}}");
  else if (hasOp && says(given[OP], "check")) check(given[CONFIG]);
  else if (hasOp && says(given[OP], "decide")) decide(given);
  else fail("bad_input", "expected describe, check or decide", "op");
  return (unsigned long long)(Number)output << 32 | written;
}
