//! What one transaction wrote may be larger than what fits into memory, or into a message to the database.

use std::future::poll_fn;
use std::pin::pin;
use std::task::Poll;

use plinth_store::sequencer::Step;

use super::*;

const MIB: usize = 1024 * 1024;
/// Of states that are held at once.
const CHUNK: usize = 8 * MIB;

/// A document of 1 MiB that takes a few KB in a table.
fn large(step: usize) -> Value {
    json!({ "step": step, "text": "x".repeat(MIB) })
}

/// All steps until there is nothing to do.
async fn steps(leader: &mut Leadership) -> Vec<Step> {
    let mut steps = Vec::new();
    loop {
        let step = leader.step().await.unwrap();
        if step.events == 0 {
            return steps;
        }
        steps.push(step);
    }
}

async fn create_alone(test: &TestStore, scope: &Scope, name: &str) {
    let mut tx = test.store.begin(scope).await.unwrap();
    create(&mut tx, scope, name).await;
    tx.commit().await.unwrap();
}

/// One creation and 60 updates of it, while others come between; and one after it.
async fn write_much(test: &TestStore, scope: &Scope, other: &Scope) {
    let mut tx = test.store.begin(scope).await.unwrap();
    let id = create(&mut tx, scope, "large").await;
    for step in 0..60 {
        if step == 30 {
            create_alone(test, other, "beside").await;
            create_alone(test, scope, "between").await;
        }
        desire(&mut tx, scope, id, &large(step)).await;
    }
    tx.commit().await.unwrap();
    create_alone(test, scope, "after").await;
}

#[tokio::test]
async fn a_transaction_larger_than_a_chunk_stays_whole_and_is_never_held_whole() {
    let test = shop().await;
    let (acme, other) = (test.org("acme").await, test.org("other").await);
    let mut leader = leader(&test.store).await;
    drain(&mut leader).await;
    write_much(&test, &acme.scope, &other.scope).await;
    let steps = steps(&mut leader).await;
    let counts: Vec<usize> = steps.iter().map(|step| step.events).collect();
    assert_eq!(counts, [2, 61, 1], "those between end first; the large one is one step");
    let peak = steps.iter().map(|step| step.peak).max().unwrap();
    assert!(peak > CHUNK / 2 && peak <= CHUNK, "{peak} bytes were held at once");

    let log = events(&test.store, &acme.scope).await;
    let names: Vec<&str> = log.iter().map(|event| event.subject_name.as_str()).collect();
    let mut expected = vec!["between"];
    expected.extend(["large"; 61]);
    expected.push("after");
    assert_eq!(names[2..], expected);
    let seqs: Vec<i64> = log.iter().map(|event| event.seq).collect();
    assert_eq!(seqs, (1..=FOUNDING + 63).collect::<Vec<_>>());
    assert_histories(&log);
    assert_transactions_are_contiguous(&test).await;
    for (org, events) in [(&acme, FOUNDING + 63), (&other, FOUNDING + 1)] {
        let verdict = verify(&test.store, &org.scope).await.unwrap();
        assert_eq!(verdict, Verdict::Intact { events });
    }
    let wrong = "select count(*) from plinth.events where bytes is distinct from octet_length(concat(before, after))";
    let wrong = test.cell.admin().await.query_one(wrong, &[]).await.unwrap();
    assert_eq!(wrong.get::<_, i64>(0), 0, "each event knows the length of its states");
}

#[tokio::test]
async fn one_event_larger_than_a_chunk_goes_alone() {
    let test = shop().await;
    let org = test.org("acme").await;
    let mut leader = leader(&test.store).await;
    drain(&mut leader).await;
    let mut tx = test.store.begin(&org.scope).await.unwrap();
    let id = create(&mut tx, &org.scope, "one").await;
    let spec = json!({ "text": "x".repeat(2 * CHUNK) });
    desire(&mut tx, &org.scope, id, &spec).await;
    update(&mut tx, &org.scope, id, 1).await;
    tx.commit().await.unwrap();
    let steps = steps(&mut leader).await;
    let [step] = steps.as_slice() else { panic!("{steps:?}") };
    assert_eq!(step.events, 3);
    assert!(step.peak > 2 * CHUNK && step.peak < 3 * CHUNK, "{step:?}");
    let verdict = verify(&test.store, &org.scope).await.unwrap();
    assert_eq!(verdict, Verdict::Intact { events: FOUNDING + 3 });
    assert_histories(&events(&test.store, &org.scope).await);
}

/// The size of what was captured before there was one is that of its text.
#[tokio::test]
async fn what_tells_no_size_is_measured() {
    let test = shop().await;
    let (acme, other) = (test.org("acme").await, test.org("other").await);
    let mut leader = leader(&test.store).await;
    drain(&mut leader).await;
    write_much(&test, &acme.scope, &other.scope).await;
    let admin = test.cell.admin().await;
    admin
        .execute("update plinth.event_inbox set bytes = null", &[])
        .await
        .unwrap();
    let steps = steps(&mut leader).await;
    assert_eq!(steps.iter().map(|step| step.events).sum::<usize>(), 64);
    assert!(steps.iter().all(|step| step.peak <= CHUNK), "{steps:?}");
    admin
        .execute("update plinth.events set bytes = null", &[])
        .await
        .unwrap();
    let part = event::log_after(&test.store, &acme.scope, 0, 100).await.unwrap();
    let bytes: usize = part.events.iter().map(|event| event.bytes).sum();
    assert!(part.more && bytes < CHUNK + 3 * MIB, "{bytes}");
    assert_eq!(events(&test.store, &acme.scope).await.len(), 65);
}

/// Three chunks, each of them given up in the middle, and between them.
#[tokio::test]
async fn a_step_over_several_chunks_that_is_dropped_leaves_nothing_half_done() {
    let test = shop().await;
    let org = test.org("acme").await;
    let mut leader = leader(&test.store).await;
    drain(&mut leader).await;
    let admin = test.cell.admin().await;
    let insert = "insert into plinth.resources (org_id, id, type, name, spec, created_by)
        select $1, gen_random_uuid(), 'thing', 'n' || n, '{}', '{}' from generate_series(1, 5000) as n";
    admin.execute(insert, &[&org.id.0]).await.unwrap();
    let (mut dropped, mut patience) = (0, 0);
    loop {
        patience += 1 + patience / 8;
        let mut polls = 0;
        let mut step = pin!(leader.step());
        let done = poll_fn(|context| {
            let polled = step.as_mut().poll(context);
            polls += 1;
            match polled {
                Poll::Pending if polls == patience => Poll::Ready(None),
                Poll::Pending => Poll::Pending,
                Poll::Ready(done) => Poll::Ready(Some(done)),
            }
        })
        .await;
        if let Some(step) = done {
            step.unwrap();
            break;
        }
        dropped += 1;
        let count = "select (select count(*) from plinth.event_inbox), (select count(*) from plinth.events)";
        let count = admin.query_one(count, &[]).await.unwrap();
        let (waiting, numbered) = (count.get::<_, i64>(0), count.get::<_, i64>(1));
        // A commit may be under way when the step is dropped.
        let whole = [(5000, FOUNDING), (0, FOUNDING + 5000)];
        assert!(
            whole.contains(&(waiting, numbered)),
            "{waiting} and {numbered} after {patience} polls"
        );
    }
    assert!(dropped > 8, "it was dropped {dropped} times");
    let verdict = verify(&test.store, &org.scope).await.unwrap();
    assert_eq!(
        verdict,
        Verdict::Intact {
            events: FOUNDING + 5000
        }
    );
}
