//! Random principals, rows and contexts: mostly of the right types, from small pools that literals are taken from too, and
//! now and then missing, null, huge or of another type.

use plinth_policy::Vocabulary;
use plinth_policy::vocabulary::{Record, Type};
use serde_json::{Map, Value, json};

use super::tape::Tape;
use super::world::NAMES;

pub const STRINGS: &[&str] = &[
    "a",
    "b",
    "ab",
    "",
    "a*b",
    "axb",
    "q\"uote",
    "back\\slash",
    "x.y",
    "(x|y)[z]{1}^$+?",
    "line\nend",
    "ü",
    "🦀",
    "\u{1}",
    "A",
    "#-~ /",
];
pub const LONGS: &[i64] = &[0, 1, -1, 2, 7, 100, i64::MAX, i64::MIN, i64::MAX - 1, 3_600_000];
pub const TIMES: &[i64] = &[
    0,
    1,
    -1,
    86_400_000,
    -86_400_001,
    1_764_000_000_000,
    i64::MAX,
    i64::MIN,
    43_200_000,
];
pub const USERS: &[&str] = &["u1", "u2", "we\"ird::\\id"];
pub const ROLES: &[&str] = &["admin", "viewer"];
pub const GROUPS: &[&str] = &["g1", "gr\"oup"];
pub const ROWS: &[&str] = &["r1", "r2", "r\\3"];
pub const ORGS: &[&str] = &["o1", "o2"];
const BITS: &[&str] = &[
    "0a000001",
    "0a010203",
    "7f000001",
    "e0000001",
    "c0000207",
    "00000000000000000000000000000001",
    "20010db8000000000000000000000001",
    "ff020000000000000000000000000001",
    "00000000000000000000ffff01020304",
];

/// One question about one row.
#[derive(Debug)]
pub struct Input {
    pub principal: Value,
    pub action: String,
    pub row: Value,
    pub context: Value,
}

impl Input {
    pub fn new(tape: &mut Tape<'_>, vocabulary: &Vocabulary, kind: &str) -> Self {
        let all: Vec<&str> = vocabulary.actions().collect();
        let own: Vec<&str> = all
            .iter()
            .copied()
            .filter(|action| action.starts_with(&format!("{kind}:")))
            .collect();
        let action = (if tape.chance(10) {
            *tape.pick(&all)
        } else {
            *tape.pick(&own)
        })
        .to_owned();
        let attributes = &vocabulary.kind_of_action(&action).unwrap().attributes;
        let mut row = record(tape, attributes);
        row.insert("id".to_owned(), json!(tape.pick(ROWS)));
        if !tape.chance(10) {
            row.insert("org".to_owned(), json!(tape.pick(ORGS)));
        } else if tape.chance(50) {
            row.insert("org".to_owned(), junk(tape));
        }
        Self {
            principal: principal(tape, vocabulary),
            action,
            row: Value::Object(row),
            context: Value::Object(record(tape, vocabulary.context())),
        }
    }

    /// Texts that a row's principal scope is compared with.
    pub fn memberships(&self) -> Vec<&str> {
        let ancestors = self.principal["ancestors"].as_array().unwrap().iter();
        ancestors
            .chain([&self.principal["uid"]])
            .map(|text| text.as_str().unwrap())
            .collect()
    }

    pub fn kind(&self) -> &str {
        self.principal["uid"].as_str().unwrap().split_once("::").unwrap().0
    }

    pub fn variables(&self) -> Value {
        json!({"principal": self.principal, "context": self.context})
    }
}

fn principal(tape: &mut Tape<'_>, vocabulary: &Vocabulary) -> Value {
    let kind = *tape.pick(&plinth_policy::vocabulary::PrincipalKind::ALL);
    // Users' attributes for either kind: what a service account does not declare has to count as missing.
    let mut view = record(
        tape,
        vocabulary.principal(plinth_policy::vocabulary::PrincipalKind::User),
    );
    view.insert(
        "uid".to_owned(),
        json!(format!("{}::{}", kind.as_str(), tape.pick(USERS))),
    );
    let roles = tape.some(ROLES, 40).into_iter().map(|role| format!("Role::{role}"));
    let groups = tape.some(GROUPS, 40).into_iter().map(|group| format!("Group::{group}"));
    let ancestors: Vec<String> = roles.chain(groups).collect();
    view.insert("ancestors".to_owned(), json!(ancestors));
    Value::Object(view)
}

