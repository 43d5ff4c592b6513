//! A policy's text: places in it, and what is too large to be looked at.
//!
//! Cedar's parser calls itself for each level of nesting and for each link of a chain such as `a && b && c`, and nothing
//! limits that but the stack, which ends the process when it is used up. So the text is measured before it is parsed.

use crate::finding::{Finding, Position};

/// The longest policy.
pub(crate) const LONGEST_BYTES: usize = 16 * 1024;
/// How deep an expression may be: a bracket counts for [`BRACKET`], a link of a chain for one.
const DEEPEST: usize = 160;
const BRACKET: usize = 5;
/// The most words and signs in one statement.
const MOST_TOKENS: usize = 2_000;

/// What is wrong with a text that PostgreSQL does not store.
pub(crate) const NUL: &str = "holds NUL, which cannot be stored";
pub(crate) const NUL_HINT: &str = "leave the character out";

/// A word, a string or a sign.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Token<'a> {
    /// Where it begins, in bytes.
    pub start: usize,
    pub text: &'a str,
}

/// The tokens of a text, without comments. It understands no more of Cedar than where strings and comments end, and so
/// takes any text.
pub(crate) fn tokens(text: &str) -> Vec<Token<'_>> {
    let mut tokens = Vec::new();
    let mut start = 0;
    while let Some(rest) = text.get(start..).filter(|rest| !rest.is_empty()) {
        let length = token_length(rest).max(1);
        let piece = rest.get(..length).unwrap_or(rest);
        if !piece.starts_with(char::is_whitespace) && !piece.starts_with("//") {
            tokens.push(Token { start, text: piece });
        }
        start = start.saturating_add(piece.len());
    }
    tokens
}

fn token_length(rest: &str) -> usize {
    let first = rest.chars().next().unwrap_or(' ');
    let run = |belongs: fn(char) -> bool| rest.find(|c| !belongs(c)).unwrap_or(rest.len());
    match first {
        c if c.is_whitespace() => run(char::is_whitespace),
        c if c.is_alphanumeric() || c == '_' => run(|c| c.is_alphanumeric() || c == '_'),
        '"' => string_length(rest),
        '/' if rest.starts_with("//") => rest.find('\n').unwrap_or(rest.len()),
        c => ["::", "==", "!=", "<=", ">=", "&&", "||"]
            .iter()
            .find(|sign| rest.starts_with(**sign))
            .map_or(c.len_utf8(), |sign| sign.len()),
    }
}

fn string_length(rest: &str) -> usize {
    let mut escaped = false;
    for (at, c) in rest.char_indices().skip(1) {
        match c {
            '"' if !escaped => return at.saturating_add(1),
            '\\' => escaped = !escaped,
            _ => escaped = false,
        }
    }
    rest.len()
}

/// The statements of a policy as ranges of tokens, each with its `;`.
pub(crate) fn statements<'a, 't>(tokens: &'t [Token<'a>]) -> Vec<&'t [Token<'a>]> {
    tokens.split_inclusive(|token| token.text == ";").collect()
}

/// Refuses what could use up the stack, before anything recursive sees it.
pub(crate) fn check_size(text: &str) -> Result<(), Finding> {
    let start = Position { line: 1, column: 1 };
    if text.len() > LONGEST_BYTES {
        let message = format!("the policy has {} bytes, {LONGEST_BYTES} is the most", text.len());
        return Err(Finding::error(start, message, "make several policies of it".to_owned()));
    }
    let tokens = tokens(text);
    if let Some(at) = nul(&tokens) {
        let message = format!("the text {NUL}");
        return Err(Finding::error(Position::of(text, at), message, NUL_HINT.to_owned()));
    }
    let mut depth = Depth::default();
    for token in &tokens {
        depth.enter(token.text);
        if depth.sum > DEEPEST {
            let at = Position::of(text, token.start);
            let hint = "make several statements of it, or list values in `[..]`".to_owned();
            return Err(Finding::error(
                at,
                "the expression is nested too deeply or its chain is too long",
                hint,
            ));
        }
    }
    for statement in statements(&tokens) {
        if let Some(token) = statement.get(MOST_TOKENS) {
            let message = format!("a statement of more than {MOST_TOKENS} words and signs");
            let at = Position::of(text, token.start);
            return Err(Finding::error(at, message, "make several statements of it".to_owned()));
        }
    }
    Ok(())
}

