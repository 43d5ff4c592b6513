//! Brings databases to this version's schema. Forward-only, and safe to run twice or from two servers at once.

use sha2::{Digest, Sha256};
use tokio_postgres::Client;
use uuid::Uuid;

use crate::config::{CellConfig, StoreConfig};
use crate::error::{Result, StoreError};
use crate::{pool, sql};

pub const API_ROLE: &str = "plinth_api";
pub const SYSTEM_ROLE: &str = "plinth_system";

mod directory_migrations {
    refinery::embed_migrations!("migrations/directory");
}
mod cell_migrations {
    refinery::embed_migrations!("migrations/cell");
}

/// Creates what is missing (roles, databases, tables) and registers the cells.
///
/// # Errors
/// [`StoreError`] when a database cannot be reached, or the login may not create roles and databases.
pub async fn run(config: &StoreConfig) -> Result<()> {
    prepare_roles(config).await?;
    for url in std::iter::once(&config.directory_url).chain(config.cells.iter().map(|cell| &cell.url)) {
        create_database(url).await?;
    }
    let mut directory = owner(&config.directory_url).await?;
    migrate(&mut directory, directory_migrations::migrations::runner()).await?;
    harden(&config.directory_url).await?;
    let id: Uuid = directory.query_one(sql!("directory/id"), &[]).await?.get("id");
    for cell in &config.cells {
        let mut client = owner(&cell.url).await?;
        migrate(&mut client, cell_migrations::migrations::runner()).await?;
        settle(&client, id, cell).await?;
        harden_cell(&cell.url).await?;
        warn_of_open_databases(&cell.url).await?;
        warn_of_kept_transactions(&cell.url).await?;
        register(&directory, cell).await?;
    }
    Ok(())
}

const HARDEN: &str = include_str!("../migrations/harden.sql");

/// Takes from everybody in one of Plinth's databases what PostgreSQL gives to everybody who may connect.
async fn harden(url: &str) -> Result<()> {
    Ok(pool::connect(url).await?.batch_execute(HARDEN).await?)
}

/// Closes a cell's database to everybody but Plinth and logins of service accounts.
///
/// # Errors
/// [`StoreError`] when the database cannot be reached, or is not the login's own.
pub async fn harden_cell(url: &str) -> Result<()> {
    harden(url).await?;
    let client = pool::connect(url).await?;
    Ok(client
        .batch_execute(include_str!("../migrations/let_sql_in.sql"))
        .await?)
}

/// Whatever else the server lets everybody connect to, it lets logins of service accounts, too.
async fn warn_of_open_databases(url: &str) -> Result<()> {
    let open = pool::connect(url)
        .await?
        .query(sql!("cell/open_databases"), &[])
        .await?;
    let names: Vec<String> = open
        .iter()
        .map(|row| format!("`{}`", row.get::<_, &str>("name")))
        .collect();
    if !names.is_empty() {
        tracing::warn!(
            databases = names.join(", "),
            "logins of service accounts can connect to these, too: revoke connect from public there, or refuse them in pg_hba.conf"
        );
    }
    Ok(())
}

/// Transactions that are prepared outlive their session, and so the end of a login, with all that they have locked. New
/// logins are refused then: see `sql_login::room`.
async fn warn_of_kept_transactions(url: &str) -> Result<()> {
    let row = pool::connect(url)
        .await?
        .query_one(sql!("cell/keeps_transactions"), &[])
        .await?;
    if row.get("keeps_transactions") {
        tracing::warn!(
            "the database server keeps prepared transactions, which outlive SQL logins: set `max_prepared_transactions` to 0 there, or nobody gets a login"
        );
    }
    Ok(())
}

/// Closes the databases that each new server has to everybody but its superusers, on a server that is Plinth's alone.
///
/// # Errors
/// [`StoreError`] when the server cannot be reached, or the URL is not of a superuser.
pub async fn close_server(url: &str) -> Result<()> {
    let client = pool::connect(url).await?;
    Ok(client
        .batch_execute(include_str!("../migrations/close_server.sql"))
        .await?)
}

