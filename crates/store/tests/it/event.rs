//! A filter lets pass what the database finds with it, and no more is read than fits.

use plinth_model::{Event, Operation};
use plinth_store::event::{Filter, list, log_after};
use plinth_store::resource::Direction;
use plinth_testkit::store::{TestOrg, TestStore, open};
use serde_json::{Value, json};
use uuid::Uuid;

/// Each kind of event with each of these subjects, in one org.
const INSERT: &str = r#"
    insert into plinth.events (org_id, seq, kind, subject_id, subject_name, operation, before, after, actor, xid, hash, at)
    select $1, 1000 + row_number() over (), kind, md5(kind || subject.n)::uuid, 'n' || subject.n, operation,
        case when operation <> 'create' then subject.row end, case when operation <> 'purge' then subject.row end,
        actor.row, 1, sha256(''), now()
    from unnest(array['thing', 'member', 'th"ing']) as kind,
        unnest(array['create', 'update', 'purge']) as operation,
        unnest(array['{"id": "a", "name": "A", "type": "user"}', '{"id": "b", "name": "a", "type": "user"}']::jsonb[]) as actor (row),
        unnest(array['{}', '{"properties": {}}', '{"properties": null}', '{"properties": {"team": "red"}}',
            '{"properties": {"team": "red", "stage": "dev"}}', '{"properties": {"team": 1}}',
            '{"properties": {"team": ["red"]}}', '["properties"]']::jsonb[]) with ordinality as subject (row, n)"#;

async fn log(test: &TestStore) -> TestOrg {
    let org = test.org("acme").await;
    let admin = test.cell.admin().await;
    assert_eq!(admin.execute(INSERT, &[&org.id.0]).await.unwrap(), 3 * 3 * 2 * 8);
    org
}

/// Each field left out, and with each of some values; and all of these with one another.
fn filters(subject: Uuid) -> Vec<Filter> {
    let kinds: [&[&str]; 4] = [&[], &["thing"], &["member", "th\"ing"], &["none"]];
    let operations: [&[Operation]; 3] = [&[], &[Operation::Create], &[Operation::Update, Operation::Purge]];
    let properties = [
        vec![],
        vec![("team", vec![json!("red")])],
        vec![
            ("team", vec![json!("red")]),
            ("stage", vec![json!("dev"), json!("live")]),
        ],
        vec![("team", vec![json!("1"), json!(1.0)])],
    ];
    let mut filters = Vec::new();
    for kinds in kinds {
        for operations in operations {
            for subject in [None, Some(subject)] {
                for actor in [None, Some("a"), Some("A")] {
                    filters.extend(properties.iter().map(|properties| {
                        Filter {
                            kinds: kinds.iter().map(ToString::to_string).collect(),
                            subject,
                            operations: operations.to_vec(),
                            actor: actor.map(str::to_owned),
                            properties: properties
                                .iter()
                                .map(|(name, values)| ((*name).to_owned(), values.clone()))
                                .collect(),
                        }
                    }));
                }
            }
        }
    }
    filters
}

#[tokio::test]
async fn a_filter_lets_pass_what_the_database_finds_with_it() {
    let test = open().await;
    let org = log(&test).await;
    let find = async |filter: &Filter| {
        let found = list(
            &test.store,
            &org.scope,
            filter,
            (Direction::Ascending, (1000, 9000)),
            1000,
        )
        .await;
        found.unwrap().events
    };
    let all = find(&Filter::default()).await;
    assert_eq!(all.len(), 144);
    let red = |event: &&Event| {
        event.after.as_ref().and_then(|row| row.pointer("/properties/team")) == Some(&Value::from("red"))
    };
    let subject = all.iter().find(red).unwrap().subject.0;
    let (mut none, mut some) = (0, 0);
    for filter in filters(subject) {
        let found = find(&filter).await;
        let passed: Vec<Event> = all.iter().filter(|event| filter.lets_pass(event)).cloned().collect();
        assert_eq!(passed, found, "{filter:?}");
        *(if found.is_empty() { &mut none } else { &mut some }) += 1;
    }
    assert!(none > 20 && some > 20, "{none} filters find nothing, {some} something");
}

#[tokio::test]
async fn a_part_of_a_log_holds_as_many_events_as_fit() {
    let test = open().await;
    let org = test.org("acme").await;
    let insert = "
        insert into plinth.events (org_id, seq, kind, subject_id, subject_name, operation, after, actor, xid, hash, at, bytes)
        select $1, n, 'thing', gen_random_uuid(), 'n' || n, 'create', to_jsonb(repeat('x', 1048576)),
            '{\"id\": \"a\", \"name\": \"A\", \"type\": \"user\"}', 1, sha256(''), now(), case when n < 7 then 1048578 end
        from generate_series(1, 20) as n";
    test.cell.admin().await.execute(insert, &[&org.id.0]).await.unwrap();
    for (limit, count) in [(100, 8), (8, 8), (3, 3)] {
        let whole = (0, 20);
        let up = (Direction::Ascending, whole);
        let up = list(&test.store, &org.scope, &Filter::default(), up, limit)
            .await
            .unwrap();
        let down = (Direction::Descending, whole);
        let down = list(&test.store, &org.scope, &Filter::default(), down, limit)
            .await
            .unwrap();
        let after = log_after(&test.store, &org.scope, 0, limit).await.unwrap();
        assert_eq!(up, after);
        assert!(up.more && down.more);
        let seqs = |events: &[Event]| events.iter().map(|event| event.seq).collect::<Vec<_>>();
        assert_eq!(seqs(&up.events), (1..=count).collect::<Vec<_>>());
        assert_eq!(seqs(&down.events), (21 - count..=20).rev().collect::<Vec<_>>());
        assert!(up.events.iter().all(|event| event.bytes == 1_048_578));
    }
    let end = log_after(&test.store, &org.scope, 18, 100).await.unwrap();
    assert_eq!((end.events.len(), end.more), (2, false));
}
