//! `plinth dev`: one command starts everything, each way to end it ends everything, and the next start carries on.

use std::path::PathBuf;

use nix::sys::signal::Signal;
use reqwest::Method;
use serde_json::{Value, json};
use std::os::unix::fs::PermissionsExt;
use tempfile::TempDir;

use crate::plane::text;
use crate::process::{LIMIT, Logs, Process, children, gone, is_alive, kill_9, plinth, tasks, wait_for};
use crate::service::{Api, free_address, product_folder};

const PIPELINE: &str = "/v1/orgs/acme/pipelines/copy";

struct Dev {
    home: TempDir,
    address: String,
    logs: Logs,
}

/// What runs for one `plinth dev`.
#[derive(Debug, Clone, Copy)]
struct Family {
    postgres: i32,
    worker: i32,
    task: i32,
}

impl Family {
    fn all(self) -> [(&'static str, i32); 3] {
        [
            ("PostgreSQL", self.postgres),
            ("the worker", self.worker),
            ("the process of the pipeline", self.task),
        ]
    }

    async fn gone(self) {
        for (what, pid) in self.all() {
            gone(what, pid, LIMIT).await;
        }
    }
}

impl Dev {
    fn new(test: &str) -> Self {
        // As root PostgreSQL runs as another user, who must get through.
        let mode = std::fs::Permissions::from_mode(0o755);
        Self {
            home: tempfile::Builder::new().permissions(mode).tempdir().unwrap(),
            address: free_address(),
            logs: Logs::new(test),
        }
    }

    fn outbox(&self) -> PathBuf {
        self.home.path().join("outbox")
    }

    async fn start(&self, name: &str) -> (Process, Api) {
        let mut command = plinth(["dev", "--listen", &self.address, "--sample-rows", "2000", "--home"]);
        command.arg(self.home.path()).arg("--product").arg(product_folder());
        let process = Process::start(name, &self.logs, command);
        wait_for("`plinth dev` is ready", LIMIT, async || {
            process.said().contains("Plinth is ready").then_some(())
        })
        .await;
        (process, Api::new(&self.address))
    }

    fn postmaster(&self) -> Option<i32> {
        let file = self.home.path().join("postgres/server/data/postmaster.pid");
        std::fs::read_to_string(file).ok()?.lines().next()?.trim().parse().ok()
    }

