//! What may be depended on: licences, bans and sources of all crates in the lock file, by the rules of `deny.toml`.
//!
//! `cargo deny check` reads the same file and says the same with more words. It takes minutes to build, so the gate does not need it.

use anyhow::{Context, Result, bail};
use serde::Deserialize;
use spdx::{Expression, LicenseReq, Licensee};

use crate::command::Workspace;

const REGISTRY: &str = "registry+https://github.com/rust-lang/crates.io-index";

#[derive(Debug, Deserialize)]
struct Rules {
    licenses: Licenses,
    bans: Bans,
}

#[derive(Debug, Deserialize)]
struct Licenses {
    allow: Vec<String>,
}

#[derive(Debug, Deserialize)]
struct Bans {
    deny: Vec<Ban>,
}

#[derive(Debug, Deserialize)]
struct Ban {
    #[serde(rename = "crate")]
    name: String,
    reason: String,
}

#[derive(Debug, Deserialize)]
struct Metadata {
    packages: Vec<Package>,
}

#[derive(Debug, Deserialize)]
struct Package {
    name: String,
    version: String,
    license: Option<String>,
    /// Our own crates have none.
    source: Option<String>,
}

pub fn check(workspace: &Workspace) -> Result<()> {
    let rules = std::fs::read_to_string(workspace.root.join("deny.toml")).context("deny.toml")?;
    let rules: Rules = toml::from_str(&rules).context("deny.toml")?;
    let output = workspace
        .cargo(["metadata", "--format-version", "1", "--all-features", "--locked"])
        .output()?;
    if !output.status.success() {
        bail!("`cargo metadata`: {}", String::from_utf8_lossy(&output.stderr).trim());
    }
    let metadata: Metadata = serde_json::from_slice(&output.stdout).context("the answer of `cargo metadata`")?;
    let offences = offences(&metadata.packages, &rules)?;
    if !offences.is_empty() {
        bail!("{}", offences.join("\n"));
    }
    Ok(())
}

fn offences(packages: &[Package], rules: &Rules) -> Result<Vec<String>> {
    let allowed = rules
        .licenses
        .allow
        .iter()
        .map(|name| Licensee::parse(name).with_context(|| format!("`{name}` in deny.toml")));
    let allowed: Vec<Licensee> = allowed.collect::<Result<_>>()?;
    let mut offences = Vec::new();
    for package in packages {
        let Some(source) = &package.source else { continue };
        let name = format!("{} {}", package.name, package.version);
        if source != REGISTRY {
            offences.push(format!("{name}: comes from `{source}`; crates.io is the only source"));
        }
        if let Some(ban) = rules.bans.deny.iter().find(|ban| ban.name == package.name) {
            offences.push(format!("{name}: banned: {}", ban.reason));
        }
        let license = package.license.as_deref().unwrap_or_default();
        if !satisfied(license, &allowed) {
            offences.push(format!("{name}: licence `{license}` is not among those of deny.toml"));
        }
    }
    Ok(offences)
}

/// Older crates write `MIT/Apache-2.0`.
fn satisfied(license: &str, allowed: &[Licensee]) -> bool {
    let allows = |requirement: &LicenseReq| allowed.iter().any(|licensee| licensee.satisfies(requirement));
    Expression::parse(&license.replace('/', " OR ")).is_ok_and(|expression| expression.evaluate(allows))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn package(name: &str, license: &str, source: &str) -> Package {
        Package {
            name: name.to_owned(),
            version: "1.0.0".to_owned(),
            license: Some(license.to_owned()),
            source: Some(source.to_owned()),
        }
    }

    #[test]
    fn a_licence_a_ban_and_a_source_are_each_found() {
        let rules: Rules = toml::from_str(
            r#"
            licenses.allow = ["MIT", "Apache-2.0 WITH LLVM-exception"]
            bans.deny = [{ crate = "sqlx", reason = "pipelining" }]
            "#,
        )
        .unwrap();
        for (name, license, source, expected) in [
            ("serde", "MIT/GPL-3.0-only", REGISTRY, None),
            ("wasi", "Apache-2.0 WITH LLVM-exception OR GPL-2.0-only", REGISTRY, None),
            ("readline", "GPL-3.0-only", REGISTRY, Some("GPL-3.0-only")),
            ("both", "MIT AND GPL-3.0-only", REGISTRY, Some("licence")),
            ("plain", "Apache-2.0", REGISTRY, Some("licence")),
            ("nameless", "", REGISTRY, Some("licence")),
            ("sqlx", "MIT", REGISTRY, Some("pipelining")),
            ("fork", "MIT", "git+https://example.com/fork", Some("only source")),
        ] {
            let offences = offences(&[package(name, license, source)], &rules).unwrap();
            match expected {
                None => assert_eq!(offences, [] as [&str; 0], "{name}"),
                Some(text) => assert!(
                    offences.len() == 1 && offences[0].contains(text),
                    "{name}: {offences:?}"
                ),
            }
        }
    }
}
