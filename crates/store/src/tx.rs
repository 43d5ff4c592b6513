//! Transactions that know who they work for.
//!
//! `begin`, the scope and the first statement travel in one packet, and so does the commit of a single-statement
//! transaction: a simple request costs one round trip.

use std::ops::ControlFlow;
use std::pin::pin;
use std::sync::Arc;

use deadpool_postgres::{Object, Pool};
use futures::TryStreamExt;
use futures::future::{join, join3, join4};
use plinth_model::id::{ServiceAccountId, UserId};
use plinth_model::scope::Authority;
use plinth_model::{ActorKind, Scope};
use tokio::sync::Notify;
use tokio_postgres::Statement;
use tokio_postgres::binary_copy::BinaryCopyInWriter;
use tokio_postgres::types::{ToSql, Type};

use crate::error::Result;
use crate::row::FromRow;
use crate::sql;

pub(crate) type Params<'a> = &'a [&'a (dyn ToSql + Sync)];

/// The settings that row-level security and the capture trigger read, as text.
#[derive(Clone)]
struct Settings {
    org: String,
    actor: String,
    request_id: String,
    /// Whose rows these are: `user:<uuid>`, `service_account:<uuid>`, or `plinth`, which policies do not bind.
    principal: String,
    context: String,
}

impl Settings {
    fn params(&self) -> [&(dyn ToSql + Sync); 5] {
        [&self.org, &self.actor, &self.request_id, &self.principal, &self.context]
    }
}

/// An open transaction over one pooled connection. Dropped without a commit, it is rolled back.
struct Inner {
    client: Option<Object>,
    settings: Settings,
    begun: bool,
    /// Told after a commit.
    written: Option<Arc<Notify>>,
}

impl Inner {
    async fn open(pool: &Pool, settings: Settings, written: Option<Arc<Notify>>) -> Result<Self> {
        Ok(Self {
            client: Some(pool.get().await?),
            settings,
            begun: false,
            written,
        })
    }

    fn client(&self) -> &Object {
        // Taken only by `commit` and `drop`, which end this value.
        self.client
            .as_ref()
            .unwrap_or_else(|| unreachable!("the transaction is over"))
    }

    async fn query(&mut self, statement: &str, params: Params<'_>) -> Result<Vec<tokio_postgres::Row>> {
        if self.begun {
            let client = self.client();
            let prepared = client.prepare_cached(statement).await?;
            return Ok(client.query(&prepared, params).await?);
        }
        let (scope, prepared) = self.prepare(statement).await?;
        self.begun = true;
        let client = self.client();
        let scope_params = self.settings.params();
        let (begin, scope, rows) = join3(
            client.batch_execute("begin"),
            client.query(&scope, &scope_params),
            client.query(&prepared, params),
        )
        .await;
        begin?;
        scope?;
        Ok(rows?)
    }

    /// The statement as part of this action, such as `resources:update`; what follows it is not. See `current_class` in
    /// migrations/cell/V7__policies.sql.
    async fn query_as(&mut self, class: &str, statement: &str, params: Params<'_>) -> Result<Vec<tokio_postgres::Row>> {
        self.query_under(sql!("class"), (class, ""), statement, params).await
    }

    /// The statement with the control plane's own rights.
    async fn query_as_plinth(&mut self, statement: &str, params: Params<'_>) -> Result<Vec<tokio_postgres::Row>> {
        let own = self.settings.principal.clone();
        self.query_under(sql!("principal"), (PLINTH, &own), statement, params)
            .await
    }

    /// The statement under a setting that is put back behind it, in one packet.
    async fn query_under(
        &mut self,
        setting: &str,
        (during, after): (&str, &str),
        statement: &str,
        params: Params<'_>,
    ) -> Result<Vec<tokio_postgres::Row>> {
        self.begin().await?;
        let client = self.client();
        let prepared = join(client.prepare_cached(setting), client.prepare_cached(statement)).await;
        let (set, prepared) = (prepared.0?, prepared.1?);
        let (during, after): ([&(dyn ToSql + Sync); 1], [&(dyn ToSql + Sync); 1]) = ([&during], [&after]);
        let (begun, rows, ended) = join3(
            client.query(&set, &during),
            client.query(&prepared, params),
            client.query(&set, &after),
        )
        .await;
        begun?;
        let rows = rows?;
        ended?;
        Ok(rows)
    }

    /// Hands over rows as they come, until `take` has enough.
    async fn each<R: FromRow>(
        &mut self,
        statement: &str,
        params: Params<'_>,
        mut take: impl FnMut(R) -> ControlFlow<()>,
    ) -> Result<()> {
        self.begin().await?;
        let client = self.client();
        let prepared = client.prepare_cached(statement).await?;
        let rows = client.query_raw(&prepared, params.iter().copied()).await?;
        let mut rows = pin!(rows);
        while let Some(row) = rows.try_next().await? {
            if take(R::from_row(&row)?).is_break() {
                break;
            }
        }
        Ok(())
    }

    /// Writes rows of these types by a binary COPY.
    async fn copy<'a, const COLUMNS: usize>(
        &mut self,
        statement: &str,
        types: [Type; COLUMNS],
        rows: impl Iterator<Item = [&'a (dyn ToSql + Sync); COLUMNS]> + Send,
    ) -> Result<()> {
        self.begin().await?;
        let sink = self.client().copy_in(statement).await?;
        let mut writer = pin!(BinaryCopyInWriter::new(sink, &types));
        for row in rows {
            writer.as_mut().write(&row).await?;
        }
        writer.finish().await?;
        Ok(())
    }

    async fn begin(&mut self) -> Result<()> {
        if self.begun {
            return Ok(());
        }
        let scope = self.client().prepare_cached(sql!("scope")).await?;
        self.begun = true;
        let client = self.client();
        let params = self.settings.params();
        let (begin, scope) = join(client.batch_execute("begin"), client.query(&scope, &params)).await;
        begin?;
        scope?;
        Ok(())
    }

    async fn prepare(&self, statement: &str) -> Result<(Statement, Statement)> {
        let client = self.client();
        let (scope, prepared) = join(client.prepare_cached(sql!("scope")), client.prepare_cached(statement)).await;
        Ok((scope?, prepared?))
    }

    /// The whole transaction in one round trip, begun by these commands. A failing statement turns the commit into a
    /// rollback.
    async fn once(mut self, begin: &str, statement: &str, params: Params<'_>) -> Result<Vec<tokio_postgres::Row>> {
        let (scope, prepared) = self.prepare(statement).await?;
        self.begun = true;
        let client = self.client();
        let scope_params = self.settings.params();
        let (begin, scope, rows, commit) = join4(
            client.batch_execute(begin),
            client.query(&scope, &scope_params),
            client.query(&prepared, params),
            client.batch_execute("commit"),
        )
        .await;
        begin?;
        scope?;
        let rows = rows?;
        commit?;
        self.client.take();
        self.tell();
        Ok(rows)
    }

    async fn finish(mut self, command: &str) -> Result<()> {
        if self.begun {
            self.client().batch_execute(command).await?;
        }
        self.client.take();
        if command == "commit" {
            self.tell();
        }
        Ok(())
    }

    fn tell(&self) {
        if let Some(written) = &self.written {
            written.notify_one();
        }
    }
}

impl Drop for Inner {
    fn drop(&mut self) {
        let Some(client) = self.client.take() else { return };
        if !self.begun {
            return;
        }
        // The connection goes back to its pool only after the rollback; without a runtime it is closed instead.
        match tokio::runtime::Handle::try_current() {
            Ok(runtime) => {
                runtime.spawn(async move {
                    if client.batch_execute("rollback").await.is_err() {
                        drop(Object::take(client));
                    }
                });
            }
            Err(_) => drop(Object::take(client)),
        }
    }
}

macro_rules! transaction {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        pub struct $name(Inner);

        impl std::fmt::Debug for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.debug_struct(stringify!($name)).field("begun", &self.0.begun).finish_non_exhaustive()
            }
        }

        impl $name {
            pub(crate) async fn rows<R: FromRow>(&mut self, statement: &str, params: Params<'_>) -> Result<Vec<R>> {
                self.0.query(statement, params).await?.iter().map(R::from_row).collect()
            }

            /// How many rows came back: statements that change something return what they changed.
            pub(crate) async fn count(&mut self, statement: &str, params: Params<'_>) -> Result<usize> {
                Ok(self.0.query(statement, params).await?.len())
            }

            /// # Errors
            /// [`crate::StoreError`] when the database refuses the commit or is gone.
            pub async fn commit(self) -> Result<()> {
                self.0.finish("commit").await
            }

            /// # Errors
            /// [`crate::StoreError`] when the database is gone: the work is undone then as well.
            pub async fn rollback(self) -> Result<()> {
                self.0.finish("rollback").await
            }
        }
    };
}

