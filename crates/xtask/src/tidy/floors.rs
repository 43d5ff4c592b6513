//! The floors of the house: a crate imports lower floors only, read from its `Cargo.toml`.

use anyhow::{Context, Result};
use toml::Table;

use super::Offence;

/// Crates on the floors; one may only depend on those strictly below.
const FLOORS: &[(&str, u32)] = &[
    ("plinth-model", 0),
    ("plinth-policy", 0),
    ("plinth-rating", 0),
    ("plinth-store", 1),
    ("plinth-control", 2),
    ("plinth-api", 3),
    ("plinth", 4),
];

/// On floor 0 the ids, times and rules of `model` are everybody's vocabulary.
const GROUND: &str = "plinth-model";

/// Crates beside the floors, and the only ones of ours that they may depend on.
const BESIDE: &[(&str, &[&str])] = &[
    ("plinth-client", &["plinth-model"]),
    ("plinth-etl", &["plinth-client", "plinth-model"]),
    ("plinth-embedded", &[]),
    (
        "plinth-testkit",
        &[
            "plinth-api",
            "plinth-control",
            "plinth-embedded",
            "plinth-model",
            "plinth-store",
        ],
    ),
    ("xtask", &["plinth-embedded"]),
];

/// `(crates, what none of them may depend on, why)`.
const BANNED: &[(&[&str], &[&str], &str)] = &[
    (
        &["plinth-model", "plinth-policy", "plinth-rating"],
        &["tokio", "tokio-postgres", "reqwest", "tracing", "rand", "tempfile"],
        "floor 0 has no input, output or chance",
    ),
    (
        &[
            "plinth-model",
            "plinth-policy",
            "plinth-rating",
            "plinth-store",
            "plinth-control",
        ],
        &["axum", "http", "hyper", "tower", "tower-http", "utoipa-axum"],
        "HTTP begins at `api`",
    ),
    (
        &["plinth-control", "plinth-api", "plinth", "plinth-client"],
        &["tokio-postgres", "postgres-types", "deadpool-postgres", "refinery"],
        "only `store` speaks to the control plane's database",
    ),
];

pub(super) fn offences(path: &str, text: &str) -> Result<Vec<Offence>> {
    if !path.starts_with("crates/") || !path.ends_with("/Cargo.toml") {
        return Ok(Vec::new());
    }
    let manifest: Table = text.parse().with_context(|| path.to_owned())?;
    let name = manifest
        .get("package")
        .and_then(|package| package.get("name")?.as_str())
        .unwrap_or_default();
    let dependencies = manifest
        .get("dependencies")
        .and_then(|table| table.as_table())
        .cloned()
        .unwrap_or_default();
    let offences = dependencies
        .keys()
        .filter_map(|dependency| Some((dependency, reason_against(name, dependency)?)));
    Ok(offences
        .map(|(dependency, reason)| Offence {
            place: path.to_owned(),
            rule: "floors",
            detail: format!("`{name}` may not depend on `{dependency}`: {reason}"),
        })
        .collect())
}

fn reason_against(name: &str, dependency: &str) -> Option<String> {
    if let Some((_, _, reason)) = BANNED
        .iter()
        .find(|(names, banned, _)| names.contains(&name) && banned.contains(&dependency))
    {
        return Some((*reason).to_owned());
    }
    let floor = |name: &str| FLOORS.iter().find(|(floor, _)| *floor == name).map(|(_, floor)| *floor);
    match (floor(name), floor(dependency)) {
        (Some(own), Some(other)) if other >= own && dependency != GROUND => Some(format!(
            "floor {own} imports lower floors only, and that is floor {other}"
        )),
        (None, _) if is_ours(dependency) => {
            let permitted = BESIDE
                .iter()
                .find(|(beside, _)| *beside == name)
                .map_or(&[][..], |(_, permitted)| permitted);
            (!permitted.contains(&dependency)).then(|| format!("beside the floors it may use {permitted:?} only"))
        }
        _ => None,
    }
}

fn is_ours(dependency: &str) -> bool {
    dependency == "plinth" || dependency.starts_with("plinth-")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_crate_may_use_what_lies_below_and_nothing_else() {
        for (name, dependency, permitted) in [
            ("plinth-store", "plinth-model", true),
            ("plinth-rating", "plinth-model", true),
            ("plinth-model", "plinth-rating", false),
            ("plinth-store", "plinth-control", false),
            ("plinth-control", "plinth-api", false),
            ("plinth", "plinth-etl", true),
            ("plinth-etl", "plinth-client", true),
            ("plinth-etl", "plinth-store", false),
            ("plinth-etl", "plinth-control", false),
            ("plinth-client", "plinth-store", false),
            ("plinth-new", "plinth-store", false),
            ("plinth-control", "axum", false),
            ("plinth-api", "axum", true),
            ("plinth-rating", "tokio", false),
            ("plinth-api", "tokio-postgres", false),
            ("plinth-etl", "tokio-postgres", true),
        ] {
            let manifest = format!("[package]\nname = \"{name}\"\n[dependencies]\n{dependency}.workspace = true\n");
            let offences = offences("crates/x/Cargo.toml", &manifest).unwrap();
            assert_eq!(offences.is_empty(), permitted, "{name} -> {dependency}: {offences:?}");
        }
    }

    #[test]
    fn test_dependencies_are_free() {
        let manifest = "[package]\nname = \"plinth-model\"\n[dev-dependencies]\ntokio.workspace = true\n";
        assert_eq!(offences("crates/model/Cargo.toml", manifest).unwrap(), []);
    }
}
