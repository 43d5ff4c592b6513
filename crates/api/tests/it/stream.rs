//! The event log as a stream: nothing lost, nothing twice, and an end for those who may not read on.

use std::collections::BTreeSet;
use std::time::Duration;

use plinth_testkit::app::{self, Setup};
use serde_json::json;

use crate::etl::{files, named, text};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_reader_who_comes_back_again_and_again_misses_and_repeats_nothing() {
    let app = app::start().await;
    let org = app.org("acme").await;
    app.settled(&org.id).await;
    let writers: Vec<_> = (0..3)
        .map(|writer| {
            let (client, path) = (org.owner.client.clone(), org.path("/connections"));
            tokio::spawn(async move {
                for number in 0..20 {
                    client
                        .post(&path, named(&format!("c{writer}-{number}"), files("d")))
                        .await
                        .expect(201);
                }
            })
        })
        .collect();
    let (mut last, mut names) = (2, BTreeSet::new());
    while names.len() < 60 {
        let mut stream = org.owner.client.stream(&org.path("/events"), Some(last)).await;
        for _ in 0..7.min(60 - names.len()) {
            let frame = stream.change().await;
            assert_eq!(frame.seq(), last + 1, "after {last}");
            last = frame.seq();
            assert!(names.insert(text(&frame.data["data"]["name"])), "{frame:?} came twice");
        }
    }
    for writer in writers {
        writer.await.unwrap();
    }
    assert_eq!(last, 62);
}

/// One follows the log from its end, one comes when all is written: they are read for in different ways.
#[tokio::test]
async fn streams_over_large_events_give_each_once() {
    let app = app::start().await;
    let org = app.org("acme").await;
    let owner = &org.owner.client;
    owner
        .post(&org.path("/connections"), named("shop", files("s")))
        .await
        .expect(201);
    app.settled(&org.id).await;
    let mut from_here = owner.stream(&org.path("/events"), Some(3)).await;
    let write = "do $$ begin for n in 1..20 loop
        update plinth.resources set status = jsonb_build_object('n', n, 'text', repeat('x', 1048576));
        end loop; end $$";
    app.store.cell.admin().await.batch_execute(write).await.unwrap();
    app.settled(&org.id).await;
    let mut from_the_start = owner.stream(&org.path("/events"), Some(0)).await;
    for (stream, first) in [(&mut from_here, 4), (&mut from_the_start, 1)] {
        for seq in first..=23 {
            assert_eq!(stream.change().await.seq(), seq);
        }
    }
}

#[tokio::test]
async fn a_stream_without_a_place_begins_with_what_comes_next_and_obeys_its_filter() {
    let app = app::start().await;
    let org = app.org("acme").await;
    let owner = &org.owner.client;
    owner
        .post(&org.path("/connections"), named("before", files("b")))
        .await
        .expect(201);
    app.settled(&org.id).await;
    let mut all = owner.stream(&org.path("/events"), None).await;
    let mut deletions = owner
        .stream(&org.path("/events?operation=delete&kind=connection"), None)
        .await;
    owner
        .post(&org.path("/connections"), named("after", files("a")))
        .await
        .expect(201);
    owner.delete(&org.path("/connections/before")).await.expect(200);
    let created = all.change().await;
    assert_eq!((&created.data["data"]["name"], created.seq()), (&json!("after"), 4));
    assert_eq!(all.change().await.data["type"], "plinth.connection.delete");
    let deleted = deletions.change().await;
    assert_eq!((&deleted.data["data"]["name"], deleted.seq()), (&json!("before"), 5));
    let listed = owner.get(&org.path("/events?limit=1")).await.expect(200);
    assert_eq!(listed["items"][0], deleted.data, "list and stream show the same");
}

#[tokio::test]
async fn a_bookmark_tells_how_far_a_quiet_stream_has_come() {
    let setup = Setup {
        bookmark_period: Duration::from_millis(50),
        ..Setup::default()
    };
    let app = app::start_with(setup).await;
    let org = app.org("acme").await;
    let owner = &org.owner.client;
    app.settled(&org.id).await;
    let mut stream = owner.stream(&org.path("/events?kind=pipeline"), Some(0)).await;
    owner
        .post(&org.path("/connections"), named("shop", files("s")))
        .await
        .expect(201);
    loop {
        let frame = stream.next().await.unwrap();
        assert_eq!(frame.event, "bookmark", "nothing passes the filter");
        assert!(frame.seq() <= 3, "{frame:?}");
        if frame.seq() == 3 {
            break;
        }
    }
}

