//! Real PostgreSQL for tests: one server for the whole run, a private database for each test.
//!
//! The server is the one of `PLINTH_TEST_PG_URL` (the gate starts it), else one that the first test starts, of the major
//! version in `PLINTH_TEST_PG` if that is set, and otherwise of the newest one that is installed. Under
//! `cargo nextest run`, where each test is a process, that first one serves the whole run. It goes away when the run does.
//! This module must not know what is in the databases: migrations come in as a closure.

mod authority;
mod private;
mod run;

use std::str::FromStr;
use std::sync::mpsc::{self, RecvTimeoutError};
use std::time::Duration;

use anyhow::{Context, Result};
use plinth_embedded::{Installation, SearchOptions, cache_dir};
use tokio::sync::OnceCell;
use tokio_postgres::{Client, Config, NoTls};

pub use self::authority::{Authority, Identity};
pub use self::private::{PrivateServer, private_server, private_server_of};
use self::run::{installation, shared_url, short_id};

/// Names a running server that the tests may use as superuser.
pub const SERVER_URL_VARIABLE: &str = "PLINTH_TEST_PG_URL";

/// Asks for servers of a major version, such as `18`; [`SERVER_URL_VARIABLE`] is passed over then.
pub const MAJOR_VARIABLE: &str = "PLINTH_TEST_PG";

/// One lock for all templates: migrations also make roles, which belong to the whole server.
const TEMPLATE_LOCK: i64 = 0x706c_696e_7468;

/// A PostgreSQL that the tests share. It does not force anything to disk; see [`private_server`] for one that does.
#[derive(Debug, Clone)]
pub struct Server {
    admin: Config,
    url: String,
}

/// The shared server.
///
/// # Panics
/// When there is no PostgreSQL to start: a test cannot go on without.
pub async fn server() -> &'static Server {
    static SERVER: OnceCell<Server> = OnceCell::const_new();
    SERVER
        .get_or_init(|| async {
            let given = std::env::var(SERVER_URL_VARIABLE).ok();
            let url = match given.filter(|_| std::env::var_os(MAJOR_VARIABLE).is_none()) {
                Some(url) => Ok(url),
                None => found_url().await,
            };
            url.and_then(|url| Server::at(&url))
                .expect("a PostgreSQL server for tests")
        })
        .await
}

async fn found_url() -> Result<String> {
    shared_url("test", installation()?).await
}

/// The shared server of the newest version that is supported: the pinned archive, which `scripts/fetch-postgres.sh` fetches.
///
/// # Panics
/// When the archive is not there.
pub async fn newest_server() -> &'static Server {
    static SERVER: OnceCell<Server> = OnceCell::const_new();
    SERVER
        .get_or_init(|| async {
            let found = Installation::find(&SearchOptions::archive_only(cache_dir()));
            let installation = found.expect("the pinned PostgreSQL; `scripts/fetch-postgres.sh` fetches it");
            let url = shared_url("newest", installation).await;
            url.and_then(|url| Server::at(&url))
                .expect("a PostgreSQL server of the newest version for tests")
        })
        .await
}

impl Server {
    fn at(url: &str) -> Result<Self> {
        Ok(Self {
            admin: Config::from_str(url).context("test server URL")?,
            url: url.to_owned(),
        })
    }

    /// An empty database; `name_hint` makes it recognisable in logs.
    pub async fn database(&'static self, name_hint: &str) -> Database {
        self.create(name_hint, "template0")
            .await
            .expect("an empty test database")
    }

