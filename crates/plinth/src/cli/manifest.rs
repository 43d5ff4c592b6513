//! Files of resources: YAML or JSON, many documents in one, `${VAR}` from the environment.
//! Must not talk to a server.

use std::{
    env, fs,
    path::{Path, PathBuf},
};

use anyhow::Context;
use plinth_client::resource::NewOwner;
use serde::Deserialize;
use serde_json::{Map, Value};

use super::{failure::Failure, session::read_stdin};

const SHAPE: &str = "a resource is `{type, name, owner, properties, spec}`";

/// One resource, as a file declares it.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Manifest {
    #[serde(rename = "type")]
    pub resource_type: String,
    pub name: String,
    #[serde(default)]
    pub owner: NewOwner,
    #[serde(default)]
    pub properties: Map<String, Value>,
    #[serde(default)]
    pub spec: Value,
    /// Where it was read, for people.
    #[serde(skip)]
    pub place: String,
}

/// All resources of a file, of the files of a folder, or of standard input (`-`); one at least.
pub fn read(path: &Path) -> anyhow::Result<Vec<Manifest>> {
    let manifests = read_all(path)?;
    if manifests.is_empty() {
        let source = match path == Path::new("-") {
            true => "standard input".to_owned(),
            false => format!("`{}`", path.display()),
        };
        return Err(Failure::usage(format!("{source} declares no resource"))
            .hint(SHAPE)
            .into());
    }
    Ok(manifests)
}

fn read_all(path: &Path) -> anyhow::Result<Vec<Manifest>> {
    let lookup = |name: &str| env::var(name).ok();
    if path == Path::new("-") {
        return parse(&read_stdin()?, "standard input", &lookup);
    }
    let mut manifests = Vec::new();
    for file in files(path)? {
        let text = read_file(&file)?;
        manifests.extend(parse(&text, &file.display().to_string(), &lookup)?);
    }
    Ok(manifests)
}

pub fn read_file(path: &Path) -> anyhow::Result<String> {
    fs::read_to_string(path).with_context(|| format!("cannot read `{}`", path.display()))
}

/// The file itself, or the `.yaml`, `.yml` and `.json` files of a folder by name.
pub fn files(path: &Path) -> anyhow::Result<Vec<PathBuf>> {
    if !path.is_dir() {
        return Ok(vec![path.to_owned()]);
    }
    let entries = fs::read_dir(path).with_context(|| format!("cannot read `{}`", path.display()))?;
    let mut files = Vec::new();
    for entry in entries {
        let file = entry?.path();
        let kind = file.extension().and_then(|kind| kind.to_str());
        if matches!(kind, Some("yaml" | "yml" | "json")) && file.is_file() {
            files.push(file);
        }
    }
    if files.is_empty() {
        let message = format!("`{}` holds no .yaml, .yml or .json file", path.display());
        return Err(Failure::usage(message).into());
    }
    files.sort();
    Ok(files)
}

fn parse(text: &str, source: &str, lookup: &dyn Fn(&str) -> Option<String>) -> anyhow::Result<Vec<Manifest>> {
    let mut manifests = Vec::new();
    for (index, mut document) in documents(text, source)?.into_iter().enumerate() {
        let place = format!("{source}, document {}", index + 1);
        substitute(&mut document, &mut String::new(), &place, lookup)?;
        match document {
            Value::Null => {}
            Value::Array(several) => {
                for (index, one) in several.into_iter().enumerate() {
                    manifests.push(read_one(one, format!("{place}, entry {}", index + 1))?);
                }
            }
            one => manifests.push(read_one(one, place)?),
        }
    }
    Ok(manifests)
}

/// The documents of YAML text, of which JSON is a part.
pub fn documents(text: &str, source: &str) -> anyhow::Result<Vec<Value>> {
    serde_yaml_ng::Deserializer::from_str(text)
        .map(|document| {
            Value::deserialize(document).map_err(|error| {
                let message = format!("`{source}` is neither YAML nor JSON: {error}");
                Failure::usage(message).into()
            })
        })
        .collect()
}

fn read_one(value: Value, place: String) -> anyhow::Result<Manifest> {
    match serde_json::from_value(value) {
        Ok(manifest) => Ok(Manifest { place, ..manifest }),
        Err(error) => Err(Failure::usage(format!("{place}: {error}")).hint(SHAPE).into()),
    }
}

