//! Nothing about ETL is baked into the control plane: a bakery works as well.

use plinth_testkit::app::{self, Client, Setup, TestApp};
use serde_json::{Value, json};

use crate::etl::{each, named, pointers};
use crate::openapi::operations;
use crate::toy::bakery;

async fn start() -> TestApp {
    app::start_with(Setup {
        product: bakery(),
        ..Setup::default()
    })
    .await
}

#[tokio::test]
async fn the_product_and_its_paths_are_the_bakerys() {
    let app = start().await;
    let shown = app.anonymous().get("/v1/product").await.expect(200);
    assert_eq!((&shown["title"], &shown["revision"]), (&json!("The bakery"), &json!(1)));
    let names: Vec<&Value> = shown["types"]
        .as_array()
        .unwrap()
        .iter()
        .map(|kind| &kind["plural"])
        .collect();
    assert_eq!(names, ["ovens", "loaves"]);
    let document = app.anonymous().get("/openapi.json").await.expect(200);
    let routes = operations(&document);
    assert_eq!(routes["POST /v1/orgs/{org}/ovens"]["operationId"], "create_oven");
    assert_eq!(routes["GET /v1/orgs/{org}/loaves"]["operationId"], "list_loaves");
    let text = document.to_string();
    assert!(
        !text.contains("pipelines") && !text.contains("connections"),
        "no trace of ETL"
    );
    let spec = &document["components"]["schemas"]["LoafSpec"]["properties"];
    assert_eq!(spec["grams"]["minimum"], 100);
    let asked = routes
        .keys()
        .filter(|route| route.contains("/actions/"))
        .collect::<Vec<_>>();
    assert_eq!(
        asked,
        ["POST /v1/work/actions/{id}/result"],
        "no type of the bakery declares an action"
    );
}

#[tokio::test]
async fn loaves_are_baked_reported_and_billed() {
    let app = start().await;
    let org = app.org("village").await;
    let owner = &org.owner.client;
    let oven = json!({"degrees": 220, "fuel": "wood", "key": "under the mat", "notes": {"built": 1890}});
    let oven = owner.post(&org.path("/ovens"), named("old", oven)).await.expect(201);
    assert_eq!(
        (&oven["secrets_set"], &oven["spec"]["key"]),
        (&json!(["/key"]), &Value::Null)
    );
    let small = owner
        .post(&org.path("/loaves"), named("rye", json!({"oven": "old", "grams": 5})))
        .await;
    assert_eq!(pointers(&small.problem(422, "validation_failed")), ["/spec/grams"]);
    let loaf = owner
        .post(
            &org.path("/loaves"),
            named("rye", json!({"oven": "old", "grams": 1000})),
        )
        .await
        .expect(201);
    assert!(loaf["id"].as_str().unwrap().starts_with("loaf_"));
    owner.delete(&org.path("/ovens/old")).await.problem(409, "conflict");
    owner.get(&org.path("/pipelines")).await.problem(404, "not_found");

    let claim = json!({"agent": "baker", "types": ["loaf"], "wait_secs": 10});
    let claimed = app.reconciler().post("/v1/work/claim", claim).await.expect(200);
    let baker = app.bearer(claimed["items"][0]["lease"]["token"].as_str().unwrap());
    let assignment = baker.get("/v1/work/self").await.expect(200);
    assert_eq!(assignment["references"]["/oven"]["spec"]["key"], "under the mat");
    let report = |crust: &str| json!({"observed_generation": 1, "status": {"crust": crust}});
    baker
        .put("/v1/work/self/status", report("streaming"))
        .await
        .problem(422, "validation_failed");
    baker.put("/v1/work/self/status", report("golden")).await.expect(204);
    let now = assignment["resource"]["created_at"].clone();
    let flour = json!({"records": [{"source": "scale", "id": "1", "meter": "flour", "quantity": "2500", "at": now}]});
    baker.post("/v1/work/self/usage", flour).await.expect(200);

    let bill = owner.get(&org.path("/bill")).await.expect(200);
    assert_eq!(
        (&bill["currency"], &bill["plan"], &bill["total"]),
        (&json!("EUR"), &json!("daily-bread"), &json!("3.50"))
    );
    let lines: Vec<_> = bill["lines"]
        .as_array()
        .unwrap()
        .iter()
        .map(|line| (&line["meter"], &line["amount"], &line["resource"]["name"]))
        .collect();
    assert_eq!(
        lines,
        [
            (&json!("flour"), &json!("3.00"), &json!("rye")),
            (&json!("loaves"), &json!("0.50"), &json!("rye")),
        ]
    );
    let drilled = owner.get(bill["lines"][0]["drill"].as_str().unwrap()).await.expect(200);
    assert_eq!(each(&drilled, "quantity"), ["2500"]);
    app.settled(&org.id).await;
    let events = owner.get(&org.path("/events?kind=loaf&order=asc")).await.expect(200);
    assert_eq!(each(&events, "type"), ["plinth.loaf.create", "plinth.loaf.status"]);
}

