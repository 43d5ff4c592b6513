//! `apply`: makes resources be as files declare them, or loads a product folder.

use std::{collections::BTreeMap, fmt, path::PathBuf, time::Duration};

use clap::Args;
use plinth_client::{
    Error,
    org::OrgScope,
    product::{ProductView, ResourceType},
    resource::{NewOwner, Resource, ResourceInput, WriteOptions},
};
use serde::Serialize;
use serde_json::{Map, Value, json};

use super::{
    diff::{self, FieldChange},
    failure::Failure,
    manifest::{self, Manifest},
    output::{Format, Paint, print, remark, show},
    product,
    session::{Session, find_type},
    wait::{self, Goal, parse_duration},
};

#[derive(Debug, Args)]
pub struct ApplyArgs {
    /// File or folder of resources, or a product folder
    path: Option<PathBuf>,
    /// File or folder of resources; `-` is standard input. Can be given several times
    #[arg(long = "file", short, value_name = "FILE|DIR|-")]
    file: Vec<PathBuf>,
    /// Check everything and show what would change, without keeping it
    #[arg(long)]
    dry_run: bool,
    /// Wait until each resource has settled, or until it has this state
    #[arg(long, value_name = "STATE", num_args = 0..=1, require_equals = true)]
    wait: Option<Option<String>>,
    /// How long to wait at most
    #[arg(long, default_value = "10m", value_parser = parse_duration)]
    timeout: Duration,
    #[command(flatten)]
    operator: product::OperatorArgs,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
enum Effect {
    Created,
    Configured,
    Unchanged,
}

impl fmt::Display for Effect {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Created => "created",
            Self::Configured => "configured",
            Self::Unchanged => "unchanged",
        })
    }
}

/// What became of one resource.
#[derive(Debug, Serialize)]
struct Applied {
    #[serde(rename = "type")]
    resource_type: String,
    name: String,
    effect: Effect,
    dry_run: bool,
    #[serde(skip)]
    changes: Vec<FieldChange>,
    #[serde(skip_serializing_if = "Option::is_none")]
    resource: Option<Resource>,
}

pub async fn run(session: &Session, args: ApplyArgs) -> anyhow::Result<()> {
    let paths: Vec<_> = args.path.iter().chain(&args.file).collect();
    match paths.as_slice() {
        [] => {
            return Err(Failure::usage("nothing to apply")
                .hint("name a file, a folder, or `-` for standard input")
                .into());
        }
        [folder] if product::is_folder(folder) => {
            return product::apply(session, folder, &args.operator, args.dry_run).await;
        }
        _ => {}
    }
    let mut manifests = Vec::new();
    for path in paths {
        manifests.extend(manifest::read(path)?);
    }
    let product = session.product().await?;
    let manifests = in_order(manifests, &product)?;
    let goals = goals(&args, &manifests)?;
    let org = session.org().await?;
    let applied = apply_all(session, &org, &manifests, args.dry_run).await?;
    if session.format != Format::Table {
        show(session.format, &applied, |_| String::new())?;
    }
    for ((kind, manifest), goal) in manifests.iter().zip(&goals) {
        wait::until(session, &org, kind, &manifest.name, goal, args.timeout).await?;
    }
    Ok(())
}

/// What is waited for, for each resource; nothing when there is no wait.
fn goals(args: &ApplyArgs, manifests: &[(ResourceType, Manifest)]) -> Result<Vec<Goal>, Failure> {
    let Some(word) = args.wait.as_ref().filter(|_| !args.dry_run) else {
        return Ok(Vec::new());
    };
    let kinds = manifests.iter().map(|(kind, _)| kind);
    kinds.map(|kind| Goal::of_wait(kind, word.as_deref())).collect()
}

/// One after the other. The first that fails ends it: what comes later may refer to it.
async fn apply_all(
    session: &Session,
    org: &OrgScope,
    manifests: &[(ResourceType, Manifest)],
    dry_run: bool,
) -> anyhow::Result<Vec<Applied>> {
    let mut all = Vec::new();
    for (kind, manifest) in manifests {
        let made = all.iter().filter(|one: &&Applied| one.effect == Effect::Created);
        let made: Vec<_> = made.map(|one| one.name.as_str()).collect();
        let name = format!("{}/{}", kind.name, manifest.name);
        let applied = match apply_one(org, kind, manifest, dry_run).await {
            // The check cannot know what the same run would have made before.
            Err(error) if dry_run && refers_to_new(&error, manifest, &made) => Applied {
                changes: diff::between(&nothing(), &shown(kind, manifest)),
                ..unknown(kind, manifest)
            },
            Err(error) => {
                remark(&Paint::for_stderr(false).red(&format!("{name} failed")));
                return Err(error.into());
            }
            Ok(applied) => applied,
        };
        if session.format == Format::Table {
            print(&told(&applied, session.paint))?;
        }
        all.push(applied);
    }
    Ok(all)
}

