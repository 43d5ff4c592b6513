//! The runtime under a server that changes, deletes, forgets and falls silent.

use std::time::Duration;

use plinth_client::{
    event::Actor,
    reconciler::{Context, Options, Outcome, Reconciler, StopReason},
};
use serde_json::{Value, json};
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};

use crate::{
    queue::{Queue, deleted, options, renewed, resource},
    server::{Asked, problem},
};

/// Tells the test what it sees, and does what its kind says.
struct Probe {
    kind: Kind,
    says: UnboundedSender<Said>,
}

#[derive(Clone, Copy, PartialEq)]
enum Kind {
    Done,
    Panic,
    /// Follows changes until it is stopped.
    Follow,
    /// Heeds nothing.
    Stubborn,
    /// Holds the first call until its work is overtaken, and then says it is done.
    Slow,
}

#[derive(Debug, PartialEq)]
enum Said {
    Began(u64),
    Changed(u64),
    Stopped(StopReason),
    Dropped,
    Finalized,
}

struct OnDrop(UnboundedSender<Said>);

impl Drop for OnDrop {
    fn drop(&mut self) {
        let _ = self.0.send(Said::Dropped);
    }
}

impl Probe {
    fn new(kind: Kind) -> (Self, UnboundedReceiver<Said>) {
        let (says, heard) = unbounded_channel();
        (Self { kind, says }, heard)
    }

    async fn follow(&self, ctx: &Context) {
        loop {
            tokio::select! {
                work = ctx.changed() => {
                    self.says.send(Said::Changed(work.resource.generation)).unwrap();
                }
                () = ctx.stopped().cancelled() => {
                    self.says.send(Said::Stopped(ctx.stop_reason().unwrap())).unwrap();
                    return;
                }
            }
        }
    }
}

impl Reconciler for Probe {
    async fn reconcile(&self, ctx: Context) -> Outcome {
        let work = ctx.work();
        assert_eq!(work.references["/source"].spec["password"], "secret");
        self.says.send(Said::Began(work.resource.generation)).unwrap();
        match self.kind {
            Kind::Done => match ctx.report(&json!({"state": "completed"})).await {
                Ok(()) => Outcome::Done,
                Err(error) => Outcome::retry(error),
            },
            Kind::Panic => panic!("the handler of a test"),
            Kind::Follow => {
                self.follow(&ctx).await;
                Outcome::Done
            }
            Kind::Stubborn => {
                let _guard = OnDrop(self.says.clone());
                std::future::pending().await
            }
            Kind::Slow => {
                while work.resource.generation < 3 && !ctx.is_outdated() {
                    tokio::task::yield_now().await;
                }
                Outcome::Done
            }
        }
    }

    async fn finalize(&self, ctx: Context) -> Outcome {
        assert!(ctx.work().resource.deleted_at.is_some());
        self.says.send(Said::Finalized).unwrap();
        Outcome::Done
    }
}

async fn hear(heard: &mut UnboundedReceiver<Said>) -> Said {
    let next = tokio::time::timeout(Duration::from_secs(10), heard.recv());
    next.await.expect("nothing was said in time").unwrap()
}

/// Waits until so many renewals were sent.
async fn renewals(queue: &Queue, wanted: usize) {
    let sent = async {
        let renewal = |asked: &Asked| asked.path.ends_with("/renew");
        while queue.server.asked().iter().filter(|asked| renewal(asked)).count() < wanted {
            tokio::task::yield_now().await;
        }
    };
    let sent = tokio::time::timeout(Duration::from_secs(10), sent);
    sent.await.expect("the renewals did not come in time");
}

#[tokio::test]
async fn finished_work_is_reported_and_released_with_its_generation() {
    let queue = Queue::start().await;
    let (probe, mut heard) = Probe::new(Kind::Done);
    queue.run(probe);
    queue.lease(0);
    assert_eq!(hear(&mut heard).await, Said::Began(1));
    let (call, body) = queue.call().await;
    assert_eq!(call, "status");
    assert_eq!(
        body,
        json!({"observed_generation": 1, "status": {"state": "completed"}})
    );
    let (call, body) = queue.call().await;
    assert_eq!(call, "release");
    assert_eq!(body, json!({"outcome": "done", "observed_generation": 1}));
}

#[tokio::test]
async fn a_crash_of_the_handler_releases_the_work_for_a_later_try() {
    let queue = Queue::start().await;
    let (probe, mut heard) = Probe::new(Kind::Panic);
    queue.run(probe);
    queue.lease(3);
    assert_eq!(hear(&mut heard).await, Said::Began(1));
    let (call, body) = queue.call().await;
    assert_eq!(call, "release");
    assert_eq!(body["outcome"], "retry");
    // The fourth try waits 8 s at most and half of it at least.
    let wait = body["retry_after_secs"].as_u64().unwrap();
    assert!((4..=8).contains(&wait), "{wait}");
    // The agent itself lives on.
    queue.lease(0);
    assert_eq!(hear(&mut heard).await, Said::Began(1));
}

