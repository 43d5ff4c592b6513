//! Orgs in the directory and in their cell.

use plinth_model::id::{OrgId, UserId};
use plinth_store::directory::{self, Creation};
use plinth_store::org::{self, Founding};
use plinth_store::{Store, member};
use plinth_testkit::store::{Verified, open, scope};

fn creation(name: &str) -> Creation {
    Creation {
        name: name.to_owned(),
        plan: "free".to_owned(),
    }
}

async fn roles(store: &plinth_store::Store, scope: &plinth_model::Scope, user: UserId) -> Option<Vec<String>> {
    let found = member::standing(store, scope, user).await.unwrap();
    found.map(|found| found.roles)
}

async fn reserve(store: &Store, slug: &str, creator: UserId) -> Option<OrgId> {
    let mut tx = store.directory().await.unwrap();
    let place = directory::reserve(&mut tx, OrgId::generate(), slug, creator, &creation(slug))
        .await
        .unwrap();
    tx.commit().await.unwrap();
    place.map(|place| OrgId(place.id))
}

#[tokio::test]
async fn a_new_org_has_its_creator_as_owner() {
    let test = open().await;
    let org = test.org("acme").await;
    let found = org::get(&test.store, &org.scope).await.unwrap().unwrap();
    assert_eq!((found.id, found.slug.as_str()), (org.id.0, "acme"));
    assert_eq!(
        roles(&test.store, &org.scope, org.owner).await,
        Some(vec!["owner".to_owned()])
    );
    assert_eq!(roles(&test.store, &org.scope, UserId::generate()).await, None);
}

#[tokio::test]
async fn an_org_in_no_cell_has_no_members() {
    let test = open().await;
    let user = test.user("a@example.com", Verified::Yes).await;
    let nowhere = scope(OrgId::generate(), user, "a@example.com");
    assert_eq!(roles(&test.store, &nowhere, user).await, None);
}

#[tokio::test]
async fn an_interrupted_creation_goes_on_for_its_creator_and_is_taken_for_others() {
    let test = open().await;
    let (one, other) = (
        test.user("a@example.com", Verified::Yes).await,
        test.user("b@example.com", Verified::Yes).await,
    );
    let first = reserve(&test.store, "acme", one).await;
    assert!(first.is_some());
    assert_eq!(reserve(&test.store, "acme", one).await, first);
    assert_eq!(reserve(&test.store, "acme", other).await, None);
    let mut tx = test.store.directory().await.unwrap();
    directory::activate(&mut tx, first.unwrap()).await.unwrap();
    tx.commit().await.unwrap();
    assert_eq!(reserve(&test.store, "acme", one).await, None);
}

#[tokio::test]
async fn founding_twice_does_not_bring_an_owner_back() {
    let test = open().await;
    let org = test.org("acme").await;
    let mut tx = test.store.begin(&org.scope).await.unwrap();
    assert_eq!(member::remove(&mut tx, &org.scope, org.owner).await.unwrap(), 1);
    tx.commit().await.unwrap();
    let founding = Founding {
        slug: "acme",
        name: "acme",
        plan: "free",
        owner: org.owner,
        owner_email: &org.owner_email,
        owner_name: "acme",
    };
    org::found(&test.store, &org.scope, &founding).await.unwrap();
    assert_eq!(roles(&test.store, &org.scope, org.owner).await, None);
}
