//! `plinth pause pipelines orders` for `plinth do pause pipelines orders`: which verbs there are, only the product knows.
//! Must not ask for it; a word that is a command is that command.

use std::ffi::{OsStr, OsString};

use clap::Parser;
use clap::error::{ContextKind, ContextValue, ErrorKind};

/// The command line as it stands, else with `do` before the word that is no command.
///
/// # Errors
/// What is wrong with the line as it stands, when neither makes sense.
pub fn parse<P: Parser>(line: &[OsString]) -> Result<P, clap::Error> {
    let error = match P::try_parse_from(line) {
        Err(error) if error.kind() == ErrorKind::InvalidSubcommand => error,
        parsed => return parsed,
    };
    let Some(ContextValue::String(unknown)) = error.get(ContextKind::InvalidSubcommand) else {
        return Err(error);
    };
    // The word may also stand there as the value of an option, where `do` would not be understood.
    let places = (1..line.len()).filter(|at| line.get(*at).is_some_and(|word| word == OsStr::new(unknown)));
    let with_do = |at| {
        let (before, after) = line.split_at_checked(at)?;
        P::try_parse_from(before.iter().chain([&OsString::from("do")]).chain(after)).ok()
    };
    places.into_iter().find_map(with_do).ok_or(error)
}

#[cfg(test)]
mod tests {
    use clap::Subcommand;

    use super::*;

    #[derive(Debug, PartialEq, Parser)]
    struct Line {
        #[arg(long, global = true)]
        org: Option<String>,
        #[command(subcommand)]
        command: Command,
    }

    #[derive(Debug, PartialEq, Subcommand)]
    enum Command {
        Get { plural: String, name: Option<String> },
        Do { verb: String, plural: String, name: String },
    }

    fn parsed(line: &str) -> Result<Line, clap::Error> {
        let words: Vec<OsString> = line.split(' ').map(OsString::from).collect();
        parse(&words)
    }

    #[test]
    fn a_word_that_is_no_command_is_a_verb() {
        let long = parsed("plinth do pause pipelines orders").expect("a line");
        assert_eq!(parsed("plinth pause pipelines orders").expect("a line"), long);
        for line in [
            "plinth --org acme pause pipelines orders",
            "plinth pause pipelines orders --org acme",
            "plinth pause --org acme pipelines orders",
            "plinth --org=acme pause pipelines orders",
        ] {
            let line = parsed(line).expect(line);
            assert_eq!((line.org.as_deref(), &line.command), (Some("acme"), &long.command));
        }
        let line = parsed("plinth --org pause pause pipelines orders").expect("a line");
        assert_eq!((line.org.as_deref(), &line.command), (Some("pause"), &long.command));
    }

    #[test]
    fn a_misspelt_command_is_told_as_one() {
        for line in [
            "plinth gett",
            "plinth gett pipelines",
            "plinth gett pipelines orders more",
        ] {
            let error = parsed(line).expect_err(line);
            assert_eq!(error.kind(), ErrorKind::InvalidSubcommand, "{line}");
            assert!(error.to_string().contains("'get'"), "{line}: {error}");
        }
        let get = parsed("plinth get pipelines orders").expect("a line");
        assert!(matches!(get.command, Command::Get { .. }));
    }
}
