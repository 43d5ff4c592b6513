//! Random policies as text: every construct that the compiler accepts, typed well enough that most are valid.

use plinth_policy::vocabulary::{PrincipalKind, Type};

use super::input::{GROUPS, LONGS, ORGS, ROLES, ROWS, STRINGS, USERS};
use super::tape::Tape;
use super::world::{Field, World};

/// The deepest nesting of expressions.
const DEPTH: usize = 4;

pub const KINDS: &[(&str, &str)] = &[
    ("pipelines", "Pipeline"),
    ("gpu-jobs", "GpuJob"),
    ("members", "Member"),
    ("bill", "Bill"),
    ("org", "Org"),
];

/// The text of a policy, and the kind that it is about.
pub fn policy(tape: &mut Tape<'_>, world: &World) -> (String, &'static str) {
    let (kind, entity) = *tape.pick(KINDS);
    let count = 1 + tape.below(3);
    let text: Vec<String> = (0..count).map(|_| statement(tape, world, kind, entity)).collect();
    (text.join("\n"), kind)
}

fn statement(tape: &mut Tape<'_>, world: &World, kind: &'static str, entity: &str) -> String {
    let effect = if tape.chance(35) { "forbid" } else { "permit" };
    let (principal, known) = principal(tape);
    let (action, action_tells) = action(tape, world, kind);
    let (resource, resource_tells) = resource(tape, kind, entity);
    let about = (action_tells || resource_tells).then_some(kind);
    let mut writer = Writer {
        tape,
        fields: world.fields(about, known),
        known: Vec::new(),
        kind,
        entity,
    };
    let clauses = *writer.tape.pick(&[0, 1, 1, 2, 2, 3]);
    let clauses: String = (0..clauses)
        .map(|_| {
            let word = if writer.tape.chance(25) { "unless" } else { "when" };
            format!("\n{word} {{ {} }}", writer.boolean(DEPTH))
        })
        .collect();
    format!("{effect} ({principal}, {action}, {resource}){clauses};")
}

fn principal(tape: &mut Tape<'_>) -> (String, Option<PrincipalKind>) {
    let user = Some(PrincipalKind::User);
    match tape.below(9) {
        0..=3 => ("principal".to_owned(), None),
        4 => ("principal is User".to_owned(), user),
        5 => (
            "principal is ServiceAccount".to_owned(),
            Some(PrincipalKind::ServiceAccount),
        ),
        6 => (format!("principal == User::{}", quoted(tape.pick(USERS))), user),
        7 => (format!("principal in {}", membership(tape)), None),
        _ => (format!("principal is User in {}", membership(tape)), user),
    }
}

fn membership(tape: &mut Tape<'_>) -> String {
    if tape.chance(50) {
        format!("Group::{}", quoted(tape.pick(GROUPS)))
    } else {
        format!("Role::{}", quoted(tape.pick(ROLES)))
    }
}

/// The scope, and whether it says the kind.
fn action(tape: &mut Tape<'_>, world: &World, kind: &str) -> (String, bool) {
    let own: Vec<&str> = world
        .vocabulary
        .actions()
        .filter(|action| action.starts_with(&format!("{kind}:")))
        .collect();
    match tape.below(6) {
        0..=2 => ("action".to_owned(), false),
        3 => (format!("action == Action::{}", quoted(tape.pick(&own))), true),
        4 => (format!("action in Action::{}", quoted(format!("{kind}:*"))), true),
        _ => (
            format!("action in [Action::\"view\", Action::{}]", quoted(tape.pick(&own))),
            false,
        ),
    }
}

fn resource(tape: &mut Tape<'_>, kind: &str, entity: &str) -> (String, bool) {
    let org = format!("Org::{}", quoted(tape.pick(ORGS)));
    match tape.below(8) {
        0 => ("resource".to_owned(), false),
        1 => (format!("resource in {org}"), false),
        2 => (format!("resource == {entity}::{}", quoted(tape.pick(ROWS))), true),
        3 if kind != "org" => (format!("resource is {entity} in {org}"), true),
        _ => (format!("resource is {entity}"), true),
    }
}