/// Where the character stands, or an escape of it in the id of an entity; compared with a text, the escape is never so.
fn nul(tokens: &[Token<'_>]) -> Option<usize> {
    let mut before = "";
    for token in tokens {
        let is_id = std::mem::replace(&mut before, token.text) == "::";
        if token.text.contains('\0') || (is_id && has_escaped_nul(token.text)) {
            return Some(token.start);
        }
    }
    None
}

/// `\0`, `\x00` or `\u{0}`.
fn has_escaped_nul(token: &str) -> bool {
    let mut rest = token;
    while let Some((_, escape)) = rest.split_once('\\') {
        let digits = escape.strip_prefix("u{").and_then(|digits| digits.split_once('}'));
        let is_zero = |digits: &str| !digits.is_empty() && digits.chars().all(|digit| matches!(digit, '0' | '_'));
        if escape.starts_with('0') || escape.starts_with("x00") || digits.is_some_and(|(digits, _)| is_zero(digits)) {
            return true;
        }
        let mut letters = escape.chars();
        letters.next();
        rest = letters.as_str();
    }
    false
}

/// How deep the tree of an expression is, at most, at a token.
#[derive(Debug, Default)]
struct Depth {
    /// Links of the chain at each level of brackets.
    chains: Vec<usize>,
    sum: usize,
}

impl Depth {
    fn enter(&mut self, token: &str) {
        match token {
            "(" | "[" | "{" => {
                self.chains.push(BRACKET);
                self.sum = self.sum.saturating_add(BRACKET);
            }
            ")" | "]" | "}" => self.sum = self.sum.saturating_sub(self.chains.pop().unwrap_or_default()),
            "," | ";" => self.next(),
            "&&" | "||" | "!" | "+" | "-" | "*" | "." | "else" | "==" | "!=" | "<" | "<=" | ">" | ">=" | "in"
            | "is" | "has" | "like" | "::" => {
                if let Some(chain) = self.chains.last_mut() {
                    *chain = chain.saturating_add(1);
                    self.sum = self.sum.saturating_add(1);
                }
            }
            _ => {}
        }
    }

    /// Another element of a list begins its own chain.
    fn next(&mut self) {
        if let Some(chain) = self.chains.last_mut() {
            self.sum = self.sum.saturating_sub(chain.saturating_sub(BRACKET));
            *chain = BRACKET;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, expected: &[&str]) {
        let found: Vec<&str> = tokens(text).iter().map(|token| token.text).collect();
        assert_eq!(found, expected, "{text}");
    }

    #[test]
    fn strings_comments_and_signs_are_told_apart() {
        check(
            "a.b==\"x;\\\" y\"; // z;\nc",
            &["a", ".", "b", "==", "\"x;\\\" y\"", ";", "c"],
        );
        check("\"open", &["\"open"]);
        check("A::\"é\"ü", &["A", "::", "\"é\"", "ü"]);
        check("\"\\\\\";", &["\"\\\\\"", ";"]);
    }

    #[test]
    fn nul_is_found_in_ids_and_as_it_is() {
        for (text, expected) in [
            ("Group::\"a\\0b\"", Some(7)),
            ("Group::\"\\u{00}\"", Some(7)),
            ("Group::\"\\x00\"", Some(7)),
            ("Group::\"\\\\0\"", None),
            ("x == \"\\0\"", None),
            ("x == \"\0\"", Some(5)),
        ] {
            assert_eq!(nul(&tokens(text)), expected, "{text}");
        }
    }

    #[test]
    fn a_position_counts_characters() {
        assert_eq!(Position::of("é\nüx", 5), Position { line: 2, column: 2 });
        assert_eq!(Position::of("a", 99), Position { line: 1, column: 2 });
    }
}
