//! Invitations: single use, for one address, never silently without mail.

use futures::future::join;
use plinth_control::invitation::{self, Invitation, NewInvitation};
use plinth_control::member::{self, MemberPatch};
use plinth_control::org;
use plinth_control::page::PageRequest;
use plinth_control::policy::{self, Draft, Says};
use plinth_control::resource::Mode;
use plinth_control::{Caller, Code, ControlError};
use plinth_model::Role;
use plinth_model::id::OrgId;

use crate::harness::{TestControl, open};
use crate::people::{Fault, code, key, roles, user_of};

const BOB: &str = "bob@example.com";

async fn invite(plane: &TestControl, caller: &Caller, email: &str, with: &[&str]) -> Result<Invitation, ControlError> {
    let new = NewInvitation {
        email: email.to_owned(),
        roles: roles(with),
    };
    invitation::create(&plane.control, caller, &new, None).await
}

async fn token(plane: &TestControl) -> String {
    plane.mailed_token(BOB, "invite").await
}

#[tokio::test]
async fn the_invited_address_joins_with_the_roles_of_the_invitation() {
    let plane = open().await;
    let (org, owner) = plane.org("acme").await;
    let invited = invite(&plane, &owner, " Bob@Example.com ", &["developer", "billing"])
        .await
        .unwrap();
    assert_eq!(
        (invited.email.as_str(), invited.invited_by.name.as_str()),
        (BOB, "acme")
    );
    let token = token(&plane).await;
    let preview = invitation::preview(&plane.control, &token).await.unwrap();
    assert_eq!((preview.org.slug.as_str(), preview.email.as_str()), ("acme", BOB));
    let bob = plane.unverified(BOB).await;
    let joined = invitation::accept(&plane.control, &bob, &token, None).await.unwrap();
    assert_eq!(
        (joined.org.id, joined.roles.as_slice()),
        (org.id, [Role::Developer, Role::Billing].as_slice())
    );
    assert_eq!(plane.enter(&bob, "acme").await.unwrap().roles, joined.roles);
    let mine = org::list(&plane.control, &bob, &PageRequest::default()).await.unwrap();
    assert_eq!(mine.items, [joined]);
    let select = "select email_verified_at is not null from plinth.users where id = $1";
    let verified = plane
        .test
        .directory
        .admin()
        .await
        .query_one(select, &[&user_of(&bob).0])
        .await
        .unwrap();
    assert!(verified.get::<_, bool>(0), "the link came by mail to that address");
}

#[tokio::test]
async fn an_invitation_works_once() {
    let plane = open().await;
    let (_, owner) = plane.org("acme").await;
    invite(&plane, &owner, BOB, &["viewer"]).await.unwrap();
    let (token, bob) = (token(&plane).await, plane.visitor(BOB).await);
    let one = invitation::accept(&plane.control, &bob, &token, None);
    let (one, two) = join(one, invitation::accept(&plane.control, &bob, &token, None)).await;
    assert!(one.is_ok() != two.is_ok());
    assert_eq!(one.err().or(two.err()).unwrap().code, Code::NotFound);
    assert_eq!(code(invitation::preview(&plane.control, &token).await), Code::NotFound);
    let page = invitation::list(&plane.control, &owner, &PageRequest::default())
        .await
        .unwrap();
    assert!(page.items[0].accepted_at.is_some());
    assert_eq!(
        code(invitation::revoke(&plane.control, &owner, page.items[0].id, None).await),
        Code::NotFound
    );
}

#[tokio::test]
async fn an_invitation_is_of_no_use_to_another_address() {
    let plane = open().await;
    let (_, owner) = plane.org("acme").await;
    invite(&plane, &owner, BOB, &["viewer"]).await.unwrap();
    let (token, eve) = (token(&plane).await, plane.visitor("eve@example.com").await);
    assert_eq!(
        code(invitation::accept(&plane.control, &eve, &token, None).await),
        Code::Forbidden
    );
    assert_eq!(code(plane.enter(&eve, "acme").await), Code::NotFound);
    let bob = plane.visitor(BOB).await;
    assert!(
        invitation::accept(&plane.control, &bob, &token, None).await.is_ok(),
        "it is not used up"
    );
}

