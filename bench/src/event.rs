//! From a commit to the client of an event stream, at 500 writes a second.
//!
//! Writes are due each 2 ms, whether or not earlier ones are answered, so that a stall delays none of those that come
//! after it out of the figures. Each is a resource created through HTTP. The clock starts with the `time` of the event,
//! which the trigger takes inside of the transaction, so *before* its commit, and stops when the client has the event:
//! the figure is the time from commit to client and the commit itself. Both read the clock of the same machine.

use std::net::SocketAddr;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};
use bytes::Bytes;
use eventsource_stream::Eventsource;
use futures::StreamExt;
use futures::future::try_join_all;
use http::{Method, StatusCode};
use http_body_util::BodyDataStream;
use jiff::Timestamp;
use serde_json::Value;
use tokio::sync::{mpsc, oneshot};

use crate::http::Connection;
use crate::report::{Limit, Verdict, percentile, setting};
use crate::stage::{Server, Stage};
use crate::tenant::{self, Tenant};

const WRITES_PER_SEC: u64 = 500;
const WRITERS: usize = 32;
const LIMIT: Limit = Limit::AtMost(50.0);
/// How long a subscriber waits for an event that was written.
const PATIENCE: Duration = Duration::from_secs(30);

/// Who writes and who listens.
struct Case {
    orgs: usize,
    subscribers_per_org: usize,
}

const CASES: [Case; 3] = [
    Case {
        orgs: 1,
        subscribers_per_org: 1,
    },
    Case {
        orgs: 1,
        subscribers_per_org: 8,
    },
    Case {
        orgs: 8,
        subscribers_per_org: 1,
    },
];

pub async fn run() -> Result<Vec<Verdict>> {
    let stage = Stage::open().await?;
    let server = Server::start(&stage).await?;
    let most = CASES.iter().map(|case| case.orgs).max().unwrap_or(1);
    let tenants = tenant::create(&stage, &server, most).await?;
    let secs = setting("BENCH_SECS", 20);
    // Connections, plans and caches are made.
    measure(server.address, &tenants, &CASES[2], (0, 3)).await?;
    let mut verdicts = Vec::new();
    for (number, case) in (1..).zip(&CASES) {
        verdicts.extend(measure(server.address, &tenants, case, (number, secs)).await?);
    }
    drop(server);
    stage.close().await?;
    Ok(verdicts)
}

async fn measure(server: SocketAddr, tenants: &[Tenant], case: &Case, (run, secs): (u64, u64)) -> Result<[Verdict; 2]> {
    let tenants = &tenants[..case.orgs];
    let count = WRITES_PER_SEC * secs;
    let mut readers = Vec::new();
    for (number, tenant) in tenants.iter().enumerate() {
        // Writes go to the orgs in turn.
        let expected = (0..count)
            .filter(|write| (write % case.orgs as u64) == number as u64)
            .count();
        for _ in 0..case.subscribers_per_org {
            readers.push(subscribe(server, tenant.clone(), expected).await?);
        }
    }
    let written = Box::pin(write(server, tenants, run, count)).await?;
    let mut latencies = Vec::new();
    for reader in readers {
        latencies.extend(reader.await.context("a subscriber ended early")??);
    }
    latencies.sort_by(f64::total_cmp);
    let what = format!(
        "commit to SSE client, {} org(s) with {} subscriber(s) each",
        case.orgs, case.subscribers_per_org
    );
    let at = |share| percentile(&latencies, share);
    println!(
        "{what}: {:.0} writes/s, p50 {:.1} ms, p90 {:.1}, p99 {:.1}, p99.9 {:.1}, max {:.1}, {} deliveries; write p99 {:.1} ms from when it was due",
        written.per_sec,
        at(0.5),
        at(0.9),
        at(0.99),
        at(0.999),
        at(1.0),
        latencies.len(),
        percentile(&written.millis, 0.99),
    );
    let on_time = Verdict {
        what: format!("{what}, writes kept up"),
        figure: written.per_sec,
        unit: "/s",
        limit: Limit::AtLeast(0.98 * WRITES_PER_SEC as f64),
    };
    let delay = Verdict {
        what: format!("{what}, p99"),
        figure: at(0.99),
        unit: " ms",
        limit: LIMIT,
    };
    Ok([delay, on_time])
}

