//! Lists of resources: order, filters, and pages that neither lose nor repeat a row.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use plinth_testkit::app::{self, Client, Org};
use proptest::prelude::*;
use proptest::strategy::ValueTree;
use proptest::test_runner::TestRunner;
use serde_json::{Value, json};

use crate::etl::{each, files, named};

async fn create(org: &Org<'_>, name: &str, properties: Value, directory: &str) {
    let body = json!({"name": name, "properties": properties, "spec": files(directory)});
    org.owner.client.post(&org.path("/connections"), body).await.expect(201);
}

async fn names(org: &Org<'_>, query: &str) -> Vec<String> {
    let listed = org
        .owner
        .client
        .get(&org.path(&format!("/connections?{query}")))
        .await
        .expect(200);
    each(&listed, "name")
        .iter()
        .map(|name| name.as_str().unwrap().to_owned())
        .collect()
}

#[tokio::test]
async fn a_list_is_sorted_searched_and_filtered() {
    let app = app::start().await;
    let org = app.org("acme").await;
    create(&org, "bravo", json!({"team": "data", "size": 5}), "b").await;
    create(&org, "alpha", json!({"team": "web", "live": true}), "a").await;
    create(&org, "charlie-alpha", json!({}), "c").await;
    org.owner
        .client
        .patch(&org.path("/connections/bravo"), json!({"properties": {"x": "y"}}))
        .await
        .expect(200);
    for (query, expected) in [
        ("", vec!["charlie-alpha", "alpha", "bravo"]),
        ("sort=created_at", vec!["bravo", "alpha", "charlie-alpha"]),
        ("sort=name", vec!["alpha", "bravo", "charlie-alpha"]),
        ("sort=-name", vec!["charlie-alpha", "bravo", "alpha"]),
        ("sort=-updated_at", vec!["bravo", "charlie-alpha", "alpha"]),
        ("search=alpha&sort=name", vec!["alpha", "charlie-alpha"]),
        ("search=%25", vec![]),
        ("search=_", vec![]),
        ("filter=properties.team=data", vec!["bravo"]),
        ("filter=properties.team!=data&sort=name", vec!["alpha", "charlie-alpha"]),
        ("filter=properties.size=5", vec!["bravo"]),
        ("filter=properties.live=true", vec!["alpha"]),
        ("filter=spec.directory=c", vec!["charlie-alpha"]),
        ("filter=spec.kind=files&filter=properties.team=web", vec!["alpha"]),
        ("filter=spec.directory=c&filter=properties.team=web", vec![]),
        ("filter=properties.team=da%22ta", vec![]),
        ("filter=status.state=failed", vec![]),
    ] {
        assert_eq!(names(&org, query).await, expected, "{query}");
    }
}

#[tokio::test]
async fn a_list_that_makes_no_sense_is_refused_with_its_reason() {
    let app = app::start().await;
    let org = app.org("acme").await;
    for number in 0..3 {
        create(&org, &format!("c{number}"), json!({}), "d").await;
    }
    let list = async |query: &str| org.owner.client.get(&org.path(&format!("/connections?{query}"))).await;
    for query in [
        "limit=0",
        "limit=501",
        "limit=-1",
        "limit=x",
        "limit=1&limit=2",
        "sort=color",
        "filter=",
        "filter=team=data",
        "filter=secrets.a=1",
        "filter=properties.team",
        "unknown=1",
        "deleted=perhaps",
        &"filter=spec.a=1&".repeat(11),
    ] {
        list(query).await.problem(400, "invalid_request");
    }
    for cursor in ["x", "!!", "e30", "bnVsbA", &"a".repeat(5000)] {
        list(&format!("cursor={cursor}")).await.problem(400, "invalid_cursor");
    }
    let next = list("limit=1&sort=name").await.expect(200)["next"]
        .as_str()
        .unwrap()
        .to_owned();
    list(&format!("limit=1&sort=name&cursor={next}")).await.expect(200);
    for other in ["sort=-name", "sort=created_at", ""] {
        list(&format!("{other}&cursor={next}"))
            .await
            .problem(400, "invalid_cursor");
    }
    for other in ["search=c", "filter=properties.a=b", "deleted=true"] {
        list(&format!("sort=name&{other}&cursor={next}"))
            .await
            .problem(400, "invalid_cursor");
    }
    let pipelines = format!("/pipelines?sort=name&cursor={next}");
    let pipelines = org.owner.client.get(&org.path(&pipelines)).await;
    pipelines.problem(400, "invalid_cursor");
    let members = org
        .owner
        .client
        .get(&org.path(&format!("/members?cursor={next}")))
        .await;
    members.problem(400, "invalid_cursor");
}

