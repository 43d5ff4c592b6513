//! What the documents point at must be there: linked files and headings, named paths, and the tests that ARCHITECTURE.md names.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Component, Path, PathBuf};

use anyhow::Result;
use pulldown_cmark::{Event, Parser, Tag, TagEnd};

use super::Offence;
use crate::command::Workspace;

/// Names as long as these are tests, sentences in snake case; those of metrics begin with `plinth_`.
const SHORTEST_TEST_NAME: usize = 25;

/// Folders of this repository; what is named below them in backticks exists.
const FOLDERS: &[&str] = &[
    "bench/",
    "crates/",
    "docs/",
    "e2e/",
    "openapi/",
    "products/",
    "scripts/",
    "sdk/",
    "web/",
];

/// What a document says, as far as it can be checked.
#[derive(Debug, Default)]
struct Document {
    links: Vec<String>,
    anchors: BTreeSet<String>,
    code: Vec<String>,
}

pub(super) fn offences(workspace: &Workspace, files: &[String]) -> Result<Vec<Offence>> {
    let mut documents = BTreeMap::new();
    for path in files.iter().filter(|path| path.ends_with(".md")) {
        documents.insert(
            path.as_str(),
            read(&std::fs::read_to_string(workspace.root.join(path))?),
        );
    }
    let mut offences = Vec::new();
    for (path, document) in &documents {
        let broken = document
            .links
            .iter()
            .filter_map(|link| broken_link(workspace, &documents, path, link));
        offences.extend(broken.map(|detail| offence(path, "link", detail)));
        let missing = document
            .code
            .iter()
            .filter(|text| is_path(text) && !workspace.has(text));
        offences.extend(missing.map(|text| offence(path, "path", format!("there is no `{text}`"))));
    }
    offences.extend(missing_tests(workspace, files, &documents)?);
    offences.extend(unlisted_pages(&documents));
    Ok(offences)
}

fn offence(place: &str, rule: &'static str, detail: String) -> Offence {
    Offence {
        place: place.to_owned(),
        rule,
        detail,
    }
}

fn read(text: &str) -> Document {
    let mut document = Document::default();
    let mut heading: Option<String> = None;
    for event in Parser::new_ext(text, pulldown_cmark::Options::ENABLE_TABLES) {
        match event {
            Event::Start(Tag::Link { dest_url, .. } | Tag::Image { dest_url, .. }) => {
                document.links.push(dest_url.into_string());
            }
            Event::Start(Tag::Heading { .. }) => heading = Some(String::new()),
            Event::End(TagEnd::Heading(_)) => document.anchors.extend(heading.take().map(|text| slug(&text))),
            Event::Code(code) => {
                heading.iter_mut().for_each(|heading| heading.push_str(&code));
                document.code.push(code.into_string());
            }
            Event::Text(text) => heading.iter_mut().for_each(|heading| heading.push_str(&text)),
            _ => {}
        }
    }
    document
}

/// The anchor that GitHub and mdBook give a heading.
fn slug(heading: &str) -> String {
    let kept = heading
        .chars()
        .filter(|c| c.is_alphanumeric() || matches!(c, ' ' | '-' | '_'));
    kept.collect::<String>().to_lowercase().replace(' ', "-")
}

fn broken_link(workspace: &Workspace, documents: &BTreeMap<&str, Document>, from: &str, link: &str) -> Option<String> {
    if link.contains("://") || link.starts_with("mailto:") {
        return None;
    }
    let (path, anchor) = link.split_once('#').unwrap_or((link, ""));
    let target = if path.is_empty() {
        from.to_owned()
    } else {
        resolve(from, path)
    };
    if !workspace.has(&target) {
        return Some(format!("`{link}`: there is no `{target}`"));
    }
    let lacks = |document: &Document| !anchor.is_empty() && !document.anchors.contains(anchor);
    let heading_is_missing = documents.get(target.as_str()).is_some_and(lacks);
    heading_is_missing.then(|| format!("`{link}`: there is no such heading in `{target}`"))
}

