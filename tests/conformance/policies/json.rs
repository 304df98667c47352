//! JSON, as RFC 8259 has it and at most 64 deep, as a tree of what is wanted of it.

const MOST_DEPTH: usize = 64;

pub enum Value {
    /// A whole number from 1 to 1,000,000,000.
    Count(u32),
    Text(String),
    List(Vec<Value>),
    /// In the order of the text.
    Object(Vec<(String, Value)>),
    /// Anything else, and what is not wanted.
    Other,
}

impl Value {
    /// A member of an object; of several of one name the last counts.
    pub fn member(&self, name: &str) -> Option<&Value> {
        match self {
            Value::Object(members) => members.iter().rev().find(|(key, _)| key == name).map(|(_, value)| value),
            _ => None,
        }
    }

    pub fn text(&self) -> Option<&str> {
        match self {
            Value::Text(text) => Some(text),
            _ => None,
        }
    }

    pub fn count(&self) -> Option<u32> {
        match self {
            Value::Count(count) => Some(*count),
            _ => None,
        }
    }
}

/// Reads a whole text; none if it is not JSON. The values of members that are not wanted are checked, and not kept.
pub fn parse(text: &[u8], wanted: &[&str]) -> Option<Value> {
    let mut reader = Reader { text, wanted, at: 0 };
    let value = reader.value(0, true)?;
    (reader.at == text.len()).then_some(value)
}

/// A text as JSON has it.
pub fn quoted(text: &str) -> String {
    let mut json = String::with_capacity(text.len() + 2);
    json.push('"');
    for c in text.chars() {
        match c {
            '"' | '\\' => json.extend(['\\', c]),
            c if c < ' ' => json.push_str(&format!("\\u{:04x}", c as u32)),
            c => json.push(c),
        }
    }
    json.push('"');
    json
}

struct Reader<'a> {
    text: &'a [u8],
    wanted: &'a [&'a str],
    at: usize,
}

impl Reader<'_> {
    fn next(&self) -> Option<u8> {
        self.text.get(self.at).copied()
    }

    fn take(&mut self, expected: u8) -> Option<()> {
        let found = self.next()? == expected;
        self.at += found as usize;
        found.then_some(())
    }

    fn pass_space(&mut self) {
        while matches!(self.next(), Some(b' ' | b'\t' | b'\n' | b'\r')) {
            self.at += 1;
        }
    }

    /// A value with the space around it.
    fn value(&mut self, depth: usize, is_wanted: bool) -> Option<Value> {
        self.pass_space();
        let value = match self.next()? {
            b'{' | b'[' if depth == MOST_DEPTH => return None,
            b'{' => {
                let mut members = Vec::new();
                self.items(b'}', |reader| {
                    reader.pass_space();
                    let name = reader.string()?;
                    reader.pass_space();
                    reader.take(b':')?;
                    let is_member_wanted = is_wanted && reader.wanted.contains(&name.as_str());
                    let value = reader.value(depth + 1, is_member_wanted)?;
                    if is_wanted {
                        members.push((name, value));
                    }
                    Some(())
                })?;
                Value::Object(members)
            }
            b'[' => {
                let mut items = Vec::new();
                self.items(b']', |reader| {
                    let value = reader.value(depth + 1, is_wanted)?;
                    if is_wanted {
                        items.push(value);
                    }
                    Some(())
                })?;
                Value::List(items)
            }
            b'"' => Value::Text(self.string()?),
            b't' => self.word(b"true")?,
            b'f' => self.word(b"false")?,
            b'n' => self.word(b"null")?,
            _ => self.number()?,
        };
        self.pass_space();
        Some(value)
    }

    /// What is between a bracket and its counterpart.
    fn items(&mut self, last: u8, mut item: impl FnMut(&mut Self) -> Option<()>) -> Option<()> {
        self.at += 1;
        self.pass_space();
        if self.next()? == last {
            self.at += 1;
            return Some(());
        }
        loop {
            item(self)?;
            if self.take(last).is_some() {
                return Some(());
            }
            self.take(b',')?;
        }
    }

    fn word(&mut self, word: &[u8]) -> Option<Value> {
        let found = self.text[self.at..].starts_with(word);
        self.at += word.len();
        found.then_some(Value::Other)
    }

    fn digits(&mut self) -> Option<()> {
        let from = self.at;
        while matches!(self.next(), Some(b'0'..=b'9')) {
            self.at += 1;
        }
        (self.at > from).then_some(())
    }

    fn number(&mut self) -> Option<Value> {
        let from = self.at;
        let _ = self.take(b'-');
        if self.take(b'0').is_none() {
            self.digits()?;
        }
        if self.take(b'.').is_some() {
            self.digits()?;
        }
        if matches!(self.next(), Some(b'e' | b'E')) {
            self.at += 1;
            if matches!(self.next(), Some(b'+' | b'-')) {
                self.at += 1;
            }
            self.digits()?;
        }
        let count = std::str::from_utf8(&self.text[from..self.at]).ok()?.parse().ok();
        let count = count.filter(|count| (1..=1_000_000_000).contains(count));
        Some(count.map_or(Value::Other, Value::Count))
    }

    fn string(&mut self) -> Option<String> {
        self.take(b'"')?;
        let mut bytes = Vec::new();
        loop {
            let from = self.at;
            while !matches!(self.next()?, b'"' | b'\\' | 0..=0x1f) {
                self.at += 1;
            }
            bytes.extend_from_slice(&self.text[from..self.at]);
            match self.next()? {
                b'"' => break,
                b'\\' => {
                    self.at += 1;
                    bytes.extend_from_slice(self.escape()?.encode_utf8(&mut [0; 4]).as_bytes());
                }
                _ => return None,
            }
        }
        self.at += 1;
        // A host gives UTF-8, and nothing else comes out of escapes.
        Some(String::from_utf8_lossy(&bytes).into_owned())
    }

    fn escape(&mut self) -> Option<char> {
        let escape = self.next()?;
        self.at += 1;
        Some(match escape {
            b'"' | b'\\' | b'/' => escape as char,
            b'b' => '\u{8}',
            b'f' => '\u{c}',
            b'n' => '\n',
            b'r' => '\r',
            b't' => '\t',
            b'u' => {
                let first = self.unit()?;
                let mut second = None;
                if (0xd800..0xdc00).contains(&first) && self.text[self.at..].starts_with(b"\\u") {
                    let before = self.at;
                    self.at += 2;
                    second = Some(self.unit()?).filter(|half| (0xdc00..0xe000).contains(half));
                    if second.is_none() {
                        self.at = before;
                    }
                }
                // Two halves are one character; half of one is none.
                let code = second.map_or(first, |half| 0x10000 + ((first - 0xd800) << 10) + (half - 0xdc00));
                char::from_u32(code).unwrap_or('\u{fffd}')
            }
            _ => return None,
        })
    }

    /// The four digits of a `\u`.
    fn unit(&mut self) -> Option<u32> {
        let digits = self.text.get(self.at..self.at + 4)?;
        self.at += 4;
        digits.iter().try_fold(0, |code, digit| Some(code << 4 | (*digit as char).to_digit(16)?))
    }
}
