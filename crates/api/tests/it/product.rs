//! Applying a product: checked against itself and against what exists, all or nothing, and safe beside writers.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use plinth_testkit::app::{self, Answer, Setup, TestApp};
use serde_json::{Value, json};

use crate::etl::{each, named, pointers, text};
use crate::toy::bakery;

async fn start() -> TestApp {
    app::start_with(Setup {
        product: bakery(),
        ..Setup::default()
    })
    .await
}

async fn apply(app: &TestApp, product: &Value) -> Answer {
    app.operator().put("/v1/product", product.clone()).await
}

/// The bakery with other limits to an oven's heat.
fn with_heat(minimum: i64, maximum: i64) -> Value {
    let mut product = bakery();
    product["types"][0]["spec_schema"]["properties"]["degrees"] =
        json!({"type": "integer", "minimum": minimum, "maximum": maximum});
    product
}

async fn revision(app: &TestApp) -> Value {
    app.anonymous().get("/v1/product").await.expect(200)["revision"].clone()
}

#[tokio::test]
async fn a_server_without_a_product_takes_its_first_one() {
    let app = app::start_with(Setup {
        product: Value::Null,
        ..Setup::default()
    })
    .await;
    let org = app.org("village").await;
    org.owner
        .client
        .get(&org.path("/ovens"))
        .await
        .problem(404, "not_found");
    let applied = apply(&app, &bakery()).await.expect(200);
    assert_eq!(applied["revision"], 1);
    let added: Vec<String> = applied["changes"]
        .as_array()
        .unwrap()
        .iter()
        .map(|change| {
            format!(
                "{} {} {}",
                text(&change["change"]),
                text(&change["kind"]),
                text(&change["name"])
            )
        })
        .collect();
    assert_eq!(
        added,
        [
            "add product bakery",
            "add type oven",
            "add type loaf",
            "add meter flour",
            "add meter loaves",
            "add plan daily-bread"
        ]
    );
    org.owner
        .client
        .post(&org.path("/ovens"), named("old", json!({"degrees": 200})))
        .await
        .expect(201);
}

#[tokio::test]
async fn a_plan_shows_the_difference_and_changes_nothing() {
    let app = start().await;
    let mut product = with_heat(50, 400);
    product["types"].as_array_mut().unwrap().remove(1);
    product["meters"].as_array_mut().unwrap().remove(1);
    product["plans"][0]["prices"].as_array_mut().unwrap().remove(1);
    product["product"]["title"] = json!("The new bakery");
    let planned = app
        .operator()
        .put("/v1/product?dry_run=true", product.clone())
        .await
        .expect(200);
    let told: Vec<String> = planned["changes"]
        .as_array()
        .unwrap()
        .iter()
        .map(|change| {
            format!(
                "{} {} {} {}",
                text(&change["change"]),
                text(&change["kind"]),
                text(&change["name"]),
                text(&change["detail"])
            )
        })
        .collect();
    assert_eq!(
        told,
        [
            "update product bakery /title",
            "update type oven /spec_schema/properties/degrees/maximum",
            "remove type loaf ",
            "remove meter loaves ",
            "update plan daily-bread /prices",
        ]
    );
    assert_eq!(revision(&app).await, 1);
    assert_eq!(
        apply(&app, &product).await.expect(200)["changes"],
        planned["changes"],
        "the plan is what is done"
    );
    assert_eq!(revision(&app).await, 2);
    let again = apply(&app, &product).await.expect(200);
    assert_eq!((&again["revision"], &again["changes"]), (&json!(2), &json!([])));
}

