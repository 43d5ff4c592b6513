//! What the tests share: databases, jobs, runs that stop at a condition, and a reporter that remembers.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use plinth_etl::checkpoint::Usage;
use plinth_etl::content::{ContentHash, of_table};
use plinth_etl::progress::Progress;
use plinth_etl::report::{Metric, Reporter};
use plinth_etl::run::{Job, Outcome, run};
use plinth_etl::spec::{ConnectionSpec, PostgresSpec};
use plinth_etl::status::PipelineStatus;
use plinth_testkit::postgres::Database;
use serde_json::{Value, json};
use tokio_util::sync::CancellationToken;

/// A source and a destination database, and a connection to each.
pub struct Pair {
    pub source: Database,
    pub destination: Database,
    pub from: tokio_postgres::Client,
    pub to: tokio_postgres::Client,
}

/// Which versions the two have.
#[derive(Debug, Clone, Copy)]
pub enum Versions {
    /// Both the machine's own.
    Own,
    /// Both the newest that is supported.
    Newest,
    OwnToNewest,
    NewestToOwn,
}

pub async fn pair(name: &str) -> Pair {
    pair_of(Versions::Own, name).await
}

pub async fn pair_of(versions: Versions, name: &str) -> Pair {
    let own = || plinth_testkit::postgres::server();
    let newest = || plinth_testkit::postgres::newest_server();
    let (from, to) = match versions {
        Versions::Own => (own().await, own().await),
        Versions::Newest => (newest().await, newest().await),
        Versions::OwnToNewest => (own().await, newest().await),
        Versions::NewestToOwn => (newest().await, own().await),
    };
    let source = from.database(&format!("{name}_from")).await;
    let destination = to.database(&format!("{name}_to")).await;
    let (from, to) = (source.admin().await, destination.admin().await);
    Pair {
        source,
        destination,
        from,
        to,
    }
}

/// A test for each pair of versions: `fn` takes [`Versions`].
macro_rules! on_versions {
    ($($module:ident: $versions:ident),+; $tests:tt) => {$(
        mod $module {
            crate::support::on_versions!(@ $versions $tests);
        }
    )+};
    (@ $versions:ident [$($name:ident),+ $(,)?]) => {$(
        #[tokio::test]
        async fn $name() {
            super::$name(crate::support::Versions::$versions).await;
        }
    )+};
}
pub(crate) use on_versions;

pub fn spec_of(url: &str) -> PostgresSpec {
    PostgresSpec::from_url(url).unwrap()
}

pub fn connection_of(url: &str) -> ConnectionSpec {
    ConnectionSpec::Postgres(spec_of(url))
}

/// A job with `{source: {...}, ...}` laid over defaults.
pub fn job(source: ConnectionSpec, destination: ConnectionSpec, over: Value) -> Job {
    let mut spec = json!({
        "source": {"connection": "from"},
        "destination": {"connection": "to"},
        "mode": "snapshot",
        "interval_secs": 1,
    });
    merge(&mut spec, over);
    Job {
        pipeline: "pipeline_test".into(),
        epoch: 1,
        spec: serde_json::from_value(spec).unwrap(),
        source,
        destination,
    }
}

fn merge(into: &mut Value, over: Value) {
    match (into, over) {
        (Value::Object(into), Value::Object(over)) => {
            for (key, value) in over {
                merge(into.entry(key).or_insert(Value::Null), value);
            }
        }
        (into, over) => *into = over,
    }
}

impl Pair {
    pub fn job(&self, over: Value) -> Job {
        job(
            connection_of(&self.source.url()),
            connection_of(&self.destination.url()),
            over,
        )
    }

    pub async fn source_hash(&self, table: &str) -> ContentHash {
        of_table(&spec_of(&self.source.url()), &table.parse().unwrap())
            .await
            .unwrap()
    }

    pub async fn destination_hash(&self, table: &str) -> ContentHash {
        of_table(&spec_of(&self.destination.url()), &table.parse().unwrap())
            .await
            .unwrap()
    }

    pub async fn assert_equal(&self, tables: &[&str]) {
        for table in tables {
            assert_eq!(
                self.destination_hash(table).await,
                self.source_hash(table).await,
                "table {table}"
            );
        }
    }
}

/// Remembers usage records like the control plane: once by id.
#[derive(Debug, Clone, Default)]
pub struct Recorder {
    pub usage: Arc<Mutex<Vec<Usage>>>,
}

impl Reporter for Recorder {
    async fn status(&self, _: &PipelineStatus) -> plinth_etl::Result<()> {
        Ok(())
    }

    async fn metrics(&self, _: &[Metric]) -> plinth_etl::Result<()> {
        Ok(())
    }

    async fn usage(&self, usage: &[Usage]) -> plinth_etl::Result<()> {
        let mut known = self.usage.lock().unwrap();
        for record in usage {
            if !known.iter().any(|known| known.id == record.id) {
                known.push(record.clone());
            }
        }
        Ok(())
    }
}

impl Recorder {
    pub fn rows(&self) -> u64 {
        self.usage.lock().unwrap().iter().map(|usage| usage.rows).sum()
    }
}

/// Runs until completed.
pub async fn complete(job: &Job) -> PipelineStatus {
    let progress = Progress::default();
    let cancel = CancellationToken::new();
    let recorder = Recorder::default();
    let running = Box::pin(run(job, &progress, &recorder, &cancel));
    let outcome = tokio::time::timeout(LIMIT, running).await;
    let status = progress.status();
    assert_eq!(outcome.ok(), Some(Outcome::Completed), "{status:#?}");
    status
}

/// Nothing in these tests takes this long unless it hangs.
pub const LIMIT: Duration = Duration::from_secs(300);

/// A run in the background.
pub struct Running {
    pub progress: Progress,
    pub recorder: Recorder,
    cancel: CancellationToken,
    task: tokio::task::JoinHandle<Outcome>,
}

pub fn start(job: Job) -> Running {
    let (progress, recorder, cancel) = (Progress::default(), Recorder::default(), CancellationToken::new());
    let (inner, records, stop) = (progress.clone(), recorder.clone(), cancel.clone());
    let task = tokio::spawn(async move { run(&job, &inner, &records, &stop).await });
    Running {
        progress,
        recorder,
        cancel,
        task,
    }
}

impl Running {
    pub async fn until(&self, condition: impl Fn(&PipelineStatus) -> bool) -> PipelineStatus {
        eventually(async || {
            let status = self.progress.status();
            condition(&status).then_some(status)
        })
        .await
        .unwrap_or_else(|| panic!("never: {:#?}", self.progress.status()))
    }

    pub async fn stop(self) -> Outcome {
        self.cancel.cancel();
        tokio::time::timeout(LIMIT, self.task)
            .await
            .expect("the run ends when told to")
            .unwrap()
    }

    pub async fn ended(self) -> Outcome {
        tokio::time::timeout(LIMIT, self.task)
            .await
            .expect("the run ends")
            .unwrap()
    }
}

/// Asks again until there is an answer.
pub async fn eventually<T>(mut ask: impl AsyncFnMut() -> Option<T>) -> Option<T> {
    let deadline = tokio::time::Instant::now() + LIMIT;
    while tokio::time::Instant::now() < deadline {
        if let Some(answer) = ask().await {
            return Some(answer);
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    None
}