/// Reads the org's stream; gives the milliseconds of each event once all `expected` ones are there.
async fn subscribe(server: SocketAddr, tenant: Tenant, expected: usize) -> Result<oneshot::Receiver<Result<Vec<f64>>>> {
    let mut connection = Connection::open(server, &tenant.token).await?;
    let path = format!("/v1/orgs/{}/events?kind=connection", tenant.slug);
    let response = connection
        .send(Method::GET, &path, "text/event-stream", Bytes::new())
        .await?;
    ensure!(
        response.status() == StatusCode::OK,
        "the stream answers {}",
        response.status()
    );
    let (sender, receiver) = oneshot::channel();
    tokio::spawn(async move {
        let read = async {
            let mut frames = BodyDataStream::new(response.into_body()).eventsource();
            let (mut latencies, mut last) = (Vec::with_capacity(expected), None);
            while latencies.len() < expected {
                let frame = tokio::time::timeout(PATIENCE, frames.next()).await;
                let frame = frame.context("an event did not come")?.context("the stream ended")??;
                let now = Timestamp::now();
                if frame.event != "change" {
                    continue;
                }
                let event: Value = serde_json::from_str(&frame.data)?;
                let seq = event["seq"].as_i64();
                ensure!(last < seq, "event {seq:?} came after {last:?}");
                last = seq;
                let time: Timestamp = event["time"].as_str().unwrap_or_default().parse()?;
                latencies.push((now - time).total(jiff::Unit::Millisecond)?);
            }
            Ok(latencies)
        };
        // Whoever does not wait any more has failed already.
        let _ = sender.send(read.await);
        drop(connection);
    });
    Ok(receiver)
}

struct Written {
    per_sec: f64,
    /// From when a write was due to its answer, in order of size.
    millis: Vec<f64>,
}

/// Writes on time: one each 2 ms, by whichever connection is free.
async fn write(server: SocketAddr, tenants: &[Tenant], run: u64, count: u64) -> Result<Written> {
    let (due, queue) = mpsc::unbounded_channel::<(u64, Instant)>();
    let queue = tokio::sync::Mutex::new(queue);
    let began = Instant::now();
    let schedule = async {
        for number in 0..count {
            let at = began + Duration::from_micros(number * 1_000_000 / WRITES_PER_SEC);
            tokio::time::sleep_until(at.into()).await;
            due.send((number, at))?;
        }
        drop(due);
        Ok(())
    };
    let writers = (0..WRITERS).map(|_| writer(server, tenants, run, &queue));
    let (millis, ()) = futures::future::try_join(try_join_all(writers), schedule).await?;
    let mut millis: Vec<f64> = millis.into_iter().flatten().collect();
    millis.sort_by(f64::total_cmp);
    Ok(Written {
        per_sec: millis.len() as f64 / began.elapsed().as_secs_f64(),
        millis,
    })
}

async fn writer(
    server: SocketAddr,
    tenants: &[Tenant],
    run: u64,
    queue: &tokio::sync::Mutex<mpsc::UnboundedReceiver<(u64, Instant)>>,
) -> Result<Vec<f64>> {
    let mut connections = Vec::new();
    for tenant in tenants {
        connections.push(Connection::open(server, &tenant.token).await?);
    }
    let mut millis = Vec::new();
    loop {
        let next = queue.lock().await.recv().await;
        let Some((number, due)) = next else { return Ok(millis) };
        let at = (number % tenants.len() as u64) as usize;
        let body = format!(
            r#"{{"name": "event-{run}-{number}", "spec": {{"kind": "files", "directory": "exports", "format": "csv"}}}}"#
        );
        let path = tenants[at].path("connections");
        let (status, answer) = connections[at].exchange(Method::POST, &path, body.into()).await?;
        ensure!(
            status == StatusCode::CREATED,
            "{status}: {}",
            String::from_utf8_lossy(&answer)
        );
        millis.push(due.elapsed().as_secs_f64() * 1000.0);
    }
}
