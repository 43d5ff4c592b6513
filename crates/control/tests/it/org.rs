//! Orgs: creation that survives a crash at each step, and who sees what.

use plinth_control::org::{self, NewOrg, Visitor};
use plinth_control::page::PageRequest;
use plinth_control::{Code, product};
use plinth_model::{Product, Role};
use plinth_store::audit;
use serde_json::json;

use crate::harness::{TestControl, open};
use crate::people::{Fault, code, key, renamed, user_of};

async fn slugs(plane: &TestControl, visitor: &Visitor) -> Vec<String> {
    let page = org::list(&plane.control, visitor, &PageRequest::default())
        .await
        .unwrap();
    page.items.into_iter().map(|membership| membership.org.slug).collect()
}

async fn finish(plane: &TestControl) -> usize {
    org::finish_interrupted(&plane.control, -1.0).await.unwrap()
}

#[tokio::test]
async fn whoever_creates_an_org_owns_it_and_nobody_else_sees_it() {
    let plane = open().await;
    let (ada, eve) = (
        plane.visitor("ada@example.com").await,
        plane.visitor("eve@example.com").await,
    );
    let created = plane.create_org(&ada, "acme").await.unwrap();
    assert_eq!(
        (created.slug.as_str(), created.name.as_str(), created.plan.as_str()),
        ("acme", "ACME", "free")
    );
    for org_ref in ["acme", &created.id.to_string()] {
        let caller = plane.enter(&ada, org_ref).await.unwrap();
        assert_eq!(caller.roles, [Role::Owner]);
        assert_eq!(org::get(&plane.control, &caller).await.unwrap(), created);
        assert_eq!(code(plane.enter(&eve, org_ref).await), Code::NotFound);
    }
    assert_eq!(
        (slugs(&plane, &ada).await, slugs(&plane, &eve).await),
        (vec!["acme".to_owned()], vec![])
    );
}

#[tokio::test]
async fn a_taken_slug_is_a_conflict_at_the_slug() {
    let plane = open().await;
    let (ada, eve) = (
        plane.visitor("ada@example.com").await,
        plane.visitor("eve@example.com").await,
    );
    plane.create_org(&ada, "acme").await.unwrap();
    for visitor in [&ada, &eve] {
        let error = plane.create_org(visitor, "acme").await.unwrap_err();
        assert_eq!(
            (error.code, error.errors[0].pointer.as_str()),
            (Code::Conflict, "/slug")
        );
    }
}

#[tokio::test]
async fn each_wrong_field_of_a_new_org_is_named() {
    let plane = open().await;
    let ada = plane.visitor("ada@example.com").await;
    let new = NewOrg {
        slug: "A b".to_owned(),
        name: " \n".to_owned(),
        plan: "free".to_owned(),
    };
    let error = org::create(&plane.control, &ada, &new, None).await.unwrap_err();
    let pointers: Vec<_> = error.errors.iter().map(|error| error.pointer.as_str()).collect();
    assert_eq!((error.code, pointers), (Code::ValidationFailed, vec!["/slug", "/name"]));
}

#[tokio::test]
async fn a_repeated_request_creates_one_org() {
    let plane = open().await;
    let ada = plane.visitor("ada@example.com").await;
    let new = NewOrg {
        slug: "acme".to_owned(),
        name: "Acme".to_owned(),
        plan: "free".to_owned(),
    };
    let create = async |request: &str| org::create(&plane.control, &ada, &new, Some(&key("k", request))).await;
    let first = create("one").await.unwrap();
    assert_eq!(create("one").await.unwrap(), first);
    assert_eq!(code(create("two").await), Code::IdempotencyKeyReused);
    assert_eq!(slugs(&plane, &ada).await, ["acme"]);
}

#[tokio::test]
async fn a_creation_that_fails_while_it_reserves_leaves_nothing() {
    let plane = open().await;
    let ada = plane.visitor("ada@example.com").await;
    let fault = Fault::new(&plane.test.directory, "org_users", "insert").await;
    assert_eq!(code(plane.create_org(&ada, "acme").await), Code::Unavailable);
    fault.repair().await;
    assert_eq!(finish(&plane).await, 0);
    let eve = plane.visitor("eve@example.com").await;
    assert!(plane.create_org(&eve, "acme").await.is_ok(), "the slug is free");
}

