//! Rules about single files: what a line may not contain, how a file begins, and how long it may get.

use super::Offence;

const LONGEST_FILE_LINES: usize = 600;
const CODE: &[&str] = &[".rs", ".ts", ".tsx", ".py", ".sql", ".sh"];
const FLOOR_0: &[&str] = &["crates/model/src/", "crates/policy/src/", "crates/rating/src/"];
const BELOW_API: &[&str] = &[
    "crates/model/src/",
    "crates/policy/src/",
    "crates/rating/src/",
    "crates/store/src/",
    "crates/control/src/",
];

/// Text that must not stand in the product's code (tests at the end of a file are not looked at) below some folders.
struct LineRule {
    name: &'static str,
    reason: &'static str,
    below: &'static [&'static str],
    except_below: &'static [&'static str],
    forbidden: &'static [&'static str],
}

const LINE_RULES: &[LineRule] = &[
    LineRule {
        name: "sql",
        reason: "SQL text lives in `store` and in the connectors of `etl`",
        below: &["crates/"],
        except_below: &["crates/store/", "crates/etl/", "crates/testkit/", "crates/xtask/"],
        forbidden: &[
            "\"select ",
            "\"insert into ",
            "\"delete from ",
            "\"create table ",
            "\"alter table ",
            "\"drop table ",
            "\"truncate ",
            "\"begin;",
            "\"set local ",
            "include_str!(\"../queries",
        ],
    },
    LineRule {
        name: "http",
        reason: "HTTP begins at `api`",
        below: BELOW_API,
        except_below: &[],
        forbidden: &[
            "axum::",
            "hyper::",
            "tower_http::",
            "use http::",
            " http::StatusCode",
            "reqwest::",
        ],
    },
    LineRule {
        name: "floor 0 does no I/O",
        reason: "the rules of the product are pure; callers bring what they need",
        below: FLOOR_0,
        except_below: &[],
        forbidden: &[
            "std::fs",
            "std::net",
            "std::io",
            "std::process",
            "std::env",
            "tokio::",
            "println!",
            "Timestamp::now()",
        ],
    },
    LineRule {
        name: "floor 0 does not panic",
        reason: "a bill or a policy decision must come out, or an error",
        below: FLOOR_0,
        except_below: &[],
        forbidden: &[
            ".unwrap()",
            ".expect(\"",
            "panic!(",
            "unreachable!(",
            "unimplemented!(",
            "assert!(",
        ],
    },
    LineRule {
        name: "allow",
        reason: "`#[expect(lint, reason)]` complains when it is no longer needed",
        below: &["crates/"],
        except_below: &["crates/xtask/src/tidy/"],
        forbidden: &["#[allow(", "#![allow("],
    },
];

pub(super) fn offences(path: &str, text: &str) -> Vec<Offence> {
    let mut offences = line_offences(path, text);
    offences.extend(opening_offence(path, text));
    offences.extend(length_offence(path, text));
    offences.extend(place_offences(path, text));
    offences.extend(lock_offences(path, text));
    offences
}

fn line_offences(path: &str, text: &str) -> Vec<Offence> {
    if !path.ends_with(".rs") || is_test(path) {
        return Vec::new();
    }
    let applies = |rule: &&LineRule| below(path, rule.below) && !below(path, rule.except_below);
    let rules: Vec<&LineRule> = LINE_RULES.iter().filter(applies).collect();
    let product = text.split("#[cfg(test)]\nmod ").next().unwrap_or_default();
    let lines = product
        .lines()
        .enumerate()
        .filter(|(_, line)| !line.trim_start().starts_with("//"));
    lines
        .flat_map(|(index, line)| {
            rules
                .iter()
                .filter_map(move |rule| line_offence(path, index, line, rule))
        })
        .collect()
}

fn line_offence(path: &str, index: usize, line: &str, rule: &LineRule) -> Option<Offence> {
    let lower = line.to_lowercase();
    let found = rule
        .forbidden
        .iter()
        .find(|forbidden| lower.contains(&forbidden.to_lowercase()))?;
    Some(offence(
        format!("{path}:{}", index + 1),
        rule.name,
        format!("`{}`: {}", found.trim(), rule.reason),
    ))
}

fn opening_offence(path: &str, text: &str) -> Option<Offence> {
    let is_module = path.starts_with("crates/") && path.ends_with(".rs");
    let opens = text
        .lines()
        .find(|line| !line.starts_with("#!"))
        .is_some_and(|line| line.starts_with("//!"));
    let detail = "a module opens with `//!`: its job, and what it must not know";
    (is_module && !opens).then(|| offence(path.to_owned(), "module docs", detail.to_owned()))
}

fn length_offence(path: &str, text: &str) -> Option<Offence> {
    let counts = CODE.iter().any(|ending| path.ends_with(ending)) && !is_test(path) && !is_generated(path);
    let lines = text.lines().count();
    let detail = format!("{lines} lines, {LONGEST_FILE_LINES} is the most: look for the second thing that hides in it");
    (counts && lines > LONGEST_FILE_LINES).then(|| offence(path.to_owned(), "length", detail))
}