/// Fills `${VAR}` and `${VAR:-default}` into all texts; `$${` stands for `${`.
/// In the parsed document, not in the file: what a variable holds stays one text.
fn substitute(
    value: &mut Value,
    pointer: &mut String,
    place: &str,
    lookup: &dyn Fn(&str) -> Option<String>,
) -> anyhow::Result<()> {
    match value {
        Value::String(text) => {
            *text = expand(text, lookup).map_err(|reason| {
                Failure::usage(format!("{place}: `{pointer}`: {reason}"))
                    .hint("set it, or give a default with `${NAME:-default}`")
            })?;
        }
        Value::Array(items) => {
            for (index, item) in items.iter_mut().enumerate() {
                within(pointer, &index.to_string(), |pointer| {
                    substitute(item, pointer, place, lookup)
                })?;
            }
        }
        Value::Object(fields) => {
            for (name, field) in fields.iter_mut() {
                within(pointer, name, |pointer| substitute(field, pointer, place, lookup))?;
            }
        }
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
    Ok(())
}

fn within<T>(pointer: &mut String, segment: &str, inside: impl FnOnce(&mut String) -> T) -> T {
    let length = pointer.len();
    pointer.push('/');
    pointer.push_str(segment);
    let result = inside(pointer);
    pointer.truncate(length);
    result
}

fn expand(text: &str, lookup: &dyn Fn(&str) -> Option<String>) -> Result<String, String> {
    let mut expanded = String::new();
    let mut rest = text;
    while let Some(start) = rest.find("${") {
        let (before, from) = rest.split_at(start);
        if let Some(before) = before.strip_suffix('$') {
            expanded.push_str(before);
            expanded.push_str("${");
            rest = &from[2..];
            continue;
        }
        expanded.push_str(before);
        let Some(end) = from.find('}') else {
            return Err(format!("`{from}` has no `}}`"));
        };
        let inside = &from[2..end];
        let (name, default) = match inside.split_once(":-") {
            Some((name, default)) => (name, Some(default)),
            None => (inside, None),
        };
        // As in a shell, `:-` also stands in for a variable that is set but empty.
        let set = lookup(name).filter(|value| default.is_none() || !value.is_empty());
        match set.as_deref().or(default) {
            Some(value) => expanded.push_str(value),
            None => return Err(format!("the environment variable `{name}` is not set")),
        }
        rest = &from[end + 1..];
    }
    expanded.push_str(rest);
    Ok(expanded)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cli::{failure, output::Paint};

    fn lookup(name: &str) -> Option<String> {
        match name {
            "PASSWORD" => Some("a: \"b\"\nc".to_owned()),
            "EMPTY" => Some(String::new()),
            _ => None,
        }
    }

    fn parsed(text: &str) -> anyhow::Result<Vec<Manifest>> {
        parse(text, "shop.yaml", &lookup)
    }

    fn told(text: &str) -> String {
        let error = parsed(text).expect_err("an error");
        failure::explain(&error, Paint::PLAIN)
    }

    #[test]
    fn a_file_holds_many_documents() -> anyhow::Result<()> {
        let text = "type: connection\nname: shop\nowner: null\nspec: {kind: files}\n---\n# nothing\n---\n\
            - {type: pipeline, name: a, owner: user_1, properties: {team: data}, spec: {}}\n\
            - {type: pipeline, name: b}\n";
        let manifests = parsed(text)?;
        let names: Vec<_> = manifests.iter().map(|one| one.name.as_str()).collect();
        assert_eq!(names, ["shop", "a", "b"]);
        assert_eq!(manifests[2].place, "shop.yaml, document 3, entry 2");
        assert_eq!(manifests[1].properties["team"], "data");
        let owner = |at: usize| manifests[at].owner.clone();
        assert_eq!(owner(0), NewOwner::Nobody);
        assert_eq!(owner(1), NewOwner::Somebody("user_1".to_owned()));
        assert_eq!(owner(2), NewOwner::Unsaid);
        let json = parsed(r#"{"type": "pipeline", "name": "c", "spec": {"batch_rows": 10}}"#)?;
        assert_eq!(json[0].spec["batch_rows"], 10);
        Ok(())
    }

    #[test]
    fn a_variable_stays_one_text_whatever_it_holds() -> anyhow::Result<()> {
        let text = "type: connection\nname: shop\nspec:\n  password: ${PASSWORD}\n  \
            url: x-${EMPTY}-${EMPTY:-d}-${NONE:-e}\n  raw: $${PASSWORD}\n";
        let spec = &parsed(text)?[0].spec;
        assert_eq!(spec["password"], "a: \"b\"\nc");
        assert_eq!(spec["url"], "x--d-e");
        assert_eq!(spec["raw"], "${PASSWORD}");
        Ok(())
    }

    #[test]
    fn a_file_that_declares_nothing_is_refused() -> anyhow::Result<()> {
        let folder = tempfile::tempdir()?;
        let file = folder.path().join("empty.yaml");
        for text in ["", "# nothing\n", "---\n---\n", "[]"] {
            std::fs::write(&file, text)?;
            for path in [file.as_path(), folder.path()] {
                let error = read(path).expect_err("an error");
                assert_eq!(error.to_string(), format!("`{}` declares no resource", path.display()));
                assert_eq!(failure::exit_code(&error), 2);
            }
        }
        Ok(())
    }

    #[test]
    fn a_missing_variable_is_told_with_its_place() {
        let text = "type: connection\nname: shop\nspec: {password: '${SHOP_PASSWORD}'}\n";
        insta::assert_snapshot!(told(text), @r"
        error: shop.yaml, document 1: `/spec/password`: the environment variable `SHOP_PASSWORD` is not set
        hint: set it, or give a default with `${NAME:-default}`
        ");
    }

    #[test]
    fn a_document_of_another_shape_is_told() {
        insta::assert_snapshot!(told("kind: Pod\nmetadata: {}\n"), @r"
        error: shop.yaml, document 1: unknown field `kind`, expected one of `type`, `name`, `owner`, `properties`, `spec`
        hint: a resource is `{type, name, owner, properties, spec}`
        ");
        insta::assert_snapshot!(told("type: [\n"), @"error: `shop.yaml` is neither YAML nor JSON: did not find expected node content at line 2 column 1, while parsing a flow node");
    }
}