#[tokio::test]
async fn what_is_expired_revoked_renewed_or_no_invitation_opens_nothing() {
    let plane = open().await;
    let (_, owner) = plane.org("acme").await;
    let bob = plane.visitor(BOB).await;
    let first = invite(&plane, &owner, BOB, &["viewer"]).await.unwrap();
    let renewed_token = token(&plane).await;
    let second = invite(&plane, &owner, BOB, &["billing"]).await.unwrap();
    assert_eq!(
        (second.id, second.roles),
        (first.id, vec![Role::Billing]),
        "the open invitation was renewed"
    );
    let expired_token = token(&plane).await;
    let expire = "update plinth.invitations set expires_at = now() - interval '1 second'";
    plane.test.cell.admin().await.execute(expire, &[]).await.unwrap();
    let nowhere = format!("plinth_{}_secret", plinth_model::Id(OrgId::generate().0).text("inv"));
    for token in [&renewed_token, &expired_token, &nowhere, "", "plinth_inv_x"] {
        assert_eq!(
            code(invitation::preview(&plane.control, token).await),
            Code::NotFound,
            "{token}"
        );
        assert_eq!(
            code(invitation::accept(&plane.control, &bob, token, None).await),
            Code::NotFound,
            "{token}"
        );
    }
    invite(&plane, &owner, BOB, &["viewer"]).await.unwrap();
    let revoked = token(&plane).await;
    invitation::revoke(&plane.control, &owner, first.id, None)
        .await
        .unwrap();
    assert_eq!(
        code(invitation::accept(&plane.control, &bob, &revoked, None).await),
        Code::NotFound
    );
}

#[tokio::test]
async fn only_who_may_and_has_a_confirmed_address_invites() {
    let plane = open().await;
    let (org, owner) = plane.org("acme").await;
    let (_, admin) = plane.member(&org, "admin@example.com", &["admin"]).await;
    let (_, developer) = plane.member(&org, "dev@example.com", &["developer"]).await;
    let newcomer = plane.unverified("new@example.com").await;
    plane.join(&org, &newcomer, &["admin"]).await;
    let newcomer = plane.enter(&newcomer, "acme").await.unwrap();
    assert_eq!(
        code(invite(&plane, &developer, BOB, &["viewer"]).await),
        Code::Forbidden
    );
    assert_eq!(code(invite(&plane, &admin, BOB, &["owner"]).await), Code::Forbidden);
    assert_eq!(
        code(invite(&plane, &newcomer, BOB, &["viewer"]).await),
        Code::EmailNotVerified
    );
    assert_eq!(
        code(invite(&plane, &owner, "dev@example.com", &["viewer"]).await),
        Code::Conflict
    );
    for (email, with, pointer) in [
        ("bob", vec!["viewer"], "/email"),
        (BOB, vec!["king"], "/roles/0"),
        (BOB, vec![], "/roles"),
    ] {
        let error = invite(&plane, &owner, email, &with).await.unwrap_err();
        assert_eq!(error.errors[0].pointer, pointer);
    }
    assert_eq!(plane.mail_count(BOB).await, 0);
    assert!(invite(&plane, &owner, BOB, &["owner"]).await.is_ok());
    assert!(invite(&plane, &admin, "carol@example.com", &["admin"]).await.is_ok());
}

#[tokio::test]
async fn mail_that_a_crash_held_up_is_sent_later_and_once() {
    let plane = open().await;
    let (_, owner) = plane.org("acme").await;
    let fault = Fault::new(&plane.test.directory, "emails", "insert").await;
    assert_eq!(code(invite(&plane, &owner, BOB, &["viewer"]).await), Code::Unavailable);
    let send = async |age| invitation::send_owed(&plane.control, age).await.unwrap();
    assert_eq!(send(-1.0).await, 0, "the fault is still there");
    fault.repair().await;
    assert_eq!(send(3600.0).await, 0, "it may still be under way");
    assert_eq!((send(-1.0).await, send(-1.0).await), (1, 0));
    assert_eq!(plane.mail_count(BOB).await, 1);
    let (token, bob) = (token(&plane).await, plane.visitor(BOB).await);
    assert!(invitation::accept(&plane.control, &bob, &token, None).await.is_ok());
}

#[tokio::test]
async fn inviting_again_after_a_failure_sends_the_mail() {
    let plane = open().await;
    let (_, owner) = plane.org("acme").await;
    let fault = Fault::new(&plane.test.directory, "emails", "insert").await;
    assert_eq!(code(invite(&plane, &owner, BOB, &["viewer"]).await), Code::Unavailable);
    fault.repair().await;
    invite(&plane, &owner, BOB, &["viewer"]).await.unwrap();
    assert_eq!(
        (
            plane.mail_count(BOB).await,
            invitation::send_owed(&plane.control, -1.0).await.unwrap()
        ),
        (1, 0)
    );
}

