//! The supervisor against real servers: the newest of this machine, and the pinned archive (`scripts/fetch-postgres.sh`).

#![expect(clippy::unwrap_used, reason = "a test may panic")]

use std::fs;
use std::net::{Ipv4Addr, TcpListener};
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Duration;

use nix::errno::Errno;
use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use plinth_embedded::{
    AfterStop, Cluster, ClusterConfig, EmbeddedError, Guard, Installation, Profile, SearchOptions, cache_dir,
};
use tempfile::TempDir;
use tokio_postgres::{Client, NoTls};

/// Runs each check once with each installation.
macro_rules! with_each_installation {
    ($($name:ident),* $(,)?) => {
        mod newest_of_this_machine {
            $(#[tokio::test] async fn $name() { super::$name(super::newest_of_this_machine()).await; })*
        }
        mod pinned_archive {
            $(#[tokio::test] async fn $name() { super::$name(super::pinned_archive()).await; })*
        }
    };
}

with_each_installation!(
    a_first_start_makes_a_private_cluster,
    a_restart_keeps_data_and_port,
    a_killed_server_is_noticed_and_recovers,
    a_server_left_running_is_stopped_and_replaced,
    stale_pid_and_lock_files_do_not_stop_a_start,
    an_interrupted_initdb_is_begun_anew,
    data_of_another_major_version_is_refused,
    a_password_is_required,
    a_home_has_one_supervisor,
    a_long_home_path_still_has_a_socket,
    a_home_that_others_cannot_enter_still_works,
    a_failed_start_shows_the_end_of_the_log,
    a_port_that_was_taken_is_replaced,
    a_dropped_cluster_leaves_no_process,
    a_guard_ends_the_server_with_its_process,
    a_guard_goes_on_after_a_restart,
    root_gives_its_rights_away,
);

fn newest_of_this_machine() -> Installation {
    let options = SearchOptions {
        cache_dir: None,
        ..SearchOptions::from_env()
    };
    Installation::find(&options).expect("a PostgreSQL on this machine; `./test` installs one")
}

fn pinned_archive() -> Installation {
    let found = Installation::find(&SearchOptions::archive_only(cache_dir()));
    found.expect("the pinned PostgreSQL; `scripts/fetch-postgres.sh` fetches it")
}

async fn a_first_start_makes_a_private_cluster(installation: Installation) {
    let home = home();
    let cluster = Cluster::open(config(&home, &installation)).await.unwrap();
    for url in [cluster.url("postgres"), cluster.socket_url("postgres")] {
        let row = connect(&url)
            .await
            .query_one("select current_setting('server_version_num')::int", &[])
            .await
            .unwrap();
        assert_eq!(
            u32::try_from(row.get::<_, i32>(0)).unwrap() / 10_000,
            installation.version.major
        );
    }
    assert_eq!(mode(&home.path().join("password")), 0o600);
    assert_eq!(mode(&home.path().join("server")), 0o700);
    assert_eq!(Cluster::major_version_in(home.path()), Some(installation.version.major));
    cluster.stop().await.unwrap();
}

async fn a_restart_keeps_data_and_port(installation: Installation) {
    let home = home();
    let cluster = Cluster::open(config(&home, &installation)).await.unwrap();
    write_row(&cluster).await;
    let url = cluster.url("postgres");
    cluster.stop().await.unwrap();
    let cluster = Cluster::open(config(&home, &installation)).await.unwrap();
    assert_eq!(cluster.url("postgres"), url);
    assert_eq!(rows(&cluster).await, 1);
}

async fn a_killed_server_is_noticed_and_recovers(installation: Installation) {
    let home = home();
    let durable = ClusterConfig {
        profile: Profile::Durable,
        ..config(&home, &installation)
    };
    let mut cluster = Cluster::open(durable).await.unwrap();
    write_row(&cluster).await;
    // A backend that is busy does not see that its postmaster died.
    let busy = connect(&cluster.url("postgres")).await;
    let busy = tokio::spawn(async move {
        busy.execute("select count(*) from generate_series(1, 10000000000)", &[])
            .await
    });
    wait_for_backend(&cluster, "generate_series").await;
    kill(Pid::from_raw(pid(&cluster)), Signal::SIGKILL).unwrap();
    cluster.exited().await.unwrap();
    cluster.restart().await.unwrap();
    assert_eq!(rows(&cluster).await, 1);
    assert!(busy.await.unwrap().is_err());
}

async fn a_server_left_running_is_stopped_and_replaced(installation: Installation) {
    let home = home();
    let cluster = Cluster::open(config(&home, &installation)).await.unwrap();
    write_row(&cluster).await;
    let orphan = pid(&cluster);
    cluster.detach();
    assert!(is_alive(orphan));
    let cluster = Cluster::open(config(&home, &installation)).await.unwrap();
    assert_ne!(pid(&cluster), orphan);
    assert_eq!(rows(&cluster).await, 1);
}

async fn stale_pid_and_lock_files_do_not_stop_a_start(installation: Installation) {
    let home = home();
    let cluster = Cluster::open(config(&home, &installation)).await.unwrap();
    let port = cluster.port();
    cluster.stop().await.unwrap();
    // The numbers are those of a living process that is not a server, as after a reboot.
    let sleeper = unprivileged_sleeper(&home);
    let server = home.path().join("server");
    let stale = format!(
        "{}\n{}\n1\n{port}\n\n\n\nready\n",
        sleeper.0.id(),
        server.join("data").display()
    );
    fs::write(server.join("data/postmaster.pid"), &stale).unwrap();
    fs::write(server.join(format!("sockets/.s.PGSQL.{port}.lock")), &stale).unwrap();
    let cluster = Cluster::open(config(&home, &installation)).await.unwrap();
    assert!(is_alive(sleeper.0.id().cast_signed()));
    connect(&cluster.socket_url("postgres")).await;
}

async fn an_interrupted_initdb_is_begun_anew(installation: Installation) {
    let home = home();
    let cluster = Cluster::open(config(&home, &installation)).await.unwrap();
    cluster.stop().await.unwrap();
    let server = home.path().join("server");
    fs::rename(server.join("data"), server.join("data.unfinished")).unwrap();
    fs::remove_file(server.join("data.unfinished/PG_VERSION")).unwrap();
    let cluster = Cluster::open(config(&home, &installation)).await.unwrap();
    connect(&cluster.url("postgres")).await;
}

async fn data_of_another_major_version_is_refused(installation: Installation) {
    let home = home();
    Cluster::open(config(&home, &installation))
        .await
        .unwrap()
        .stop()
        .await
        .unwrap();
    fs::write(home.path().join("server/data/PG_VERSION"), "14\n").unwrap();
    let error = Cluster::open(config(&home, &installation)).await.unwrap_err();
    assert!(matches!(error, EmbeddedError::WrongMajor { .. }), "{error}");
    let text = error.to_string();
    for part in [
        "PostgreSQL 14",
        &installation.version.to_string(),
        "PLINTH_PG_BIN",
        "pg_upgrade",
    ] {
        assert!(text.contains(part), "`{part}` is not in: {text}");
    }
}

async fn a_password_is_required(installation: Installation) {
    let home = home();
    let cluster = Cluster::open(config(&home, &installation)).await.unwrap();
    for url in [cluster.url("postgres"), cluster.socket_url("postgres")] {
        let password = url.split(['/', ':', '@']).nth(4).unwrap().to_owned();
        for wrong in [
            url.replace(&format!(":{password}@"), "@"),
            url.replace(&password, "guess"),
        ] {
            assert_ne!(wrong, url);
            assert!(tokio_postgres::connect(&wrong, NoTls).await.is_err(), "{wrong}");
        }
        connect(&url).await;
    }
}

async fn a_home_has_one_supervisor(installation: Installation) {
    let home = home();
    let cluster = Cluster::open(config(&home, &installation)).await.unwrap();
    let error = Cluster::open(config(&home, &installation)).await.unwrap_err();
    assert!(matches!(error, EmbeddedError::HomeInUse { .. }), "{error}");
    connect(&cluster.url("postgres")).await;
}

async fn a_long_home_path_still_has_a_socket(installation: Installation) {
    let parent = home();
    let home = parent.path().join("a-folder-with-a-long-name".repeat(5));
    let open = || {
        Cluster::open(ClusterConfig {
            home: home.clone(),
            ..config(&parent, &installation)
        })
    };
    let cluster = open().await.unwrap();
    connect(&cluster.socket_url("postgres")).await;
    let folder = fs::read_to_string(home.join("socket_dir")).unwrap();
    assert_eq!(mode(Path::new(&folder)), 0o700);
    cluster.stop().await.unwrap();
    let cluster = open().await.unwrap();
    assert!(!Path::new(&folder).exists());
    cluster.destroy().await.unwrap();
}

async fn a_home_that_others_cannot_enter_still_works(installation: Installation) {
    let closed = folder(0o700);
    let home = closed.path().join("home");
    let open = || {
        Cluster::open(ClusterConfig {
            home: home.clone(),
            ..config(&closed, &installation)
        })
    };
    let cluster = open().await.unwrap();
    write_row(&cluster).await;
    cluster.stop().await.unwrap();
    let data = home.join("server").canonicalize().unwrap();
    let cluster = open().await.unwrap();
    assert_eq!(rows(&cluster).await, 1);
    cluster.destroy().await.unwrap();
    assert!(!data.exists() && !home.exists());
}

async fn a_failed_start_shows_the_end_of_the_log(installation: Installation) {
    let home = home();
    let broken = config(&home, &installation).setting("no_such_setting", "1");
    let error = Cluster::open(broken).await.unwrap_err();
    assert!(
        error
            .to_string()
            .contains("unrecognized configuration parameter \"no_such_setting\""),
        "{error}"
    );
}

async fn a_port_that_was_taken_is_replaced(installation: Installation) {
    let home = home();
    let cluster = Cluster::open(config(&home, &installation)).await.unwrap();
    let port = cluster.port();
    cluster.stop().await.unwrap();
    let _taken = TcpListener::bind((Ipv4Addr::LOCALHOST, port)).unwrap();
    let cluster = Cluster::open(config(&home, &installation)).await.unwrap();
    assert_ne!(cluster.port(), port);
    connect(&cluster.url("postgres")).await;
}

async fn a_dropped_cluster_leaves_no_process(installation: Installation) {
    let home = home();
    let cluster = Cluster::open(config(&home, &installation)).await.unwrap();
    let pid = pid(&cluster);
    drop(cluster);
    assert!(!is_alive(pid));
}

async fn root_gives_its_rights_away(installation: Installation) {
    let home = home();
    let chosen = ClusterConfig {
        user_if_root: Some("nobody".to_owned()),
        ..config(&home, &installation)
    };
    let cluster = Cluster::open(chosen).await.unwrap();
    let process = fs::metadata(format!("/proc/{}", pid(&cluster))).map(|process| process.uid());
    let data = fs::metadata(home.path().join("server/data")).unwrap().uid();
    let own = nix::unistd::geteuid();
    let nobody = nix::unistd::User::from_name("nobody").unwrap().unwrap().uid;
    let expected = if own.is_root() { nobody } else { own }.as_raw();
    assert_eq!(data, expected);
    // Where the kernel shows it (Linux), the process itself.
    assert_eq!(process.unwrap_or(expected), expected);
    connect(&cluster.url("postgres")).await;
}

async fn a_guard_ends_the_server_with_its_process(installation: Installation) {
    let home = home();
    let mut watched = Watched::start();
    let cluster = Cluster::open(guarded(&home, &installation, &watched)).await.unwrap();
    let pid = pid(&cluster);
    cluster.detach();
    assert!(is_alive(pid));
    watched.end();
    until("the home is removed", async || !home.path().exists()).await;
    assert!(!is_running(pid));
}

async fn a_guard_goes_on_after_a_restart(installation: Installation) {
    let home = home();
    let mut watched = Watched::start();
    let mut cluster = Cluster::open(guarded(&home, &installation, &watched)).await.unwrap();
    kill(Pid::from_raw(pid(&cluster)), Signal::SIGKILL).unwrap();
    cluster.exited().await.unwrap();
    cluster.restart().await.unwrap();
    let pid = pid(&cluster);
    cluster.detach();
    watched.end();
    until("the home is removed", async || !home.path().exists()).await;
    assert!(!is_running(pid));
}

fn guarded(home: &TempDir, installation: &Installation, watched: &Watched) -> ClusterConfig {
    let guard = Guard {
        process_id: watched.0.id(),
        after_stop: AfterStop::RemoveHome,
    };
    ClusterConfig {
        guard: Some(guard),
        ..config(home, installation)
    }
}

/// A process that runs until it is ended.
struct Watched(std::process::Child);

impl Watched {
    fn start() -> Self {
        Self(Command::new("cat").stdin(Stdio::piped()).spawn().unwrap())
    }

    fn end(&mut self) {
        self.0.kill().unwrap();
        self.0.wait().unwrap();
    }
}

/// A home that the server's user can enter when the tests run as root.
fn home() -> TempDir {
    folder(0o755)
}

fn folder(mode: u32) -> TempDir {
    tempfile::Builder::new()
        .permissions(fs::Permissions::from_mode(mode))
        .tempdir()
        .unwrap()
}

fn config(home: &TempDir, installation: &Installation) -> ClusterConfig {
    let mut config = ClusterConfig::new(home.path(), installation.clone()).setting("shared_buffers", "16MB");
    config.profile = Profile::Throwaway;
    config
}

async fn connect(url: &str) -> Client {
    let (client, connection) = tokio_postgres::connect(url, NoTls).await.unwrap();
    tokio::spawn(connection);
    client
}

async fn write_row(cluster: &Cluster) {
    let client = connect(&cluster.url("postgres")).await;
    client
        .batch_execute("create table kept (id int); insert into kept values (1)")
        .await
        .unwrap();
}

async fn rows(cluster: &Cluster) -> i64 {
    connect(&cluster.url("postgres"))
        .await
        .query_one("select count(*) from kept", &[])
        .await
        .unwrap()
        .get(0)
}

async fn wait_for_backend(cluster: &Cluster, query: &str) {
    let client = connect(&cluster.url("postgres")).await;
    let statement =
        "select 1 from pg_stat_activity where state = 'active' and pid <> pg_backend_pid() and query like $1";
    let pattern = format!("%{query}%");
    until("the query runs", async || {
        client.query_opt(statement, &[&pattern]).await.unwrap().is_some()
    })
    .await;
}

async fn until(what: &str, condition: impl AsyncFn() -> bool) {
    let wait = async {
        let mut tick = tokio::time::interval(Duration::from_millis(20));
        while !condition().await {
            tick.tick().await;
        }
    };
    tokio::time::timeout(Duration::from_secs(30), wait)
        .await
        .unwrap_or_else(|_| panic!("never: {what}"));
}

fn pid(cluster: &Cluster) -> i32 {
    cluster.pid().unwrap().cast_signed()
}

fn is_alive(pid: i32) -> bool {
    kill(Pid::from_raw(pid), None) != Err(Errno::ESRCH)
}

/// Alive, and not merely waiting for somebody to ask how it ended.
fn is_running(pid: i32) -> bool {
    let output = Command::new("ps")
        .args(["-o", "stat=", "-p", &pid.to_string()])
        .output()
        .unwrap();
    let state = String::from_utf8_lossy(&output.stdout).trim().to_owned();
    !state.is_empty() && !state.starts_with('Z')
}

fn mode(path: &Path) -> u32 {
    fs::metadata(path).unwrap().permissions().mode() & 0o777
}

/// A process of the server's user, for PostgreSQL takes a number of another user's process as stale by itself.
struct Sleeper(std::process::Child);

fn unprivileged_sleeper(home: &TempDir) -> Sleeper {
    use std::os::unix::process::CommandExt;
    let owner = fs::metadata(home.path().join("server")).unwrap();
    let mut command = Command::new("cat");
    if nix::unistd::geteuid().is_root() {
        command.uid(owner.uid()).gid(owner.gid());
    }
    Sleeper(command.stdin(Stdio::piped()).current_dir("/").spawn().unwrap())
}

impl Drop for Sleeper {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}
