//! `check` and `discover`: ask the data plane about a resource, now.

use std::path::PathBuf;

use clap::Args;
use serde_json::Value;

use super::{
    failure::Failure,
    human, manifest,
    output::{Format, Paint, columns, print, printable, show},
    session::Session,
};

#[derive(Debug, Args)]
pub struct ActionArgs {
    /// Type of resource, such as `connections`
    plural: String,
    /// Name or id
    #[arg(required_unless_present = "file")]
    name: Option<String>,
    /// Try what a file declares, before it is applied; `-` is standard input
    #[arg(long, short, conflicts_with = "name")]
    file: Option<PathBuf>,
}

pub async fn run(session: &Session, args: ActionArgs, action: &str) -> anyhow::Result<()> {
    let kind = session.resource_type(&args.plural).await?;
    let resources = session.org().await?.resources(&kind.plural);
    let results = match (&args.name, &args.file) {
        (Some(name), _) => vec![(name.clone(), resources.act(name, action).await?)],
        (None, Some(file)) => {
            let mut results = Vec::new();
            for one in manifest::read(file)? {
                if one.resource_type == kind.name || one.resource_type == kind.plural {
                    let result = resources.act_on_draft(action, &one.spec).await?;
                    results.push((one.name, result));
                }
            }
            results
        }
        (None, None) => Vec::new(),
    };
    let mut bad = Vec::new();
    for (name, result) in results {
        if session.format == Format::Table {
            print(&told(&name, &result, session.paint))?;
        } else {
            show(session.format, &result, |_| String::new())?;
        }
        if result.get("ok") == Some(&Value::Bool(false)) {
            bad.push(name);
        }
    }
    if bad.is_empty() {
        return Ok(());
    }
    Err(Failure::failed(format!("{action} failed for {}", bad.join(", "))).into())
}

fn told(name: &str, result: &Value, paint: Paint) -> String {
    let text = |field: &str| result.get(field).and_then(Value::as_str).map(printable);
    let ok = result.get("ok") != Some(&Value::Bool(false));
    let mut told = match ok {
        true => format!("{name}  {}", paint.green("ok")),
        false => format!("{name}  {}", paint.red("failed")),
    };
    for part in [text("server"), text("message")].into_iter().flatten() {
        told.push_str(&format!("  {part}"));
    }
    if let Some(hint) = text("hint") {
        told.push_str(&format!("\n{} {hint}", paint.dim("hint:")));
    }
    let tables = result.get("tables").and_then(Value::as_array);
    if let Some(tables) = tables {
        told.push_str(&format!("\n\n{}", table(tables)));
    }
    told
}

fn table(tables: &[Value]) -> String {
    let rows = tables.iter().map(|table| {
        let field = |name: &str| {
            table
                .get(name)
                .map_or("-".to_owned(), |value| human::field(name, value))
        };
        let columns = table.get("columns").and_then(Value::as_array);
        let cursors = table.get("cursor_candidates").and_then(Value::as_array);
        let cursors: Vec<_> = cursors.into_iter().flatten().map(human::value).collect();
        vec![
            field("name"),
            field("kind"),
            field("rows_estimate"),
            columns.map_or(0, Vec::len).to_string(),
            cursors.join(", "),
        ]
    });
    columns(["NAME", "KIND", "ROWS", "COLUMNS", "CURSOR CANDIDATES"], rows)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn what_was_found_is_listed() {
        let result = json!({"ok": true, "server": "PostgreSQL 18.4", "tables": [{"name": "public.orders",
            "kind": "table", "rows_estimate": 1_000_000, "columns": [{"name": "id"}, {"name": "at"}],
            "cursor_candidates": ["id", "at"]}]});
        insta::assert_snapshot!(told("shop", &result, Paint::PLAIN), @r"
        shop  ok  PostgreSQL 18.4

        NAME           KIND   ROWS       COLUMNS  CURSOR CANDIDATES
        public.orders  table  1,000,000  2        id, at
        ");
    }

    #[test]
    fn a_failure_tells_what_to_do() {
        let result = json!({"ok": false, "message": "wrong password", "hint": "set it again"});
        insta::assert_snapshot!(told("shop", &result, Paint::PLAIN), @r"
        shop  failed  wrong password
        hint: set it again
        ");
    }
}