/// Fails in the cell, then in the directory: `finished` is what puts it right.
async fn interrupted_after_reservation(finished: impl AsyncFn(&TestControl, &Visitor)) {
    for (of_cell, table, operation) in [
        (true, "orgs", "insert"),
        (true, "memberships", "insert"),
        (false, "orgs", "update"),
    ] {
        let plane = open().await;
        let ada = plane.visitor("ada@example.com").await;
        let database = if of_cell {
            &plane.test.cell
        } else {
            &plane.test.directory
        };
        let fault = Fault::new(database, table, operation).await;
        assert_eq!(code(plane.create_org(&ada, "acme").await), Code::Unavailable);
        assert_eq!(slugs(&plane, &ada).await, Vec::<String>::new());
        assert_eq!(code(plane.enter(&ada, "acme").await), Code::NotFound);
        assert_eq!(
            org::finish_interrupted(&plane.control, 3600.0).await.unwrap(),
            0,
            "it may still be under way"
        );
        assert_eq!(finish(&plane).await, 0, "the fault is still there");
        let eve = plane.visitor("eve@example.com").await;
        assert_eq!(code(plane.create_org(&eve, "acme").await), Code::Conflict);
        fault.repair().await;
        finished(&plane, &ada).await;
    }
}

async fn assert_whole(plane: &TestControl, owner: &Visitor) {
    assert_eq!(finish(plane).await, 0, "nothing is left to finish");
    assert_eq!(slugs(plane, owner).await, ["acme"]);
    let select = "select count(*) from plinth.event_inbox";
    let events: i64 = plane
        .test
        .cell
        .admin()
        .await
        .query_one(select, &[])
        .await
        .unwrap()
        .get(0);
    assert_eq!(events, 2, "one org and one owner came to be");
}

#[tokio::test]
async fn an_interrupted_creation_is_finished_by_housekeeping() {
    interrupted_after_reservation(async |plane, ada| {
        assert_eq!(finish(plane).await, 1);
        assert_whole(plane, ada).await;
    })
    .await;
}

#[tokio::test]
async fn an_interrupted_creation_is_finished_by_trying_again() {
    interrupted_after_reservation(async |plane, ada| {
        plane.create_org(ada, "acme").await.unwrap();
        assert_whole(plane, ada).await;
    })
    .await;
}

#[tokio::test]
async fn an_interrupted_creation_is_forgotten_when_its_creator_is_gone() {
    interrupted_after_reservation(async |plane, ada| {
        let delete = "delete from plinth.users where id = $1";
        plane
            .test
            .directory
            .admin()
            .await
            .execute(delete, &[&user_of(ada).0])
            .await
            .unwrap();
        assert_eq!(finish(plane).await, 1);
        let count = "select count(*) from plinth.orgs";
        for database in [&plane.test.directory, &plane.test.cell] {
            assert_eq!(
                database
                    .admin()
                    .await
                    .query_one(count, &[])
                    .await
                    .unwrap()
                    .get::<_, i64>(0),
                0
            );
        }
        let bob = plane.visitor("bob@example.com").await;
        assert!(plane.create_org(&bob, "acme").await.is_ok(), "the slug is free");
    })
    .await;
}

#[tokio::test]
async fn creators_in_a_race_for_a_slug_leave_one_winner() {
    let plane = open().await;
    let mut visitors = Vec::new();
    for number in 0..6 {
        visitors.push(plane.visitor(&format!("user-{number}@example.com")).await);
    }
    let attempts = visitors.iter().map(|visitor| plane.create_org(visitor, "acme"));
    let outcomes = futures::future::join_all(attempts).await;
    assert_eq!(outcomes.iter().filter(|outcome| outcome.is_ok()).count(), 1);
    assert!(
        outcomes
            .into_iter()
            .filter_map(Result::err)
            .all(|error| error.code == Code::Conflict)
    );
}

