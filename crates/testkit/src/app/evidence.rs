//! What the databases really hold, past the API: to show that nothing changed, or that something is there.

use std::collections::BTreeMap;

use plinth_model::Scope;
use plinth_model::id::OrgId;
use plinth_store::audit::{self, Verdict};

use super::{TestApp, wait_until};

/// All rows of an org as text, by table.
pub type Rows = BTreeMap<String, Vec<String>>;

/// Tables with an org, in the order of their names.
const TABLES: &str = "select relation.relname::text
    from pg_class relation
    join pg_attribute attribute on attribute.attrelid = relation.oid and attribute.attname = 'org_id'
    where relation.relnamespace = 'plinth'::regnamespace and relation.relkind in ('r', 'p')
    order by 1";

/// What the directory knows of an org and its people.
const DIRECTORY: [(&str, &str); 4] = [
    (
        "directory orgs",
        "select to_jsonb(t)::text from plinth.orgs t where id = $1",
    ),
    (
        "directory org_users",
        "select to_jsonb(t)::text from plinth.org_users t where org_id = $1 order by 1",
    ),
    (
        "directory users",
        "select to_jsonb(t)::text from plinth.users t join plinth.org_users o on o.user_id = t.id
         where o.org_id = $1 order by 1",
    ),
    (
        "directory sessions",
        "select to_jsonb(t)::text from plinth.sessions t join plinth.org_users o using (user_id)
         where o.org_id = $1 order by 1",
    ),
];

fn org(text: &str) -> OrgId {
    text.parse().unwrap_or_else(|error| panic!("{error}"))
}

impl TestApp {
    /// Waits until all that is committed has its place in the org's log.
    pub async fn settled(&self, org_id: &str) {
        let admin = self.store.cell.admin().await;
        let waiting = "select count(*) from plinth.event_inbox where org_id = $1";
        wait_until("the event inbox is empty", || async {
            let row = admin.query_one(waiting, &[&org(org_id).0]).await.expect("the inbox");
            (row.get::<_, i64>(0) == 0).then_some(())
        })
        .await;
    }

    /// Every row of an org in every table, and what the directory knows of it.
    pub async fn rows_of(&self, org_id: &str) -> Rows {
        self.settled(org_id).await;
        let org = org(org_id).0;
        let (cell, directory) = (self.store.cell.admin().await, self.store.directory.admin().await);
        let mut rows = Rows::new();
        for table in cell.query(TABLES, &[]).await.expect("the tables") {
            let table: String = table.get(0);
            let select = format!("select to_jsonb(t)::text from plinth.{table} t where org_id = $1 order by 1");
            let found = cell.query(&select, &[&org]).await.expect("rows");
            rows.insert(table, found.iter().map(|row| row.get(0)).collect());
        }
        for (name, select) in DIRECTORY {
            let found = directory.query(select, &[&org]).await.expect("rows");
            rows.insert(name.to_owned(), found.iter().map(|row| row.get(0)).collect());
        }
        rows
    }

    /// Recomputes the hash chain of an org's log.
    pub async fn audit(&self, org_id: &str) -> Verdict {
        self.settled(org_id).await;
        let scope = Scope::system("verify the log", org(org_id));
        audit::verify(&self.store.store, &scope).await.expect("the log")
    }

    /// As if the lease on this resource had not been renewed in time.
    ///
    /// # Panics
    /// When there is no such lease.
    pub async fn expire_lease(&self, resource_id: &str) {
        let (_, id) = plinth_model::Id::split(resource_id).expect("an id");
        let update = "update plinth.work_items set leased_until = now() - interval '1 second'
            where resource_id = $1 and leased_until is not null";
        let changed = self
            .store
            .cell
            .admin()
            .await
            .execute(update, &[&id.0])
            .await
            .expect("the lease");
        assert_eq!(changed, 1, "`{resource_id}` is leased");
    }

    /// As if nobody had answered the open questions of an org in time.
    pub async fn expire_questions(&self, org_id: &str) {
        let update = "update plinth.action_requests set expires_at = now() - interval '1 second' where org_id = $1";
        let admin = self.store.cell.admin().await;
        admin.execute(update, &[&org(org_id).0]).await.expect("the questions");
    }

    /// As if the resource had been deleted long ago.
    pub async fn age_deletion(&self, resource_id: &str) {
        let (_, id) = plinth_model::Id::split(resource_id).expect("an id");
        let update = "update plinth.resources set deleted_at = deleted_at - interval '1 year' where id = $1";
        self.store
            .cell
            .admin()
            .await
            .execute(update, &[&id.0])
            .await
            .expect("the resource");
    }

    /// As if the day for which an `Idempotency-Key` is kept were over.
    pub async fn forget_keys(&self, org_id: &str) {
        let delete = "delete from plinth.idempotency_keys where org_id = $1";
        self.store
            .cell
            .admin()
            .await
            .execute(delete, &[&org(org_id).0])
            .await
            .expect("the keys");
    }
}