/// `../b/c.md` as seen from `a/d.md`, from the repository's root.
fn resolve(from: &str, path: &str) -> String {
    let mut resolved = Path::new(from).parent().unwrap_or(Path::new("")).to_path_buf();
    for component in Path::new(path).components() {
        match component {
            Component::ParentDir => _ = resolved.pop(),
            Component::Normal(name) => resolved.push(name),
            _ => {}
        }
    }
    resolved.to_string_lossy().into_owned()
}

/// Names with a hole or a choice in them are patterns, not paths.
fn is_path(text: &str) -> bool {
    FOLDERS.iter().any(|folder| text.starts_with(folder)) && !text.contains(['<', '*', '{', ' ', ':', '$'])
}

fn missing_tests(
    workspace: &Workspace,
    files: &[String],
    documents: &BTreeMap<&str, Document>,
) -> Result<Vec<Offence>> {
    let Some(architecture) = documents.get("ARCHITECTURE.md") else {
        return Ok(Vec::new());
    };
    let mut code = String::new();
    for path in files.iter().filter(|path| path.ends_with(".rs")) {
        code.push_str(&std::fs::read_to_string(workspace.root.join(path))?);
    }
    let is_test_name = |name: &&String| {
        !name.starts_with("plinth_")
            && name.len() >= SHORTEST_TEST_NAME
            && name
                .chars()
                .all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_')
    };
    let names = architecture.code.iter().filter(is_test_name);
    let missing = names.filter(|name| !code.contains(&format!("fn {name}(")));
    Ok(missing
        .map(|name| offence("ARCHITECTURE.md", "test", format!("no test is called `{name}`")))
        .collect())
}

/// Pages of the book that its table of contents does not know.
fn unlisted_pages(documents: &BTreeMap<&str, Document>) -> Vec<Offence> {
    let Some((summary, contents)) = documents.iter().find(|(path, _)| path.ends_with("/SUMMARY.md")) else {
        return Vec::new();
    };
    let folder = PathBuf::from(summary)
        .parent()
        .map(Path::to_path_buf)
        .unwrap_or_default();
    let listed: BTreeSet<String> = contents.links.iter().map(|link| resolve(summary, link)).collect();
    let pages = documents
        .keys()
        .filter(|path| Path::new(path).parent() == Some(&folder) && *path != summary && !listed.contains(**path));
    pages
        .map(|path| offence(path, "contents", format!("it is not in `{summary}`")))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn links_headings_and_code_are_read_but_for_code_blocks() {
        let document = read("# A `b` c_d, e!\n[x](y.md#z) ![i](i.png) `crates/xtask`\n\n```\n[no](no.md)\n```\n");
        assert_eq!(document.links, ["y.md#z", "i.png"]);
        assert!(document.anchors.contains("a-b-c_d-e"), "{:?}", document.anchors);
        assert_eq!(document.code, ["b", "crates/xtask"]);
    }

    #[test]
    fn a_broken_link_and_a_missing_heading_are_found() {
        let workspace = Workspace::here();
        let mut documents = BTreeMap::new();
        documents.insert("README.md", read("# Plinth\n"));
        let broken = |link: &str| broken_link(&workspace, &documents, "docs/a.md", link);
        assert_eq!(broken("../README.md#plinth"), None);
        assert_eq!(broken("https://example.com"), None);
        assert!(broken("../README.md#nothing").unwrap().contains("heading"));
        assert!(broken("nothing.md").unwrap().contains("docs/nothing.md"));
    }

    #[test]
    fn a_pattern_is_not_a_path() {
        assert!(is_path("crates/xtask/src/main.rs"));
        assert!(!is_path("crates/<name>/src"));
        assert!(!is_path("crates/*/tests"));
        assert!(!is_path("crate"));
    }
}
