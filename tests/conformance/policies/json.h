/*
 * JSON, read where it lies, without a library: `passValue` checks a whole text once, and from then on everything is found by walking over what is
 * known to be sound. Texts are compared by what they say, whatever their escapes.
 */
typedef unsigned char Byte;
typedef unsigned int Number;

#define MOST_DEPTH 64

/* Where what is read ends. */
static const Byte *end;

/* ---- checking: what is given a place answers the place behind what it read, or 0 if that is wrong ---- */

static const Byte *passSpace(const Byte *at) {
  while (at < end && (*at == ' ' || *at == '\t' || *at == '\n' || *at == '\r')) at++;
  return at;
}

static int hex(Byte digit) {
  if (digit >= '0' && digit <= '9') return digit - '0';
  if ((digit | 32) >= 'a' && (digit | 32) <= 'f') return (digit | 32) - 'a' + 10;
  return -1;
}

/* The number behind \u; -1 if there are no four digits. */
static int unit(const Byte *at) {
  int value = 0;
  if (end - at < 4) return -1;
  for (int i = 0; i < 4; i++) {
    int digit = hex(at[i]);
    if (digit < 0) return -1;
    value = value << 4 | digit;
  }
  return value;
}

/* What an escape says begins behind its backslash. */
static const Byte *passEscape(const Byte *at) {
  if (at >= end) return 0;
  if (*at == 'u') return unit(at + 1) < 0 ? 0 : at + 5;
  for (const char *known = "\"\\/bfnrt"; *known; known++)
    if (*at == (Byte)*known) return at + 1;
  return 0;
}

static const Byte *passText(const Byte *at) {
  if (at >= end || *at != '"') return 0;
  at++;
  for (;;) {
    while (at < end && *at != '"' && *at != '\\' && *at >= ' ') at++;
    if (at >= end || *at < ' ') return 0;
    if (*at == '"') return at + 1;
    if (!(at = passEscape(at + 1))) return 0;
  }
}

static const Byte *passDigits(const Byte *at) {
  if (at >= end || *at < '0' || *at > '9') return 0;
  while (at < end && *at >= '0' && *at <= '9') at++;
  return at;
}

static const Byte *passNumber(const Byte *at) {
  if (at < end && *at == '-') at++;
  if (at < end && *at == '0') at++;
  else if (!(at = passDigits(at))) return 0;
  if (at < end && *at == '.' && !(at = passDigits(at + 1))) return 0;
  if (at >= end || (*at | 32) != 'e') return at;
  at++;
  if (at < end && (*at == '+' || *at == '-')) at++;
  return passDigits(at);
}

static const Byte *passWord(const Byte *at, const char *word) {
  for (; *word; word++, at++)
    if (at >= end || *at != (Byte)*word) return 0;
  return at;
}

/* A value with the space around it. */
static const Byte *passValue(const Byte *at, int depth) {
  at = passSpace(at);
  if (at >= end) return 0;
  Byte first = *at;
  if (first == '{' || first == '[') {
    Byte last = first == '{' ? '}' : ']';
    if (depth == MOST_DEPTH) return 0;
    at = passSpace(at + 1);
    if (at < end && *at == last) return passSpace(at + 1);
    for (;;) {
      if (first == '{') {
        if (!(at = passText(passSpace(at)))) return 0;
        at = passSpace(at);
        if (at >= end || *at++ != ':') return 0;
      }
      if (!(at = passValue(at, depth + 1)) || at >= end) return 0;
      if (*at == last) return passSpace(at + 1);
      if (*at++ != ',') return 0;
    }
  }
  if (first == '"') at = passText(at);
  else if (first == 't') at = passWord(at, "true");
  else if (first == 'f') at = passWord(at, "false");
  else if (first == 'n') at = passWord(at, "null");
  else at = passNumber(at);
  return at ? passSpace(at) : 0;
}

/* ---- what a text says: its bytes without the escapes ---- */

typedef struct {
  const Byte *at;
  /* Bytes of a character that was escaped, the next one lowest. */
  Number pending;
} Reader;

static Number utf8(Number c) {
  if (c < 0x80) return c;
  if (c < 0x800) return (0xc0 | c >> 6) | (0x80 | (c & 63)) << 8;
  if (c < 0x10000) return (0xe0 | c >> 12) | (0x80 | (c >> 6 & 63)) << 8 | (0x80 | (c & 63)) << 16;
  return (0xf0 | c >> 18) | (0x80 | (c >> 12 & 63)) << 8 | (0x80 | (c >> 6 & 63)) << 16 |
         (0x80 | (c & 63)) << 24;
}

static Number escaped(Reader *reader) {
  Byte escape = *reader->at++;
  if (escape == 'b') return '\b';
  if (escape == 'f') return '\f';
  if (escape == 'n') return '\n';
  if (escape == 'r') return '\r';
  if (escape == 't') return '\t';
  if (escape != 'u') return escape;
  Number first = (Number)unit(reader->at);
  reader->at += 4;
  if (first < 0xd800 || first > 0xdfff) return first;
  /* Two halves are one character; half of one is none. */
  int second = first < 0xdc00 && reader->at[0] == '\\' && reader->at[1] == 'u' ? unit(reader->at + 2) : -1;
  if (second < 0xdc00 || second > 0xdfff) return 0xfffd;
  reader->at += 6;
  return 0x10000 + ((first - 0xd800) << 10) + ((Number)second - 0xdc00);
}

/* The next byte; -1 at the text's end. The reader begins behind its quote. */
static int next(Reader *reader) {
  if (reader->pending) {
    int byte = reader->pending & 0xff;
    reader->pending >>= 8;
    return byte;
  }
  Byte byte = *reader->at++;
  if (byte == '"') return -1;
  if (byte != '\\') return byte;
  Number bytes = utf8(escaped(reader));
  reader->pending = bytes >> 8;
  return bytes & 0xff;
}

static int isSame(const Byte *one, const Byte *other) {
  Reader a = {one + 1, 0}, b = {other + 1, 0};
  for (;;) {
    int byte = next(&a);
    if (byte != next(&b)) return 0;
    if (byte < 0) return 1;
  }
}

static int says(const Byte *text, const char *word) {
  Reader reader = {text + 1, 0};
  for (; *word; word++)
    if (next(&reader) != (Byte)*word) return 0;
  return next(&reader) < 0;
}

/* ---- walking over JSON that is sound ---- */

/* The first element of a list, or the first name of an object; 0 if there is none. */
static const Byte *firstOf(const Byte *at) {
  at = passSpace(at + 1);
  return *at == ']' || *at == '}' ? 0 : at;
}

/* What comes behind a value's end; 0 if that was the last one. */
static const Byte *after(const Byte *at) {
  return *at == ',' ? passSpace(at + 1) : 0;
}

static const Byte *valueOf(const Byte *name) {
  return passSpace(passSpace(passText(name)) + 1);
}

/*
 * The values of members, 0 for each that is not there; of several of one name the last counts. Answers the place behind the object, and the
 * space behind it.
 */
static const Byte *find(const Byte *object, const char *const *names, const Byte **found, int count) {
  const Byte *at = firstOf(object), *behind = at ? at : passSpace(object + 1);
  for (int i = 0; i < count; i++) found[i] = 0;
  while (at) {
    const Byte *value = valueOf(at);
    for (int i = 0; i < count; i++)
      if (says(at, names[i])) found[i] = value;
    behind = passValue(value, 0);
    at = after(behind);
  }
  return passSpace(behind + 1);
}

static int isText(const Byte *value) { return value && *value == '"'; }
