//! Somebody else who holds the rows that a request wants.

use tokio_postgres::Client;

use super::{TestApp, wait_until};

/// A row that is held, or wanted.
#[derive(Debug, Clone, Copy)]
pub enum Row {
    Resource,
    WorkItem,
}

impl Row {
    fn select(self) -> &'static str {
        match self {
            Self::Resource => "select from plinth.resources where id = $1 for update",
            Self::WorkItem => "select from plinth.work_items where resource_id = $1 for update",
        }
    }

    /// How a request asks for it.
    fn request(self) -> &'static str {
        match self {
            Self::Resource => "%from plinth.resources%for update%",
            Self::WorkItem => "%from plinth.work_items%for share%",
        }
    }
}

/// A transaction that the database does not break off when it and a request wait for each other: it breaks off the
/// request, which looks up first.
pub struct Rival(Client);

impl std::fmt::Debug for Rival {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Rival")
    }
}

impl Rival {
    /// Waits for the row of a resource, and holds it.
    ///
    /// # Panics
    /// When there is none.
    pub async fn hold(&self, row: Row, resource_id: &str) {
        let (_, id) = plinth_model::Id::split(resource_id).expect("an id");
        let held = self.0.execute(row.select(), &[&id.0]).await.expect("the row");
        assert_eq!(held, 1, "`{resource_id}` is there");
    }

    /// # Panics
    /// When it was broken off.
    pub async fn let_go(self) {
        self.0.batch_execute("commit").await.expect("a commit");
    }
}

impl TestApp {
    pub async fn rival(&self) -> Rival {
        let client = self.store.cell.admin().await;
        let begin = client.batch_execute("set deadlock_timeout = '1min'; begin");
        begin.await.expect("a transaction");
        Rival(client)
    }

    /// Waits until one request waits for such a row.
    pub async fn blocked_at(&self, row: Row) {
        let observer = self.store.cell.admin().await;
        let waiting = "select count(*) from pg_stat_activity
            where datname = current_database() and wait_event_type = 'Lock' and query like $1
                and pid <> pg_backend_pid()";
        wait_until("a request waits for a row", || async {
            let found = observer.query_one(waiting, &[&row.request()]).await.expect("activity");
            (found.get::<_, i64>(0) == 1).then_some(())
        })
        .await;
    }
}
