//! One resource: create, read, replace, patch, and what keeps writers from running over each other.

use plinth_testkit::app::{self, TestApp};
use serde_json::{Value, json};

use crate::etl::{copy, files, named, pointers};
use crate::toy;

#[tokio::test]
async fn a_created_resource_is_read_back_by_name_and_by_id() {
    let app = app::start().await;
    let org = app.org("acme").await;
    let owner = &org.owner.client;
    let body = json!({"name": "shop", "properties": {"team": "data"}, "spec": files("shop")});
    let created = owner.post(&org.path("/connections"), body).await;
    assert_eq!(created.header("etag"), "\"1\"");
    assert_eq!(created.header("location"), org.path("/connections/shop"));
    let created = created.expect(201);
    assert!(created["id"].as_str().unwrap().starts_with("connection_"), "{created}");
    assert_eq!(
        (&created["org"], &created["type"]),
        (&json!(org.id), &json!("connection"))
    );
    assert_eq!(
        (&created["spec"], &created["properties"]),
        (&files("shop"), &json!({"team": "data"}))
    );
    assert_eq!((&created["generation"], &created["version"]), (&json!(1), &json!(1)));
    assert_eq!(
        (&created["deleted_at"], &created["secrets_set"]),
        (&Value::Null, &json!([]))
    );
    let by = json!({"type": "user", "id": org.owner.id, "name": "acme-owner"});
    assert_eq!(created["created_by"], by);
    for key in ["shop", created["id"].as_str().unwrap()] {
        let read = owner.get(&org.path(&format!("/connections/{key}"))).await;
        assert_eq!(read.header("etag"), "\"1\"");
        assert_eq!(read.expect(200), created);
        let by_org_id = owner.get(&format!("/v1/orgs/{}/connections/{key}", org.id)).await;
        assert_eq!(by_org_id.expect(200), created);
    }
}

#[tokio::test]
async fn a_replacement_has_all_of_the_spec_and_a_patch_only_what_changes() {
    let app = app::start().await;
    let org = app.org("acme").await;
    let owner = &org.owner.client;
    owner
        .post(
            &org.path("/connections"),
            json!({"name": "shop", "properties": {"a": "1", "b": "2"}, "spec": files("one")}),
        )
        .await
        .expect(201);
    let shop = org.path("/connections/shop");
    let patched = owner
        .patch(
            &shop,
            json!({"properties": {"a": null, "c": "3"}, "spec": {"directory": "two"}}),
        )
        .await;
    assert_eq!(patched.header("etag"), "\"2\"");
    let patched = patched.expect(200);
    assert_eq!(
        (&patched["properties"], &patched["spec"]),
        (&json!({"b": "2", "c": "3"}), &files("two"))
    );
    assert_eq!((&patched["generation"], &patched["version"]), (&json!(2), &json!(2)));
    let replaced = owner
        .put(&shop, json!({"name": "shop", "spec": files("three")}))
        .await
        .expect(200);
    assert_eq!(
        (&replaced["properties"], &replaced["spec"]),
        (&json!({}), &files("three"))
    );
    let missing = owner
        .put(&shop, json!({"spec": {"kind": "files"}}))
        .await
        .problem(422, "validation_failed");
    assert_eq!(pointers(&missing), ["/spec", "/spec"], "{missing}");
}

#[tokio::test]
async fn only_what_the_reconciler_works_from_counts_as_a_new_generation() {
    let app = app::start().await;
    let org = app.org("acme").await;
    let owner = &org.owner.client;
    owner
        .post(&org.path("/connections"), named("shop", files("one")))
        .await
        .expect(201);
    let shop = org.path("/connections/shop");
    let labelled = owner
        .patch(&shop, json!({"properties": {"team": "data"}}))
        .await
        .expect(200);
    assert_eq!((&labelled["generation"], &labelled["version"]), (&json!(1), &json!(2)));
    let same = owner
        .put(&shop, json!({"properties": {"team": "data"}, "spec": files("one")}))
        .await
        .expect(200);
    assert_eq!(same, labelled, "a write that changes nothing makes no version");
}

