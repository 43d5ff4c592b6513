//! The cluster as callers see it: opened, connected to by URL, restarted when it fell over, stopped.

use std::path::Path;
use std::process::ExitStatus;

use tokio::process::Command;

use crate::error::IoContext;
use crate::place::{self, Place};
use crate::server::Server;
use crate::user::ServerUser;
use crate::{ClusterConfig, EmbeddedError, Profile, Result, guard, leftovers};

const SUPERUSER: &str = "postgres";

/// A running private PostgreSQL. Dropping it ends the server at once (the next start recovers); [`Cluster::stop`] is kinder.
#[derive(Debug)]
pub struct Cluster {
    config: ClusterConfig,
    place: Place,
    user: ServerUser,
    password: String,
    server: Option<Server>,
}

impl Cluster {
    /// Makes the cluster when the home has none, clears up after a crash, and starts the server.
    pub async fn open(config: ClusterConfig) -> Result<Self> {
        let user = ServerUser::choose(config.user_if_root.as_deref())?;
        let place = Place::open(&config.home, &user)?;
        check_programs(&config, &user)?;
        check_major(&config, &place)?;
        let password = place.password()?;
        if !place.data_dir().exists() {
            init(&config, &place, &user, &password).await?;
        }
        let mut cluster = Self {
            config,
            place,
            user,
            password,
            server: None,
        };
        cluster.restart().await?;
        Ok(cluster)
    }

    /// The major version of the cluster in `home`, to find an installation that fits; `None` when there is none yet.
    pub fn major_version_in(home: impl AsRef<Path>) -> Option<u32> {
        place::data_major(home.as_ref())
    }

    /// The URL of the cluster that another process runs in `home`: what [`Cluster::url`] says there. `None` when there never
    /// was one; whether it runs now, connecting tells.
    pub fn url_in(home: impl AsRef<Path>, database: &str) -> Option<String> {
        let read = |name| std::fs::read_to_string(home.as_ref().join(name)).ok();
        let port: u16 = read("port")?.trim().parse().ok()?;
        Some(url_of(read("password")?.trim(), "127.0.0.1", port, database))
    }

    /// A connection URL over TCP on the loopback address. It carries the superuser's password.
    pub fn url(&self, database: &str) -> String {
        self.url_at("127.0.0.1", database)
    }

    /// The same over the private Unix socket, which only the server's user and root can reach.
    pub fn socket_url(&self, database: &str) -> String {
        let folder = self
            .server
            .as_ref()
            .map(|server| server.socket_dir.to_string_lossy().into_owned());
        self.url_at(&percent_encoded(&folder.unwrap_or_default()), database)
    }

    fn url_at(&self, host: &str, database: &str) -> String {
        url_of(&self.password, host, self.port(), database)
    }

    /// The loopback port; the same after a restart if it is still free.
    pub fn port(&self) -> u16 {
        self.server.as_ref().map_or(0, |server| server.port)
    }

    /// The process number of the postmaster.
    pub fn pid(&self) -> Option<u32> {
        self.server.as_ref().map(Server::pid)
    }

    /// Where the databases are: below the home, or elsewhere when the server's user cannot enter the home.
    pub fn server_dir(&self) -> &Path {
        self.place.server_dir()
    }

    pub fn config(&self) -> &ClusterConfig {
        &self.config
    }

    /// Returns when the server has ended by itself. May be dropped and called again.
    pub async fn exited(&mut self) -> Result<ExitStatus> {
        match &mut self.server {
            Some(server) => server.exited().await.context("wait for", Path::new(SUPERUSER)),
            None => std::future::pending().await,
        }
    }

    /// Starts the server again, after [`Cluster::exited`] or with a server that still runs.
    pub async fn restart(&mut self) -> Result<()> {
        self.stop_server().await?;
        leftovers::clear(&self.place.data_dir(), &self.user).await?;
        let server = Server::start(&self.config, &self.place, &self.user).await?;
        if let Some(guard) = self.config.guard {
            guard::start(guard, server.pid(), &self.place, &server.socket_dir)?;
        }
        self.server = Some(server);
        Ok(())
    }

    /// Fast shutdown: ends the sessions, writes everything down, and returns when the server is gone.
    pub async fn stop(mut self) -> Result<()> {
        self.stop_server().await
    }