#[tokio::test]
async fn deleted_resources_are_listed_only_when_asked_for() {
    let app = app::start().await;
    let org = app.org("acme").await;
    create(&org, "gone", json!({}), "g").await;
    create(&org, "here", json!({}), "h").await;
    org.owner
        .client
        .delete(&org.path("/connections/gone"))
        .await
        .expect(200);
    assert_eq!(names(&org, "").await, ["here"]);
    assert_eq!(names(&org, "deleted=true").await, ["here", "gone"]);
}

const SORTS: [&str; 6] = [
    "name",
    "-name",
    "created_at",
    "-created_at",
    "updated_at",
    "-updated_at",
];

/// All pages of a list, one after the other.
async fn walk(client: &Client, path: &str) -> Vec<Value> {
    let mut items = Vec::new();
    let mut cursor = String::new();
    loop {
        let page = client.get(&format!("{path}{cursor}")).await.expect(200);
        items.extend(page["items"].as_array().unwrap().iter().cloned());
        match page["next"].as_str() {
            Some(next) => cursor = format!("&cursor={next}"),
            None => return items,
        }
    }
}

fn is_in_order(items: &[Value], sort: &str) -> bool {
    let field = sort.trim_start_matches('-');
    // Times end in `Z` with up to six digits, which do not compare as text when zeros are left out.
    let key = |item: &Value| match field {
        "name" => item["name"].as_str().unwrap().to_owned(),
        _ => format!(
            "{:0<27}",
            item[field].as_str().unwrap().trim_end_matches('Z').replacen('.', "", 1)
        ),
    };
    let keys: Vec<String> = items.iter().map(key).collect();
    keys.windows(2).all(|pair| {
        if sort.starts_with('-') {
            pair[0] >= pair[1]
        } else {
            pair[0] <= pair[1]
        }
    })
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn all_pages_together_have_each_row_once_in_order_while_others_insert() {
    let mut product = app::etl_product();
    product["plans"][0]["quotas"] = json!({});
    let app = app::start_with(app::Setup {
        product,
        ..app::Setup::default()
    })
    .await;
    let org = app.org("acme").await;
    let strategy = (
        0..SORTS.len(),
        1_usize..=9,
        proptest::collection::btree_set("[a-z]{1,3}", 1..=8),
    );
    let mut runner = TestRunner::deterministic();
    let mut known = BTreeSet::new();
    for round in 0..10 {
        let (sort, limit, names) = strategy.new_tree(&mut runner).unwrap().current();
        for name in names {
            let name = format!("{name}-{round}");
            create(&org, &name, json!({}), "d").await;
            known.insert(name);
        }
        let stop = Arc::new(AtomicBool::new(false));
        let writer = tokio::spawn({
            let (stop, client, path) = (Arc::clone(&stop), org.owner.client.clone(), org.path("/connections"));
            async move {
                let mut made = Vec::new();
                while !stop.load(Ordering::Relaxed) && made.len() < 30 {
                    let name = format!("m{}-{round}", made.len());
                    client.post(&path, named(&name, files("d"))).await.expect(201);
                    made.push(name);
                }
                made
            }
        });
        let path = org.path(&format!("/connections?limit={limit}&sort={}", SORTS[sort]));
        let items = walk(&org.owner.client, &path).await;
        stop.store(true, Ordering::Relaxed);
        let made = writer.await.unwrap();
        let seen: Vec<&str> = items.iter().filter_map(|item| item["name"].as_str()).collect();
        let distinct: BTreeSet<&str> = seen.iter().copied().collect();
        assert_eq!(distinct.len(), seen.len(), "{path}: a row stands there twice");
        assert!(is_in_order(&items, SORTS[sort]), "{path}: {seen:?}");
        let lost: Vec<_> = known.iter().filter(|name| !distinct.contains(name.as_str())).collect();
        assert!(
            lost.is_empty(),
            "{path}: {lost:?} were there before and are not in the list"
        );
        known.extend(made);
    }
    assert_eq!(
        walk(&org.owner.client, &org.path("/connections?limit=7")).await.len(),
        known.len()
    );
}
