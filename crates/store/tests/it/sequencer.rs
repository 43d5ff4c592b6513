//! The event log is what was committed: gap-free, in order, whole transactions, and provably unchanged.

mod large;

use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use futures::future::join_all;
use plinth_model::id::{Id, OrgId};
use plinth_model::resource::Properties;
use plinth_model::{Operation, Scope};
use plinth_store::audit::{Verdict, verify};
use plinth_store::event;
use plinth_store::resource::{self, Desired, Generation, NewResource, Sealed};
use plinth_store::sequencer::{self, Leadership};
use plinth_store::{Store, StoreConfig, Tx};
use plinth_testkit::store::{CELL, TestOrg, TestStore, open};
use serde_json::{Value, json};
use tokio::sync::{Mutex, watch};

const ORGS: usize = 8;
const WRITERS: usize = 12;
const TRANSACTIONS: usize = 40;
/// Events of an org that nobody has written to: the org and its owner.
const FOUNDING: i64 = 2;

/// Of the product that sells things.
const REVISION: i64 = 1;

/// A store of a product that sells things.
async fn shop() -> TestStore {
    let test = open().await;
    let declare = "insert into plinth.resource_types (name, plural, reconciled, revision)
        values ('thing', 'things', false, $1)";
    test.cell.admin().await.execute(declare, &[&REVISION]).await.unwrap();
    test
}

/// SplitMix64: repeatable, so that a failure can be looked at again.
struct Random(u64);

