//! What PostgreSQL makes of compiled predicates.

use tokio::runtime::Runtime;
use tokio_postgres::{Client, Statement};

/// One predicate over one row.
#[derive(Debug)]
pub struct Test {
    pub path: String,
    pub row: String,
    pub variables: String,
}

pub struct Judge {
    runtime: Runtime,
    client: Client,
    statement: Statement,
    _database: plinth_testkit::postgres::Database,
}

/// `unnest` would make PostgreSQL parse the same variables for each predicate, but a batch is not about speed.
const MATCH: &str = "
    select coalesce(jsonb_path_match(asked.row::jsonb, asked.path::jsonpath, asked.variables::jsonb, true), false)
    from unnest($1::text[], $2::text[], $3::text[]) with ordinality as asked (path, row, variables, place)
    order by asked.place";

impl Judge {
    pub fn new() -> Self {
        let runtime = Runtime::new().unwrap();
        let (database, client, statement) = runtime.block_on(async {
            let database = plinth_testkit::postgres::server().await.database("oracle").await;
            let client = database.admin().await;
            let statement = client.prepare(MATCH).await.unwrap();
            (database, client, statement)
        });
        Self {
            runtime,
            client,
            statement,
            _database: database,
        }
    }

    /// The outcome of each test; an error when PostgreSQL does not take one of them.
    pub fn judge(&self, tests: &[Test]) -> Result<Vec<bool>, String> {
        let column = |of: fn(&Test) -> &String| tests.iter().map(of).collect::<Vec<_>>();
        let (paths, rows, variables) = (
            column(|test| &test.path),
            column(|test| &test.row),
            column(|test| &test.variables),
        );
        let rows = self
            .runtime
            .block_on(self.client.query(&self.statement, &[&paths, &rows, &variables]));
        let rows = rows.map_err(|error| {
            error
                .as_db_error()
                .map_or_else(|| error.to_string(), ToString::to_string)
        })?;
        Ok(rows.iter().map(|row| row.get(0)).collect())
    }

    /// Whether a path can be cast.
    pub fn takes(&self, path: &str) -> Result<bool, String> {
        let test = Test {
            path: path.to_owned(),
            row: "{}".to_owned(),
            variables: "{\"principal\": {}, \"context\": {}}".to_owned(),
        };
        self.judge(&[test]).map(|answers| answers.len() == 1)
    }
}
