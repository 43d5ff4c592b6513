//! Members: who may change whom, and that an org always has an owner.

use futures::future::join;
use plinth_control::member::{self, MemberPatch};
use plinth_control::org;
use plinth_control::page::PageRequest;
use plinth_control::{Caller, Code, ControlError};
use plinth_model::Role;
use plinth_model::id::UserId;
use serde_json::json;

use crate::harness::{TestControl, open};
use crate::people::{code, roles, user_of};

async fn set_roles(
    plane: &TestControl,
    caller: &Caller,
    user: UserId,
    to: &[&str],
) -> Result<member::Member, ControlError> {
    let patch = MemberPatch {
        roles: Some(roles(to)),
        ..Default::default()
    };
    member::update(&plane.control, caller, user, &patch, None).await
}

/// Counted in the database: who was an owner may not see the members any more.
async fn owner_count(plane: &TestControl, owner: &Caller) -> i64 {
    let admin = plane.test.cell.admin().await;
    let count = "select count(*) from plinth.memberships where org_id = $1 and 'owner' = any (roles)";
    admin.query_one(count, &[&owner.scope.org.0]).await.unwrap().get(0)
}

#[tokio::test]
async fn the_last_owner_cannot_be_demoted_removed_or_leave() {
    let plane = open().await;
    let (org, owner) = plane.org("acme").await;
    assert_eq!(
        code(set_roles(&plane, &owner, org.owner, &["admin"]).await),
        Code::Conflict
    );
    assert_eq!(
        code(member::remove(&plane.control, &owner, org.owner, None).await),
        Code::Conflict
    );
    let (other, _) = plane.member(&org, "other@example.com", &["owner"]).await;
    assert!(
        set_roles(&plane, &owner, org.owner, &["admin", "billing"])
            .await
            .is_ok()
    );
    assert_eq!(
        code(set_roles(&plane, &owner, other, &["viewer"]).await),
        Code::Conflict
    );
}

#[tokio::test]
async fn owners_who_remove_each_other_at_the_same_time_leave_one() {
    let plane = open().await;
    for round in 0..8 {
        let (org, owner) = plane.org(&format!("org-{round}")).await;
        let (other, second) = plane
            .member(&org, &format!("other-{round}@example.com"), &["owner"])
            .await;
        let (one, two) = if round % 2 == 0 {
            let one = member::remove(&plane.control, &owner, other, None);
            join(one, member::remove(&plane.control, &second, org.owner, None)).await
        } else {
            let one = member::remove(&plane.control, &owner, org.owner, None);
            join(one, member::remove(&plane.control, &second, other, None)).await
        };
        assert!(one.is_ok() != two.is_ok(), "{one:?} {two:?}");
        assert_eq!(owner_count(&plane, &owner).await, 1);
    }
}

#[tokio::test]
async fn owners_who_demote_each_other_at_the_same_time_leave_one() {
    let plane = open().await;
    for round in 0..8 {
        let (org, owner) = plane.org(&format!("org-{round}")).await;
        let (other, second) = plane
            .member(&org, &format!("other-{round}@example.com"), &["owner"])
            .await;
        let one = set_roles(&plane, &owner, other, &["viewer"]);
        let (one, two) = join(one, set_roles(&plane, &second, org.owner, &["viewer"])).await;
        assert!(one.is_ok() != two.is_ok(), "{one:?} {two:?}");
        assert_eq!(owner_count(&plane, &owner).await, 1);
    }
}

#[tokio::test]
async fn only_an_owner_gives_or_takes_the_role_owner() {
    let plane = open().await;
    let (org, owner) = plane.org("acme").await;
    let (admin_id, admin) = plane.member(&org, "admin@example.com", &["admin"]).await;
    let (dev, _) = plane.member(&org, "dev@example.com", &["developer"]).await;
    for refused in [
        set_roles(&plane, &admin, dev, &["owner"]).await.map(drop),
        set_roles(&plane, &admin, admin_id, &["admin", "owner"]).await.map(drop),
        set_roles(&plane, &admin, org.owner, &["viewer"]).await.map(drop),
        member::remove(&plane.control, &admin, org.owner, None).await,
    ] {
        let error = refused.unwrap_err();
        assert_eq!(
            (error.code, error.permission.as_deref()),
            (Code::Forbidden, Some("members:grant-owner"))
        );
    }
    assert_eq!(
        set_roles(&plane, &admin, dev, &["viewer", "admin", "viewer"])
            .await
            .unwrap()
            .roles,
        [Role::Admin, Role::Viewer]
    );
    assert_eq!(
        set_roles(&plane, &owner, dev, &["owner"]).await.unwrap().roles,
        [Role::Owner]
    );
}

