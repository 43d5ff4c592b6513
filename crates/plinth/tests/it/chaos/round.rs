//! One copy of the whole source, struck again and again while it runs.

use std::cell::RefCell;
use std::time::{Duration, Instant};

use plinth_etl::content::{ContentHash, of_table};
use plinth_etl::error::Retry;
use plinth_etl::sample;
use plinth_etl::spec::PostgresSpec;
use rand::RngExt;
use rand::rngs::StdRng;
use reqwest::Method;
use serde_json::{Value, json};
use tokio_util::sync::CancellationToken;

use super::verdict::all;
use super::world::World;
use crate::plane::text;
use crate::process::wait_for;

/// From the last blow to the end of the copy, back-off and a lease that runs out included.
const RECOVERY: Duration = Duration::from_secs(240);
const TABLES: [&str; 4] = ["customers", "orders", "order_lines", "payments"];

/// What a round does to whom.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    /// No blow: shows how long a copy takes.
    Quiet,
    /// Each table in one snapshot, begun anew when it was interrupted.
    Snapshot,
    /// Finished chunks stay; what changed is read again by the cursor column.
    Resumable,
    /// The shop stays open meanwhile.
    Living,
}

pub struct Round<'a> {
    pub world: &'a mut World,
    pub rng: &'a mut StdRng,
    pub number: u32,
    /// With which kind the rounds begin.
    pub first: u32,
    /// How long an undisturbed copy takes.
    pub copy_takes: Duration,
}

/// How far a copy is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Stage {
    /// Nobody copies right now.
    Idle,
    Copying,
    /// All tables are whole and visible.
    Whole,
}

const STAGE: &str = "
    select (select count(*) from _plinth.tables where pipeline = $1 and published),
           (select count(*) from pg_stat_activity where state = 'active' and query ilike 'copy%' and application_name like 'plinth etl%'),
           (select coalesce(sum(rows), 0)::bigint from _plinth.checkpoints where pipeline = $1)";

async fn hash(world: &World, table: &str) -> ContentHash {
    let (database, name) = table.split_once('/').unwrap();
    let spec = PostgresSpec::from_url(&world.data.cluster.url(database)).unwrap();
    let table = name.parse().unwrap();
    // The last blow may have come when the copy was complete: its database recovers meanwhile.
    wait_for(
        "the content of a table can be read",
        RECOVERY,
        async || match of_table(&spec, &table).await {
            Err(error) if error.retry == Retry::Soon => None,
            read => Some(read.unwrap()),
        },
    )
    .await
}

/// All tables of one side.
pub async fn hashes(world: &World, database: &str, schema: &str) -> Vec<ContentHash> {
    let mut found = Vec::new();
    for table in TABLES {
        found.push(hash(world, &format!("{database}/{schema}.{table}")).await);
    }
    found
}

fn rows(hashes: &[ContentHash]) -> u64 {
    hashes.iter().map(|hash| hash.rows).sum()
}