#[tokio::test]
async fn the_list_of_ones_orgs_comes_in_pages_and_passes_over_stray_hints() {
    let plane = open().await;
    let ada = plane.visitor("ada@example.com").await;
    for slug in ["c", "a", "b"] {
        plane.create_org(&ada, slug).await.unwrap();
    }
    let page = |cursor| PageRequest { limit: Some(2), cursor };
    let first = org::list(&plane.control, &ada, &page(None)).await.unwrap();
    let second = org::list(&plane.control, &ada, &page(first.next.clone()))
        .await
        .unwrap();
    let slugs_of = |items: &[org::Membership]| items.iter().map(|item| item.org.slug.clone()).collect::<Vec<_>>();
    assert_eq!(
        (slugs_of(&first.items), slugs_of(&second.items)),
        (vec!["a".into(), "b".into()], vec!["c".into()])
    );
    assert_eq!(second.next, None);
    let delete = "delete from plinth.memberships where org_id = (select org_id from plinth.orgs where slug = 'b')";
    assert_eq!(plane.test.cell.admin().await.execute(delete, &[]).await.unwrap(), 1);
    assert_eq!(slugs(&plane, &ada).await, ["a", "c"]);
}

#[tokio::test]
async fn an_admin_renames_an_org_and_a_developer_does_not() {
    let plane = open().await;
    let (org, _) = plane.org("acme").await;
    let (_, admin) = plane.member(&org, "admin@example.com", &["admin"]).await;
    let (_, developer) = plane.member(&org, "dev@example.com", &["developer"]).await;
    assert_eq!(
        org::update(&plane.control, &admin, &renamed(" Acme Ltd "), None)
            .await
            .unwrap()
            .name,
        "Acme Ltd"
    );
    assert_eq!(
        code(org::update(&plane.control, &admin, &renamed(""), None).await),
        Code::ValidationFailed
    );
    let error = org::update(&plane.control, &developer, &renamed("Mine"), None)
        .await
        .unwrap_err();
    assert_eq!(
        (error.code, error.permission.as_deref()),
        (Code::Forbidden, Some("org:update"))
    );
    assert_eq!(org::get(&plane.control, &developer).await.unwrap().name, "Acme Ltd");
}

#[tokio::test]
async fn permissions_are_those_of_the_roles_and_the_product() {
    let plane = open().await;
    let product: Product = serde_json::from_value(json!({
        "product": {"name": "p", "title": "P"},
        "types": [{"name": "pipeline", "plural": "pipelines", "title": "P", "title_plural": "Ps", "verbs": [{"name": "pause", "title": "Pause", "set": {"spec": {"paused": true}}}], "spec_schema": {}}],
    }))
    .unwrap();
    product::apply(&plane.control, "operator", product, product::Mode::Apply)
        .await
        .unwrap();
    let (org, owner) = plane.org("acme").await;
    let mut table = format!("owner: {}\n", org::permissions(&owner).join(" "));
    for role in ["admin", "developer", "viewer", "billing"] {
        let (_, caller) = plane.member(&org, &format!("{role}@example.com"), &[role]).await;
        table += &format!("{role}: {}\n", org::permissions(&caller).join(" "));
    }
    insta::assert_snapshot!(table);
}

#[tokio::test]
async fn an_orgs_log_begins_with_its_creation_by_its_creator() {
    let plane = open().await;
    let ada = plane.visitor("ada@example.com").await;
    let created = plane.create_org(&ada, "acme").await.unwrap();
    let caller = plane.enter(&ada, "acme").await.unwrap();
    plane.number_events().await;
    let events = plinth_store::event::log_after(&plane.test.store, &caller.scope, 0, 10)
        .await
        .unwrap()
        .events;
    let told: Vec<_> = events
        .iter()
        .map(|event| (event.kind.as_str(), event.actor.name.as_str()))
        .collect();
    assert_eq!(told, [("org", "ada"), ("member", "ada")]);
    assert_eq!(events[0].subject.0, created.id.0);
    let verdict = audit::verify(&plane.test.store, &caller.scope).await.unwrap();
    assert_eq!(verdict, audit::Verdict::Intact { events: 2 });
}