/// A cell belongs to one directory under one name, for good: orgs of two installations in one database would see each
/// other's types, and two sequencers would take turns with it.
async fn settle(client: &Client, directory: Uuid, cell: &CellConfig) -> Result<()> {
    let row = client.query_one(sql!("cell/settle"), &[&directory, &cell.name]).await?;
    let (owner, name): (Uuid, String) = (row.get("directory_id"), row.get("cell"));
    if owner == directory && name == cell.name {
        return Ok(());
    }
    let whose = if owner == directory {
        format!("is the cell `{name}` of this installation already")
    } else {
        "belongs to another installation".to_owned()
    };
    let database = pool::parse(&cell.url)?
        .config
        .get_dbname()
        .unwrap_or_default()
        .to_owned();
    let detail = format!(
        "database `{database}` {whose}: give the cell `{}` a database of its own",
        cell.name
    );
    Err(StoreError::internal("cell", detail))
}

/// Names this version's schema: the same text, the same tables.
pub fn fingerprint() -> String {
    let mut digest = Sha256::new_with_prefix(include_bytes!("../migrations/roles.sql"));
    digest.update(HARDEN);
    for runner in [
        directory_migrations::migrations::runner(),
        cell_migrations::migrations::runner(),
    ] {
        for migration in runner.get_migrations() {
            digest.update(migration.checksum().to_be_bytes());
        }
    }
    hex::encode(&digest.finalize()[..8])
}

async fn migrate(client: &mut Client, runner: refinery::Runner) -> Result<()> {
    // Two servers that start together take turns.
    client
        .batch_execute("select pg_advisory_lock(hashtext('plinth.migrate'))")
        .await?;
    let done = runner
        .run_async(client)
        .await
        .map_err(|error| StoreError::internal("migration", error));
    client
        .batch_execute("select pg_advisory_unlock(hashtext('plinth.migrate'))")
        .await?;
    for migration in done?.applied_migrations() {
        tracing::info!(%migration, "migrated");
    }
    Ok(())
}

/// A connection that creates objects as `plinth_owner`.
async fn owner(url: &str) -> Result<Client> {
    let client = pool::connect(url).await?;
    client.batch_execute(include_str!("../migrations/owner.sql")).await?;
    Ok(client)
}

async fn prepare_roles(config: &StoreConfig) -> Result<()> {
    let client = pool::connect(&maintenance_url(&config.directory_url).await?).await?;
    client.batch_execute(include_str!("../migrations/roles.sql")).await?;
    for role in [API_ROLE, SYSTEM_ROLE] {
        let password = config.role_password(role);
        let unchanged = pool::connect(&url_as(
            &maintenance_url(&config.directory_url).await?,
            role,
            &password,
        )?)
        .await;
        if unchanged.is_err() {
            // Both are ours and free of quotes: a fixed name, and hex digits.
            client
                .batch_execute(&format!("alter role {role} password '{password}'"))
                .await?;
        }
    }
    Ok(())
}

/// The URL's own database when it exists, else `postgres` on the same server.
async fn maintenance_url(url: &str) -> Result<String> {
    match pool::connect(url).await {
        Ok(_) => Ok(url.to_owned()),
        Err(_) => with_database(url, "postgres"),
    }
}

async fn create_database(url: &str) -> Result<()> {
    let name = pool::parse(url)?.config.get_dbname().unwrap_or("postgres").to_owned();
    if pool::connect(url).await.is_ok() {
        return Ok(());
    }
    let client = pool::connect(&with_database(url, "postgres")?).await?;
    let statement = client.query_one(sql!("create_database"), &[&name]).await?;
    client.batch_execute(statement.get(0)).await?;
    Ok(())
}

async fn register(directory: &Client, cell: &CellConfig) -> Result<()> {
    directory
        .execute(sql!("directory/cell/register"), &[&cell.name, &cell.region])
        .await?;
    Ok(())
}

/// The same server and database, as another role.
pub(crate) fn url_as(url: &str, role: &str, password: &str) -> Result<String> {
    rewrite(url, |url| {
        url.set_username(role).ok()?;
        url.set_password(Some(password)).ok()
    })
}

fn with_database(url: &str, database: &str) -> Result<String> {
    rewrite(url, |url| {
        url.set_path(database);
        Some(())
    })
}

fn rewrite(text: &str, change: impl FnOnce(&mut url::Url) -> Option<()>) -> Result<String> {
    let malformed = || StoreError::internal("database URL", "expected `postgres://user@host:port/database`");
    let mut url = url::Url::parse(text).map_err(|_| malformed())?;
    change(&mut url).ok_or_else(malformed)?;
    Ok(url.into())
}