    /// A copy of a database that `migrate` has filled, which takes milliseconds after the first time.
    ///
    /// `template_key` says what is in it: the same key, the same content. Put a hash of the migrations into it when the server
    /// may outlive the run.
    pub async fn database_from_template<F>(&'static self, template_key: &str, migrate: F) -> Database
    where
        F: AsyncFnOnce(String) -> Result<()>,
    {
        let template = self
            .template(template_key, migrate)
            .await
            .expect("a test database template");
        self.create(template_key, &template)
            .await
            .expect("a test database of a template")
    }

    /// A connection as superuser.
    pub async fn connect(&self, database: &str) -> Result<Client> {
        connect(self.admin.clone().dbname(database)).await
    }

    /// The superuser's URL of a database on this server.
    pub fn url(&self, database: &str) -> String {
        let (base, query) = self
            .url
            .split_once('?')
            .map_or((self.url.as_str(), ""), |(base, query)| (base, query));
        let server_end = base.find("://").map_or(0, |at| at + 3);
        let server = base[server_end..]
            .find('/')
            .map_or(base, |slash| &base[..server_end + slash]);
        let separator = if query.is_empty() { "" } else { "?" };
        format!("{server}/{database}{separator}{query}")
    }

    async fn create(&'static self, name_hint: &str, template: &str) -> Result<Database> {
        let name = database_name(name_hint);
        let admin = self.connect("postgres").await?;
        admin
            .batch_execute(&format!("create database \"{name}\" template \"{template}\""))
            .await?;
        Ok(Database { server: self, name })
    }

    async fn template<F>(&self, key: &str, migrate: F) -> Result<String>
    where
        F: AsyncFnOnce(String) -> Result<()>,
    {
        static MADE: tokio::sync::Mutex<Vec<String>> = tokio::sync::Mutex::const_new(Vec::new());
        let name = format!("template_{}", slug(key, 50));
        let mut made = MADE.lock().await;
        if made.contains(&name) {
            return Ok(name);
        }
        let admin = self.connect("postgres").await?;
        admin.execute("select pg_advisory_lock($1)", &[&TEMPLATE_LOCK]).await?;
        if !is_finished(&admin, &name).await? {
            admin
                .batch_execute(&format!("drop database if exists \"{name}\" with (force)"))
                .await?;
            admin
                .batch_execute(&format!("create database \"{name}\" template template0"))
                .await?;
            migrate(self.url(&name))
                .await
                .with_context(|| format!("template `{key}`"))?;
            finish(&admin, &name).await?;
        }
        made.push(name.clone());
        Ok(name)
    }
}

/// A template that says so is whole: the mark is set after the migrations.
async fn is_finished(admin: &Client, name: &str) -> Result<bool> {
    let row = admin
        .query_opt("select datistemplate from pg_database where datname = $1", &[&name])
        .await?;
    Ok(row.is_some_and(|row| row.get(0)))
}

/// Nobody may be connected to a database that is copied; pools close their connections when they feel like it.
async fn finish(admin: &Client, name: &str) -> Result<()> {
    admin
        .batch_execute(&format!("alter database \"{name}\" allow_connections false"))
        .await?;
    admin
        .execute(
            "select pg_terminate_backend(pid, 10000) from pg_stat_activity where datname = $1",
            &[&name],
        )
        .await?;
    admin
        .batch_execute(&format!("alter database \"{name}\" is_template true"))
        .await?;
    Ok(())
}

/// A database of one test; dropped, with all that is connected to it, when the value is.
#[derive(Debug)]
pub struct Database {
    server: &'static Server,
    name: String,
}

impl Database {
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The superuser's URL; replace user and password for another role with [`Database::url_as`].
    pub fn url(&self) -> String {
        self.server.url(&self.name)
    }

    /// The URL for a login role of this server.
    pub fn url_as(&self, role: &str, password: &str) -> String {
        let url = self.url();
        let server = url.rsplit_once('@').map_or(url.as_str(), |(_, server)| server);
        format!("postgres://{role}:{password}@{server}")
    }

    pub fn server(&self) -> &'static Server {
        self.server
    }

    /// A connection to this database as superuser.
    pub async fn admin(&self) -> Client {
        self.server
            .connect(&self.name)
            .await
            .expect("an admin connection to the test database")
    }
}

impl Drop for Database {
    fn drop(&mut self) {
        let (server, name) = (self.server, std::mem::take(&mut self.name));
        // A destructor cannot await, and blocking on the test's own runtime is not allowed: another thread has its own.
        let (done, outcome) = mpsc::channel();
        std::thread::spawn(move || done.send(drop_database(server, &name)));
        match outcome.recv_timeout(PATIENCE) {
            // A session that was just being opened stands still as this thread does, and the server waits for it. It goes
            // on as soon as the test's process is gone.
            Ok(Ok(())) | Err(RecvTimeoutError::Timeout) => {}
            failed if std::thread::panicking() => eprintln!("cannot drop a test database: {failed:?}"),
            failed => panic!("cannot drop a test database: {failed:?}"),
        }
    }
}

