//! Questions about a connection, asked before or after it is saved: does it work, and what is there?

use plinth_client::reconciler::ActionHandler;
use plinth_client::work::Action;
use serde_json::Value;

use super::place::Bounds;
use crate::error::{Error, Result};
use crate::session;
use crate::source::Source;
use crate::spec::{ConnectionSpec, FilesSpec};
use crate::status::{ColumnReport, ConnectionReport, TableReport};
use crate::table::Table;

#[derive(Debug)]
pub(super) struct Questions {
    pub bounds: Bounds,
}

impl ActionHandler for Questions {
    async fn run(&self, action: Action) -> Value {
        let report = self.answer(action).await.unwrap_or_else(|error| failed(&error));
        serde_json::to_value(report)
            .unwrap_or_else(|error| serde_json::json!({"ok": false, "message": error.to_string()}))
    }
}

impl Questions {
    async fn answer(&self, action: Action) -> Result<ConnectionReport> {
        let connection: ConnectionSpec = serde_json::from_value(action.spec)
            .map_err(|error| Error::new("invalid_spec", format!("the connection cannot be read: {error}")))?;
        let connection = self.bounds.confine(&action.org, connection)?;
        match action.action.as_str() {
            "check" => check(&connection).await,
            "discover" => discover(&connection).await,
            other => Err(Error::new(
                "unknown_action",
                format!("a connection has no action `{other}`"),
            )),
        }
    }
}

fn failed(error: &Error) -> ConnectionReport {
    ConnectionReport {
        ok: false,
        code: Some(error.code.to_owned()),
        message: Some(error.message.clone()),
        hint: error.hint.clone(),
        ..ConnectionReport::default()
    }
}

async fn check(connection: &ConnectionSpec) -> Result<ConnectionReport> {
    let server = match connection {
        ConnectionSpec::Postgres(spec) => session::check(spec).await?,
        ConnectionSpec::Files(spec) => match Source::connect(connection, "plinth check").await {
            Ok(source) => source.server(),
            Err(error) if error.code == "no_such_file" => return Ok(not_yet(spec)),
            Err(error) => return Err(error),
        },
    };
    Ok(ConnectionReport {
        ok: true,
        server: Some(server),
        ..ConnectionReport::default()
    })
}

/// Nobody knows here whether the connection is going to be read from or written to. A question changes nothing, so the
/// folder is not made.
fn not_yet(spec: &FilesSpec) -> ConnectionReport {
    let folder = spec.directory.display();
    ConnectionReport {
        ok: true,
        message: Some(format!(
            "the folder `{folder}` does not exist yet: a pipeline that writes to it makes it, one that reads from it fails"
        )),
        ..ConnectionReport::default()
    }
}

async fn discover(connection: &ConnectionSpec) -> Result<ConnectionReport> {
    let source = Source::connect(connection, "plinth discover").await?;
    let tables = match &source {
        Source::Postgres(source) => source.discover().await?,
        Source::Files(source) => source.tables(None).await?,
    };
    let tables = tables.iter().map(report).collect();
    Ok(ConnectionReport {
        ok: true,
        server: Some(source.server()),
        tables: Some(tables),
        ..ConnectionReport::default()
    })
}

fn report(table: &Table) -> TableReport {
    let columns = table.columns.iter().map(|column| ColumnReport {
        name: column.name.clone(),
        kind: column.source_type.clone(),
        nullable: column.nullable,
        primary_key: column.key,
    });
    TableReport {
        name: table.name.to_string(),
        kind: table.kind.as_str().to_owned(),
        rows_estimate: table.rows_estimate,
        columns: columns.collect(),
        cursor_candidates: table.cursor_candidates.clone(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::network::Networks;
    use plinth_model::id::OrgId;
    use serde_json::json;

    #[tokio::test]
    async fn an_answer_names_the_folder_as_the_connection_does() {
        let folder = tempfile::tempdir().unwrap();
        let root = folder.path().canonicalize().unwrap();
        let org = OrgId::generate().to_string();
        let home = root.join(&org);
        std::fs::create_dir_all(home.join("bad")).unwrap();
        std::fs::write(home.join("bad/goods.csv"), "a,b\n1\n").unwrap();
        std::fs::write(home.join("file"), "").unwrap();
        // Of no org, and so nobody's.
        std::fs::create_dir(root.join("common")).unwrap();
        std::fs::write(root.join("common/goods.csv"), "a\n1\n").unwrap();
        let questions = Questions {
            bounds: Bounds {
                files: root.clone(),
                networks: Networks::default(),
            },
        };
        let ask = async |action: &str, directory: &str| {
            let spec = json!({"kind": "files", "directory": directory, "format": "csv"});
            let action = json!({"id": "action_1", "org": org, "token": "t", "type": "connection", "action": action, "spec": spec});
            questions.run(serde_json::from_value(action).unwrap()).await
        };
        let absent = ask("check", "shop/new").await;
        assert_eq!(absent["ok"], true, "{absent}");
        let said = absent["message"].as_str().unwrap();
        assert!(said.starts_with("the folder `shop/new` does not exist yet"), "{absent}");
        assert!(!home.join("shop").exists(), "a question changes nothing on disk");
        std::fs::create_dir_all(home.join("shop/new")).unwrap();
        let there = json!({"ok": true, "server": "csv in shop/new"});
        assert_eq!(ask("check", "shop/new").await, there);
        for (action, directory, said) in [
            ("discover", "bad", "goods.csv"),
            ("discover", "none", "folder `none`"),
            ("discover", "common", "folder `common`"),
            ("discover", "../common", "`../common`"),
            ("check", "file", ""),
            ("discover", "file", "folder `file`"),
            ("check", "../out", "`../out`"),
        ] {
            let answer = ask(action, directory).await;
            let message = answer["message"].as_str().unwrap_or_default();
            assert_eq!(answer["ok"], false, "{action} {directory}: {answer}");
            assert!(message.contains(said), "{action} {directory}: {answer}");
            assert!(!answer.to_string().contains(root.to_str().unwrap()), "{answer}");
        }
    }
}
