//! Texts that nobody would write: they end in findings, never in a panic.

use std::sync::OnceLock;

use plinth_policy::{Policy, Vocabulary, compile};
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;

use crate::oracle::Judge;
use crate::product::etl;

/// Words and signs of Cedar, so that a random sequence gets far into the parser.
const PIECES: &[&str] = &[
    "permit",
    "forbid",
    "(",
    ")",
    "principal",
    "action",
    "resource",
    "context",
    ",",
    ";",
    "when",
    "unless",
    "{",
    "}",
    "==",
    "!=",
    "<",
    "<=",
    "&&",
    "||",
    "!",
    "-",
    "+",
    "*",
    ".",
    "[",
    "]",
    "\"a\"",
    "\"\\0\"",
    "1",
    "9223372036854775807",
    "if",
    "then",
    "else",
    "in",
    "is",
    "has",
    "like",
    "\"*\"",
    "User",
    "::",
    "Role::\"x\"",
    "Action::\"view\"",
    "?principal",
    "properties",
    "spec",
    "mode",
    "contains",
    "ip",
    "datetime",
    "// c\n",
    "@id(\"x\")",
    "true",
    "\"",
    "\\",
    "\u{0}",
    "é",
];

fn vocabulary() -> &'static Vocabulary {
    static ETL: OnceLock<Vocabulary> = OnceLock::new();
    ETL.get_or_init(etl)
}

fn try_out(text: &str) {
    if let Ok(policy) = Policy::parse(text, vocabulary()) {
        _ = compile(&policy, vocabulary());
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(500))]

    #[test]
    fn no_text_makes_the_policy_parser_panic(text in any::<String>(), pieces in vec(select(PIECES), 0..60)) {
        try_out(&text);
        try_out(&pieces.join(" "));
        try_out(&format!("permit (principal, action, resource) when {{ {} }};", pieces.join(" ")));
    }
}

/// The deepest and longest texts that the limits let through, on the stack of a test's thread, which is a quarter of that of
/// a process.
#[test]
fn what_the_limits_let_through_does_not_use_up_the_stack() {
    let inside = |text: String| try_out(&format!("permit (principal, action, resource) when {{ {text} }};"));
    for links in [60, 100, 150, 200, 990] {
        inside("true && ".repeat(links) + "true");
        inside("1 + ".repeat(links) + "1 == 0");
        inside("context.risk + ".repeat(links / 2) + "1 == 0");
        inside("if true then true else ".repeat(links) + "true");
        inside("principal".to_owned() + &".a".repeat(links));
        inside("!".repeat(links) + "true");
        inside("-".repeat(links) + "1 == 1");
        inside("context.risk < 1 || context.risk > 5 && ".repeat(links / 6) + "true");
        inside("(context.risk < 1) == ".repeat(links / 5) + "true");
    }
    for brackets in [10, 20, 30, 31, 32, 400] {
        inside(format!("{}true{}", "(".repeat(brackets), ")".repeat(brackets)));
        inside(format!("{}[1]{}.isEmpty()", "[".repeat(brackets), "]".repeat(brackets)));
        inside(format!("{}true{}", "(true || ".repeat(brackets), ")".repeat(brackets)));
        inside(format!(
            "{}true{}",
            "if true then (".repeat(brackets),
            ") else true".repeat(brackets)
        ));
    }
    let signs: String = "permit (principal, action, resource);".repeat(60);
    try_out(&signs);
    try_out(&"(".repeat(16_000));
    try_out(&"&& ".repeat(5_000));
    try_out(&"@a ".repeat(5_000));
}

/// Literals of any text come through to PostgreSQL whole.
#[test]
fn a_predicate_with_any_text_in_it_can_be_cast() {
    let judge = Judge::new();
    let mut runner = proptest::test_runner::TestRunner::new(ProptestConfig::with_cases(150));
    let texts = (any::<String>(), any::<String>(), vec(any::<char>(), 1..4));
    let outcome = runner.run(&texts, |(name, value, pattern)| {
        let quoted = |text: &str| {
            format!(
                "\"{}\"",
                text.chars()
                    .map(|c| format!("\\u{{{:x}}}", u32::from(c)))
                    .collect::<String>()
            )
        };
        let pattern: String = pattern.into_iter().collect();
        let text = format!(
            "permit (principal == User::{value}, action, resource) when {{
                resource.properties has {name} && resource.properties[{name}] == {value} &&
                (resource.id like {} || !(resource.type like \"*a{}\"))
            }};",
            quoted(&pattern),
            quoted(&pattern).trim_matches('"'),
            name = quoted(&name),
            value = quoted(&value),
        );
        let policy = Policy::parse(&text, vocabulary()).unwrap();
        for row in compile(&policy, vocabulary()).unwrap() {
            let taken = judge.takes(&format!("strict {}", row.predicate));
            prop_assert!(taken.is_ok(), "{} {:?}", row.predicate, taken);
        }
        Ok(())
    });
    outcome.unwrap();
}

/// All that PostgreSQL's scanner knows as a word may be the name of a label.
#[test]
fn a_word_of_jsonpath_may_be_the_name_of_a_label() {
    let judge = Judge::new();
    for word in [
        "is",
        "to",
        "abs",
        "lax",
        "date",
        "flag",
        "last",
        "null",
        "size",
        "true",
        "type",
        "with",
        "false",
        "floor",
        "bigint",
        "double",
        "exists",
        "number",
        "starts",
        "strict",
        "string",
        "boolean",
        "ceiling",
        "decimal",
        "integer",
        "unknown",
        "datetime",
        "keyvalue",
        "like_regex",
        "timestamp",
        "time",
        "time_tz",
    ] {
        let text = format!("permit (principal, action, resource) when {{ resource.properties has \"{word}\" }};");
        for row in compile(&Policy::parse(&text, vocabulary()).unwrap(), vocabulary()).unwrap() {
            assert_eq!(
                judge.takes(&format!("strict {}", row.predicate)),
                Ok(true),
                "{}",
                row.predicate
            );
        }
    }
}
