//! Product folders: read into one document, compared with what runs, loaded.
//! Must not judge a product: what is right and compatible, the server says.

use std::path::{Path, PathBuf};

use anyhow::Context;
use clap::Args;
use plinth_client::{Client, product::ProductChanges};
use serde_json::{Map, Value, json};

use super::{
    failure::Failure,
    human,
    manifest::{documents, files, read_file},
    output::{Paint, remark, show},
    session::Session,
};

#[derive(Debug, Args)]
pub struct PlanArgs {
    /// Product folder: product.yaml, types/, meters.yaml, plans/, dashboards/, roles/
    folder: PathBuf,
    #[command(flatten)]
    operator: OperatorArgs,
}

/// Where the operator's token comes from; only product folders need it.
#[derive(Debug, Clone, Args)]
pub struct OperatorArgs {
    /// Token of the operator, for product folders
    #[arg(long, env = "PLINTH_OPERATOR_TOKEN", hide_env_values = true, value_name = "TOKEN")]
    operator_token: Option<String>,
    /// Home folder of `plinth dev`, whose `operator.token` is used when no token is given
    #[arg(long, env = "PLINTH_HOME", value_name = "DIR", default_value = ".plinth")]
    home: PathBuf,
}

pub fn is_folder(path: &Path) -> bool {
    ["product.yaml", "product.yml", "product.toml"]
        .iter()
        .any(|name| path.join(name).is_file())
}

pub async fn plan(session: &Session, args: PlanArgs) -> anyhow::Result<()> {
    if !is_folder(&args.folder) {
        let message = format!("`{}` holds no product.yaml", args.folder.display());
        return Err(Failure::usage(message).into());
    }
    apply(session, &args.folder, &args.operator, true).await
}

pub async fn apply(session: &Session, folder: &Path, operator: &OperatorArgs, dry_run: bool) -> anyhow::Result<()> {
    let document = assemble(folder)?;
    let client = Client::builder(&session.url)
        .token(operator_token(session, operator)?)
        .build()?;
    let changes = match dry_run {
        true => client.product().plan(&document).await?,
        false => client.product().apply(&document).await?,
    };
    show(session.format, &changes, |changes| {
        told(changes, dry_run, session.paint)
    })?;
    if let Some(warning) = price_warning(&changes) {
        remark(&warning);
    }
    Ok(())
}

/// Bills are rated anew each time, under the plan that is loaded then.
fn price_warning(changes: &ProductChanges) -> Option<String> {
    let reprices = |detail: &Value| {
        let text = detail.as_str().unwrap_or_default();
        text.split(", ")
            .any(|pointer| pointer.starts_with("/prices") || pointer == "/currency")
    };
    let plans = changes.changes.iter().filter(|change| change.kind == "plan");
    let repriced: Vec<_> = plans
        .filter(|change| change.change == "update" && reprices(&change.detail))
        .map(|change| format!("`{}`", change.name))
        .collect();
    (!repriced.is_empty()).then(|| {
        let plans = repriced.join(", ");
        format!(
            "warning: prices of plan {plans} change: bills of all months, past ones too, are rated under the new ones"
        )
    })
}

fn operator_token(session: &Session, operator: &OperatorArgs) -> anyhow::Result<String> {
    let given = session.given_token.clone();
    // PLINTH_TOKEN may hold a customer's token at the same time.
    if let Some(token) = given.clone().filter(|token| token.starts_with("plinth_opr_")) {
        return Ok(token);
    }
    if let Some(token) = operator.operator_token.clone().filter(|token| !token.is_empty()) {
        return Ok(token);
    }
    let file = operator.home.join("operator.token");
    if file.is_file() {
        return Ok(read_file(&file)?.trim().to_owned());
    }
    given.ok_or_else(|| {
        Failure::failed("loading a product needs the operator's token")
            .hint(format!(
                "set PLINTH_OPERATOR_TOKEN, or name the home folder of `plinth dev` with `--home` (there is no `{}`)",
                file.display()
            ))
            .into()
    })
}

/// The folder as the one document that the server takes.
pub fn assemble(folder: &Path) -> anyhow::Result<Value> {
    Ok(json!({
        "product": product(folder)?,
        "types": each(&folder.join("types"))?,
        "meters": list(folder, "meters")?,
        "plans": each(&folder.join("plans"))?,
        "dashboards": each(&folder.join("dashboards"))?,
        "roles": roles(&folder.join("roles"))?,
    }))
}

/// One role for each `<role>.cedar` of a folder, which need not exist.
fn roles(folder: &Path) -> anyhow::Result<Vec<Value>> {
    if !folder.is_dir() {
        return Ok(Vec::new());
    }
    let entries = std::fs::read_dir(folder).with_context(|| format!("cannot read `{}`", folder.display()))?;
    let mut roles = Vec::new();
    for entry in entries {
        let path = entry
            .with_context(|| format!("cannot read `{}`", folder.display()))?
            .path();
        let name = path.file_stem().and_then(|name| name.to_str()).map(str::to_owned);
        if let (Some(name), Some("cedar")) = (name, path.extension().and_then(|end| end.to_str())) {
            roles.push((name, read_file(&path)?));
        }
    }
    roles.sort();
    Ok(roles
        .into_iter()
        .map(|(name, policy)| json!({"name": name, "policy": policy}))
        .collect())
}

fn product(folder: &Path) -> anyhow::Result<Value> {
    let toml = folder.join("product.toml");
    if toml.is_file() {
        let text = read_file(&toml)?;
        return toml::from_str(&text).with_context(|| format!("`{}` is not TOML", toml.display()));
    }
    let file =
        first(folder, "product").with_context(|| format!("the folder `{}` holds no product.yaml", folder.display()))?;
    Ok(one(&file)?.unwrap_or(Value::Object(Map::new())))
}