transaction! {
    /// A transaction in one org, as `plinth_api`: row-level security shows that org and nothing else.
    Tx
}
transaction! {
    /// A transaction of background work over all orgs of a cell, as `plinth_system`.
    SystemTx
}
transaction! {
    /// A transaction on the directory.
    DirectoryTx
}

macro_rules! first_row {
    ($($name:ident)*) => {$(
        impl $name {
            /// The first row, if there is one.
            pub(crate) async fn row<R: FromRow>(&mut self, statement: &str, params: Params<'_>) -> Result<Option<R>> {
                self.0.query(statement, params).await?.first().map(R::from_row).transpose()
            }
        }
    )*};
}

first_row! { Tx DirectoryTx SystemTx }

impl Tx {
    /// The first row of a statement that is part of an action on resources: `update`, `pause`.
    pub(crate) async fn row_as<R: FromRow>(
        &mut self,
        action: &str,
        statement: &str,
        params: Params<'_>,
    ) -> Result<Option<R>> {
        let class = format!("resources:{action}");
        let rows = self.0.query_as(&class, statement, params).await?;
        rows.first().map(R::from_row).transpose()
    }

    /// How many rows there are for the control plane itself, whatever the actor may see.
    pub(crate) async fn count_as_plinth(&mut self, statement: &str, params: Params<'_>) -> Result<usize> {
        Ok(self.0.query_as_plinth(statement, params).await?.len())
    }