pub fn quoted(text: impl AsRef<str>) -> String {
    let text = text.as_ref();
    let mut quoted = String::from('"');
    for c in text.chars() {
        match c {
            '"' => quoted.push_str("\\\""),
            '\\' => quoted.push_str("\\\\"),
            '*' => quoted.push('*'),
            c if c.is_control() => quoted.push_str(&format!("\\u{{{:x}}}", u32::from(c))),
            c => quoted.push(c),
        }
    }
    quoted + "\""
}

fn is_identifier(name: &str) -> bool {
    const KEYWORDS: &[&str] = &["true", "false", "if", "then", "else", "in", "is", "like", "has"];
    name.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_')
        && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_')
        && !KEYWORDS.contains(&name)
}

fn step(name: &str) -> String {
    if is_identifier(name) {
        format!(".{name}")
    } else {
        format!("[{}]", quoted(name))
    }
}

fn path(field: &Field, steps: usize) -> String {
    let steps = field.steps[..steps].iter().map(|(name, _)| step(name));
    format!("{}{}", field.root, steps.collect::<String>())
}

struct Writer<'w, 't, 'a> {
    tape: &'w mut Tape<'t>,
    fields: Vec<Field>,
    /// Optional paths that were asked for.
    known: Vec<String>,
    kind: &'a str,
    entity: &'a str,
}

