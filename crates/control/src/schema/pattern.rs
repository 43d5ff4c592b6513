//! Regular expressions of JSON Schemas as PostgreSQL's: read to their meaning, and written with nothing but what means the
//! same everywhere.

use std::fmt::Write;

use regex_syntax::ParserBuilder;
use regex_syntax::hir::{Class, ClassUnicodeRange, Hir, HirKind, Look};

/// The most repetitions that PostgreSQL counts.
const MOST_REPETITIONS: u32 = 255;

/// The expression for PostgreSQL's `~`.
///
/// # Errors
/// In a form that follows "cannot check", when it cannot be said there.
pub fn portable(pattern: &str) -> Result<String, String> {
    let unportable = || format!("the pattern `{pattern}`");
    let ascii = ascii_classes(pattern).ok_or_else(unportable)?;
    let parsed = ParserBuilder::new().build().parse(&ascii).map_err(|_| unportable())?;
    let mut text = String::new();
    write(&parsed, &mut text).ok_or_else(unportable)?;
    Ok(text)
}

/// Classes by letter are those of ASCII in a JSON Schema, and of Unicode to the parser.
fn ascii_classes(pattern: &str) -> Option<String> {
    let mut text = String::new();
    let (mut in_class, mut letters) = (false, pattern.chars());
    while let Some(letter) = letters.next() {
        match letter {
            '\\' => match letters.next()? {
                'd' => text.push_str(if in_class { "0-9" } else { "[0-9]" }),
                'w' => text.push_str(if in_class { "A-Za-z0-9_" } else { "[A-Za-z0-9_]" }),
                'D' | 'W' | 's' | 'S' | 'b' | 'B' | 'p' | 'P' => return None,
                escaped => text.extend(['\\', escaped]),
            },
            '[' if in_class => text.push_str("\\["),
            '&' | '~' if in_class => text.extend(['\\', letter]),
            _ => {
                in_class = (in_class || letter == '[') && letter != ']';
                text.push(letter);
            }
        }
    }
    Some(text)
}

fn write(hir: &Hir, text: &mut String) -> Option<()> {
    match hir.kind() {
        HirKind::Empty => text.push_str("(?:)"),
        HirKind::Literal(literal) => std::str::from_utf8(&literal.0)
            .ok()?
            .chars()
            .for_each(|letter| write_char(letter, text)),
        HirKind::Class(Class::Unicode(class)) => write_class(class.ranges(), text)?,
        HirKind::Class(Class::Bytes(class)) => write_class(class.to_unicode_class()?.ranges(), text)?,
        HirKind::Look(Look::Start) => text.push('^'),
        HirKind::Look(Look::End) => text.push('$'),
        HirKind::Look(_) => return None,
        HirKind::Repetition(repetition) => {
            let most = repetition.max.unwrap_or(repetition.min);
            if repetition.min > MOST_REPETITIONS || most > MOST_REPETITIONS {
                return None;
            }
            group(&repetition.sub, text)?;
            match repetition.max {
                Some(max) => _ = write!(text, "{{{},{max}}}", repetition.min),
                None => _ = write!(text, "{{{},}}", repetition.min),
            }
        }
        HirKind::Capture(capture) => group(&capture.sub, text)?,
        HirKind::Concat(parts) => {
            for part in parts {
                group(part, text)?;
            }
        }
        HirKind::Alternation(parts) => {
            for (index, part) in parts.iter().enumerate() {
                if index > 0 {
                    text.push('|');
                }
                group(part, text)?;
            }
        }
    }
    Some(())
}

fn group(hir: &Hir, text: &mut String) -> Option<()> {
    text.push_str("(?:");
    write(hir, text)?;
    text.push(')');
    Some(())
}

fn write_char(letter: char, text: &mut String) {
    if letter.is_ascii_alphanumeric() {
        text.push(letter);
    } else {
        _ = write!(text, "\\U{:08X}", u32::from(letter));
    }
}

/// `None` for a class of nothing. NUL is in no text of PostgreSQL's.
fn write_class(ranges: &[ClassUnicodeRange], text: &mut String) -> Option<()> {
    let ranges = ranges.iter().filter(|range| range.end() != '\0');
    let mut written = String::new();
    for range in ranges {
        let start = range.start().max('\u{1}');
        write_char(start, &mut written);
        if start != range.end() {
            written.push('-');
            write_char(range.end(), &mut written);
        }
    }
    if written.is_empty() {
        return None;
    }
    _ = write!(text, "[{written}]");
    Some(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patterns_are_written_out() {
        for (pattern, expected) in [
            ("^a-b$", "(?:^)(?:a\\U0000002Db)(?:$)"),
            ("^[^\\x00-\\x1f]+$", "(?:^)(?:(?:[\\U00000020-\\U0010FFFF]){1,})(?:$)"),
            ("\\d[\\d.]", "(?:[0-9])(?:[\\U0000002E0-9])"),
            ("(ab|c)?", "(?:(?:(?:ab)|(?:c))){0,1}"),
        ] {
            assert_eq!(portable(pattern).as_deref(), Ok(expected), "{pattern}");
        }
        for pattern in ["\\bword", "(?=a)", "a{300}", "\\p{L}", "(a)\\1", "["] {
            assert!(portable(pattern).is_err(), "{pattern}");
        }
    }
}