/// One entry for each file of a folder, which need not exist.
fn each(folder: &Path) -> anyhow::Result<Vec<Value>> {
    if !folder.is_dir() {
        return Ok(Vec::new());
    }
    let mut entries = Vec::new();
    for file in files(folder)? {
        let text = read_file(&file)?;
        let found = documents(&text, &file.display().to_string())?;
        entries.extend(found.into_iter().filter(|document| !document.is_null()));
    }
    Ok(entries)
}

/// A file that holds a list, bare or under its own name; it need not exist.
fn list(folder: &Path, name: &str) -> anyhow::Result<Value> {
    let Some(file) = first(folder, name) else {
        return Ok(json!([]));
    };
    let value = one(&file)?.unwrap_or(json!([]));
    let inner = value.get(name).cloned().unwrap_or(value);
    if inner.is_array() {
        return Ok(inner);
    }
    Err(Failure::usage(format!("`{}` is not a list", file.display())).into())
}

fn first(folder: &Path, stem: &str) -> Option<PathBuf> {
    ["yaml", "yml", "json"]
        .iter()
        .map(|kind| folder.join(format!("{stem}.{kind}")))
        .find(|file| file.is_file())
}

fn one(file: &Path) -> anyhow::Result<Option<Value>> {
    let text = read_file(file)?;
    let mut found = documents(&text, &file.display().to_string())?;
    found.retain(|document| !document.is_null());
    match found.len() {
        0 | 1 => Ok(found.pop()),
        _ => Err(Failure::usage(format!("`{}` holds several documents", file.display())).into()),
    }
}

fn told(changes: &ProductChanges, dry_run: bool, paint: Paint) -> String {
    if changes.changes.is_empty() {
        return "No changes: what runs is what the folder says.".to_owned();
    }
    let mut text = String::new();
    for change in &changes.changes {
        let line = format!("{} {}", change.kind, change.name);
        let mut line = match change.change.as_str() {
            "add" => paint.green(&format!("+ {line}")),
            "remove" => paint.red(&format!("- {line}")),
            _ => paint.yellow(&format!("~ {line}")),
        };
        match &change.detail {
            Value::Null => {}
            Value::Array(details) => {
                for detail in details {
                    line.push_str(&format!("\n    {}", human::value(detail)));
                }
            }
            detail => line.push_str(&format!(": {}", human::value(detail))),
        }
        text.push_str(&line);
        text.push('\n');
    }
    let revision = human::value(&changes.revision);
    text.push_str(&match dry_run {
        true => format!("{} changes; load them with `plinth apply`.", changes.changes.len()),
        false => format!("Loaded as revision {revision}."),
    });
    text
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    #[test]
    fn a_folder_becomes_one_document() -> anyhow::Result<()> {
        let folder = tempfile::tempdir()?;
        let write = |name: &str, text: &str| -> anyhow::Result<()> {
            let path = folder.path().join(name);
            fs::create_dir_all(path.parent().context("no parent")?)?;
            Ok(fs::write(path, text)?)
        };
        write("product.yaml", "name: toys\ntitle: Toys\n")?;
        write("types/b.yaml", "name: robot\n")?;
        write("types/a.yaml", "name: ball\n")?;
        write("types/README.md", "not read\n")?;
        write("meters.yaml", "meters:\n- name: throws\n")?;
        write("plans/free.json", "{\"name\": \"free\"}")?;
        write("roles/viewer.cedar", "permit (principal, action, resource);\n")?;
        assert!(is_folder(folder.path()));
        let expected = json!({
            "product": {"name": "toys", "title": "Toys"},
            "types": [{"name": "ball"}, {"name": "robot"}],
            "meters": [{"name": "throws"}],
            "plans": [{"name": "free"}],
            "dashboards": [],
            "roles": [{"name": "viewer", "policy": "permit (principal, action, resource);\n"}],
        });
        assert_eq!(assemble(folder.path())?, expected);
        Ok(())
    }

    #[test]
    fn a_change_of_prices_is_warned_of() {
        let plan = |name: &str, change: &str, detail: &str| json!({"kind": "plan", "name": name, "change": change, "detail": detail});
        let warned = |changes: Value| {
            let changes = json!({"revision": 3, "changes": changes});
            price_warning(&serde_json::from_value(changes).expect("changes"))
        };
        let quiet = [
            plan("free", "update", "/quotas/pipelines, /title"),
            plan("new", "add", ""),
        ];
        assert_eq!(warned(json!(quiet)), None);
        let loud = [
            plan("free", "update", "/title, /prices"),
            plan("gold", "update", "/currency"),
        ];
        insta::assert_snapshot!(
            warned(json!(loud)).unwrap_or_default(),
            @"warning: prices of plan `free`, `gold` change: bills of all months, past ones too, are rated under the new ones"
        );
    }

    #[test]
    fn changes_are_listed_with_their_detail() {
        let changes = json!({"revision": 3, "changes": [
            {"kind": "type", "name": "pipeline", "change": "update", "detail": "spec_schema"},
            {"kind": "meter", "name": "hours", "change": "add", "detail": null},
        ]});
        let changes: ProductChanges = serde_json::from_value(changes).expect("changes");
        insta::assert_snapshot!(told(&changes, true, Paint::PLAIN), @r"
        ~ type pipeline: spec_schema
        + meter hours
        2 changes; load them with `plinth apply`.
        ");
    }
}