    /// Stops the server and removes all of its files.
    pub async fn destroy(mut self) -> Result<()> {
        if let Some(mut server) = self.server.take() {
            server.stop_now();
            self.user
                .run("rm", &[Path::new("-rf"), Path::new("--"), &server.socket_dir])?;
        }
        place::remove(self.place.home())
    }

    /// Leaves the server to its guard. Without a guard it runs until the next [`Cluster::open`] of this home.
    pub fn detach(mut self) {
        std::mem::forget(self.server.take());
    }

    async fn stop_server(&mut self) -> Result<()> {
        match self.server.take() {
            Some(mut server) => server.stop().await,
            None => Ok(()),
        }
    }
}

impl Drop for Cluster {
    fn drop(&mut self) {
        if let Some(server) = &mut self.server {
            server.stop_now();
        }
    }
}

/// Programs in a folder that the server's user cannot enter would fail later with less to say.
fn check_programs(config: &ClusterConfig, user: &ServerUser) -> Result<()> {
    let bin_dir = &config.installation.bin_dir;
    match user.account() {
        Some(account) if !user.can_enter(bin_dir)? => Err(EmbeddedError::Unreachable {
            user: account.name.clone(),
            path: bin_dir.clone(),
        }),
        _ => Ok(()),
    }
}

fn check_major(config: &ClusterConfig, place: &Place) -> Result<()> {
    if !place.data_dir().exists() {
        return Ok(());
    }
    let file = place.data_dir().join("PG_VERSION");
    let found = std::fs::read_to_string(&file).context("read", &file)?.trim().to_owned();
    let installed = config.installation.version;
    if found == installed.major.to_string() {
        return Ok(());
    }
    let bin_dir = config.installation.bin_dir.clone();
    Err(EmbeddedError::WrongMajor {
        data_dir: place.data_dir(),
        found,
        installed,
        bin_dir,
    })
}

/// Makes the data folder under another name first: a folder called `data` is always whole.
async fn init(config: &ClusterConfig, place: &Place, user: &ServerUser, password: &str) -> Result<()> {
    let unfinished = place.server_dir().join("data.unfinished");
    let password_file = place.server_dir().join("password.initdb");
    user.run("rm", &[Path::new("-rf"), Path::new("--"), &unfinished])?;
    user.write_private(&password_file, password)?;
    let program = config.installation.program("initdb");
    let mut command = user.command(&program);
    command
        .arg("-D")
        .arg(&unfinished)
        .args(init_arguments(config))
        .arg("--pwfile")
        .arg(&password_file);
    let output = Command::from(command).output().await.context("run", &program)?;
    user.run("rm", &[Path::new("-f"), Path::new("--"), &password_file])?;
    if !output.status.success() {
        let text = String::from_utf8_lossy(&output.stderr).trim().to_owned();
        return Err(EmbeddedError::Program {
            program: "initdb".to_owned(),
            status: output.status,
            output: text,
        });
    }
    user.run("mv", &[Path::new("--"), &unfinished, &place.data_dir()])
        .map(drop)
}

/// The same order of texts on every machine, with upper and lower case of all of Unicode where the system has that.
fn init_arguments(config: &ClusterConfig) -> Vec<&'static str> {
    let mut arguments = vec![
        "--username",
        SUPERUSER,
        "--auth=scram-sha-256",
        "--encoding=UTF8",
        "--no-instructions",
    ];
    if config.installation.version.major >= 17 {
        arguments.extend(["--locale-provider=builtin", "--builtin-locale=C.UTF-8", "--locale=C"]);
    } else if cfg!(target_os = "linux") {
        arguments.extend(["--locale=C", "--lc-ctype=C.UTF-8"]);
    } else {
        arguments.push("--locale=C");
    }
    if config.profile == Profile::Throwaway {
        arguments.push("--no-sync");
    }
    arguments
}

fn url_of(password: &str, host: &str, port: u16, database: &str) -> String {
    let database = percent_encoded(database);
    format!("postgres://{SUPERUSER}:{password}@{host}:{port}/{database}")
}

fn percent_encoded(text: &str) -> String {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~".contains(&byte);
    text.bytes()
        .map(|byte| {
            if plain(byte) {
                char::from(byte).to_string()
            } else {
                format!("%{byte:02X}")
            }
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_with_special_characters_stay_one_part_of_the_url() {
        assert_eq!(percent_encoded("/tmp/a b"), "%2Ftmp%2Fa%20b");
        assert_eq!(percent_encoded("shop_1.x"), "shop_1.x");
    }
}