async fn apply_one(org: &OrgScope, kind: &ResourceType, manifest: &Manifest, dry_run: bool) -> Result<Applied, Error> {
    let resources = org.resources(&kind.plural);
    let input = ResourceInput {
        name: manifest.name.clone(),
        properties: manifest.properties.clone(),
        owner: manifest.owner.clone(),
        spec: manifest.spec.clone(),
    };
    let options = WriteOptions {
        dry_run,
        if_version: None,
    };
    let live = match resources.get(&manifest.name).await {
        Ok(live) => live,
        Err(error) if error.is_not_found() => {
            let made = resources.create(&input, options).await?;
            return Ok(Applied {
                changes: diff::between(&nothing(), &declared_anew(manifest, &made)),
                resource: Some(made),
                dry_run,
                ..unknown(kind, manifest)
            });
        }
        Err(error) => return Err(error),
    };
    // The server says what it makes of the declaration: its defaults and the
    // secrets it keeps are not differences.
    let changed = resources.replace(&manifest.name, &input, options).await?;
    let mut changes = diff::between(&declared(&live), &declared(&changed));
    if changes.is_empty() && changed.generation != live.generation {
        changes.push(secret_change(&changed));
    }
    Ok(Applied {
        effect: match changes.is_empty() {
            true => Effect::Unchanged,
            false => Effect::Configured,
        },
        changes,
        resource: Some(changed),
        dry_run,
        ..unknown(kind, manifest)
    })
}

fn unknown(kind: &ResourceType, manifest: &Manifest) -> Applied {
    Applied {
        resource_type: kind.name.clone(),
        name: manifest.name.clone(),
        effect: Effect::Created,
        dry_run: true,
        changes: Vec::new(),
        resource: None,
    }
}

/// Only secrets can differ where nothing that is shown does.
fn secret_change(resource: &Resource) -> FieldChange {
    let secret = Some(json!("(secret)"));
    let pointer = resource.secrets_set.first();
    FieldChange {
        pointer: format!("/spec{}", pointer.map_or("", String::as_str)),
        before: secret.clone(),
        after: secret,
    }
}

/// What is declared of a resource before there is one.
fn nothing() -> Value {
    json!({"properties": {}, "spec": {}})
}

/// What a file declares, as far as it may be shown. Without the server nobody knows which defaults it would add.
fn shown(kind: &ResourceType, manifest: &Manifest) -> Value {
    let mut secrets = Vec::new();
    secret_fields(&kind.spec_schema, &mut secrets);
    let mut spec = manifest.spec.clone();
    take_out(&mut spec, &secrets);
    let owner = match &manifest.owner {
        NewOwner::Somebody(owner) => Some(owner.as_str()),
        NewOwner::Unsaid | NewOwner::Nobody => None,
    };
    document(owner, &manifest.properties, &spec)
}

/// The names of the fields that a schema marks as secret, wherever they stand in it.
fn secret_fields<'a>(schema: &'a Value, names: &mut Vec<&'a str>) {
    match schema {
        Value::Object(fields) => {
            for (name, field) in fields {
                if field.get("x-plinth-secret") == Some(&Value::Bool(true)) {
                    names.push(name);
                }
                secret_fields(field, names);
            }
        }
        Value::Array(items) => items.iter().for_each(|item| secret_fields(item, names)),
        _ => {}
    }
}

fn take_out(value: &mut Value, names: &[&str]) {
    match value {
        Value::Object(fields) => {
            fields.retain(|name, _| !names.contains(&name.as_str()));
            fields.values_mut().for_each(|field| take_out(field, names));
        }
        Value::Array(items) => items.iter_mut().for_each(|item| take_out(item, names)),
        _ => {}
    }
}

/// What a person declares, without what the server adds.
fn declared(resource: &Resource) -> Value {
    document(resource.owner.as_deref(), &resource.properties, &resource.spec)
}

/// What is declared of a new one: whom the server makes the owner by itself is not.
fn declared_anew(manifest: &Manifest, made: &Resource) -> Value {
    let owner = made.owner.as_deref().filter(|_| manifest.owner != NewOwner::Unsaid);
    document(owner, &made.properties, &made.spec)
}

fn document(owner: Option<&str>, properties: &Map<String, Value>, spec: &Value) -> Value {
    let mut document = json!({"properties": properties, "spec": spec});
    if let (Some(owner), Some(fields)) = (owner, document.as_object_mut()) {
        fields.insert("owner".to_owned(), owner.into());
    }
    document
}