#[tokio::test]
async fn a_product_that_existing_resources_do_not_fit_is_refused_with_the_list_of_them() {
    let app = start().await;
    let (village, city) = (app.org("village").await, app.org("city").await);
    let mut hot = Vec::new();
    for org in [&village, &city] {
        let owner = &org.owner.client;
        owner
            .post(
                &org.path("/ovens"),
                named("mild", json!({"degrees": 100, "key": "secret"})),
            )
            .await
            .expect(201);
        let made = owner
            .post(&org.path("/ovens"), named("hot", json!({"degrees": 290})))
            .await
            .expect(201);
        hot.push((text(&made["org"]), text(&made["id"])));
    }
    let before = (app.rows_of(&village.id).await, app.rows_of(&city.id).await);
    for dry in ["", "?dry_run=true"] {
        let refused = app
            .operator()
            .put(&format!("/v1/product{dry}"), with_heat(50, 250))
            .await
            .problem(409, "conflict");
        let offenders = refused["offenders"].as_array().unwrap();
        let mut named: Vec<_> = offenders
            .iter()
            .map(|one| (text(&one["org"]), text(&one["id"])))
            .collect();
        named.sort();
        hot.sort();
        assert_eq!(named, hot);
        assert_eq!(offenders[0]["errors"][0]["pointer"], "/spec/degrees");
        for offender in offenders {
            let org = [&village, &city].into_iter().find(|org| offender["org"] == org.id);
            assert_eq!(offender["org_slug"], org.unwrap().slug, "people know it by its slug");
        }
        assert_eq!(
            (&offenders[0]["type"], &offenders[0]["name"]),
            (&json!("oven"), &json!("hot"))
        );
    }
    assert_eq!(revision(&app).await, 1);
    assert_eq!((app.rows_of(&village.id).await, app.rows_of(&city.id).await), before);
    village
        .owner
        .client
        .post(&village.path("/ovens"), named("new", json!({"degrees": 300})))
        .await
        .expect(201);
    apply(&app, &with_heat(10, 300)).await.expect(200);
    village
        .owner
        .client
        .post(&village.path("/ovens"), named("cold", json!({"degrees": 20})))
        .await
        .expect(201);
}

#[tokio::test]
async fn a_type_goes_when_nothing_of_it_is_left_not_even_something_to_tear_down() {
    let app = start().await;
    let org = app.org("village").await;
    let owner = &org.owner.client;
    owner
        .post(&org.path("/ovens"), named("old", json!({"degrees": 200})))
        .await
        .expect(201);
    owner
        .post(&org.path("/loaves"), named("rye", json!({"oven": "old", "grams": 500})))
        .await
        .expect(201);
    let mut product = bakery();
    product["types"].as_array_mut().unwrap().remove(1);
    product["meters"].as_array_mut().unwrap().remove(1);
    product["plans"][0]["prices"].as_array_mut().unwrap().remove(1);
    let offenders = async || each_name(&apply(&app, &product).await.problem(409, "conflict")["offenders"]);
    assert_eq!(offenders().await, ["rye"]);
    owner.delete(&org.path("/loaves/rye")).await.expect(202);
    assert_eq!(
        offenders().await,
        ["rye"],
        "its baker has still to take it out of the oven"
    );
    let claim = json!({"agent": "baker", "types": ["loaf"], "wait_secs": 10});
    let claimed = app.reconciler().post("/v1/work/claim", claim).await.expect(200);
    let baker = app.bearer(claimed["items"][0]["lease"]["token"].as_str().unwrap());
    baker.post("/v1/work/self/finalize", json!({})).await.expect(204);
    apply(&app, &product).await.expect(200);
    owner.get(&org.path("/loaves")).await.problem(404, "not_found");
}

fn each_name(items: &Value) -> Vec<String> {
    items
        .as_array()
        .unwrap()
        .iter()
        .map(|item| text(&item["name"]))
        .collect()
}

#[tokio::test]
async fn what_was_deleted_under_an_older_product_has_to_fit_the_new_one_to_come_back() {
    let app = start().await;
    let org = app.org("village").await;
    let owner = &org.owner.client;
    let hot = owner
        .post(&org.path("/ovens"), named("hot", json!({"degrees": 290, "key": "k"})))
        .await
        .expect(201);
    owner.delete(&org.path("/ovens/hot")).await.expect(200);
    apply(&app, &with_heat(50, 250)).await.expect(200);
    let undelete = org.path(&format!("/ovens/{}/undelete", text(&hot["id"])));
    let refused = owner
        .call("POST", &undelete)
        .send()
        .await
        .problem(422, "validation_failed");
    assert_eq!(pointers(&refused), ["/spec/degrees"]);
    apply(&app, &bakery()).await.expect(200);
    owner.call("POST", &undelete).send().await.expect(200);
}