#[tokio::test]
async fn a_verb_does_what_the_type_declares_under_its_own_permission() {
    let app = start().await;
    let org = app.org("village").await;
    let owner = &org.owner.client;
    owner
        .post(&org.path("/ovens"), named("old", json!({"degrees": 220})))
        .await
        .expect(201);
    let rye = json!({"oven": "old", "grams": 1000});
    owner
        .post(&org.path("/loaves"), named("rye", rye.clone()))
        .await
        .expect(201);
    let slice = async |client: &Client, query: &str| {
        client
            .call("POST", &org.path(&format!("/loaves/rye/slice{query}")))
            .send()
            .await
    };
    let tried = slice(owner, "?dry_run=true").await.expect(200);
    assert_eq!(
        (&tried["spec"]["sliced"], &tried["generation"]),
        (&json!(true), &json!(2))
    );
    assert_eq!(owner.get(&org.path("/loaves/rye")).await.expect(200)["spec"], rye);
    let sliced = slice(owner, "").await;
    assert_eq!(sliced.header("etag"), "\"2\"");
    assert_eq!(
        sliced.expect(200)["spec"],
        json!({"oven": "old", "grams": 1000, "sliced": true})
    );
    assert_eq!(
        slice(owner, "").await.expect(200)["version"],
        2,
        "nothing is left to do"
    );
    let stale = owner
        .call("POST", &org.path("/loaves/rye/slice"))
        .header("if-match", "\"1\"");
    stale.send().await.problem(412, "version_mismatch");
    let viewer = org.member("viewer").await;
    let refused = slice(&viewer.client, "").await.problem(403, "forbidden");
    assert_eq!(refused["permission"], "loaves:slice", "not `loaves:update`");
    for path in ["/loaves/rye/bake", "/ovens/old/slice", "/loaves/none/slice"] {
        owner
            .call("POST", &org.path(path))
            .send()
            .await
            .problem(404, "not_found");
    }
    let (sliced, whole) = (org.path("/loaves/rye/slice"), org.path("/loaves/rye"));
    owner.delete(&whole).await.expect(202);
    owner.call("POST", &sliced).send().await.problem(404, "not_found");
    let document = app.anonymous().get("/openapi.json").await.expect(200);
    let operation = &operations(&document)["POST /v1/orgs/{org}/loaves/{key}/slice"];
    assert_eq!(
        (&operation["operationId"], &operation["summary"]),
        (&json!("slice_loaf"), &json!("Slice a loaf"))
    );
}

#[tokio::test]
async fn rights_are_named_after_what_is_sold() {
    let app = start().await;
    let org = app.org("village").await;
    let developer = org.member("developer").await;
    let listed = developer.client.get(&org.path("/permissions")).await.expect(200);
    let listed = listed["permissions"].as_array().unwrap();
    assert!(
        listed.contains(&json!("loaves:slice")) && listed.contains(&json!("ovens:create")),
        "{listed:?}"
    );
    let viewer = org.member("viewer").await;
    let refused = viewer
        .client
        .post(&org.path("/ovens"), named("new", json!({"degrees": 200})))
        .await;
    assert_eq!(refused.problem(403, "forbidden")["permission"], "ovens:create");
}