#[tokio::test]
async fn a_repeated_request_invites_and_accepts_once() {
    let plane = open().await;
    let (_, owner) = plane.org("acme").await;
    let new = NewInvitation {
        email: BOB.to_owned(),
        roles: roles(&["viewer"]),
    };
    let create = async || {
        invitation::create(&plane.control, &owner, &new, Some(&key("k", "r")))
            .await
            .unwrap()
    };
    assert_eq!(create().await, create().await);
    assert_eq!(plane.mail_count(BOB).await, 1);
    let (token, bob) = (token(&plane).await, plane.visitor(BOB).await);
    let accept = async || {
        invitation::accept(&plane.control, &bob, &token, Some(&key("k", "r")))
            .await
            .unwrap()
    };
    assert_eq!(accept().await, accept().await);
}

#[tokio::test]
async fn whoever_loses_the_right_to_invite_leaves_no_door_open() {
    let plane = open().await;
    let (org, owner) = plane.org("acme").await;
    let (admin_id, admin) = plane.member(&org, "admin@example.com", &["admin"]).await;
    let (second_id, second) = plane.member(&org, "second@example.com", &["owner"]).await;
    let count = async || {
        invitation::list(&plane.control, &owner, &PageRequest::default())
            .await
            .unwrap()
            .items
            .len()
    };
    let demote = async |user, to: &[&str]| {
        let patch = MemberPatch {
            roles: Some(roles(to)),
            ..Default::default()
        };
        member::update(&plane.control, &owner, user, &patch, None)
            .await
            .unwrap();
    };
    invite(&plane, &owner, "a@example.com", &["viewer"]).await.unwrap();
    invite(&plane, &admin, "b@example.com", &["viewer"]).await.unwrap();
    invite(&plane, &second, "c@example.com", &["owner"]).await.unwrap();
    demote(admin_id, &["admin", "billing"]).await;
    assert_eq!(count().await, 3, "an admin may still invite");
    demote(second_id, &["admin"]).await;
    assert_eq!(count().await, 2, "an admin may not invite owners");
    member::remove(&plane.control, &owner, admin_id, None).await.unwrap();
    assert_eq!(count().await, 1);
}

#[tokio::test]
async fn the_right_to_invite_is_what_policies_say() {
    let plane = open().await;
    let (org, owner) = plane.org("acme").await;
    let (recruiter, _) = plane.member(&org, "rita@example.com", &["viewer"]).await;
    let text = r#"permit (principal in Group::"recruiters", action == Action::"invitations:create", resource);
        forbid (principal in Group::"frozen", action == Action::"invitations:create", resource);"#;
    let draft = Draft {
        name: "recruiters".to_owned(),
        description: String::new(),
        says: Says::Cedar(text.to_owned()),
    };
    policy::create(&plane.control, &owner, &draft, Mode::Commit, None)
        .await
        .unwrap();
    let owner = plane.enter_user(org.owner, &org.owner_email, "acme").await;
    let belongs = async |groups: &[&str]| {
        let patch = MemberPatch {
            groups: Some(roles(groups)),
            ..Default::default()
        };
        member::update(&plane.control, &owner, recruiter, &patch, None)
            .await
            .unwrap();
    };
    for (groups, open) in [
        (&["recruiters", "sales"][..], 1),
        (&["recruiters", "frozen"], 0),
        (&["sales"], 0),
    ] {
        belongs(&["recruiters"]).await;
        let rita = plane.enter_user(recruiter, "rita@example.com", "acme").await;
        invite(&plane, &rita, BOB, &["viewer"]).await.unwrap();
        belongs(groups).await;
        let page = invitation::list(&plane.control, &owner, &PageRequest::default())
            .await
            .unwrap();
        assert_eq!(page.items.len(), open, "{groups:?}");
    }
}

#[tokio::test]
async fn another_orgs_invitation_is_not_there() {
    let plane = open().await;
    let ((_, owner), (_, rival)) = (plane.org("acme").await, plane.org("rival").await);
    let invited = invite(&plane, &owner, BOB, &["viewer"]).await.unwrap();
    assert_eq!(
        code(invitation::revoke(&plane.control, &rival, invited.id, None).await),
        Code::NotFound
    );
    let seen = invitation::list(&plane.control, &rival, &PageRequest::default())
        .await
        .unwrap();
    assert_eq!(seen.items, []);
    assert!(invitation::preview(&plane.control, &token(&plane).await).await.is_ok());
}