/// RFC 7396, appendix A, with each original and patch one level down, where there is a field of any shape.
#[tokio::test]
async fn a_merge_patch_does_what_rfc_7396_shows() {
    let app = app::start_with(app::Setup {
        product: toy::bakery(),
        ..app::Setup::default()
    })
    .await;
    let org = app.org("acme").await;
    let owner = &org.owner.client;
    let oven = org.path("/ovens/first");
    owner
        .post(&org.path("/ovens"), named("first", json!({"degrees": 200})))
        .await
        .expect(201);
    for (original, patch, result) in [
        (json!({"a": "b"}), json!({"a": "c"}), json!({"a": "c"})),
        (json!({"a": "b"}), json!({"b": "c"}), json!({"a": "b", "b": "c"})),
        (json!({"a": "b"}), json!({"a": null}), json!({})),
        (json!({"a": "b", "b": "c"}), json!({"a": null}), json!({"b": "c"})),
        (json!({"a": ["b"]}), json!({"a": "c"}), json!({"a": "c"})),
        (json!({"a": "c"}), json!({"a": ["b"]}), json!({"a": ["b"]})),
        (
            json!({"a": {"b": "c"}}),
            json!({"a": {"b": "d", "c": null}}),
            json!({"a": {"b": "d"}}),
        ),
        (json!({"a": [{"b": "c"}]}), json!({"a": [1]}), json!({"a": [1]})),
        (json!(["a", "b"]), json!(["c", "d"]), json!(["c", "d"])),
        (json!({"a": "b"}), json!(["c"]), json!(["c"])),
        (json!({"a": "foo"}), json!("bar"), json!("bar")),
        (json!({"e": null}), json!({"a": 1}), json!({"e": null, "a": 1})),
        (json!([1, 2]), json!({"a": "b", "c": null}), json!({"a": "b"})),
        (json!({}), json!({"a": {"bb": {"ccc": null}}}), json!({"a": {"bb": {}}})),
    ] {
        owner
            .put(&oven, json!({"spec": {"degrees": 200, "notes": original}}))
            .await
            .expect(200);
        let call = owner.call("PATCH", &oven);
        let patched = call.body(
            "application/merge-patch+json",
            json!({"spec": {"notes": patch}}).to_string(),
        );
        let patched = patched.send().await.expect(200);
        assert_eq!(patched["spec"]["notes"], result, "{original} patched with {patch}");
    }
    let removed = owner.patch(&oven, json!({"spec": {"notes": null}})).await.expect(200);
    assert_eq!(removed["spec"], json!({"degrees": 200}));
}

#[tokio::test]
async fn a_patch_of_anything_else_is_refused() {
    let app = app::start().await;
    let org = app.org("acme").await;
    let owner = &org.owner.client;
    owner
        .post(&org.path("/connections"), named("shop", files("one")))
        .await
        .expect(201);
    let shop = org.path("/connections/shop");
    for (patch, pointer) in [
        (json!({"status": {"state": "fine"}}), "/status"),
        (json!({"name": "other"}), "/name"),
        (json!({"properties": 5}), "/properties"),
        (json!({"properties": {"a": {"b": 1}}}), "/properties"),
        (json!([1]), ""),
        (json!(null), ""),
        (json!({"spec": null}), "/spec"),
    ] {
        let problem = owner
            .patch(&shop, patch.clone())
            .await
            .problem(422, "validation_failed");
        assert!(pointers(&problem).contains(&pointer), "{patch}: {problem}");
    }
    assert_eq!(owner.get(&shop).await.expect(200)["version"], 1);
}