#[tokio::test]
async fn a_product_that_is_wrong_in_itself_is_refused_as_a_whole() {
    let app = start().await;
    let shown = app.anonymous().get("/v1/product").await.expect(200);
    let wrong = |change: &dyn Fn(&mut Value)| {
        let mut product = bakery();
        product["product"]["title"] = json!("Half done");
        change(&mut product);
        product
    };
    for (product, pointer) in [
        (
            wrong(&|product| product["types"][0]["spec_schema"] = json!({"type": "nonsense"})),
            "/types/0/spec_schema",
        ),
        (
            wrong(&|product| product["types"][1]["name"] = json!("oven")),
            "/types/1/name",
        ),
        (
            wrong(&|product| product["types"][1]["plural"] = json!("members")),
            "/types/1/plural",
        ),
        (
            wrong(&|product| product["types"][1]["name"] = json!("Bad Name")),
            "/types/1/name",
        ),
        (
            wrong(&|product| {
                product["types"][1]["spec_schema"]["properties"]["oven"]["x-plinth-reference"] = json!("kiln")
            }),
            "/types/1/spec_schema",
        ),
        (
            wrong(&|product| product["meters"][1]["name"] = json!("flour")),
            "/meters/1/name",
        ),
        (
            wrong(&|product| product["plans"][0]["prices"][0]["meter"] = json!("sugar")),
            "/plans/0/prices/0/meter",
        ),
        (
            wrong(&|product| product["types"][0]["surplus"] = json!(1)),
            "/types/0/surplus",
        ),
        (
            wrong(&|product| product["product"] = json!({"name": "bakery"})),
            "/product",
        ),
    ] {
        let problem = apply(&app, &product).await.problem(422, "validation_failed");
        assert!(
            pointers(&problem).iter().any(|found| found.starts_with(pointer)),
            "{pointer}: {problem}"
        );
    }
    assert_eq!(app.anonymous().get("/v1/product").await.expect(200), shown);
    for client in [app.anonymous(), app.reconciler()] {
        let status = client.put("/v1/product", bakery()).await.status;
        assert!([401, 403].contains(&status), "{status}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn writers_beside_an_apply_never_leave_something_that_does_not_fit() {
    let mut product = bakery();
    product["plans"][0]["quotas"] = json!({});
    let narrow = |mut product: Value| {
        product["types"][0]["spec_schema"]["properties"]["degrees"]["maximum"] = json!(250);
        product
    };
    let app = app::start_with(Setup {
        product: product.clone(),
        ..Setup::default()
    })
    .await;
    let org = app.org("village").await;
    let stop = Arc::new(AtomicBool::new(false));
    let writers: Vec<_> = (0..2)
        .map(|writer| {
            let (stop, client, path) = (Arc::clone(&stop), org.owner.client.clone(), org.path("/ovens"));
            tokio::spawn(async move {
                let mut number = 0;
                while !stop.load(Ordering::Relaxed) {
                    number += 1;
                    let name = format!("o{writer}-{number}");
                    let created = client.post(&path, named(&name, json!({"degrees": 290}))).await;
                    if created.status == 201 {
                        client.delete(&format!("{path}/{name}")).await.expect(200);
                        // So that there are moments at which everything fits, however slow the machine is.
                        tokio::time::sleep(Duration::from_millis(50)).await;
                    } else {
                        created.problem(422, "validation_failed");
                        client
                            .post(&path, named(&name, json!({"degrees": 240})))
                            .await
                            .expect(201);
                    }
                }
            })
        })
        .collect();
    for _ in 0..5 {
        app::wait_until("the narrow product is applied", || async {
            let answer = apply(&app, &narrow(product.clone())).await;
            (answer.status == 200).then_some(()).or_else(|| {
                answer.problem(409, "conflict");
                None
            })
        })
        .await;
        let ovens = org.owner.client.get(&org.path("/ovens?limit=500")).await.expect(200);
        for spec in each(&ovens, "spec") {
            assert!(
                spec["degrees"].as_i64().unwrap() <= 250,
                "{spec} does not fit the product"
            );
        }
        apply(&app, &product).await.expect(200);
    }
    stop.store(true, Ordering::Relaxed);
    for writer in writers {
        writer.await.unwrap();
    }
}

#[tokio::test]
async fn what_exists_of_a_type_is_work_once_the_type_is_reconciled() {
    let app = start().await;
    let org = app.org("village").await;
    let owner = &org.owner.client;
    for name in ["old", "new", "gone"] {
        owner
            .post(&org.path("/ovens"), named(name, json!({"degrees": 200})))
            .await
            .expect(201);
    }
    owner.delete(&org.path("/ovens/gone")).await.expect(200);
    let claim = async || {
        let claim = json!({"agent": "mason", "types": ["oven"], "capacity": 10});
        app.reconciler().post("/v1/work/claim", claim).await
    };
    claim().await.problem(422, "validation_failed");
    let mut product = bakery();
    product["types"][0]["reconciled"] = json!(true);
    apply(&app, &product).await.expect(200);
    let claimed = claim().await.expect(200);
    let mut taken: Vec<String> = each(&claimed, "resource")
        .iter()
        .map(|oven| text(&oven["name"]))
        .collect();
    taken.sort_unstable();
    assert_eq!(taken, ["gone", "new", "old"], "the deleted one has to be torn down");
    // A server that mirrors the same revision once more finds nothing to do.
    assert_eq!(claim().await.expect(200)["items"], json!([]));
}

#[tokio::test]
async fn a_verb_that_could_not_work_is_refused() {
    let app = start().await;
    for (verb, pointer) in [
        (
            json!({"name": "update", "title": "U", "set": {"spec": {"degrees": 60}}}),
            "/types/0/verbs/0/name",
        ),
        (
            json!({"name": "get", "title": "G", "set": {"spec": {"degrees": 60}}}),
            "/types/0/verbs/0/name",
        ),
        (
            json!({"name": "Heat Up", "title": "H", "set": {"spec": {"degrees": 60}}}),
            "/types/0/verbs/0/name",
        ),
        (
            json!({"name": "heat", "title": "H", "set": {"spec": {}}}),
            "/types/0/verbs/0/set/spec",
        ),
        (
            json!({"name": "heat", "title": "H", "set": {"spec": {"key": "x"}}}),
            "/types/0/verbs/0/set/spec/key",
        ),
        (
            json!({"name": "heat", "title": "H", "set": {"spec": {"fuel": "gas"}}}),
            "/types/0/verbs/0/set/spec/fuel",
        ),
        (
            json!({"name": "heat", "title": "H", "set": {"status": {}}}),
            "/types/0/verbs/0/set/status",
        ),
        (json!({"name": "heat", "title": "H"}), "/types/0/verbs/0"),
        (json!("heat"), "/types/0/verbs/0"),
    ] {
        let mut product = bakery();
        product["types"][0]["verbs"] = json!([verb]);
        let problem = apply(&app, &product).await.problem(422, "validation_failed");
        assert_eq!(pointers(&problem), [pointer], "{verb}");
    }
    let mut product = bakery();
    let heat = json!({"name": "heat", "title": "Heat", "set": {"spec": {"degrees": 300}}});
    product["types"][0]["verbs"] = json!([heat, heat]);
    let problem = apply(&app, &product).await.problem(422, "validation_failed");
    assert_eq!(pointers(&problem), ["/types/0/verbs/1/name"]);
}