impl Round<'_> {
    /// A copy that nobody disturbs; how long it takes.
    pub async fn quiet(&mut self) -> Duration {
        let source = hashes(self.world, sample::SHOP, "public").await;
        let begin = Instant::now();
        let id = self.create(Kind::Quiet).await;
        self.completed().await;
        let took = begin.elapsed();
        self.exact(&id, &source).await;
        self.delete(&id).await;
        eprintln!("quiet copy of {} rows: {:.1} s", rows(&source), took.as_secs_f64());
        took
    }

    /// How many blows hit the copy.
    pub async fn run(&mut self) -> usize {
        let kind = [Kind::Snapshot, Kind::Resumable, Kind::Living][(self.first + self.number) as usize % 3];
        let begin = Instant::now();
        let blows = match kind {
            Kind::Living => self.living().await,
            _ => {
                let source = hashes(self.world, sample::SHOP, "public").await;
                let id = self.create(kind).await;
                let blows = self.strikes(kind, &id).await;
                self.completed().await;
                self.exact(&id, &source).await;
                self.delete(&id).await;
                blows
            }
        };
        self.world.no_orphans().await;
        assert!(blows > 0, "no blow hit the copy");
        eprintln!(
            "round {} ({kind:?}): {blows} blows, {:.1} s",
            self.number,
            begin.elapsed().as_secs_f64()
        );
        blows
    }

    /// The source changes all the time; in the end the copy is what the source is.
    async fn living(&mut self) -> usize {
        let closing = CancellationToken::new();
        let url = self.world.data.cluster.url(sample::SHOP);
        let shop = tokio::spawn(sample::keep_alive(url, closing.clone()));
        let id = self.create(Kind::Living).await;
        let blows = self.strikes(Kind::Living, &id).await;
        closing.cancel();
        shop.await.unwrap();
        // By then the last statement of the shop is over, which may still have been under way when it was cancelled.
        self.followed().await;
        let source = hashes(self.world, sample::SHOP, "public").await;
        let what = format!("the copy in `{}` becomes what the source is", self.schema());
        wait_for(what, RECOVERY, async || {
            (hashes(self.world, sample::WAREHOUSE, &self.schema()).await == source).then_some(())
        })
        .await;
        let billed = self.billed(&id).await;
        assert!(billed >= rows(&source), "{billed} rows are billed of {}", rows(&source));
        self.delete(&id).await;
        blows
    }

    fn name(&self) -> String {
        format!("round-{}", self.number)
    }

    fn schema(&self) -> String {
        self.name().replace('-', "_")
    }

    async fn create(&mut self, kind: Kind) -> String {
        let tables = TABLES.map(|table| match kind {
            Kind::Resumable | Kind::Living => json!({"name": format!("public.{table}"), "cursor": "updated_at"}),
            _ => json!({"name": format!("public.{table}")}),
        });
        let spec = json!({
            "source": {"connection": "shop", "tables": tables},
            "destination": {"connection": "warehouse", "schema": self.schema()},
            "mode": if kind == Kind::Living { "incremental" } else { "snapshot" },
            "interval_secs": 1, "parallelism": self.rng.random_range(1..=3), "batch_rows": 2000,
        });
        let body = json!({"name": self.name(), "spec": spec});
        text(&self.world.owner.post("/v1/orgs/acme/pipelines", body).await["id"])
    }

    /// Blows at random moments while the copy runs; also after it, while somebody is still to be hit.
    async fn strikes(&mut self, kind: Kind, id: &str) -> usize {
        let mut blows = 0;
        let planned = self.rng.random_range(2..=5);
        while blows < planned || self.world.owes() {
            let (stage, copied) = self.until_copying(kind, id).await;
            if stage == Stage::Whole && kind != Kind::Living && !self.world.owes() {
                break;
            }
            let most = (self.copy_takes / 2).as_millis().max(100) as u64;
            tokio::time::sleep(Duration::from_millis(self.rng.random_range(0..most))).await;
            let victims = self.world.strike(self.rng).await;
            blows += 1;
            eprintln!(
                "round {} ({kind:?}): {victims:?}, with {copied} rows or more committed",
                self.number
            );
        }
        blows
    }

    async fn until_copying(&self, kind: Kind, id: &str) -> (Stage, i64) {
        let last = RefCell::new((Stage::Idle, 0));
        let what = format!("the copy `{}` goes on", self.name());
        wait_for(what, RECOVERY, async || {
            let found = self.stage(id).await?;
            *last.borrow_mut() = found;
            (found.0 != Stage::Idle || kind == Kind::Living && found.0 == Stage::Whole).then_some(())
        })
        .await;
        last.into_inner()
    }

    async fn stage(&self, id: &str) -> Option<(Stage, i64)> {
        let warehouse = self.world.try_data(sample::WAREHOUSE).await?;
        let row = warehouse.query_one(STAGE, &[&id]).await.ok()?;
        let stage = match (row.get::<_, i64>(0), row.get::<_, i64>(1)) {
            (4, _) => Stage::Whole,
            (_, 0) => Stage::Idle,
            _ => Stage::Copying,
        };
        Some((stage, row.get(2)))
    }

    async fn until_state(&self, state: &str) {
        let last = RefCell::new(Value::Null);
        let path = format!("/v1/orgs/acme/pipelines/{}", self.name());
        let waited = tokio::time::timeout(RECOVERY, async {
            loop {
                let status = self.world.owner.get(&path).await["status"].clone();
                if status["state"] == state {
                    return;
                }
                *last.borrow_mut() = status;
                tokio::time::sleep(Duration::from_millis(50)).await;
            }
        });
        if waited.await.is_err() {
            panic!(
                "waited {RECOVERY:?} in vain: {path} is {state}; its status is {:#}",
                last.borrow()
            );
        }
    }

    async fn completed(&self) {
        self.until_state("completed").await;
    }

    async fn followed(&self) {
        self.until_state("streaming").await;
    }

    /// Source and copy are equal, and each row of it is billed once.
    async fn exact(&self, id: &str, source: &[ContentHash]) {
        let copy = hashes(self.world, sample::WAREHOUSE, &self.schema()).await;
        assert_eq!(copy, source, "content of {TABLES:?}");
        let billed = RefCell::new(0);
        wait_for(
            "each row of the copy is billed once",
            Duration::from_secs(60),
            async || {
                *billed.borrow_mut() = self.billed(id).await;
                (*billed.borrow() >= rows(source)).then_some(())
            },
        )
        .await;
        assert_eq!(billed.into_inner(), rows(source), "rows that are billed");
    }

    async fn billed(&self, id: &str) -> u64 {
        let records = all(
            &self.world.owner,
            &format!("/v1/orgs/acme/usage?meter=rows_copied&resource={id}&"),
        )
        .await;
        records
            .iter()
            .map(|record| text(&record["quantity"]).parse::<u64>().unwrap())
            .sum()
    }

    /// Tears the pipeline down, and makes room for the next one.
    async fn delete(&self, id: &str) {
        let path = format!("/v1/orgs/acme/pipelines/{id}");
        self.world.owner.insist(Method::DELETE, &path, &Value::Null).await;
        let torn_down = format!("/v1/orgs/acme/events?subject={id}&operation=finalize");
        wait_for("the pipeline is torn down", RECOVERY, async || {
            self.world.owner.get(&torn_down).await["items"].get(0).cloned()
        })
        .await;
        let warehouse = self.world.data(sample::WAREHOUSE).await;
        let left = "select count(*) from pg_class where relnamespace = '_plinth'::regnamespace and relname like 'load%' and relkind = 'r'";
        assert_eq!(
            warehouse.query_one(left, &[]).await.unwrap().get::<_, i64>(0),
            0,
            "unfinished loads are left"
        );
        warehouse
            .batch_execute(&format!("drop schema {} cascade", self.schema()))
            .await
            .unwrap();
    }
}