impl Writer<'_, '_, '_> {
    fn readable(&self, field: &Field) -> bool {
        (1..=field.steps.len()).all(|steps| !field.steps[steps - 1].1 || self.known.contains(&path(field, steps)))
    }

    /// A path that may be read here and is of this type.
    fn path_of(&mut self, ty: &Type) -> Option<String> {
        let paths: Vec<String> = self
            .fields
            .iter()
            .filter(|field| field.ty == *ty && self.readable(field))
            .map(|field| path(field, field.steps.len()))
            .collect();
        (!paths.is_empty()).then(|| self.tape.pick(&paths).clone())
    }

    /// A question for an optional field, and the paths that its answer makes readable.
    fn question(&mut self) -> Option<(String, Vec<String>)> {
        let optional: Vec<&Field> = self
            .fields
            .iter()
            .filter(|field| field.steps.last().is_some_and(|(_, optional)| *optional) && !self.readable(field))
            .collect();
        if optional.is_empty() {
            return None;
        }
        let field = (*self.tape.pick(&optional)).clone();
        let asked: Vec<usize> = (1..=field.steps.len())
            .filter(|steps| field.steps[steps - 1].1)
            .collect();
        let paths = asked.iter().map(|steps| path(&field, *steps)).collect();
        let first = asked[0];
        let names: Vec<&str> = field.steps[first - 1..].iter().map(|(name, _)| name.as_str()).collect();
        if asked.len() > 1 && names.iter().all(|name| is_identifier(name)) && self.tape.chance(50) {
            return Some((format!("{} has {}", path(&field, first - 1), names.join(".")), paths));
        }
        let has = asked.iter().map(|steps| {
            let name = &field.steps[steps - 1].0;
            let name = if is_identifier(name) {
                name.clone()
            } else {
                quoted(name)
            };
            format!("{} has {name}", path(&field, steps - 1))
        });
        Some((has.collect::<Vec<_>>().join(" && "), paths))
    }

    fn guarded(&mut self, depth: usize) -> String {
        let Some((question, paths)) = self.question() else {
            return self.boolean(depth - 1);
        };
        let before = self.known.len();
        self.known.extend(paths);
        let body = self.boolean(depth - 1);
        self.known.truncate(before);
        match self.tape.below(4) {
            0 | 1 => format!("({question} && {body})"),
            2 => format!("(if {question} then {body} else {})", self.boolean(depth - 1)),
            _ => format!("!({question} && {body})"),
        }
    }

    fn boolean(&mut self, depth: usize) -> String {
        if depth == 0 {
            return match self.tape.below(4) {
                0 => "true".to_owned(),
                1 => self.path_of(&Type::Bool).unwrap_or_else(|| "false".to_owned()),
                2 => format!("{} == {}", self.text(0), self.text(0)),
                _ => format!("{} <= {}", self.long(0), self.long(0)),
            };
        }
        let next = depth - 1;
        match self.tape.below(31) {
            0..=4 => self.guarded(depth),
            26 | 27 => self.comparison(next),
            28 => self.moments(next),
            29 | 30 => self.equality(next),
            5 | 6 => format!("({} && {})", self.boolean(next), self.boolean(next)),
            7 | 8 => format!("({} || {})", self.boolean(next), self.boolean(next)),
            9 => format!("!{}", parenthesised(&self.boolean(next))),
            10 => format!(
                "(if {} then {} else {})",
                self.boolean(next),
                self.boolean(next),
                self.boolean(next)
            ),
            11 | 12 => self.equality(next),
            13 | 14 => self.comparison(next),
            15 => self.moments(next),
            16 => format!("{} like {}", self.text(next), self.pattern()),
            17 | 18 => self.membership(next),
            19..=21 => self.sets(next),
            22 | 23 => self.address(next),
            24 => self.constant(),
            _ => self.boolean(0),
        }
    }

    fn equality(&mut self, depth: usize) -> String {
        let sign = if self.tape.chance(40) { "!=" } else { "==" };
        let (left, right) = match self.tape.below(5) {
            0 => (self.text(depth), self.text(depth)),
            1 => (self.long(depth), self.long(depth)),
            2 => (parenthesised(&self.boolean(depth)), parenthesised(&self.boolean(depth))),
            3 => (self.entity(depth), self.entity(depth)),
            _ => {
                let ty = self.element();
                (self.set(&ty, depth), self.set(&ty, depth))
            }
        };
        format!("({left} {sign} {right})")
    }

    fn comparison(&mut self, depth: usize) -> String {
        let sign = *self.tape.pick(&["<", "<=", ">", ">="]);
        format!("({} {sign} {})", self.long(depth), self.long(depth))
    }

    fn moments(&mut self, depth: usize) -> String {
        let sign = *self.tape.pick(&["<", "<=", ">", ">=", "==", "!="]);
        if self.tape.chance(50) {
            return format!("({} {sign} {})", self.duration(depth), self.duration(depth));
        }
        format!("({} {sign} {})", self.moment(depth), self.moment(depth))
    }

    fn moment(&mut self, depth: usize) -> String {
        match self.tape.below(if depth == 0 { 2 } else { 5 }) {
            0 | 2 => "context.time".to_owned(),
            1 => (*self.tape.pick(&[
                "datetime(\"1970-01-01\")",
                "datetime(\"2025-11-24T16:00:00Z\")",
                "datetime(\"1969-12-31T23:59:59.999Z\")",
            ]))
            .to_owned(),
            3 => format!("{}.offset({})", self.moment(depth - 1), self.duration(depth - 1)),
            _ => format!("{}.toDate()", self.moment(depth - 1)),
        }
    }

    fn duration(&mut self, depth: usize) -> String {
        match self.tape.below(if depth == 0 { 1 } else { 3 }) {
            0 => {
                let text = self.tape.pick(&["0ms", "1d", "-1h", "12h", "9223372036854775807ms"]);
                format!("duration(\"{text}\")")
            }
            1 => format!("{}.toTime()", self.moment(depth - 1)),
            _ => format!("{}.durationSince({})", self.moment(depth - 1), self.moment(depth - 1)),
        }
    }

    fn long(&mut self, depth: usize) -> String {
        let next = depth.saturating_sub(1);
        match self.tape.below(if depth == 0 { 4 } else { 9 }) {
            0 => self.tape.pick(LONGS).to_string(),
            1..=3 => match self.path_of(&Type::Long) {
                Some(path) => path,
                None => self.tape.pick(LONGS).to_string(),
            },
            4 => format!("({} + {})", self.long(next), self.long(next)),
            5 => format!("({} - {})", self.long(next), self.long(next)),
            6 => format!("({} * {})", self.long(next), self.long(next)),
            7 => format!(
                "(if {} then {} else {})",
                self.boolean(next),
                self.long(next),
                self.long(next)
            ),
            _ if self.tape.chance(50) => format!("(-{})", parenthesised(&self.long(next))),
            _ => {
                let unit = *self
                    .tape
                    .pick(&["toMilliseconds", "toSeconds", "toMinutes", "toHours", "toDays"]);
                format!("{}.{unit}()", self.duration(next))
            }
        }
    }

    fn text(&mut self, depth: usize) -> String {
        let next = depth.saturating_sub(1);
        match self.tape.below(if depth == 0 { 4 } else { 5 }) {
            0 if self.tape.chance(4) => "\"nul\\0\"".to_owned(),
            0 => quoted(self.tape.pick(STRINGS)),
            1..=3 => match self.path_of(&Type::String) {
                Some(path) => path,
                None => quoted(self.tape.pick(STRINGS)),
            },
            _ => format!(
                "(if {} then {} else {})",
                self.boolean(next),
                self.text(next),
                self.text(next)
            ),
        }
    }

    /// A pattern: a text in which some characters became wildcards, and a real `*` is escaped.
    fn pattern(&mut self) -> String {
        let text = *self.tape.pick(STRINGS);
        let mut pattern = String::new();
        if self.tape.chance(30) {
            pattern.push('*');
        }
        for c in text.chars() {
            match c {
                '*' if self.tape.chance(50) => pattern.push_str("\\*"),
                c if self.tape.chance(25) => pattern.push_str(if c == '*' { "**" } else { "*" }),
                c => pattern.push_str(quoted(c.to_string()).trim_matches('"').replace("\\\"", "\"").as_str()),
            }
        }
        if self.tape.chance(30) {
            pattern.push('*');
        }
        format!("\"{}\"", pattern.replace("\\\"", "\"").replace('"', "\\\""))
    }

    fn entity(&mut self, depth: usize) -> String {
        match self.tape.below(if depth == 0 { 4 } else { 6 }) {
            0 => "principal".to_owned(),
            1 | 2 => self.path_of(&Type::Principal).unwrap_or_else(|| "principal".to_owned()),
            3 => format!(
                "{}::{}",
                self.tape.pick(&["User", "ServiceAccount"]),
                quoted(self.tape.pick(USERS))
            ),
            4 => "resource".to_owned(),
            _ => format!("{}::{}", self.entity, quoted(self.tape.pick(ROWS))),
        }
    }

    fn membership(&mut self, depth: usize) -> String {
        let action = format!(
            "Action::{}",
            quoted(*self.tape.pick(&["view", "update", "create", "delete"]))
        );
        match self.tape.below(40) {
            37 => format!("User::{} in {}", quoted(self.tape.pick(USERS)), membership(self.tape)),
            38 => format!(
                "{}::{} in Org::{}",
                self.entity,
                quoted(self.tape.pick(ROWS)),
                quoted(self.tape.pick(ORGS))
            ),
            39 => format!("Action::{} in {action}", quoted(format!("{}:view", self.kind))),
            number => self.membership_of_request(number % 9, depth, &action),
        }
    }

    fn membership_of_request(&mut self, which: usize, depth: usize, action: &str) -> String {
        match which {
            0 => format!("principal in {}", membership(self.tape)),
            1 => format!("principal in [{}, {}]", membership(self.tape), membership(self.tape)),
            2 => format!("resource in Org::{}", quoted(self.tape.pick(ORGS))),
            3 => format!("action in {action}"),
            4 => format!("action == Action::{}", quoted(format!("{}:view", self.kind))),
            5 => format!("{} in {}", self.entity(depth), self.entity(depth)),
            6 => format!(
                "{} is {}",
                self.entity(depth),
                self.tape.pick(&["User", "ServiceAccount", self.entity])
            ),
            7 => format!("principal is User in {}", membership(self.tape)),
            _ => format!("[{}].contains({})", self.entity(depth), self.entity(depth)),
        }
    }

    fn element(&mut self) -> Type {
        self.tape.pick(&[Type::String, Type::Long, Type::Bool]).clone()
    }

    fn scalar(&mut self, ty: &Type, depth: usize) -> String {
        match ty {
            Type::Long => self.long(depth),
            Type::Bool => parenthesised(&self.boolean(depth)),
            _ => self.text(depth),
        }
    }

    fn set(&mut self, ty: &Type, depth: usize) -> String {
        let next = depth.saturating_sub(1);
        let of_ty = Type::Set(Box::new(ty.clone()));
        match self.tape.below(if depth == 0 { 4 } else { 5 }) {
            1..=3 => {
                if let Some(path) = self.path_of(&of_ty) {
                    return path;
                }
            }
            4 => {
                return format!(
                    "(if {} then {} else {})",
                    self.boolean(next),
                    self.set(ty, next),
                    self.set(ty, next)
                );
            }
            _ => {}
        }
        let count = 1 + self.tape.below(3);
        let elements: Vec<String> = (0..count).map(|_| self.scalar(ty, next.min(1))).collect();
        format!("[{}]", elements.join(", "))
    }

    fn sets(&mut self, depth: usize) -> String {
        let ty = self.element();
        match self.tape.below(5) {
            0 | 1 => format!("{}.contains({})", self.set(&ty, depth), self.scalar(&ty, depth)),
            2 => format!("{}.containsAll({})", self.set(&ty, depth), self.set(&ty, depth)),
            3 => format!("{}.containsAny({})", self.set(&ty, depth), self.set(&ty, depth)),
            _ => format!("{}.isEmpty()", self.set(&ty, depth)),
        }
    }

    /// `context.ip` is optional, so that it is asked for here.
    fn address(&mut self, _depth: usize) -> String {
        let network = *self.tape.pick(&[
            "10.0.0.0/8",
            "10.1.2.3",
            "10.1.0.0/15",
            "127.0.0.0/8",
            "192.0.2.0/30",
            "::/0",
            "2001:db8::/33",
            "fe00::/7",
            "0.0.0.0/0",
            "::ffff:102:304",
            "0a00::/16",
        ]);
        let test = match self.tape.below(9) {
            0 | 1 => format!("context.ip.isInRange(ip(\"{network}\"))"),
            2 => format!("ip(\"{network}\").isInRange(context.ip)"),
            3 => format!("context.ip == ip(\"{network}\")"),
            4 => format!(
                "(if {} then context.ip else ip(\"{network}\")) != context.ip",
                self.boolean(0)
            ),
            5 => "context.ip.isIpv4()".to_owned(),
            6 => "context.ip.isIpv6()".to_owned(),
            7 => "context.ip.isLoopback()".to_owned(),
            _ => "context.ip.isMulticast()".to_owned(),
        };
        match self.tape.below(3) {
            0 => format!("(context has ip && {test})"),
            1 => format!("!(context has ip && {test})"),
            _ => format!("(if context has ip then {test} else {})", self.boolean(0)),
        }
    }

    /// What Cedar alone computes.
    fn constant(&mut self) -> String {
        (*self.tape.pick(&[
            "decimal(\"1.5\").lessThan(decimal(\"2.0\"))",
            "decimal(\"1.5\").greaterThanOrEqual(decimal(\"2.0\"))",
            "ip(\"10.0.0.1\").isInRange(ip(\"10.0.0.0/8\"))",
            "(9223372036854775807 + 1) == 0",
            "!((9223372036854775807 + 1) == 0)",
            "datetime(\"2025-01-01\") < datetime(\"2026-01-01\")",
            "\"abc\" like \"a*\"",
            "[1, 2].containsAll([2])",
        ]))
        .to_owned()
    }
}

fn parenthesised(text: &str) -> String {
    format!("({text})")
}