/// Whether a check failed at nothing but names that this run would have made.
fn refers_to_new(error: &Error, manifest: &Manifest, made: &[&str]) -> bool {
    let Some(problem) = error.problem() else {
        return false;
    };
    let whole = json!({"spec": manifest.spec, "properties": manifest.properties});
    let is_new = |pointer: &str| {
        let named = whole.pointer(pointer).and_then(Value::as_str);
        named.is_some_and(|name| made.contains(&name))
    };
    problem.status == 422 && !problem.errors.is_empty() && problem.errors.iter().all(|error| is_new(&error.pointer))
}

fn told(applied: &Applied, paint: Paint) -> String {
    let effect = match applied.effect {
        Effect::Created => paint.green("created"),
        Effect::Configured => paint.yellow("configured"),
        Effect::Unchanged => paint.dim("unchanged"),
    };
    let mut text = format!("{}/{} {effect}", applied.resource_type, applied.name);
    if applied.dry_run {
        text.push_str(" (dry run)");
        for line in diff::lines(&applied.changes, paint) {
            text.push_str("\n    ");
            text.push_str(&line);
        }
    }
    text
}

/// What is referred to comes before what refers to it; else the order of the files.
fn in_order(manifests: Vec<Manifest>, product: &ProductView) -> anyhow::Result<Vec<(ResourceType, Manifest)>> {
    let mut kinds: BTreeMap<String, ResourceType> = BTreeMap::new();
    let mut all = Vec::new();
    for manifest in manifests {
        let word = &manifest.resource_type;
        if !kinds.contains_key(word) {
            kinds.insert(word.clone(), find_type(product.clone(), word)?);
        }
        all.push((kinds[word].clone(), manifest));
    }
    each_once(&all)?;
    all.sort_by_key(|(kind, _)| depth(kind, product, 0));
    Ok(all)
}

/// Of two declarations of one resource nobody knows which one is meant.
fn each_once(manifests: &[(ResourceType, Manifest)]) -> Result<(), Failure> {
    let mut places = BTreeMap::new();
    for (kind, Manifest { name, place, .. }) in manifests {
        if let Some(first) = places.insert((&kind.name, name), place) {
            let message = format!("`{}/{name}` is declared twice: in {first} and in {place}", kind.name);
            return Err(Failure::usage(message).hint("keep one of the two"));
        }
    }
    Ok(())
}

/// How many types stand below this one in a chain of references.
fn depth(kind: &ResourceType, product: &ProductView, above: usize) -> usize {
    // Types that refer to each other have no order.
    if above > product.types.len() {
        return 0;
    }
    let mut names = Vec::new();
    references(&kind.spec_schema, &mut names);
    let below = product
        .types
        .iter()
        .filter(|other| names.contains(&other.name.as_str()));
    below
        .map(|other| 1 + depth(other, product, above + 1))
        .max()
        .unwrap_or(0)
}