impl Random {
    fn below(&mut self, bound: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut bits = self.0;
        bits = (bits ^ (bits >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        bits = (bits ^ (bits >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        usize::try_from((bits ^ (bits >> 31)) % bound as u64).unwrap()
    }
}

async fn create(tx: &mut Tx, scope: &Scope, name: &str) -> Id {
    let id = Id::generate();
    let (spec, status, quotas) = (json!({"step": 0}), json!({}), json!({}));
    let (properties, sealed) = (Properties::new(), Sealed::new());
    let new = NewResource {
        id,
        type_name: "thing",
        name,
        properties: &properties,
        owner: None,
        spec: &spec,
        status: &status,
        sealed: &sealed,
        meters: &[],
        quotas: &quotas,
        revision: REVISION,
    };
    resource::create(tx, scope, &new).await.unwrap().unwrap();
    id
}

async fn update(tx: &mut Tx, scope: &Scope, id: Id, step: usize) {
    desire(tx, scope, id, &json!({ "step": step })).await;
}

async fn desire(tx: &mut Tx, scope: &Scope, id: Id, spec: &Value) {
    let (properties, sealed) = (Properties::new(), Sealed::new());
    let desired = Desired {
        properties: &properties,
        owner: None,
        spec,
        sealed: &sealed,
        changes_generation: Generation::Next,
        revision: REVISION,
        action: "update",
    };
    resource::update(tx, scope, id, &desired).await.unwrap().unwrap();
}

/// What all writers share.
struct Ledger {
    store: Store,
    orgs: Vec<TestOrg>,
    /// Resources of each org that were committed, for others to change.
    known: Mutex<HashMap<OrgId, Vec<Id>>>,
    /// Events that must be there in the end.
    expected: Mutex<HashMap<OrgId, i64>>,
    commits: watch::Sender<usize>,
}

impl Ledger {
    /// One random transaction; one in four is rolled back.
    async fn write(&self, random: &mut Random, name: &str) {
        let scope = &self.orgs[random.below(self.orgs.len())].scope;
        let mut tx = self.store.begin(scope).await.unwrap();
        let mut created = Vec::new();
        for place in 0..=random.below(3) {
            created.push(create(&mut tx, scope, &format!("{name}-{place}")).await);
        }
        let mut targets = self.known.lock().await.get(&scope.org).cloned().unwrap_or_default();
        targets.retain(|_| random.below(4) == 0);
        targets.truncate(3);
        // In one order for all, so that they wait for each other and do not deadlock.
        targets.sort_unstable();
        for (step, id) in targets.iter().enumerate() {
            update(&mut tx, scope, *id, random.below(1000) + step).await;
        }
        if random.below(4) == 0 {
            return tx.rollback().await.unwrap();
        }
        let count = created.len() + targets.len();
        self.commit(tx, scope, created, count).await;
    }

    /// A transaction that stays open while many others commit.
    async fn write_long(&self, random: &mut Random, name: &str) {
        let scope = &self.orgs[random.below(self.orgs.len())].scope;
        let mut tx = self.store.begin(scope).await.unwrap();
        let first = create(&mut tx, scope, &format!("{name}-first")).await;
        let goal = (*self.commits.borrow() + 25).min(WRITERS * TRANSACTIONS / 3);
        self.commits
            .subscribe()
            .wait_for(|commits| *commits >= goal)
            .await
            .unwrap();
        let second = create(&mut tx, scope, &format!("{name}-second")).await;
        update(&mut tx, scope, first, 1).await;
        self.commit(tx, scope, vec![first, second], 3).await;
    }

    async fn commit(&self, tx: Tx, scope: &Scope, created: Vec<Id>, count: usize) {
        tx.commit().await.unwrap();
        self.known.lock().await.entry(scope.org).or_default().extend(created);
        *self.expected.lock().await.entry(scope.org).or_default() += i64::try_from(count).unwrap();
        self.commits.send_modify(|commits| *commits += 1);
    }
}

async fn ledger(test: &TestStore) -> Arc<Ledger> {
    // Each writer has a connection, so that no long transaction keeps another one from beginning.
    let config = StoreConfig {
        pool_size: WRITERS * 2 + 4,
        ..test.config.clone()
    };
    let mut orgs = Vec::new();
    for number in 0..ORGS {
        orgs.push(test.org(&format!("org-{number}")).await);
    }
    Arc::new(Ledger {
        store: Store::open(&config).unwrap(),
        orgs,
        known: Mutex::default(),
        expected: Mutex::default(),
        commits: watch::Sender::new(0),
    })
}

async fn drain(leader: &mut Leadership) {
    while leader.step().await.unwrap().events > 0 {}
}

async fn leader(store: &Store) -> Leadership {
    sequencer::lead(store, CELL).await.unwrap().expect("nobody else leads")
}

/// Writers at work, with the sequencer beside them all the time.
async fn write_concurrently(ledger: &Arc<Ledger>, seed: u64) {
    let mut writers = Vec::new();
    for writer in 0..WRITERS {
        let (short, long) = (Arc::clone(ledger), Arc::clone(ledger));
        let seed = seed + 2 * writer as u64;
        writers.push(tokio::spawn(async move {
            let mut random = Random(seed);
            for number in 0..TRANSACTIONS {
                short.write(&mut random, &format!("w{writer}-{number}")).await;
            }
        }));
        writers.push(tokio::spawn(async move {
            let mut random = Random(seed + 1);
            for number in 0..3 {
                long.write_long(&mut random, &format!("l{writer}-{number}")).await;
            }
        }));
    }
    let mut leader = leader(&ledger.store).await;
    let written = Arc::new(AtomicBool::new(false));
    let seen = Arc::clone(&written);
    let sequencer = tokio::spawn(async move {
        while !seen.load(Ordering::Acquire) {
            leader.step().await.unwrap();
        }
        drain(&mut leader).await;
    });
    join_all(writers).await.into_iter().for_each(|done| done.unwrap());
    written.store(true, Ordering::Release);
    sequencer.await.unwrap();
}

async fn events(store: &Store, scope: &Scope) -> Vec<plinth_model::Event> {
    let mut events = Vec::new();
    loop {
        let last = events.last().map_or(0, |event: &plinth_model::Event| event.seq);
        let part = event::log_after(store, scope, last, 10_000).await.unwrap();
        events.extend(part.events);
        if !part.more {
            return events;
        }
    }
}

/// Each row's events tell one story: a creation, then changes that begin where the one before ended.
fn assert_histories(events: &[plinth_model::Event]) {
    let mut rows: HashMap<(String, Id), Value> = HashMap::new();
    for event in events {
        let key = (event.kind.clone(), event.subject);
        let before = rows.remove(&key);
        assert_eq!(event.operation == Operation::Create, before.is_none(), "{event:?}");
        assert_eq!(
            event.before, before,
            "seq {} does not follow its row's last event",
            event.seq
        );
        rows.insert(key, event.after.clone().unwrap());
    }
}

async fn assert_transactions_are_contiguous(test: &TestStore) {
    let select = "with runs as (
            select org_id, xid, seq - row_number() over (partition by org_id, xid order by seq) as run from plinth.events)
        select xid from runs group by org_id, xid having count(distinct run) > 1";
    let torn = test.cell.admin().await.query(select, &[]).await.unwrap();
    assert!(torn.is_empty(), "{} transactions are torn apart", torn.len());
}

#[tokio::test(flavor = "multi_thread")]
async fn the_log_is_what_was_committed_gap_free_and_in_order() {
    for seed in [1, 1_000_003] {
        let test = shop().await;
        let ledger = ledger(&test).await;
        write_concurrently(&ledger, seed).await;
        assert_transactions_are_contiguous(&test).await;
        for org in &ledger.orgs {
            let events = events(&ledger.store, &org.scope).await;
            let expected = FOUNDING + ledger.expected.lock().await.get(&org.id).copied().unwrap_or_default();
            let seqs: Vec<i64> = events.iter().map(|event| event.seq).collect();
            assert_eq!(seqs, (1..=expected).collect::<Vec<_>>(), "seed {seed}");
            assert_histories(&events);
            assert_eq!(
                verify(&ledger.store, &org.scope).await.unwrap(),
                Verdict::Intact { events: expected }
            );
        }
    }
}

/// An org with events 1 to 5: itself, its owner, and three of a resource.
async fn five_events(test: &TestStore, leader: &mut Leadership, slug: &str) -> TestOrg {
    let org = test.org(slug).await;
    let mut tx = test.store.begin(&org.scope).await.unwrap();
    let id = create(&mut tx, &org.scope, "one").await;
    update(&mut tx, &org.scope, id, 1).await;
    update(&mut tx, &org.scope, id, 2).await;
    tx.commit().await.unwrap();
    drain(leader).await;
    assert_eq!(
        verify(&test.store, &org.scope).await.unwrap(),
        Verdict::Intact { events: 5 }
    );
    org
}

#[tokio::test]
async fn whatever_is_changed_in_the_log_afterwards_is_found() {
    let test = shop().await;
    let mut leader = leader(&test.store).await;
    let admin = test.cell.admin().await;
    let cases = [
        (
            "update plinth.events set after = jsonb_set(after, '{spec,step}', '7') where seq = 4",
            4,
        ),
        (
            "update plinth.events set actor = jsonb_set(actor, '{name}', '\"x\"') where seq = 2",
            2,
        ),
        (
            "update plinth.events set at = at + interval '1 microsecond' where seq = 1",
            1,
        ),
        ("update plinth.events set hash = sha256('x') where seq = 3", 3),
        ("update plinth.events set request_id = null where seq = 5", 5),
        ("update plinth.events set salt = null where seq = 2", 2),
        ("update plinth.events set salt = gen_random_uuid() where seq = 3", 3),
        ("delete from plinth.events where seq = 3", 3),
        ("delete from plinth.events where seq = 5", 5),
        ("delete from plinth.events where seq > 0", 1),
        ("update plinth.event_heads set hash = sha256('x') where seq = 5", 5),
        ("update plinth.event_heads set seq = 3 where seq = 5", 4),
        ("delete from plinth.event_heads where seq = 5", 1),
    ];
    for (number, (tampering, seq)) in cases.into_iter().enumerate() {
        let org = five_events(&test, &mut leader, &format!("org-{number}")).await;
        let changed = admin
            .execute(&format!("{tampering} and org_id = $1"), &[&org.id.0])
            .await
            .unwrap();
        assert!(changed > 0, "{tampering}");
        assert_eq!(
            verify(&test.store, &org.scope).await.unwrap(),
            Verdict::Broken { seq },
            "{tampering}"
        );
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_log_that_grows_while_it_is_checked_is_intact() {
    let test = shop().await;
    let org = test.org("acme").await;
    let (store, scope) = (test.store.clone(), org.scope.clone());
    let mut leader = leader(&test.store).await;
    let growing = tokio::spawn(async move {
        for number in 0..100 {
            let mut tx = store.begin(&scope).await.unwrap();
            create(&mut tx, &scope, &format!("n{number}")).await;
            tx.commit().await.unwrap();
            drain(&mut leader).await;
        }
    });
    let mut checks = 0;
    while !growing.is_finished() {
        let verdict = verify(&test.store, &org.scope).await.unwrap();
        assert!(matches!(verdict, Verdict::Intact { .. }), "{verdict:?}");
        checks += 1;
    }
    growing.await.unwrap();
    assert!(checks > 1, "it was checked while it grew");
}

#[tokio::test]
async fn a_transaction_larger_than_the_window_stays_whole() {
    let test = shop().await;
    let org = test.org("acme").await;
    let insert = "insert into plinth.resources (org_id, id, type, name, spec, created_by)
        select $1, gen_random_uuid(), 'thing', 'n' || n, '{}', '{}' from generate_series(1, 5000) as n";
    test.cell.admin().await.execute(insert, &[&org.id.0]).await.unwrap();
    drain(&mut leader(&test.store).await).await;
    assert_transactions_are_contiguous(&test).await;
    assert_eq!(
        verify(&test.store, &org.scope).await.unwrap(),
        Verdict::Intact {
            events: FOUNDING + 5000
        }
    );
}

#[tokio::test]
async fn one_leader_at_a_time() {
    let test = shop().await;
    let first = leader(&test.store).await;
    assert!(sequencer::lead(&test.store, CELL).await.unwrap().is_none());
    drop(first);
    // The server notices the end of the connection soon, not at once.
    while sequencer::lead(&test.store, CELL).await.unwrap().is_none() {}
}
