//! The rules of this repository that no compiler knows. Each has its reason, which is printed with an offence.

mod documents;
mod floors;
mod source;

use std::path::Path;
use std::process::ExitCode;

use anyhow::{Result, bail};

use crate::command::Workspace;

/// One broken rule at one place.
#[derive(Debug, PartialEq, Eq)]
pub struct Offence {
    /// `path` or `path:line`.
    pub place: String,
    pub rule: &'static str,
    pub detail: String,
}

pub fn run(workspace: &Workspace) -> Result<ExitCode> {
    check(workspace)?;
    println!("tidy");
    Ok(ExitCode::SUCCESS)
}

pub fn check(workspace: &Workspace) -> Result<()> {
    let offences = offences(workspace)?;
    for offence in &offences {
        eprintln!("{}: {}: {}", offence.place, offence.rule, offence.detail);
    }
    if !offences.is_empty() {
        bail!("{} offences against the rules of this repository", offences.len());
    }
    Ok(())
}

fn offences(workspace: &Workspace) -> Result<Vec<Offence>> {
    let mut offences = Vec::new();
    let files = workspace.files()?;
    for path in &files {
        // What is not text has no lines to check.
        if let Ok(text) = std::fs::read_to_string(workspace.root.join(Path::new(path))) {
            offences.extend(source::offences(path, &text));
            offences.extend(floors::offences(path, &text)?);
        }
    }
    offences.extend(documents::offences(workspace, &files)?);
    Ok(offences)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn this_repository_is_tidy() {
        let offences = offences(&Workspace::here()).unwrap();
        assert_eq!(offences, []);
    }
}
