//! The policy "N/2-1 at a time, the leader last", in Rust with nothing but its standard library.
//!
//! One instance serves one input, so nothing that it is given or answers is ever given back.

#[path = "json.rs"]
mod json;

use json::Value;
use std::collections::BTreeMap;
use std::fmt::Write;

const MOST_TEXT: usize = 1 << 20;

/// Whatever else the input tells is passed over.
const MEMBERS: [&str; 8] = ["op", "config", "n", "leader", "holders", "queue", "unit", "lock"];

/// A unit and a lock.
type Entry<'a> = (&'a str, &'a str);

struct Failure {
    code: &'static str,
    message: &'static str,
    path: String,
}

fn failure(code: &'static str, message: &'static str, path: &str) -> Failure {
    Failure { code, message, path: path.to_string() }
}

fn answer(input: &[u8]) -> String {
    match operation(input) {
        Ok(answer) => format!("{{\"ok\":{answer}}}"),
        Err(Failure { code, message, path }) => {
            format!("{{\"error\":{{\"code\":\"{code}\",\"message\":\"{message}\",\"path\":{}}}}}", json::quoted(&path))
        }
    }
}

fn operation(input: &[u8]) -> Result<String, Failure> {
    let given = json::parse(input, &MEMBERS).ok_or_else(|| failure("bad_json", "the input is not JSON", ""))?;
    match given.member("op").and_then(Value::text) {
        Some("describe") => Ok(r#"{"kind":"policy","name":"half","version":"1"}"#.to_string()),
        Some("check") => check(given.member("config")),
        Some("decide") => decide(&given),
        _ => Err(failure("bad_input", "expected describe, check or decide", "op")),
    }
}

fn check(config: Option<&Value>) -> Result<String, Failure> {
    let members = match config {
        None => return Ok("{}".to_string()),
        Some(Value::Object(members)) => members,
        Some(_) => return Err(failure("bad_config", "expected an object", "config")),
    };
    match members.first() {
        None => Ok("{}".to_string()),
        Some((name, _)) => Err(failure("bad_config", "this policy has no config", &format!("config.{name}"))),
    }
}

fn decide(given: &Value) -> Result<String, Failure> {
    let n = given
        .member("n")
        .and_then(Value::count)
        .ok_or_else(|| failure("bad_input", "expected a whole number of 1 or more", "n"))?;
    let leader = given
        .member("leader")
        .and_then(Value::text)
        .ok_or_else(|| failure("bad_input", "expected a text", "leader"))?;
    let mut holders: BTreeMap<&str, u32> = BTreeMap::new();
    for (_, lock) in entries(given, "holders")? {
        *holders.entry(lock).or_default() += 1;
    }
    let (last, mut queue): (Vec<Entry>, Vec<Entry>) =
        entries(given, "queue")?.into_iter().partition(|(unit, _)| *unit == leader);
    queue.extend(last);

    let most = (n / 2).saturating_sub(1).max(1);
    let (mut grant, mut wait) = (String::new(), String::new());
    let mut waiting = Vec::new();
    for (unit, lock) in queue {
        let count = holders.entry(lock).or_default();
        if *count < most {
            *count += 1;
            push(&mut grant, unit, lock);
            grant.push('}');
        } else {
            waiting.push((unit, lock));
        }
    }
    for (unit, lock) in waiting {
        push(&mut wait, unit, lock);
        let reason = format!("{most} of {n} units may hold {lock} at a time");
        let _ = write!(wait, ",\"reason\":{}}}", json::quoted(&reason));
    }
    let whole = format!("{{\"grant\":[{grant}],\"wait\":[{wait}]}}");
    // Reasons that do not fit are left out: they are for people.
    if whole.len() + "{\"ok\":}".len() <= MOST_TEXT {
        return Ok(whole);
    }
    Ok(format!("{{\"grant\":[{grant}]}}"))
}

/// Writes an entry, but for its end.
fn push(list: &mut String, unit: &str, lock: &str) {
    let comma = if list.is_empty() { "" } else { "," };
    let _ = write!(list, "{comma}{{\"unit\":{},\"lock\":{}", json::quoted(unit), json::quoted(lock));
}

fn entries<'a>(given: &'a Value, name: &str) -> Result<Vec<Entry<'a>>, Failure> {
    let entry = |item: &'a Value| Some((item.member("unit")?.text()?, item.member("lock")?.text()?));
    match given.member(name) {
        Some(Value::List(items)) => items.iter().map(entry).collect::<Option<Vec<_>>>(),
        _ => None,
    }
    .ok_or_else(|| failure("bad_input", "expected a list of objects with unit and lock", name))
}

#[no_mangle]
pub extern "C" fn coordinator_abi() -> i32 {
    1
}

#[no_mangle]
pub extern "C" fn coordinator_alloc(length: usize) -> *mut u8 {
    if length > MOST_TEXT {
        return std::ptr::null_mut();
    }
    vec![0; length.max(1)].leak().as_mut_ptr()
}

/// # Safety
///
/// At `address` are `length` bytes, as `coordinator_alloc` gave them.
#[no_mangle]
pub unsafe extern "C" fn coordinator_call(address: *const u8, length: usize) -> u64 {
    let answer = answer(std::slice::from_raw_parts(address, length)).into_bytes().leak();
    (answer.as_ptr() as u64) << 32 | answer.len() as u64
}
