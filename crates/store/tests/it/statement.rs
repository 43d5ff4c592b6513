//! Every statement in `queries/` fits the schema that the migrations make.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use plinth_store::statement::filled_in;
use plinth_testkit::store::open;

/// Pieces of other statements.
const FRAGMENTS: [&str; 4] = ["metric/bucket", "metric/key", "resource/matches", "usage/wanted"];

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("queries")
}

fn files(folder: &Path, ending: &str) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    let found = entries.flat_map(|path| {
        if path.is_dir() {
            files(&path, ending)
        } else {
            vec![path]
        }
    });
    found
        .filter(|path| path.extension().is_some_and(|found| found == ending))
        .collect()
}

/// `directory/org/find`: as `sql!` names it.
fn name(path: &Path) -> String {
    path.strip_prefix(root())
        .unwrap()
        .with_extension("")
        .to_str()
        .unwrap()
        .to_owned()
}

fn of_directory(name: &str) -> bool {
    name.starts_with("directory/") || ["product/current", "product/record", "create_database"].contains(&name)
}

#[tokio::test]
async fn every_statement_can_be_prepared() {
    let test = open().await;
    let (directory, cell) = (test.directory.admin().await, test.cell.admin().await);
    let filled_in = filled_in();
    for path in files(&root(), "sql") {
        let name = name(&path);
        if FRAGMENTS.contains(&name.as_str()) {
            continue;
        }
        let text = fs::read_to_string(&path).unwrap();
        let forms: Vec<&str> = filled_in
            .iter()
            .filter(|(of, _)| *of == name)
            .map(|(_, form)| form.as_str())
            .collect();
        assert_eq!(
            text.contains('{'),
            !forms.is_empty(),
            "`{name}` has placeholders that `statement` does not fill in"
        );
        let client = if of_directory(&name) { &directory } else { &cell };
        for form in if forms.is_empty() { vec![text.as_str()] } else { forms } {
            assert!(
                !form.contains('{') || form.contains("'{}'"),
                "`{name}` is not filled in: {form}"
            );
            client
                .prepare(form)
                .await
                .unwrap_or_else(|error| panic!("`{name}`: {error:?}"));
        }
    }
}

#[test]
fn every_statement_is_used() {
    let sources = files(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src"), "rs");
    let sources: String = sources.iter().map(|path| fs::read_to_string(path).unwrap()).collect();
    let names: BTreeSet<String> = files(&root(), "sql").iter().map(|path| name(path)).collect();
    let unused: Vec<_> = names
        .iter()
        .filter(|name| !sources.contains(&format!("sql!(\"{name}\")")))
        .collect();
    assert!(unused.is_empty(), "no `sql!` reads {unused:?}");
}