#[tokio::test]
async fn a_stale_etag_is_412_for_each_kind_of_write() {
    let app = app::start().await;
    let org = app.org("acme").await;
    let owner = &org.owner.client;
    let id = owner
        .post(&org.path("/connections"), named("shop", files("one")))
        .await
        .expect(201)["id"]
        .clone();
    let shop = org.path(&format!("/connections/{}", id.as_str().unwrap()));
    let write = async |method: &str, path: &str, etag: &str, body: Value| {
        let call = owner.call(method, path).header("if-match", etag);
        if body.is_null() {
            call.send().await
        } else {
            call.json(&body).send().await
        }
    };
    write("PATCH", &shop, "\"1\"", json!({"properties": {"a": "1"}}))
        .await
        .expect(200);
    let replacement = json!({"spec": files("two")});
    for (method, body) in [
        ("PUT", replacement.clone()),
        ("PATCH", json!({"properties": {"a": "2"}})),
        ("DELETE", Value::Null),
    ] {
        write(method, &shop, "\"1\"", body.clone())
            .await
            .problem(412, "version_mismatch");
        write(method, &shop, "not an etag", body)
            .await
            .problem(400, "invalid_request");
    }
    write("PUT", &shop, "*", replacement).await.expect(200);
    write("DELETE", &shop, "\"3\"", Value::Null).await.expect(200);
    let undelete = format!("{shop}/undelete");
    write("POST", &undelete, "\"3\"", Value::Null)
        .await
        .problem(412, "version_mismatch");
    write("POST", &undelete, "\"4\"", Value::Null).await.expect(200);
}

#[tokio::test]
async fn of_many_writers_who_saw_the_same_version_one_wins() {
    let app = app::start().await;
    let org = app.org("acme").await;
    org.owner
        .client
        .post(&org.path("/connections"), named("shop", files("one")))
        .await
        .expect(201);
    let writes = (0..16).map(|place| {
        let (client, shop) = (org.owner.client.clone(), org.path("/connections/shop"));
        let body = json!({"properties": {"writer": place.to_string()}});
        tokio::spawn(async move {
            client
                .call("PATCH", &shop)
                .header("if-match", "\"1\"")
                .json(&body)
                .send()
                .await
                .status
        })
    });
    let mut statuses = Vec::new();
    for write in writes.collect::<Vec<_>>() {
        statuses.push(write.await.unwrap());
    }
    statuses.sort_unstable();
    assert_eq!(statuses, [[200].as_slice(), &[412; 15]].concat());
}

async fn pipeline(app: &TestApp) -> (app::Org<'_>, String) {
    let org = app.org("acme").await;
    for name in ["source", "sink", "other"] {
        org.owner
            .client
            .post(&org.path("/connections"), named(name, files(name)))
            .await
            .expect(201);
    }
    org.owner
        .client
        .post(&org.path("/pipelines"), named("copy", copy("source", "sink")))
        .await
        .expect(201);
    let path = org.path("/pipelines/copy");
    (org, path)
}

#[tokio::test]
async fn an_immutable_field_and_the_name_stay_as_they_were_created() {
    let app = app::start().await;
    let (org, path) = pipeline(&app).await;
    let owner = &org.owner.client;
    let other = owner
        .patch(&path, json!({"spec": {"source": {"connection": "other"}}}))
        .await;
    assert_eq!(
        pointers(&other.problem(422, "validation_failed")),
        ["/spec/source/connection"]
    );
    let mode = owner.patch(&path, json!({"spec": {"mode": "incremental"}})).await;
    assert_eq!(pointers(&mode.problem(422, "validation_failed")), ["/spec/mode"]);
    let renamed = owner
        .put(&path, json!({"name": "renamed", "spec": copy("source", "sink")}))
        .await;
    assert_eq!(pointers(&renamed.problem(422, "validation_failed")), ["/name"]);
    owner.patch(&path, json!({"spec": {"paused": true}})).await.expect(200);
}