/// The types that a schema marks as referred to.
fn references<'a>(schema: &'a Value, names: &mut Vec<&'a str>) {
    match schema {
        Value::Object(fields) => {
            if let Some(Value::String(name)) = fields.get("x-plinth-reference") {
                names.push(name);
            }
            fields.values().for_each(|field| references(field, names));
        }
        Value::Array(items) => items.iter().for_each(|item| references(item, names)),
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn product() -> ProductView {
        let view = json!({"types": [
            {"name": "pipeline", "plural": "pipelines", "spec_schema": {"properties": {"source":
                {"properties": {"connection": {"x-plinth-reference": "connection"}}}}}},
            {"name": "connection", "plural": "connections", "spec_schema": {}},
        ]});
        serde_json::from_value(view).expect("a product")
    }

    fn manifest(kind: &str, name: &str, spec: Value) -> Manifest {
        let value = json!({"type": kind, "name": name, "spec": spec});
        serde_json::from_value(value).expect("a manifest")
    }

    #[test]
    fn what_is_referred_to_comes_first() -> anyhow::Result<()> {
        let manifests = vec![
            manifest("pipelines", "b", Value::Null),
            manifest("pipeline", "a", Value::Null),
            manifest("connection", "shop", Value::Null),
        ];
        let ordered = in_order(manifests, &product())?;
        let names: Vec<_> = ordered.iter().map(|(_, one)| one.name.as_str()).collect();
        assert_eq!(names, ["shop", "b", "a"]);
        Ok(())
    }

    #[test]
    fn a_resource_that_is_declared_twice_is_told_with_both_places() {
        let at = |kind: &str, place: &str| Manifest {
            place: place.to_owned(),
            ..manifest(kind, "orders", Value::Null)
        };
        let other = at("connection", "a.yaml, document 2");
        let twice = vec![
            at("pipeline", "a.yaml, document 1"),
            other,
            at("pipelines", "b.yaml, document 1"),
        ];
        let text = crate::cli::failure::explain(&in_order(twice, &product()).expect_err("an error"), Paint::PLAIN);
        insta::assert_snapshot!(text, @r"
        error: `pipeline/orders` is declared twice: in a.yaml, document 1 and in b.yaml, document 1
        hint: keep one of the two
        ");
    }

    #[test]
    fn an_unknown_type_is_told_with_those_there_are() {
        let error = in_order(vec![manifest("pipe", "x", Value::Null)], &product());
        let text = crate::cli::failure::explain(&error.expect_err("an error"), Paint::PLAIN);
        insta::assert_snapshot!(text, @r"
        error: `pipe` is not a type of resource
        hint: there are: pipelines, connections
        ");
    }

    #[test]
    fn a_dry_run_shows_each_field() {
        let before = json!({"spec": {"interval_secs": 10}});
        let after = json!({"spec": {"interval_secs": 30, "paused": true}});
        let applied = Applied {
            effect: Effect::Configured,
            changes: diff::between(&before, &after),
            ..unknown(&product().types[0], &manifest("pipeline", "orders", Value::Null))
        };
        insta::assert_snapshot!(told(&applied, Paint::PLAIN), @r"
        pipeline/orders configured (dry run)
            ~ /spec/interval_secs: 10 -> 30
            + /spec/paused: true
        ");
    }

    #[test]
    fn an_owner_is_a_difference_where_it_is_declared() {
        let resource = |owner: Value| -> Resource {
            let value = json!({"id": "pipeline_1", "type": "pipeline", "name": "orders", "owner": owner, "spec": {}});
            serde_json::from_value(value).expect("a resource")
        };
        let made = |owner: NewOwner| {
            let manifest = Manifest {
                owner,
                ..manifest("pipeline", "orders", json!({}))
            };
            diff::lines(
                &diff::between(&nothing(), &declared_anew(&manifest, &resource(json!("user_1")))),
                Paint::PLAIN,
            )
        };
        assert_eq!(made(NewOwner::Unsaid), [""; 0]);
        assert_eq!(made(NewOwner::Somebody("user_1".to_owned())), ["+ /owner: user_1"]);
        let given = |before: Value, after: Value| {
            let changes = diff::between(&declared(&resource(before)), &declared(&resource(after)));
            diff::lines(&changes, Paint::PLAIN)
        };
        assert_eq!(given(json!("user_1"), json!("sa_1")), ["~ /owner: user_1 -> sa_1"]);
        assert_eq!(given(json!("user_1"), Value::Null), ["- /owner: user_1"]);
    }

    #[test]
    fn a_dry_run_shows_the_fields_of_what_refers_to_something_new_but_no_secret() {
        let kind = json!({"name": "pipeline", "plural": "pipelines", "spec_schema": {"properties": {
            "hook": {"oneOf": [{"properties": {"key": {"type": "string", "x-plinth-secret": true}}}]}}}});
        let kind = serde_json::from_value(kind).expect("a type");
        let spec = json!({"source": {"connection": "shop"}, "mode": "snapshot",
            "hook": {"key": "hunter2", "at": "https://example.com"}});
        let pipeline = manifest("pipeline", "orders", spec);
        let applied = Applied {
            changes: diff::between(&nothing(), &shown(&kind, &pipeline)),
            ..unknown(&kind, &pipeline)
        };
        insta::assert_snapshot!(told(&applied, Paint::PLAIN), @r#"
        pipeline/orders created (dry run)
            + /spec/source: {"connection":"shop"}
            + /spec/mode: snapshot
            + /spec/hook: {"at":"https://example.com"}
        "#);
    }

    #[test]
    fn a_dry_run_forgives_only_names_that_it_would_have_made() {
        let pipeline = manifest("pipeline", "orders", json!({"source": {"connection": "shop"}}));
        let error = |pointer: &str| -> Error {
            let problem = json!({"code": "validation_failed", "status": 422,
                "errors": [{"pointer": pointer, "message": "there is none"}]});
            let problem: plinth_client::Problem = serde_json::from_value(problem).expect("a problem");
            Box::new(problem).into()
        };
        let source = error("/spec/source/connection");
        assert!(refers_to_new(&source, &pipeline, &["shop"]));
        assert!(!refers_to_new(&source, &pipeline, &["other"]));
        assert!(!refers_to_new(&error("/spec/mode"), &pipeline, &["shop"]));
    }
}