#[tokio::test]
async fn a_change_told_by_a_claim_reaches_the_running_handler() {
    let queue = Queue::start().await;
    let (probe, mut heard) = Probe::new(Kind::Follow);
    let options = Options {
        renew_every: Some(Duration::from_secs(600)),
        ..options()
    };
    queue.run_with(options, probe);
    queue.lease(0);
    assert_eq!(hear(&mut heard).await, Said::Began(1));
    queue.set(resource(5));
    queue.tell();
    assert_eq!(hear(&mut heard).await, Said::Changed(5));
}

#[tokio::test]
async fn a_change_told_by_a_renewal_reaches_the_running_handler() {
    let queue = Queue::start().await;
    let (probe, mut heard) = Probe::new(Kind::Follow);
    queue.run(probe);
    queue.lease(0);
    assert_eq!(hear(&mut heard).await, Said::Began(1));
    queue.set(resource(2));
    assert_eq!(hear(&mut heard).await, Said::Changed(2));
}

#[tokio::test]
async fn work_that_was_overtaken_is_done_again_under_the_same_lease() {
    let queue = Queue::start().await;
    let (probe, mut heard) = Probe::new(Kind::Slow);
    queue.run(probe);
    queue.lease(0);
    assert_eq!(hear(&mut heard).await, Said::Began(1));
    queue.set(resource(3));
    assert_eq!(hear(&mut heard).await, Said::Began(3));
    let (call, body) = queue.call().await;
    assert_eq!(call, "release");
    assert_eq!(body, json!({"outcome": "done", "observed_generation": 3}));
}

#[tokio::test]
async fn a_lost_lease_stops_the_handler_and_nothing_is_released() {
    let queue = Queue::start().await;
    let (probe, mut heard) = Probe::new(Kind::Follow);
    let agent = queue.run(probe);
    queue.lease(0);
    assert_eq!(hear(&mut heard).await, Said::Began(1));
    queue.answer_renewals(|_| problem(409, "lease_lost"));
    assert_eq!(hear(&mut heard).await, Said::Stopped(StopReason::LeaseLost));
    queue.shutdown.cancel();
    agent.await.unwrap();
    assert!(queue.calls.lock().await.try_recv().is_err());
}

#[tokio::test]
async fn a_handler_that_does_not_heed_a_lost_lease_is_dropped() {
    let queue = Queue::start().await;
    let (probe, mut heard) = Probe::new(Kind::Stubborn);
    queue.run(probe);
    queue.lease(0);
    assert_eq!(hear(&mut heard).await, Said::Began(1));
    queue.answer_renewals(|_| problem(409, "lease_lost"));
    assert_eq!(hear(&mut heard).await, Said::Dropped);
}

#[tokio::test]
async fn a_lease_that_cannot_be_renewed_counts_as_lost_before_it_expires() {
    let queue = Queue::start().await;
    let (probe, mut heard) = Probe::new(Kind::Follow);
    queue.run(probe);
    queue.answer_renewals(|generation| renewed(generation, 0.4));
    queue.lease_for(0.4, 0);
    assert_eq!(hear(&mut heard).await, Said::Began(1));
    let before = std::time::Instant::now();
    queue.answer_renewals(|_| problem(500, "internal"));
    assert_eq!(hear(&mut heard).await, Said::Stopped(StopReason::LeaseLost));
    assert!(before.elapsed() < Duration::from_millis(400));
}

#[tokio::test]
async fn a_lease_is_renewed_each_third_of_the_life_that_the_server_gives_it() {
    let queue = Queue::start().await;
    let (probe, mut heard) = Probe::new(Kind::Follow);
    let options = Options {
        renew_every: None,
        ..options()
    };
    queue.run_with(options, probe);
    queue.answer_renewals(|generation| renewed(generation, 1.5));
    // The claim promised more than the first renewal, as when the server was started anew with another setting.
    queue.lease_for(600.0, 0);
    assert_eq!(hear(&mut heard).await, Said::Began(1));
    let began = std::time::Instant::now();
    // The first one comes at once. Five more are a second beyond the life of a lease that nobody renews.
    renewals(&queue, 6).await;
    assert!(began.elapsed() > Duration::from_millis(2000), "{:?}", began.elapsed());
    assert!(heard.try_recv().is_err(), "the handler goes on");
}

#[tokio::test]
async fn a_life_that_the_server_has_shortened_is_heeded() {
    let queue = Queue::start().await;
    let (probe, mut heard) = Probe::new(Kind::Follow);
    queue.run(probe);
    queue.answer_renewals(|generation| renewed(generation, 0.4));
    queue.lease_for(600.0, 0);
    assert_eq!(hear(&mut heard).await, Said::Began(1));
    // The second one is sent when the first is answered.
    renewals(&queue, 2).await;
    queue.answer_renewals(|_| problem(500, "internal"));
    assert_eq!(hear(&mut heard).await, Said::Stopped(StopReason::LeaseLost));
}