fn record(tape: &mut Tape<'_>, record: &Record) -> Map<String, Value> {
    let mut fields = Map::new();
    for (name, attribute) in record.fields() {
        let absent = if attribute.required { 10 } else { 25 };
        if !tape.chance(absent) {
            fields.insert(name.to_owned(), value(tape, &attribute.ty));
        }
    }
    if record.is_open() {
        for name in tape.some(NAMES, 50) {
            if !fields.contains_key(name) {
                fields.insert(name.to_owned(), value(tape, &Type::String));
            }
        }
    }
    fields
}

fn value(tape: &mut Tape<'_>, ty: &Type) -> Value {
    if tape.chance(14) {
        return if tape.chance(60) {
            near_miss(tape, ty)
        } else {
            junk(tape)
        };
    }
    match ty {
        Type::Bool => json!(!tape.chance(50)),
        Type::Long => match tape.below(6) {
            0..=3 => json!(tape.pick(LONGS)),
            4 => json!(tape.below(4) as f64),
            _ => json!(tape.pick(&[1e3, 9_007_199_254_740_993.0, 1.152_921_504_606_847e18, 9.3e18])),
        },
        Type::String => json!(tape.pick(STRINGS)),
        Type::Datetime => json!(tape.pick(TIMES)),
        Type::Address => json!({"address": "of no account", "bits": tape.pick(BITS)}),
        Type::Principal => json!(format!(
            "{}::{}",
            tape.pick(&["User", "ServiceAccount"]),
            tape.pick(USERS)
        )),
        Type::Set(element) => {
            let length = tape.below(4);
            (0..length)
                .map(|_| {
                    if tape.chance(3) {
                        junk(tape)
                    } else {
                        value(tape, element)
                    }
                })
                .collect()
        }
        Type::Record(inner) => Value::Object(record(tape, inner)),
    }
}

/// What is nearly of this type: what a guard that is a little too weak would let through.
fn near_miss(tape: &mut Tape<'_>, ty: &Type) -> Value {
    let pool = match ty {
        Type::Bool => vec![Value::Null, json!(1), json!("true")],
        Type::Long | Type::Datetime => {
            vec![
                json!(1.5),
                json!(0.5),
                json!(1e300),
                json!(u64::MAX),
                json!(-1e19),
                json!("1"),
                Value::Null,
            ]
        }
        Type::String => vec![Value::Null, json!(["a"]), json!(1)],
        Type::Address => ["0a00000", "0A000001", "0a000001\n", "x0a000001", "10.0.0.1"]
            .map(|bits| json!({"bits": bits}))
            .to_vec(),
        Type::Principal => vec![json!("User:u1"), json!("Robot::u1"), json!("u1"), Value::Null],
        Type::Set(element) => {
            let mut elements = vec![near_miss(tape, element)];
            let good = tape.below(3);
            elements.extend((0..good).map(|_| value(tape, element)));
            return Value::Array(elements);
        }
        Type::Record(_) => vec![json!([]), Value::Null, json!([{}])],
    };
    tape.pick(&pool).clone()
}

/// What is of the wrong type nearly everywhere.
fn junk(tape: &mut Tape<'_>) -> Value {
    let bits = |bits: &str| json!({"bits": bits});
    match tape.below(19) {
        0 => Value::Null,
        1 => json!(1.5),
        2 => json!(1e300),
        3 => json!("1"),
        4 => json!({}),
        5 => json!([]),
        6 => json!([null]),
        7 => json!([1, "a", true]),
        8 => json!(true),
        9 => json!(-0.0),
        10 => json!("Robot::u1"),
        11 => json!(u64::MAX),
        12 => bits("0A000001"),
        13 => bits("0a00000"),
        14 => bits("0a000001\n"),
        15 => json!({"bits": 5}),
        16 => json!([[1]]),
        17 => json!(false),
        _ => json!(7),
    }
}