#[tokio::test]
async fn a_dry_run_makes_all_checks_and_keeps_nothing() {
    let app = app::start().await;
    let (org, path) = pipeline(&app).await;
    let owner = &org.owner.client;
    let before = app.rows_of(&org.id).await;
    let created = owner
        .post(
            &org.path("/pipelines?dry_run=true"),
            named("second", copy("source", "sink")),
        )
        .await;
    assert_eq!(created.expect(201)["name"], "second");
    let patched = owner
        .patch(&format!("{path}?dry_run=true"), json!({"spec": {"paused": true}}))
        .await;
    assert_eq!(patched.expect(200)["version"], 2);
    owner
        .put(&format!("{path}?dry_run=true"), json!({"spec": copy("source", "sink")}))
        .await
        .expect(200);
    owner.delete(&format!("{path}?dry_run=true")).await.expect(202);
    let call = owner
        .call("POST", &org.path("/pipelines?dry_run=true"))
        .header("idempotency-key", "dry");
    call.json(&named("second", copy("source", "sink")))
        .send()
        .await
        .expect(201);
    let taken = owner
        .post(
            &org.path("/pipelines?dry_run=true"),
            named("copy", copy("source", "sink")),
        )
        .await;
    taken.problem(409, "conflict");
    let missing = owner
        .post(
            &org.path("/pipelines?dry_run=true"),
            named("third", copy("nowhere", "sink")),
        )
        .await;
    missing.problem(422, "validation_failed");
    owner
        .delete(&org.path("/connections/source?dry_run=true"))
        .await
        .problem(409, "conflict");
    assert_eq!(app.rows_of(&org.id).await, before);
}

#[tokio::test]
async fn a_name_is_taken_once_per_type_and_org() {
    let app = app::start().await;
    let (acme, other) = (app.org("acme").await, app.org("other").await);
    let shop = named("shop", files("shop"));
    acme.owner
        .client
        .post(&acme.path("/connections"), shop.clone())
        .await
        .expect(201);
    let taken = acme
        .owner
        .client
        .post(&acme.path("/connections"), shop.clone())
        .await
        .problem(409, "conflict");
    assert_eq!(pointers(&taken), ["/name"]);
    other
        .owner
        .client
        .post(&other.path("/connections"), shop)
        .await
        .expect(201);
    let pipeline = named("shop", copy("shop", "shop"));
    acme.owner
        .client
        .post(&acme.path("/pipelines"), pipeline)
        .await
        .expect(201);
}

#[tokio::test]
async fn a_quota_is_exact_however_many_create_at_once() {
    let mut product = app::etl_product();
    product["plans"][0]["quotas"] = json!({"connections": 10});
    let app = app::start_with(app::Setup {
        product,
        ..app::Setup::default()
    })
    .await;
    let org = app.org("acme").await;
    let creations = (0..32).map(|place| {
        let (client, path) = (org.owner.client.clone(), org.path("/connections"));
        tokio::spawn(async move { client.post(&path, named(&format!("c{place}"), files("shop"))).await })
    });
    let mut created = 0;
    for creation in creations.collect::<Vec<_>>() {
        let answer = creation.await.unwrap();
        match answer.status {
            201 => created += 1,
            _ => drop(answer.problem(403, "quota_exceeded")),
        }
    }
    assert_eq!(created, 10);
    let listed = org.owner.client.get(&org.path("/connections")).await.expect(200);
    assert_eq!(listed["items"].as_array().unwrap().len(), 10);
    let first = listed["items"][0]["id"].as_str().unwrap();
    org.owner
        .client
        .delete(&org.path(&format!("/connections/{first}")))
        .await
        .expect(200);
    org.owner
        .client
        .post(&org.path("/connections"), named("again", files("shop")))
        .await
        .expect(201);
    let undelete = org.path(&format!("/connections/{first}/undelete"));
    org.owner
        .client
        .call("POST", &undelete)
        .send()
        .await
        .problem(403, "quota_exceeded");
}
