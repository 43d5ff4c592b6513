//! The event log as a list: every write once, in order, with who did it and by which request.

use plinth_store::audit::Verdict;
use plinth_testkit::app::{self, Org};
use serde_json::{Value, json};

use crate::etl::{each, files, named, postgres, text};

async fn events(org: &Org<'_>, query: &str) -> Vec<Value> {
    let path = org.path(&format!("/events?limit=500&order=asc&{query}"));
    org.owner.client.get(&path).await.expect(200)["items"]
        .as_array()
        .unwrap()
        .clone()
}

fn told(events: &[Value]) -> Vec<(String, String)> {
    let short = |event: &Value| (text(&event["type"]), text(&event["data"]["name"]));
    events.iter().map(short).collect()
}

#[tokio::test]
async fn each_write_is_one_cloud_event_with_its_actor_and_request() {
    let app = app::start().await;
    let org = app.org("acme").await;
    let program = org.service_account("ci", "developer").await;
    let call = program
        .client
        .call("POST", &org.path("/connections"))
        .header("x-request-id", "my-request.1");
    let created = call.json(&named("shop", files("one"))).send().await;
    assert_eq!(created.header("x-request-id"), "my-request.1");
    let created = created.expect(201);
    let shop = org.path("/connections/shop");
    org.owner
        .client
        .patch(&shop, json!({"spec": {"directory": "two"}}))
        .await
        .expect(200);
    app.settled(&org.id).await;
    let found = events(&org, "kind=connection").await;
    let [create, update] = found.as_slice() else {
        panic!("{found:#?}")
    };
    assert_eq!(create["specversion"], "1.0");
    assert_eq!(create["type"], "plinth.connection.create");
    assert_eq!(create["source"], format!("/v1/orgs/{}", org.id));
    assert_eq!(create["id"], format!("{}/{}", org.id, create["seq"]));
    assert_eq!(
        (&create["subject"], &create["requestid"]),
        (&created["id"], &json!("my-request.1"))
    );
    assert_eq!(
        create["data"]["actor"],
        json!({"type": "service_account", "id": program.id, "name": "ci"})
    );
    assert_eq!(create["data"]["before"], Value::Null);
    assert_eq!(create["data"]["after"]["id"], created["id"]);
    assert_eq!(create["data"]["after"]["spec"], files("one"));
    assert_eq!(update["data"]["actor"]["id"], org.owner.id.as_str());
    assert_eq!(update["data"]["before"]["spec"], files("one"));
    assert_eq!(update["data"]["after"]["spec"], files("two"));
    assert_eq!(update["hash"].as_str().map(str::len), Some(64));
}

#[tokio::test]
async fn a_resource_in_an_event_is_the_resource_of_its_path() {
    let app = app::start().await;
    let org = app.org("acme").await;
    let owner = &org.owner.client;
    let path = org.path("/connections");
    let created = owner.post(&path, named("shop", postgres("hunter2"))).await.expect(201);
    assert_eq!(created["secrets_set"], json!(["/password"]));
    let shop = format!("{path}/{}", text(&created["id"]));
    let patch = json!({"properties": {"team": "data"}, "spec": {"password": null}});
    let changed = owner.patch(&shop, patch).await;
    let mut told = vec![created];
    told.extend([changed.body, owner.delete(&shop).await.body]);
    told.push(owner.call("POST", &format!("{shop}/undelete")).send().await.expect(200));
    app.settled(&org.id).await;
    let found = events(&org, "kind=connection").await;
    let after: Vec<Value> = found.iter().map(|event| event["data"]["after"].clone()).collect();
    assert_eq!(after, told);
    let before: Vec<Value> = found.iter().map(|event| event["data"]["before"].clone()).collect();
    assert_eq!(before[1..], told[..3]);
    assert_eq!(told[1]["secrets_set"], json!([]));
    assert_eq!(told[0]["created_by"]["name"], "acme-owner", "the user's name");
}

