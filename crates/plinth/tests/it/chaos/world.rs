//! Everything that can be killed: a server, a worker and the processes of its pipelines, the PostgreSQL of the control plane, and
//! the one that holds source and destination.

use std::time::Duration;

use plinth_testkit::postgres::{PrivateServer, private_server};
use rand::RngExt;
use rand::rngs::StdRng;
use rand::seq::IndexedRandom;
use tokio_postgres::NoTls;

use super::keeper::Keeper;
use crate::process::{Kept, LIMIT, children, gone, kill_9, tasks, wait_for};
use crate::service::{Api, Service};

/// A restart of PostgreSQL, crash recovery included.
const RECOVERY: Duration = Duration::from_secs(120);

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Database {
    /// Directory and cell.
    Control,
    /// Source and destination.
    Data,
}

/// What one blow hits.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Victim {
    Server,
    Worker,
    /// The process of the pipeline, without its worker.
    Task,
    /// The postmaster alone; its children see it and end.
    Postmaster(Database),
    /// All processes of the cluster at once.
    Cluster(Database),
    /// One session, as by the kernel when memory runs out: the postmaster ends all sessions and recovers.
    Session(Database),
}

const VICTIMS: [Victim; 9] = [
    Victim::Server,
    Victim::Worker,
    Victim::Task,
    Victim::Postmaster(Database::Control),
    Victim::Postmaster(Database::Data),
    Victim::Cluster(Database::Control),
    Victim::Cluster(Database::Data),
    Victim::Session(Database::Control),
    Victim::Session(Database::Data),
];

/// Whom each run hits, however short it is; the rest is chance.
const OWED: [Victim; 4] = [
    Victim::Server,
    Victim::Worker,
    Victim::Postmaster(Database::Control),
    Victim::Cluster(Database::Data),
];

pub struct World {
    _data_log: Kept,
    pub service: Service,
    pub data: PrivateServer,
    pub owner: Api,
    server: Keeper,
    worker: Keeper,
    /// Of [`OWED`], who was not hit yet.
    owed: Vec<Victim>,
    /// Processes whose worker was killed; they have to end by themselves.
    orphans: Vec<i32>,
}

/// A connection that may not come about, because the database is down.
async fn connect(url: &str) -> Option<tokio_postgres::Client> {
    let (client, connection) = tokio::time::timeout(Duration::from_secs(5), tokio_postgres::connect(url, NoTls))
        .await
        .ok()?
        .ok()?;
    tokio::spawn(connection);
    Some(client)
}

impl World {
    pub async fn start() -> Self {
        let service = Service::new("chaos").await;
        let data = private_server(&[]).await.unwrap();
        let server = Keeper::start("server", service.logs.path("server"), service.server());
        let owner = service.ready().await.owner(&service.outbox()).await;
        let worker = Keeper::start("worker", service.logs.path("worker"), service.worker());
        let log = data.home().join("server.log");
        Self {
            _data_log: Kept::new(log, &service.logs, "postgres-of-the-data"),
            service,
            data,
            owner,
            server,
            worker,
            owed: OWED.to_vec(),
            orphans: Vec::new(),
        }
    }

    fn cluster(&mut self, database: Database) -> &mut PrivateServer {
        match database {
            Database::Control => &mut self.service.postgres,
            Database::Data => &mut self.data,
        }
    }

    /// A connection to a database of the data's server, if that is up.
    pub async fn try_data(&self, database: &str) -> Option<tokio_postgres::Client> {
        connect(&self.data.cluster.url(database)).await
    }

    pub async fn data(&self, database: &str) -> tokio_postgres::Client {
        wait_for("the data's PostgreSQL answers", RECOVERY, async || {
            self.try_data(database).await
        })
        .await
    }