/// Dropping takes less than a tenth of this on a machine that does nothing else.
const PATIENCE: Duration = Duration::from_secs(3);

/// SQL logins of databases that are gone, which would take the places of those of others: each has settings in its database.
const DROP_ORPHANS: &str = "do $$
declare
    orphan record;
begin
    for orphan in
        select rolname from pg_roles r
        where starts_with(rolname, 'plinth_sql_') and not exists (select from pg_db_role_setting s where s.setrole = r.oid)
    loop
        begin
            execute format('drop role %I', orphan.rolname);
        exception when others then
            null; -- Another test is at it.
        end;
    end loop;
end
$$";

fn drop_database(server: &Server, name: &str) -> Result<()> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(async {
        let admin = server.connect("postgres").await?;
        admin
            .batch_execute(&format!("drop database if exists \"{name}\" with (force)"))
            .await?;
        Ok(admin.batch_execute(DROP_ORPHANS).await?)
    })
}

async fn connect(config: &Config) -> Result<Client> {
    let (client, connection) = config.connect(NoTls).await?;
    tokio::spawn(connection);
    Ok(client)
}

fn database_name(hint: &str) -> String {
    format!("{}_{}", slug(hint, 40), short_id())
}

fn slug(text: &str, limit: usize) -> String {
    let plain = text.chars().map(|c| {
        if c.is_ascii_alphanumeric() {
            c.to_ascii_lowercase()
        } else {
            '_'
        }
    });
    plain.take(limit).collect()
}

#[cfg(test)]
mod tests {
    use anyhow::anyhow;

    use super::*;

    async fn filled(url: String) -> Result<()> {
        let client = connect(&Config::from_str(&url)?).await?;
        client
            .batch_execute("create table fruit (name text); insert into fruit values ('pear')")
            .await?;
        Ok(())
    }

    async fn fruit(database: &Database) -> i64 {
        database
            .admin()
            .await
            .query_one("select count(*) from fruit", &[])
            .await
            .unwrap()
            .get(0)
    }

    #[tokio::test]
    async fn each_database_of_a_template_is_its_own() {
        let server = server().await;
        let first = server.database_from_template("fruit", filled).await;
        let second = server.database_from_template("fruit", filled).await;
        first
            .admin()
            .await
            .batch_execute("insert into fruit values ('plum')")
            .await
            .unwrap();
        assert_eq!((fruit(&first).await, fruit(&second).await), (2, 1));
    }

    #[tokio::test]
    async fn the_server_is_of_the_version_that_was_asked_for() {
        let admin = server().await.connect("postgres").await.unwrap();
        let row = admin.query_one("show server_version_num", &[]).await.unwrap();
        let found: u32 = row.get::<_, String>(0).parse().unwrap();
        let asked = std::env::var(MAJOR_VARIABLE).map(|major| major.parse().unwrap());
        assert_eq!(found / 10_000, asked.unwrap_or(found / 10_000).max(15));
    }

    #[tokio::test]
    async fn a_template_that_failed_is_made_anew() {
        let server = server().await;
        let failed = server.template("broken", async |_| Err(anyhow!("no"))).await;
        assert!(failed.is_err());
        let database = server.database_from_template("broken", filled).await;
        assert_eq!(fruit(&database).await, 1);
    }

    #[tokio::test]
    async fn a_dropped_database_is_gone_even_with_sessions_in_it() {
        let server = server().await;
        let database = server.database("gone").await;
        let name = database.name().to_owned();
        let _session = database.admin().await;
        drop(database);
        let admin = server.connect("postgres").await.unwrap();
        let row = admin
            .query_opt("select 1 from pg_database where datname = $1", &[&name])
            .await
            .unwrap();
        assert!(row.is_none());
    }

    #[test]
    fn the_database_of_a_url_is_replaced_and_its_parameters_stay() {
        for (url, expected) in [
            ("postgres://u:p@127.0.0.1:5/postgres", "postgres://u:p@127.0.0.1:5/x"),
            ("postgres://u:p@127.0.0.1:5", "postgres://u:p@127.0.0.1:5/x"),
            (
                "postgres://u:p@h/a?sslmode=disable",
                "postgres://u:p@h/x?sslmode=disable",
            ),
        ] {
            assert_eq!(Server::at(url).unwrap().url("x"), expected);
        }
    }
}