    /// Hands over rows as they come, until `take` has enough: no more than one is held.
    pub(crate) async fn each<R: FromRow>(
        &mut self,
        statement: &str,
        params: Params<'_>,
        take: impl FnMut(R) -> ControlFlow<()>,
    ) -> Result<()> {
        self.0.each(statement, params, take).await
    }

    pub(crate) async fn open(pool: &Pool, scope: &Scope, written: Arc<Notify>) -> Result<Self> {
        Ok(Self(Inner::open(pool, Settings::of(scope), Some(written)).await?))
    }

    /// Begin, scope, statement and commit in one round trip.
    pub(crate) async fn once<R: FromRow>(self, statement: &str, params: Params<'_>) -> Result<Vec<R>> {
        self.0
            .once("begin", statement, params)
            .await?
            .iter()
            .map(R::from_row)
            .collect()
    }

    /// As [`Tx::once`], with the rights of a reader whom the actor's policies bind.
    pub(crate) async fn read<R: FromRow>(self, statement: &str, params: Params<'_>) -> Result<Vec<R>> {
        let begin = "begin; set local role plinth_reads";
        self.0
            .once(begin, statement, params)
            .await?
            .iter()
            .map(R::from_row)
            .collect()
    }
}

impl SystemTx {
    pub(crate) async fn open(pool: &Pool, reason: &str, written: Arc<Notify>) -> Result<Self> {
        Ok(Self(Inner::open(pool, Settings::system(reason), Some(written)).await?))
    }

    /// Writes rows of these types by a binary COPY.
    pub(crate) async fn copy<'a, const COLUMNS: usize>(
        &mut self,
        statement: &str,
        types: [Type; COLUMNS],
        rows: impl Iterator<Item = [&'a (dyn ToSql + Sync); COLUMNS]> + Send,
    ) -> Result<()> {
        self.0.copy(statement, types, rows).await
    }
}

impl DirectoryTx {
    pub(crate) async fn open(pool: &Pool) -> Result<Self> {
        Ok(Self(Inner::open(pool, Settings::system("directory"), None).await?))
    }
}

impl Settings {
    fn of(scope: &Scope) -> Self {
        Self {
            org: scope.org.0.to_string(),
            actor: serde_json::to_string(&scope.actor).unwrap_or_default(),
            request_id: scope.request_id.0.clone(),
            principal: principal(scope),
            context: scope.context.to_string(),
        }
    }

    fn system(reason: &str) -> Self {
        let actor = plinth_model::Actor::system(reason);
        Self {
            org: String::new(),
            actor: serde_json::to_string(&actor).unwrap_or_default(),
            request_id: String::new(),
            principal: PLINTH.to_owned(),
            context: String::new(),
        }
    }
}

const PLINTH: &str = "plinth";

/// Policies bind users and service accounts; an id that is none of theirs is nobody's.
fn principal(scope: &Scope) -> String {
    let id = &scope.actor.id;
    match (scope.authority, scope.actor.kind) {
        (Authority::Actor, ActorKind::User) => id
            .parse::<UserId>()
            .map_or_else(|_| String::new(), |id| format!("user:{}", id.0)),
        (Authority::Actor, ActorKind::ServiceAccount) => {
            let id = id.parse::<ServiceAccountId>();
            id.map_or_else(|_| String::new(), |id| format!("service_account:{}", id.0))
        }
        (Authority::Actor, ActorKind::Sql) => String::new(),
        (Authority::Plinth, _) | (_, ActorKind::Worker | ActorKind::System) => PLINTH.to_owned(),
    }
}
