//! Product folders of this repository as documents, as an operator applies them.

use std::fs;
use std::path::Path;

use serde_json::{Value, json};

/// The reference product.
///
/// # Panics
/// When the folder is not there or not YAML.
pub fn etl_product() -> Value {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../products/etl");
    json!({
        "product": yaml(&folder.join("product.yaml")),
        "types": each(&folder.join("types")),
        "meters": yaml(&folder.join("meters.yaml")),
        "plans": each(&folder.join("plans")),
        "dashboards": each(&folder.join("dashboards")),
        "roles": roles(&folder.join("roles")),
    })
}

fn roles(folder: &Path) -> Vec<Value> {
    let entries = fs::read_dir(folder).unwrap_or_else(|error| panic!("{}: {error}", folder.display()));
    let mut paths: Vec<_> = entries.map(|entry| entry.expect("a file").path()).collect();
    paths.sort();
    let role = |path: &std::path::PathBuf| {
        let text = fs::read_to_string(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
        json!({"name": path.file_stem().and_then(|name| name.to_str()), "policy": text})
    };
    paths.iter().map(role).collect()
}

fn yaml(path: &Path) -> Value {
    let text = fs::read_to_string(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    serde_yaml_ng::from_str(&text).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// The files of a folder by name, as `plinth apply` reads them.
fn each(folder: &Path) -> Vec<Value> {
    let entries = fs::read_dir(folder).unwrap_or_else(|error| panic!("{}: {error}", folder.display()));
    let mut paths: Vec<_> = entries.map(|entry| entry.expect("a file").path()).collect();
    paths.sort();
    paths.iter().map(|path| yaml(path)).collect()
}