/// Folders of one machine mean nothing on another.
fn place_offences(path: &str, text: &str) -> Vec<Offence> {
    let machine_folders = [concat!("/ro", "ot/"), concat!("/wo", "rk/"), concat!("/Us", "ers/")];
    if is_lock_file(path) {
        return Vec::new();
    }
    let lines = text.lines().enumerate();
    let found = lines.filter_map(|(index, line)| {
        let folder = machine_folders.iter().find(|folder| begins_in(line, folder))?;
        Some(offence(
            format!("{path}:{}", index + 1),
            "machine",
            format!("`{folder}` is a folder of one machine"),
        ))
    });
    found.collect()
}

/// Whether a path in this line begins with the folder; a longer path that only contains it does not count.
fn begins_in(line: &str, folder: &str) -> bool {
    line.match_indices(folder).any(|(at, _)| {
        let before = line[..at].chars().next_back();
        !before.is_some_and(|c| c.is_alphanumeric() || "}-_.)$*~".contains(c))
    })
}

fn offence(place: String, rule: &'static str, detail: String) -> Offence {
    Offence { place, rule, detail }
}

fn below(path: &str, folders: &[&str]) -> bool {
    folders.iter().any(|folder| path.starts_with(folder))
}

fn is_test(path: &str) -> bool {
    ["/tests/", "/benches/", "/fuzz/", "e2e/"]
        .iter()
        .any(|part| path.contains(part))
        || ["/tests.rs", ".test.ts", ".test.tsx"]
            .iter()
            .any(|ending| path.ends_with(ending))
}

fn is_generated(path: &str) -> bool {
    path.contains("/generated/")
        || path.contains("/generated.")
        || path.contains("/_generated/")
        || path == "web/client/src/schema.ts"
}

fn is_lock_file(path: &str) -> bool {
    path == "Cargo.lock" || path.ends_with("package-lock.json")
}

fn lock_offences(path: &str, text: &str) -> Vec<Offence> {
    if !path.ends_with("package-lock.json") {
        return Vec::new();
    }
    let named = text
        .lines()
        .enumerate()
        .filter(|(_, line)| line.trim_start().starts_with("\"resolved\": \"http"));
    let detail = "packages come from the registry that npm is set to; their checksums say that they are the same";
    named
        .map(|(index, _)| offence(format!("{path}:{}", index + 1), "registry", detail.to_owned()))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// `(path, text, the rules it breaks)`.
    const CASES: &[(&str, &str, &[&str])] = &[
        ("crates/api/src/a.rs", "//! A.\nlet q = \"SELECT 1\";\n", &["sql"]),
        ("crates/store/src/a.rs", "//! A.\nlet q = \"select 1\";\n", &[]),
        ("crates/api/src/a.rs", "//! A.\n// \"select 1\"\n", &[]),
        (
            "crates/api/src/a.rs",
            "//! A.\n#[cfg(test)]\nmod tests { const Q: &str = \"select 1\"; }\n",
            &[],
        ),
        ("crates/control/src/a.rs", "//! A.\nuse axum::Json;\n", &["http"]),
        ("crates/api/src/a.rs", "//! A.\nuse axum::Json;\n", &[]),
        (
            "crates/rating/src/a.rs",
            "//! A.\nuse std::fs;\n",
            &["floor 0 does no I/O"],
        ),
        (
            "crates/rating/src/a.rs",
            "//! A.\nlet a = b.unwrap();\n",
            &["floor 0 does not panic"],
        ),
        ("crates/api/src/a.rs", "use b;\n", &["module docs"]),
        ("crates/api/src/a.rs", "#![expect(x, reason = \"y\")]\n//! A.\n", &[]),
        ("crates/api/src/a.rs", "//! A.\n#[allow(dead_code)]\n", &["allow"]),
        ("docs/a.md", concat!("see `/wo", "rk/main`\n"), &["machine"]),
        ("docs/a.md", "POST /v1/work/claim\n", &[]),
        ("web/package-lock.json", "\"resolved\": \"packages/a\"\n", &[]),
        (
            "web/package-lock.json",
            "\"resolved\": \"https://mirror.example/a.tgz\"\n",
            &["registry"],
        ),
    ];

    #[test]
    fn each_rule_finds_its_offence_and_nothing_else() {
        for (path, text, expected) in CASES {
            let found: Vec<&str> = offences(path, text).iter().map(|offence| offence.rule).collect();
            assert_eq!(found, *expected, "{path}: {text}");
        }
    }

    #[test]
    fn long_files_are_found_unless_they_are_tests_or_generated() {
        let long = "//! A.\n".repeat(LONGEST_FILE_LINES + 1);
        for (path, expected) in [
            ("crates/api/src/a.rs", 1),
            ("crates/api/tests/a.rs", 0),
            ("web/client/src/generated/a.ts", 0),
            ("docs/a.md", 0),
        ] {
            assert_eq!(offences(path, &long).len(), expected, "{path}");
        }
    }
}