    /// Waits until all of it runs.
    async fn family(&self, dev: &Process) -> Family {
        wait_for("server, worker and pipeline run", LIMIT, async || {
            let worker = *children(dev.pid, "worker").first()?;
            let task = *tasks(worker).first()?;
            Some(Family {
                postgres: self.postmaster()?,
                worker,
                task,
            })
        })
        .await
    }
}

async fn sign_up(dev: &Dev, api: &Api) -> Api {
    let owner = api.owner(&dev.outbox()).await;
    let spec = json!({
        "source": {"connection": "shop"}, "destination": {"connection": "warehouse", "schema": "copied"},
        "mode": "incremental", "interval_secs": 1,
    });
    owner
        .post("/v1/orgs/acme/pipelines", json!({"name": "copy", "spec": spec}))
        .await;
    owner
}

/// Waits until the pipeline follows its source again, and has more rows than before.
async fn follows(owner: &Api, before: u64) -> u64 {
    let last = std::cell::RefCell::new(Value::Null);
    let followed = tokio::time::timeout(LIMIT, async {
        loop {
            let status = owner.get(PIPELINE).await["status"].clone();
            let rows = status["rows"].as_u64().unwrap_or_default();
            if status["state"] == "streaming" && rows > before {
                return rows;
            }
            *last.borrow_mut() = status;
            tokio::time::sleep(std::time::Duration::from_millis(100)).await;
        }
    });
    match followed.await {
        Ok(rows) => rows,
        Err(_) => panic!(
            "waited {LIMIT:?} in vain: the pipeline follows the shop; it is {:#}",
            last.borrow()
        ),
    }
}

async fn email(owner: &Api) -> String {
    text(&owner.get("/v1/me").await["user"]["email"])
}

#[tokio::test]
async fn each_signal_ends_all_processes_and_the_next_start_carries_on() {
    let home = Dev::new("dev-signals");
    let (mut dev, api) = home.start("first").await;
    let owner = sign_up(&home, &api).await;
    let mut rows = follows(&owner, 0).await;
    for (signal, next) in [
        (Signal::SIGTERM, "second"),
        (Signal::SIGINT, "third"),
        (Signal::SIGHUP, "fourth"),
    ] {
        let family = home.family(&dev).await;
        assert_eq!(dev.end(signal).await, Some(0), "{signal}: {}", dev.said());
        for (what, pid) in family.all() {
            assert!(!is_alive(pid), "{what} outlives {signal}");
        }
        (dev, _) = home.start(next).await;
        assert_eq!(email(&owner).await, "owner@example.com", "who was logged in still is");
        rows = follows(&owner, rows).await;
    }
    assert_eq!(dev.end(Signal::SIGTERM).await, Some(0), "{}", dev.said());
    assert_eq!(home.logs.lines_with("panicked at"), Vec::<String>::new());
}

#[tokio::test]
async fn started_again_after_kill_9_it_carries_on() {
    let home = Dev::new("dev-killed");
    let (mut dev, api) = home.start("first").await;
    let owner = sign_up(&home, &api).await;
    let rows = follows(&owner, 0).await;
    // PostgreSQL, worker and the pipeline's process are orphans when the next one starts.
    let orphans = home.family(&dev).await;
    kill_9(dev.pid);
    dev.ended().await;
    (dev, _) = home.start("second").await;
    assert!(!is_alive(orphans.postgres), "one PostgreSQL on one data folder");
    assert_eq!(email(&owner).await, "owner@example.com");
    let rows = follows(&owner, rows).await;
    orphans.gone().await;

    // Everything at once, as when the machine loses power.
    let family = home.family(&dev).await;
    for pid in [dev.pid, family.postgres, family.worker, family.task] {
        kill_9(pid);
    }
    dev.ended().await;
    (dev, _) = home.start("third").await;
    follows(&owner, rows).await;
    let seqs = owner.get("/v1/orgs/acme/events?order=asc&limit=500").await;
    let seqs = seqs["items"]
        .as_array()
        .unwrap()
        .iter()
        .map(|event| event["seq"].as_u64().unwrap());
    assert!(seqs.zip(1..).all(|(seq, expected)| seq == expected), "no gap");
    assert_eq!(dev.end(Signal::SIGTERM).await, Some(0), "{}", dev.said());
    family.gone().await;
}

#[tokio::test]
async fn a_second_one_on_the_same_home_is_refused_and_harms_nothing() {
    let home = Dev::new("dev-twice");
    let (mut dev, api) = home.start("first").await;
    let mut command = plinth(["dev", "--no-sample", "--listen", "127.0.0.1:0", "--home"]);
    command.arg(home.home.path()).arg("--product").arg(product_folder());
    let mut second = Process::start("second", &home.logs, command);
    assert_eq!(second.ended().await.code(), Some(1));
    assert!(second.said().contains("error:"), "{}", second.said());
    assert_eq!(api.once(Method::GET, "/readyz", "", None).await.unwrap().0, 200);
    assert_eq!(dev.end(Signal::SIGTERM).await, Some(0), "{}", dev.said());
}

#[tokio::test]
async fn what_dies_inside_is_started_again() {
    let home = Dev::new("dev-inside");
    let (mut dev, api) = home.start("dev").await;
    let owner = sign_up(&home, &api).await;
    let mut rows = follows(&owner, 0).await;
    for victim in ["PostgreSQL", "the process of the pipeline", "the worker"] {
        let family = home.family(&dev).await;
        let pid = family.all().into_iter().find(|(what, _)| *what == victim).unwrap().1;
        kill_9(pid);
        gone(victim, pid, LIMIT).await;
        rows = follows(&owner, rows).await;
        let now = home.family(&dev).await;
        assert_ne!(
            now.all().into_iter().find(|(what, _)| *what == victim).unwrap().1,
            pid,
            "{victim}"
        );
    }
    assert_eq!(dev.end(Signal::SIGTERM).await, Some(0), "{}", dev.said());
    assert_eq!(home.logs.lines_with("panicked at"), Vec::<String>::new());
    assert_eq!(*owner.faults.lock().unwrap(), Vec::<String>::new());
}
