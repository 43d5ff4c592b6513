//! Reading the TOML file so that an error says where it is and repeats no value: any line may hold a secret.

use std::ops::Range;
use std::path::Path;

use anyhow::{Context, anyhow};

use super::Settings;

/// # Errors
/// When the file cannot be read, is no TOML, or holds an unknown setting or a wrong value.
pub fn read(path: &Path) -> anyhow::Result<Settings> {
    let text =
        std::fs::read_to_string(path).with_context(|| format!("cannot read the settings file `{}`", path.display()))?;
    parse(&text).map_err(|reason| anyhow!("in `{}`, {reason}", path.display()))
}

fn parse(text: &str) -> Result<Settings, String> {
    toml::from_str(text).map_err(|error| {
        let (line, setting) = place(text, error.span());
        let reason = match setting {
            _ if is_syntax(text) => "this is not TOML: text stands in quotes, as in `listen = \"0.0.0.0:8080\"`",
            Some("listen") => "give an address and a port in quotes, such as \"0.0.0.0:8080\"",
            Some("trusted_proxies" | "allowed_networks" | "denied_networks") => {
                "give a list of networks, such as [\"10.0.0.0/8\"]"
            }
            Some("log_format") => "give \"pretty\" or \"json\"",
            Some("pool_size" | "lease_secs" | "capacity" | "org_capacity") => "give a whole number",
            _ if is_about_names(error.message()) => error.message(),
            _ => "this is not a value that the setting can have: most of them are text in quotes",
        };
        match setting {
            Some(setting) => format!("line {line}, `{setting}`: {reason}"),
            None => format!("line {line}: {reason}"),
        }
    })
}

/// These messages name settings, and no values.
fn is_about_names(message: &str) -> bool {
    ["unknown field", "missing field", "duplicate"]
        .iter()
        .any(|start| message.starts_with(start))
}

fn is_syntax(text: &str) -> bool {
    toml::from_str::<toml::Table>(text).is_err()
}

/// The line's number, and the setting's name when the line begins with one.
fn place(text: &str, span: Option<Range<usize>>) -> (usize, Option<&str>) {
    let at = span.map_or(0, |span| span.start.min(text.len()));
    let before = text.get(..at).unwrap_or_default();
    let start = before.rfind('\n').map_or(0, |end| end + 1);
    let line = text
        .get(start..)
        .and_then(|rest| rest.lines().next())
        .unwrap_or_default();
    let name = line.split_once('=').map(|(name, _)| name.trim());
    let is_name = |name: &&str| {
        name.chars()
            .all(|c| c.is_ascii_alphanumeric() || matches!(c, '_' | '-'))
    };
    (before.matches('\n').count() + 1, name.filter(is_name))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_error_names_line_and_setting_and_repeats_no_value() {
        for (text, wanted) in [
            ("\nlisten = \"nowhere\"", "line 2, `listen`: give an address and a port"),
            ("key = hunter2", "line 1, `key`: this is not TOML"),
            ("key = 8080", "line 1, `key`: this is not a value"),
            (
                "database_url = \"postgres://u:hunter2@h/d\nlisten = 1",
                "line 1, `database_url`: this is not TOML",
            ),
            ("[[smtp_url]]\nhunter2 = 1", "this is not a value"),
            ("pool_size = \"hunter2\"", "line 1, `pool_size`: give a whole number"),
            ("lease_secs = 2.5", "line 1, `lease_secs`: give a whole number"),
            (
                "log_format = \"hunter2\"",
                "line 1, `log_format`: give \"pretty\" or \"json\"",
            ),
            (
                "trusted_proxies = [\"hunter2\"]",
                "line 1, `trusted_proxies`: give a list of networks",
            ),
            ("lisen = 1", "line 1, `lisen`: unknown field `lisen`, expected one of"),
            ("[[cells]]\nname = \"eu\"", "missing field"),
            (
                "[worker]\ncapacity = \"hunter2\"",
                "line 2, `capacity`: give a whole number",
            ),
        ] {
            let told = parse(text).unwrap_err();
            assert!(told.contains(wanted), "{text}: {told}");
            assert!(!told.contains("hunter2"), "{text}: {told}");
            assert_eq!(told.lines().count(), 1, "{told}");
        }
    }
}
