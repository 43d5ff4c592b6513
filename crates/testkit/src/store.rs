//! A migrated store for one test: directory and cell as copies of templates, which takes milliseconds.

use anyhow::{Context, Result};
use plinth_model::id::{OrgId, UserId};
use plinth_model::{Actor, RequestId, Scope, Signals};
use plinth_store::config::CellConfig;
use plinth_store::directory::Creation;
use plinth_store::org::Founding;
use plinth_store::{Store, StoreConfig, directory, migrate, org};

use crate::postgres::{self, Database, Server};

/// Roles belong to the whole server, so that all tests have to agree on their passwords.
const ROLE_SECRET: &[u8] = b"roles of the test server";
/// The one cell of a test's store.
pub const CELL: &str = "local";

/// A store over databases of its own.
#[derive(Debug)]
pub struct TestStore {
    pub store: Store,
    pub config: StoreConfig,
    pub directory: Database,
    pub cell: Database,
}

/// An org with its owner.
#[derive(Debug, Clone)]
pub struct TestOrg {
    pub id: OrgId,
    pub slug: String,
    pub owner: UserId,
    pub owner_email: String,
    /// The owner in this org.
    pub scope: Scope,
}

/// Opens a migrated store.
///
/// # Panics
/// When the databases cannot be made: a test cannot go on without.
pub async fn open() -> TestStore {
    let server = postgres::server().await;
    let key = migrate::fingerprint();
    let directory = server
        .database_from_template(&format!("directory_{key}"), async |url| {
            migrate_directory(server, url).await
        })
        .await;
    let cell = server
        .database_from_template(&format!("cell_{key}"), async |url| migrate_cell(server, url).await)
        .await;
    let config = config(directory.url(), cell.url());
    let store = Store::open(&config).expect("a store over test databases");
    TestStore {
        store,
        config,
        directory,
        cell,
    }
}

/// The other half of what a migration wants is made for it, and dropped afterwards.
async fn migrate_directory(server: &'static Server, url: String) -> Result<()> {
    let cell = server.database("spare_cell").await;
    migrate::run(&config(url, cell.url())).await.context("directory")
}

async fn migrate_cell(server: &'static Server, url: String) -> Result<()> {
    let directory = server.database("spare_directory").await;
    migrate::run(&config(directory.url(), url)).await.context("cell")
}

fn config(directory_url: String, cell_url: String) -> StoreConfig {
    StoreConfig {
        directory_url,
        cells: vec![CellConfig {
            name: CELL.to_owned(),
            region: "test".to_owned(),
            url: cell_url,
            sql_address: None,
        }],
        role_secret: ROLE_SECRET.to_vec(),
        pool_size: 8,
    }
}

impl TestStore {
    /// A user who cannot log in; `verified` tells whether the e-mail address is.
    ///
    /// # Panics
    /// When the address is taken.
    pub async fn user(&self, email: &str, verified: Verified) -> UserId {
        let user = UserId::generate();
        let name = email.split('@').next().unwrap_or(email);
        let verified = verified == Verified::Yes;
        let insert = "insert into plinth.users (id, email, name, password_hash, email_verified_at)
            values ($1, $2, $3, '!', case when $4 then now() end)";
        let admin = self.directory.admin().await;
        admin
            .execute(insert, &[&user.0, &email, &name, &verified])
            .await
            .expect("a test user");
        user
    }

    /// An org with the owner `<slug>@example.com`, as `org::create` would leave it.
    ///
    /// # Panics
    /// When the slug is taken.
    pub async fn org(&self, slug: &str) -> TestOrg {
        let email = format!("{slug}@example.com");
        let owner = self.user(&email, Verified::Yes).await;
        let made = self.try_org(slug, owner, &email).await;
        let id = made.expect("a test org");
        TestOrg {
            id,
            slug: slug.to_owned(),
            owner,
            scope: scope(id, owner, &email),
            owner_email: email,
        }
    }

    async fn try_org(&self, slug: &str, owner: UserId, email: &str) -> Result<OrgId> {
        let id = OrgId::generate();
        let creation = Creation {
            name: slug.to_owned(),
            plan: "free".to_owned(),
        };
        let mut tx = self.store.directory().await?;
        directory::reserve(&mut tx, id, slug, owner, &creation)
            .await?
            .context("the slug is taken")?;
        directory::hint(&mut tx, owner, id).await?;
        tx.commit().await?;
        let founding = Founding {
            slug,
            name: slug,
            plan: &creation.plan,
            owner,
            owner_email: email,
            owner_name: slug,
        };
        org::found(&self.store, &scope(id, owner, email), &founding).await?;
        let mut tx = self.store.directory().await?;
        directory::activate(&mut tx, id).await?;
        tx.commit().await?;
        Ok(id)
    }
}

/// Whether a user has shown that the e-mail address is theirs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verified {
    Yes,
    No,
}

/// A user in an org, as a request would say it.
pub fn scope(org: OrgId, user: UserId, email: &str) -> Scope {
    Scope::new(Actor::user(user, email), org, RequestId::generate(), Signals::default())
}