#[tokio::test]
async fn ids_and_times_of_built_in_things_are_those_of_the_api() {
    let app = app::start().await;
    let org = app.org("acme").await;
    let owner = &org.owner.client;
    let program = org.service_account("ci", "viewer").await;
    let invitation = json!({"email": "guest@example.com", "roles": ["viewer"]});
    owner.post(&org.path("/invitations"), invitation).await.expect(201);
    app.settled(&org.id).await;
    let tokens = format!("/service-accounts/{}/tokens", program.id);
    for (kind, path, key) in [
        ("org", String::new(), ""),
        ("member", "/members".to_owned(), "/items/0"),
        ("invitation", "/invitations".to_owned(), "/items/0"),
        ("service_account", "/service-accounts".to_owned(), "/items/0"),
        ("token", tokens, "/items/0"),
    ] {
        let shown = owner.get(&org.path(&path)).await.expect(200);
        let shown = shown.pointer(key).unwrap().as_object().unwrap().clone();
        let after = &events(&org, &format!("kind={kind}")).await[0]["data"]["after"];
        for (field, value) in shown {
            assert_eq!(after[&field], value, "`{field}` of {kind}: {after}");
        }
    }
}

#[tokio::test]
async fn the_log_tells_the_whole_story_of_an_org_from_its_first_event() {
    let app = app::start().await;
    let org = app.org("acme").await;
    let owner = &org.owner.client;
    org.member("viewer").await;
    let program = org.service_account("ci", "viewer").await;
    let account = org.path(&format!("/service-accounts/{}", program.id));
    owner
        .delete(&format!("{account}/tokens/{}", program.token_id))
        .await
        .expect(204);
    owner.delete(&account).await.expect(204);
    owner.patch(&org.path(""), json!({"name": "Renamed"})).await.expect(200);
    app.settled(&org.id).await;
    let found = events(&org, "").await;
    let told = told(&found);
    let told: Vec<_> = told
        .iter()
        .map(|(kind, name)| format!("{} {name}", kind.trim_start_matches("plinth.")))
        .collect();
    assert_eq!(
        told,
        [
            "org.create acme",
            "member.create acme-owner@example.com",
            "invitation.create viewer@acme.example.com",
            "invitation.update viewer@acme.example.com",
            "member.create viewer@acme.example.com",
            "service_account.create ci",
            "token.create ci token",
            "token.update ci token",
            "service_account.delete ci",
            "token.delete ci token",
            "org.update acme",
        ]
    );
    let seqs: Vec<i64> = found.iter().map(|event| event["seq"].as_i64().unwrap()).collect();
    assert_eq!(seqs, (1..=11).collect::<Vec<_>>());
    let text = json!(found).to_string();
    assert!(!text.contains("token_hash"), "hashes of secrets stay inside");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn seq_has_no_gaps_over_many_writers_and_the_chain_is_intact() {
    let app = app::start().await;
    let (acme, other) = (app.org("acme").await, app.org("other").await);
    let mut writers = Vec::new();
    for (org, writer) in [(&acme, 0), (&other, 1), (&acme, 2), (&other, 3)] {
        let (client, path) = (org.owner.client.clone(), org.path("/connections"));
        writers.push(tokio::spawn(async move {
            for number in 0..10 {
                let name = format!("c{writer}-{number}");
                client.post(&path, named(&name, postgres("hunter2"))).await.expect(201);
                client
                    .patch(&format!("{path}/{name}"), json!({"properties": {"a": "b"}}))
                    .await
                    .expect(200);
                client.delete(&format!("{path}/{name}")).await.expect(200);
            }
        }));
    }
    for writer in writers {
        writer.await.unwrap();
    }
    for org in [&acme, &other] {
        let intact = app.audit(&org.id).await;
        let found = events(org, "").await;
        let seqs: Vec<i64> = found.iter().map(|event| event["seq"].as_i64().unwrap()).collect();
        assert_eq!(seqs, (1..=62).collect::<Vec<_>>(), "org and owner, and 20 times three");
        assert_eq!(intact, Verdict::Intact { events: 62 });
        let mut versions = std::collections::HashMap::<String, i64>::new();
        for event in found.iter().filter(|event| event["data"]["kind"] == "connection") {
            let version = event["data"]["after"]["version"].as_i64().unwrap();
            let before = versions.insert(text(&event["subject"]), version).unwrap_or(0);
            assert_eq!(version, before + 1, "{event}");
        }
    }
}

#[tokio::test]
async fn a_filter_gives_what_was_asked_for() {
    let app = app::start().await;
    let org = app.org("acme").await;
    let owner = &org.owner.client;
    let program = org.service_account("ci", "developer").await;
    let labelled = json!({"name": "a", "properties": {"team": "data"}, "spec": files("a")});
    let first = program
        .client
        .post(&org.path("/connections"), labelled)
        .await
        .expect(201);
    owner
        .post(&org.path("/connections"), named("b", files("b")))
        .await
        .expect(201);
    owner.delete(&org.path("/connections/a")).await.expect(200);
    app.settled(&org.id).await;
    let id = text(&first["id"]);
    for (query, count) in [
        ("kind=connection".to_owned(), 3),
        ("kind=connection&kind=org".to_owned(), 4),
        (format!("subject={id}"), 2),
        ("operation=delete".to_owned(), 1),
        ("operation=create&kind=connection".to_owned(), 2),
        (format!("actor={}", program.id), 1),
        ("property=team:data".to_owned(), 2),
        ("property=team:web".to_owned(), 0),
        ("after=4".to_owned(), 3),
        ("kind=pipeline".to_owned(), 0),
    ] {
        assert_eq!(events(&org, &query).await.len(), count, "{query}");
    }
    for wrong in [
        "operation=explode",
        "subject=x",
        "property=team",
        "order=up",
        "after=x",
        "limit=0",
        "color=red",
    ] {
        owner
            .get(&org.path(&format!("/events?{wrong}")))
            .await
            .problem(400, "invalid_request");
    }
    let unknown = owner.get(&org.path("/events?kind=pipeline&kind=pipelines")).await;
    let unknown = unknown.problem(400, "invalid_request");
    assert_eq!(
        unknown["detail"],
        "`pipelines` is not a kind of events: use org, member, invitation, service_account, token, sql_login, policy, connection, pipeline"
    );
    let stream = owner.call("GET", &org.path("/events?kind=x"));
    let stream = stream.header("accept", "text/event-stream").send().await;
    stream.problem(400, "invalid_request");
}

#[tokio::test]
async fn a_cursor_of_the_log_is_of_no_use_in_another_list() {
    let app = app::start().await;
    let org = app.org("acme").await;
    let owner = &org.owner.client;
    for name in ["a", "b", "c"] {
        owner
            .post(&org.path("/connections"), named(name, files(name)))
            .await
            .expect(201);
    }
    app.settled(&org.id).await;
    let list = async |query: &str| owner.get(&org.path(&format!("/events?limit=1&{query}"))).await;
    let first = list("kind=org&kind=connection&operation=create").await.expect(200);
    let next = text(&first["next"]);
    // The order in which a filter is written does not make another list.
    list(&format!("kind=connection&kind=org&operation=create&cursor={next}"))
        .await
        .expect(200);
    let subject = text(&first["items"][0]["subject"]);
    for other in [
        "",
        "kind=connection&operation=create",
        "kind=org&kind=connection",
        "kind=org&kind=connection&operation=create&operation=delete",
        "kind=org&kind=connection&operation=create&order=asc",
        "kind=org&kind=connection&operation=create&after=1",
        "kind=org&kind=connection&operation=create&actor=x",
        "kind=org&kind=connection&operation=create&property=team:data",
        &format!("kind=org&kind=connection&operation=create&subject={subject}"),
    ] {
        list(&format!("{other}&cursor={next}"))
            .await
            .problem(400, "invalid_cursor");
    }
    let other = app.org("other").await;
    let path = other.path(&format!(
        "/events?kind=org&kind=connection&operation=create&cursor={next}"
    ));
    other.owner.client.get(&path).await.problem(400, "invalid_cursor");
}

#[tokio::test]
async fn all_pages_together_are_the_log_in_both_directions() {
    let app = app::start().await;
    let org = app.org("acme").await;
    let owner = &org.owner.client;
    for number in 0..5 {
        let body = named(&format!("c{number}"), files("d"));
        owner.post(&org.path("/connections"), body).await.expect(201);
    }
    app.settled(&org.id).await;
    for order in ["asc", "desc"] {
        let mut seqs = Vec::new();
        let mut cursor = String::new();
        loop {
            let page = owner
                .get(&org.path(&format!("/events?limit=2&order={order}{cursor}")))
                .await
                .expect(200);
            seqs.extend(each(&page, "seq").iter().map(|seq| seq.as_i64().unwrap()));
            let Some(next) = page["next"].as_str() else { break };
            cursor = format!("&cursor={next}");
        }
        let mut expected: Vec<i64> = (1..=7).collect();
        if order == "desc" {
            expected.reverse();
        }
        assert_eq!(seqs, expected);
    }
}

#[tokio::test]
async fn a_reader_who_may_not_see_the_subject_sees_that_something_happened_and_not_what() {
    let app = app::start().await;
    let org = app.org("acme").await;
    let viewer = org.member("viewer").await;
    org.service_account("ci", "developer").await;
    app.settled(&org.id).await;
    let seen = viewer
        .client
        .get(&org.path("/events?kind=service_account"))
        .await
        .expect(200);
    assert_eq!(seen["items"][0]["data"]["after"], Value::Null);
    let owner = org
        .owner
        .client
        .get(&org.path("/events?kind=service_account"))
        .await
        .expect(200);
    assert_eq!(owner["items"][0]["data"]["after"]["name"], "ci");
    let billing = org.member("billing").await;
    billing.client.get(&org.path("/events")).await.problem(403, "forbidden");
}

/// A connection whose status says 1 MiB more each time, in one transaction: events of 2 MiB.
async fn large_events(app: &app::TestApp, org: &Org<'_>, count: i32) {
    let path = org.path("/connections");
    let made = org
        .owner
        .client
        .post(&path, named("shop", files("s")))
        .await
        .expect(201);
    let mut admin = app.store.cell.admin().await;
    let tx = admin.transaction().await.unwrap();
    let update = "update plinth.resources set status = jsonb_build_object('n', $2::int, 'text', repeat('x', 1048576))
        where name = 'shop' and org_id = (select org_id from plinth.orgs where slug = $1)";
    for number in 0..count {
        assert_eq!(tx.execute(update, &[&org.slug, &number]).await.unwrap(), 1);
    }
    tx.commit().await.unwrap();
    assert!(made["id"].is_string());
    app.settled(&org.id).await;
}

/// The numbers of the events of each page.
async fn pages(org: &Org<'_>, client: &app::Client, query: &str) -> Vec<Vec<i64>> {
    let (mut pages, mut cursor) = (Vec::new(), String::new());
    loop {
        let page = client
            .get(&org.path(&format!("/events?{query}{cursor}")))
            .await
            .expect(200);
        pages.push(each(&page, "seq").iter().map(|seq| seq.as_i64().unwrap()).collect());
        let Some(next) = page["next"].as_str() else {
            return pages;
        };
        cursor = format!("&cursor={next}");
    }
}

#[tokio::test]
async fn a_page_of_large_events_is_shorter_and_its_next_goes_on_from_there() {
    let app = app::start().await;
    let org = app.org("acme").await;
    large_events(&app, &org, 20).await;
    for order in ["asc", "desc"] {
        for limit in [2, 50] {
            let pages = pages(&org, &org.owner.client, &format!("order={order}&limit={limit}")).await;
            // Two before it, its creation, and the first of the updates, which has no text before.
            let mut expected: Vec<i64> = (1..=23).collect();
            if order == "desc" {
                expected.reverse();
            }
            assert_eq!(pages.concat(), expected, "{order}, {limit}");
            let longest = pages.iter().map(Vec::len).max().unwrap();
            if limit == 2 {
                assert_eq!(longest, 2);
            } else {
                assert!(longest < 10 && pages.len() >= 5, "{pages:?}");
            }
        }
    }
}

/// Else it could be seen how large what is hidden is.
#[tokio::test]
async fn what_is_hidden_of_an_event_does_not_shorten_the_page() {
    let app = app::start().await;
    let org = app.org("acme").await;
    let viewer = org.member("viewer").await;
    app.settled(&org.id).await;
    let write = "insert into plinth.event_inbox (org_id, kind, subject_id, subject_name, operation, after, actor)
        select org_id, 'service_account', gen_random_uuid(), 'n' || n, 'create', jsonb_build_object('text', repeat('x', 1048576)),
            jsonb_build_object('type', 'system', 'id', 'test', 'name', 'test')
        from plinth.orgs, generate_series(1, 20) as n where slug = $1";
    app.store.cell.admin().await.execute(write, &[&org.slug]).await.unwrap();
    app.settled(&org.id).await;
    let shown = async |client| {
        let pages = pages(&org, client, "kind=service_account").await;
        assert_eq!(pages.concat().len(), 20, "{pages:?}");
        pages.len()
    };
    assert!(shown(&org.owner.client).await > 1);
    assert_eq!(shown(&viewer.client).await, 1);
}