#[tokio::test]
async fn deletion_stops_the_handler_and_is_finalized() {
    let queue = Queue::start().await;
    let (probe, mut heard) = Probe::new(Kind::Follow);
    queue.run(probe);
    queue.lease(0);
    assert_eq!(hear(&mut heard).await, Said::Began(1));
    queue.set(deleted(1));
    queue.tell();
    assert_eq!(hear(&mut heard).await, Said::Stopped(StopReason::Deleted));
    assert_eq!(hear(&mut heard).await, Said::Finalized);
    assert_eq!(queue.call().await.0, "finalize");
}

#[tokio::test]
async fn what_is_deleted_already_is_only_finalized() {
    let queue = Queue::start().await;
    let (probe, mut heard) = Probe::new(Kind::Follow);
    queue.set(deleted(4));
    queue.run(probe);
    queue.lease(0);
    assert_eq!(hear(&mut heard).await, Said::Finalized);
    assert_eq!(queue.call().await.0, "finalize");
}

#[tokio::test]
async fn shutdown_stops_the_handler_and_gives_the_work_to_another_at_once() {
    let queue = Queue::start().await;
    let (probe, mut heard) = Probe::new(Kind::Follow);
    let agent = queue.run(probe);
    queue.lease(0);
    assert_eq!(hear(&mut heard).await, Said::Began(1));
    queue.shutdown.cancel();
    assert_eq!(hear(&mut heard).await, Said::Stopped(StopReason::Shutdown));
    agent.await.unwrap();
    let (call, body) = queue.call().await;
    assert_eq!(call, "release");
    let retry_now = json!({"outcome": "retry", "observed_generation": 1, "retry_after_secs": 0});
    assert_eq!(body, retry_now);
}

#[tokio::test]
async fn a_full_agent_asks_for_no_more_and_asks_again_when_it_has_room() {
    let queue = Queue::start().await;
    let (probe, mut heard) = Probe::new(Kind::Follow);
    let options = Options {
        capacity: 1,
        ..options()
    };
    queue.run_with(options, probe);
    queue.lease(0);
    assert_eq!(hear(&mut heard).await, Said::Began(1));
    queue.answer_renewals(|_| problem(409, "lease_lost"));
    assert_eq!(hear(&mut heard).await, Said::Stopped(StopReason::LeaseLost));
    let any = (json!(1), json!(null));
    assert_eq!(
        claims(&queue, 3).await,
        [any.clone(), (json!(4), json!("deleted")), any]
    );
}

/// Capacity and kind of the first claims.
async fn claims(queue: &Queue, count: usize) -> Vec<(Value, Value)> {
    loop {
        let asked = queue.server.asked();
        let claims = asked.iter().filter(|asked| asked.path.ends_with("/claim"));
        let claims: Vec<_> = claims
            .map(|asked| (asked.body["capacity"].clone(), asked.body["only"].clone()))
            .collect();
        if claims.len() >= count {
            return claims[..count].to_vec();
        }
        tokio::task::yield_now().await;
    }
}

#[tokio::test]
async fn an_agent_takes_half_of_its_places_for_one_org_unless_told_otherwise() {
    for (capacity, told, expected) in [(1, None, 1), (7, None, 4), (8, None, 4), (8, Some(7), 7)] {
        let queue = Queue::start().await;
        let (probe, _heard) = Probe::new(Kind::Follow);
        let options = Options {
            capacity,
            org_capacity: told,
            ..options()
        };
        queue.run_with(options, probe);
        claims(&queue, 1).await;
        assert_eq!(
            queue.server.asked()[0].body["org_capacity"],
            expected,
            "{capacity} {told:?}"
        );
    }
}

#[tokio::test]
async fn a_full_agent_takes_a_deletion_all_the_same() {
    let queue = Queue::start().await;
    let (probe, mut heard) = Probe::new(Kind::Stubborn);
    let options = Options {
        capacity: 1,
        deletion_capacity: 1,
        renew_every: Some(Duration::from_secs(600)),
        ..options()
    };
    queue.run_with(options, probe);
    queue.lease(0);
    assert_eq!(hear(&mut heard).await, Said::Began(1));
    renewals(&queue, 1).await;
    queue.set(deleted(1));
    queue.lease(0);
    assert_eq!(
        hear(&mut heard).await,
        Said::Finalized,
        "while the first one still has the place"
    );
    assert_eq!(queue.call().await.0, "finalize");
    let none = (json!(0), json!(null));
    let deletions = (json!(1), json!("deleted"));
    assert_eq!(
        claims(&queue, 4).await,
        [(json!(1), json!(null)), deletions.clone(), none, deletions],
        "asked again when the place for deletions was free"
    );
}

#[test]
fn an_actor_is_shown_by_the_best_name_it_has() {
    let actor = |name: Option<&str>| Actor {
        actor_type: "worker".into(),
        id: None,
        name: name.map(str::to_owned),
    };
    assert_eq!(actor(Some("etl")).to_string(), "etl");
    assert_eq!(actor(None).to_string(), "worker");
}