    /// Kills some of them at the same moment, and revives what nobody else revives; what was hit.
    pub async fn strike(&mut self, rng: &mut StdRng) -> Vec<Victim> {
        let count = *[1, 1, 1, 2, 2, 3].choose(rng).unwrap();
        let mut victims: Vec<Victim> = VICTIMS.sample(rng, count).copied().collect();
        if let Some(owed) = self.owed.choose(rng)
            && !victims.contains(owed)
        {
            victims.push(*owed);
        }
        self.owed.retain(|owed| !victims.contains(owed));
        for victim in &victims {
            self.kill(*victim, rng);
        }
        tokio::time::sleep(Duration::from_millis(rng.random_range(0..1500))).await;
        for database in [Database::Control, Database::Data] {
            let dead = [Victim::Postmaster(database), Victim::Cluster(database)];
            if victims.iter().any(|victim| dead.contains(victim)) {
                self.revive(database).await;
            }
        }
        // Now and then the lease of a dead worker runs out by itself. It does after half a minute, in which nothing happens.
        if victims.contains(&Victim::Worker) && rng.random_bool(0.75) {
            self.expire_leases().await;
        }
        victims
    }

    /// Whether somebody is still to be hit.
    pub fn owes(&self) -> bool {
        !self.owed.is_empty()
    }

    fn kill(&mut self, victim: Victim, rng: &mut StdRng) {
        match victim {
            Victim::Server => self.server.kill(),
            Victim::Worker => {
                self.orphans.extend(tasks(self.worker.pid()));
                self.worker.kill();
            }
            Victim::Task => tasks(self.worker.pid()).into_iter().for_each(kill_9),
            Victim::Postmaster(database) => kill_9(self.postmaster(database)),
            Victim::Cluster(database) => {
                let postmaster = self.postmaster(database);
                let all = children(postmaster, "");
                kill_9(postmaster);
                all.into_iter().for_each(kill_9);
            }
            Victim::Session(database) => {
                let sessions = children(self.postmaster(database), "127.0.0.1(");
                sessions.choose(rng).copied().into_iter().for_each(kill_9);
            }
        }
    }

    fn postmaster(&mut self, database: Database) -> i32 {
        self.cluster(database).cluster.pid().unwrap().cast_signed()
    }

    async fn revive(&mut self, database: Database) {
        let cluster = &mut self.cluster(database).cluster;
        let before = cluster.port();
        tokio::time::timeout(RECOVERY, cluster.exited())
            .await
            .expect("the postmaster is dead")
            .unwrap();
        let restarted = tokio::time::timeout(RECOVERY, cluster.restart()).await;
        restarted
            .unwrap_or_else(|_| panic!("waited {RECOVERY:?} in vain: PostgreSQL ({database:?}) starts"))
            .unwrap();
        assert_eq!(cluster.port(), before, "PostgreSQL comes back where it was");
    }

    /// As if the time of all leases were over.
    async fn expire_leases(&self) {
        let url = self.service.postgres.cluster.url("plinth_cell");
        let expire =
            "update plinth.work_items set leased_until = now() - interval '1 second' where leased_until is not null";
        wait_for("leases can be ended", RECOVERY, async || {
            let client = connect(&url).await?;
            client.execute(expire, &[]).await.ok()
        })
        .await;
    }

    /// Waits until no process of a killed worker is left.
    pub async fn no_orphans(&mut self) {
        for pid in self.orphans.drain(..) {
            gone("the process of a killed worker", pid, Duration::from_secs(20)).await;
        }
    }

    /// How often server and worker were started.
    pub fn starts(&self) -> (usize, usize) {
        (self.server.starts(), self.worker.starts())
    }

    /// Ends it all in order; what the processes have said has to be free of panics, and no answer a 500.
    pub async fn stop(self) {
        let Self {
            service,
            owner,
            server,
            worker,
            ..
        } = self;
        let left = tasks(worker.pid());
        worker.stop().await;
        for pid in left {
            gone("the process of a stopped worker", pid, LIMIT).await;
        }
        server.stop().await;
        assert_eq!(service.logs.lines_with("panicked at"), Vec::<String>::new());
        assert_eq!(
            *owner.faults.lock().unwrap(),
            Vec::<String>::new(),
            "answers that put the fault on the server"
        );
    }
}