#[tokio::test]
async fn a_server_that_goes_asks_its_readers_to_come_again() {
    let mut app = app::start().await;
    let org = app.org("acme").await;
    app.settled(&org.id).await;
    let mut stream = org.owner.client.stream(&org.path("/events"), Some(1)).await;
    assert_eq!(stream.change().await.seq(), 2);
    drop(org);
    app.control.shutdown().cancel();
    let frame = stream.next().await.unwrap();
    assert_eq!((frame.event.as_str(), frame.seq()), ("reconnect", 2));
    assert_eq!(stream.next().await, None);
    app.stop().await;
}

#[tokio::test]
async fn a_stranger_gets_404_and_a_role_without_the_right_403() {
    let app = app::start().await;
    let (acme, other) = (app.org("acme").await, app.org("other").await);
    let billing = acme.member("billing").await;
    for last in [None, Some("0")] {
        let open = async |client: &app::Client| {
            let mut call = client
                .call("GET", &acme.path("/events"))
                .header("accept", "text/event-stream");
            if let Some(last) = last {
                call = call.header("last-event-id", last);
            }
            call.send().await
        };
        open(&other.owner.client).await.problem(404, "not_found");
        open(&app.anonymous()).await.problem(401, "unauthenticated");
        open(&billing.client).await.problem(403, "forbidden");
    }
    let call = acme
        .owner
        .client
        .call("GET", &acme.path("/events"))
        .header("accept", "text/event-stream");
    call.header("last-event-id", "yesterday")
        .send()
        .await
        .problem(400, "invalid_request");
}

#[tokio::test]
async fn a_right_that_is_taken_away_ends_the_stream() {
    let setup = Setup {
        bookmark_period: Duration::from_millis(100),
        ..Setup::default()
    };
    let app = app::start_with(setup).await;
    let org = app.org("acme").await;
    let owner = &org.owner.client;
    let (leaver, demoted) = (org.member("developer").await, org.member("viewer").await);
    let program = org.service_account("ci", "viewer").await;
    app.settled(&org.id).await;
    let mut streams = Vec::new();
    for client in [&leaver.client, &demoted.client, &program.client] {
        streams.push(client.stream(&org.path("/events?kind=connection"), None).await);
    }
    let member = |id: &str| org.path(&format!("/members/{id}"));
    owner.delete(&member(&leaver.id)).await.expect(204);
    owner
        .patch(&member(&demoted.id), json!({"roles": ["billing"]}))
        .await
        .expect(200);
    let token = org.path(&format!("/service-accounts/{}/tokens/{}", program.id, program.token_id));
    owner.delete(&token).await.expect(204);
    owner
        .post(&org.path("/connections"), named("unseen", files("u")))
        .await
        .expect(201);
    for mut stream in streams {
        while let Some(frame) = stream.next().await {
            assert_eq!(frame.event, "bookmark", "{frame:?}");
        }
    }
}

#[tokio::test]
async fn many_streams_of_one_org_each_give_what_their_reader_wants_and_may_see() {
    let app = app::start().await;
    let org = app.org("acme").await;
    let owner = &org.owner.client;
    let viewer = org.member("viewer").await;
    let events = org.path("/events");
    let head = async || {
        app.settled(&org.id).await;
        let newest = owner.get(&format!("{events}?limit=1")).await.expect(200);
        newest["items"][0]["seq"].as_i64().unwrap()
    };
    let begin = head().await;
    let mut whole = Vec::new();
    for _ in 0..3 {
        whole.push(owner.stream(&events, None).await);
    }
    let mut late = owner.stream(&events, Some(0)).await;
    let mut narrow = owner
        .stream(&format!("{events}?kind=connection&operation=delete"), None)
        .await;
    let mut blind = viewer.client.stream(&events, None).await;
    org.service_account("ci", "viewer").await;
    for name in ["one", "two"] {
        owner
            .post(&org.path("/connections"), named(name, files("d")))
            .await
            .expect(201);
    }
    owner.delete(&org.path("/connections/two")).await.expect(200);
    let end = head().await;
    let mut first = Vec::new();
    for stream in &mut whole {
        let mut frames = Vec::new();
        for seq in begin + 1..=end {
            frames.push(stream.change().await);
            assert_eq!(frames.last().unwrap().seq(), seq);
        }
        if first.is_empty() {
            first.clone_from(&frames);
        }
        assert_eq!(frames, first, "all readers are shown the same");
    }
    for seq in 1..=end {
        assert_eq!(
            late.change().await.seq(),
            seq,
            "a reader from before the others' beginning"
        );
    }
    assert_eq!(narrow.change().await, *first.last().unwrap());
    for seen in &first {
        let mut expected = seen.clone();
        if ["service_account", "token"].contains(&seen.data["data"]["kind"].as_str().unwrap()) {
            expected.data["data"]["after"] = json!(null);
            expected.data["data"]["name"] = json!("");
        }
        assert_eq!(blind.change().await, expected);
    }
}