#[tokio::test]
async fn other_roles_are_in_force_at_once() {
    let plane = open().await;
    let (org, owner) = plane.org("acme").await;
    let dev = plane.visitor("dev@example.com").await;
    plane.join(&org, &dev, &["developer"]).await;
    assert_eq!(plane.enter(&dev, "acme").await.unwrap().roles, [Role::Developer]);
    set_roles(&plane, &owner, user_of(&dev), &["viewer"]).await.unwrap();
    assert_eq!(plane.enter(&dev, "acme").await.unwrap().roles, [Role::Viewer]);
    member::remove(&plane.control, &owner, user_of(&dev), None)
        .await
        .unwrap();
    assert_eq!(code(plane.enter(&dev, "acme").await), Code::NotFound);
}

#[tokio::test]
async fn whoever_leaves_is_gone_without_a_trace_in_the_directory() {
    let plane = open().await;
    let (org, owner) = plane.org("acme").await;
    let dev = plane.visitor("dev@example.com").await;
    plane.join(&org, &dev, &["viewer"]).await;
    plane
        .directory(&format!(
            "insert into plinth.org_users values ('{}', '{}')",
            user_of(&dev).0,
            org.id.0
        ))
        .await;
    let caller = plane.enter(&dev, "acme").await.unwrap();
    assert_eq!(
        code(member::remove(&plane.control, &caller, org.owner, None).await),
        Code::Forbidden
    );
    member::remove(&plane.control, &caller, user_of(&dev), None)
        .await
        .unwrap();
    assert_eq!(
        code(member::remove(&plane.control, &owner, user_of(&dev), None).await),
        Code::NotFound
    );
    let hints = "select count(*) from plinth.org_users where user_id = $1";
    let hints = plane
        .test
        .directory
        .admin()
        .await
        .query_one(hints, &[&user_of(&dev).0])
        .await
        .unwrap();
    assert_eq!(hints.get::<_, i64>(0), 0);
    let mine = org::list(&plane.control, &dev, &PageRequest::default()).await.unwrap();
    assert_eq!(mine.items, []);
}

#[tokio::test]
async fn a_viewer_changes_nobody() {
    let plane = open().await;
    let (org, _) = plane.org("acme").await;
    let (viewer_id, viewer) = plane.member(&org, "viewer@example.com", &["viewer"]).await;
    for user in [viewer_id, org.owner] {
        let error = set_roles(&plane, &viewer, user, &["viewer"]).await.unwrap_err();
        assert_eq!(
            (error.code, error.permission.as_deref()),
            (Code::Forbidden, Some("members:update"))
        );
    }
}

#[tokio::test]
async fn roles_and_attributes_are_checked_field_by_field() {
    let plane = open().await;
    let (org, owner) = plane.org("acme").await;
    let (dev, _) = plane.member(&org, "dev@example.com", &["developer"]).await;
    for (to, pointer) in [(vec!["viewer", "king"], "/roles/1"), (vec![], "/roles")] {
        let error = set_roles(&plane, &owner, dev, &to).await.unwrap_err();
        assert_eq!(
            (error.code, error.errors[0].pointer.as_str()),
            (Code::ValidationFailed, pointer)
        );
    }
    let patch = |value: serde_json::Value| MemberPatch {
        attributes: value.as_object().cloned(),
        ..Default::default()
    };
    let nested = member::update(
        &plane.control,
        &owner,
        dev,
        &patch(json!({"team": {"name": "data"}})),
        None,
    )
    .await;
    assert_eq!(nested.unwrap_err().errors[0].pointer, "/attributes");
    let flat = member::update(&plane.control, &owner, dev, &patch(json!({"team": "data"})), None)
        .await
        .unwrap();
    assert_eq!(
        (flat.attributes["team"].as_str(), flat.roles),
        (Some("data"), vec![Role::Developer])
    );
}

#[tokio::test]
async fn a_member_of_another_org_is_not_there() {
    let plane = open().await;
    let (_, owner) = plane.org("acme").await;
    let (rival, _) = plane.org("rival").await;
    for user in [rival.owner, UserId::generate()] {
        assert_eq!(code(set_roles(&plane, &owner, user, &["viewer"]).await), Code::NotFound);
        assert_eq!(
            code(member::remove(&plane.control, &owner, user, None).await),
            Code::NotFound
        );
    }
}

#[tokio::test]
async fn members_come_in_pages_each_once() {
    let plane = open().await;
    let (org, owner) = plane.org("acme").await;
    for number in 0..4 {
        plane.member(&org, &format!("m{number}@example.com"), &["viewer"]).await;
    }
    let (mut seen, mut cursor) = (Vec::new(), None);
    loop {
        let request = PageRequest { limit: Some(2), cursor };
        let page = member::list(&plane.control, &owner, &request).await.unwrap();
        assert!(page.items.len() <= 2);
        seen.extend(page.items.into_iter().map(|member| member.email));
        cursor = page.next;
        if cursor.is_none() {
            break;
        }
    }
    assert_eq!(
        seen,
        [
            "acme@example.com",
            "m0@example.com",
            "m1@example.com",
            "m2@example.com",
            "m3@example.com"
        ]
    );
    let bad = PageRequest {
        limit: None,
        cursor: Some("bm9uc2Vuc2U".to_owned()),
    };
    assert_eq!(
        code(member::list(&plane.control, &owner, &bad).await),
        Code::InvalidCursor
    );
}
