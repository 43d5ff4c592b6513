//! `kill -9` of server, worker, pipeline and PostgreSQL at random moments, several at once, while a million rows are copied and
//! others write and listen: the copy is exact, and the log of events is what was acknowledged.
//!
//! The seed is printed; `PLINTH_CHAOS_SEED` repeats its blows (not their effect: that is a matter of milliseconds), and
//! `PLINTH_CHAOS_ROUNDS` makes it longer. `cargo x chaos` runs 20 rounds on a release build.

mod keeper;
mod reader;
mod round;
mod verdict;
mod world;
mod writer;

use std::time::Duration;

use plinth_etl::sample;
use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};
use serde_json::json;

use self::reader::Reader;
use self::round::Round;
use self::world::World;
use self::writer::Writer;
use crate::plane::{connection, merged};
use crate::service::Api;

const ROWS: u64 = 1_000_000;
/// In an ordinary run; each takes a minute or more in a build for tests.
const ROUNDS: u64 = 1;
const PASSWORD: &str = "of the sample databases";

fn setting(name: &str) -> Option<u64> {
    let text = std::env::var(name).ok()?;
    Some(
        text.parse()
            .unwrap_or_else(|_| panic!("`{name}` is `{text}`, which is not a number")),
    )
}

async fn connect(world: &World) {
    sample::ensure(&world.data.cluster.url("postgres"), PASSWORD, ROWS)
        .await
        .unwrap();
    for (name, user) in [(sample::SHOP, sample::READER), (sample::WAREHOUSE, sample::WRITER)] {
        let login = json!({"user": user, "password": PASSWORD});
        let spec = merged(connection(&world.data.cluster.url(name)), login);
        world
            .owner
            .post("/v1/orgs/acme/connections", json!({"name": name, "spec": spec}))
            .await;
    }
}

async fn writers(owner: &Api) -> Vec<Writer> {
    let mut writers = Vec::new();
    for name in ["ada", "bela", "chloe"] {
        writers.push(Writer::start(owner, name).await);
    }
    writers
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whatever_is_killed_while_a_million_rows_are_copied_nothing_is_lost_repeated_or_out_of_order() {
    let rounds = setting("PLINTH_CHAOS_ROUNDS").unwrap_or(ROUNDS);
    let seed = setting("PLINTH_CHAOS_SEED").unwrap_or_else(|| rand::random_range(0..1_000_000));
    eprintln!("PLINTH_CHAOS_SEED={seed} PLINTH_CHAOS_ROUNDS={rounds}");
    let mut world = World::start().await;
    connect(&world).await;
    let reader = Reader::start(&world.owner);
    let writers = writers(&world.owner).await;
    let mut rng = StdRng::seed_from_u64(seed);
    // One round is of another kind in each run.
    let first = rng.random_range(0..3);
    let mut copy_takes = Duration::ZERO;
    let mut blows = 0;
    for number in 0..=u32::try_from(rounds).unwrap() {
        let mut round = Round {
            world: &mut world,
            rng: &mut rng,
            number,
            first,
            copy_takes,
        };
        if number == 0 {
            copy_takes = round.quiet().await;
        } else {
            blows += round.run().await;
        }
        let faults = reader.read.lock().unwrap().faults.clone();
        assert_eq!(faults, Vec::<String>::new(), "the stream, after round {number}");
    }
    assert!(!world.owes(), "server, worker and both PostgreSQL were hit");
    let mut written = Vec::new();
    for writer in writers {
        written.push(writer.stop().await);
    }
    let spec = json!({"kind": "files", "directory": "end", "format": "csv"});
    world
        .owner
        .post("/v1/orgs/acme/connections", json!({"name": "the-end", "spec": spec}))
        .await;
    let events = verdict::check(&world.service, &world.owner, &reader, &written).await;
    let writes: usize = written.iter().map(|(_, written)| written.len()).sum();
    let connections = reader.read.lock().unwrap().connections;
    let (servers, workers) = world.starts();
    eprintln!(
        "seed {seed}: {rounds} rounds, {blows} blows, {servers} servers, {workers} workers, {writes} writes, {events} events, \
         {connections} streams"
    );
    drop(reader);
    world.stop().await;
}
