//! Service accounts: nobody gains rights through one, and what is revoked ends at once.

use plinth_control::auth;
use plinth_control::page::PageRequest;
use plinth_control::service_account::{self, Issued, NewServiceAccount, NewToken, ServiceAccount};
use plinth_control::{Caller, Code, ControlError};
use plinth_model::Role;
use plinth_model::id::{ServiceAccountId, TokenId};

use crate::harness::{TestControl, open};
use crate::people::{code, key, roles};

async fn create(
    plane: &TestControl,
    caller: &Caller,
    name: &str,
    with: &[&str],
) -> Result<ServiceAccount, ControlError> {
    let new = NewServiceAccount {
        name: name.to_owned(),
        roles: roles(with),
        ..Default::default()
    };
    service_account::create(&plane.control, caller, &new, None).await
}

async fn set_roles(
    plane: &TestControl,
    caller: &Caller,
    account: ServiceAccountId,
    to: &[&str],
) -> Result<ServiceAccount, ControlError> {
    let patch = service_account::ServiceAccountPatch {
        roles: Some(roles(to)),
        ..Default::default()
    };
    service_account::update(&plane.control, caller, account, &patch, None).await
}

async fn issue(plane: &TestControl, caller: &Caller, account: ServiceAccountId) -> Result<Issued, ControlError> {
    let new = NewToken {
        name: "deploy".to_owned(),
        expires_in_secs: None,
    };
    service_account::issue(&plane.control, caller, account, &new, None).await
}

async fn roles_of(plane: &TestControl, secret: &str, org: &str) -> Result<Vec<Role>, ControlError> {
    let identity = auth::identify(&plane.control, secret).await?;
    Ok(plane.enter_as(&identity, org).await?.roles)
}

#[tokio::test]
async fn a_token_opens_its_own_org_with_the_roles_of_its_account() {
    let plane = open().await;
    let (_, owner) = plane.org("acme").await;
    plane.org("rival").await;
    let account = create(&plane, &owner, "ci", &["developer"]).await.unwrap();
    assert_eq!(account.created_by, owner.scope.actor);
    let issued = issue(&plane, &owner, account.id).await.unwrap();
    let days = issued
        .token
        .expires_at
        .duration_since(issued.token.created_at)
        .as_hours()
        / 24;
    assert_eq!(days, 90);
    assert_eq!(
        roles_of(&plane, &issued.secret, "acme").await.unwrap(),
        [Role::Developer]
    );
    assert_eq!(code(roles_of(&plane, &issued.secret, "rival").await), Code::NotFound);
}

#[tokio::test]
async fn a_revoked_token_ends_at_once() {
    let plane = open().await;
    let (_, owner) = plane.org("acme").await;
    let account = create(&plane, &owner, "ci", &["developer"]).await.unwrap();
    let (one, two) = (
        issue(&plane, &owner, account.id).await.unwrap(),
        issue(&plane, &owner, account.id).await.unwrap(),
    );
    assert!(roles_of(&plane, &one.secret, "acme").await.is_ok());
    service_account::revoke(&plane.control, &owner, account.id, one.token.id, None)
        .await
        .unwrap();
    assert_eq!(code(roles_of(&plane, &one.secret, "acme").await), Code::Unauthenticated);
    assert!(
        roles_of(&plane, &two.secret, "acme").await.is_ok(),
        "the other token lives on"
    );
    let listed = service_account::tokens(&plane.control, &owner, account.id, &PageRequest::default())
        .await
        .unwrap();
    let revoked: Vec<_> = listed
        .items
        .iter()
        .map(|token| (token.id, token.revoked_at.is_some()))
        .collect();
    assert_eq!(revoked, [(two.token.id, false), (one.token.id, true)]);
    let missing = service_account::revoke(&plane.control, &owner, account.id, TokenId::generate(), None).await;
    assert_eq!(code(missing), Code::NotFound);
}

#[tokio::test]
async fn other_roles_and_deletion_reach_tokens_at_once() {
    let plane = open().await;
    let (_, owner) = plane.org("acme").await;
    let account = create(&plane, &owner, "ci", &["developer"]).await.unwrap();
    let issued = issue(&plane, &owner, account.id).await.unwrap();
    assert_eq!(
        roles_of(&plane, &issued.secret, "acme").await.unwrap(),
        [Role::Developer]
    );
    set_roles(&plane, &owner, account.id, &["viewer"]).await.unwrap();
    assert_eq!(roles_of(&plane, &issued.secret, "acme").await.unwrap(), [Role::Viewer]);
    service_account::delete(&plane.control, &owner, account.id, None)
        .await
        .unwrap();
    assert_eq!(
        code(roles_of(&plane, &issued.secret, "acme").await),
        Code::Unauthenticated
    );
    assert_eq!(
        code(service_account::get(&plane.control, &owner, account.id).await),
        Code::NotFound
    );
    assert!(
        create(&plane, &owner, "ci", &["viewer"]).await.is_ok(),
        "the name is free again"
    );
}

#[tokio::test]
async fn nobody_gains_rights_through_an_account() {
    let plane = open().await;
    let (org, owner) = plane.org("acme").await;
    let (_, admin) = plane.member(&org, "admin@example.com", &["admin"]).await;
    let (_, developer) = plane.member(&org, "dev@example.com", &["developer"]).await;
    let mighty = create(&plane, &owner, "mighty", &["owner"]).await.unwrap();
    assert_eq!(code(create(&plane, &admin, "mine", &["owner"]).await), Code::Forbidden);
    assert_eq!(code(issue(&plane, &admin, mighty.id).await), Code::Forbidden);
    let demoted = set_roles(&plane, &admin, mighty.id, &["viewer"]).await;
    assert_eq!(code(demoted), Code::Forbidden);
    assert_eq!(
        code(service_account::delete(&plane.control, &admin, mighty.id, None).await),
        Code::Forbidden
    );
    let mine = create(&plane, &admin, "mine", &["admin"]).await.unwrap();
    let promoted = set_roles(&plane, &admin, mine.id, &["owner"]).await;
    assert_eq!(code(promoted), Code::Forbidden);
    assert_eq!(
        code(create(&plane, &developer, "dev", &["viewer"]).await),
        Code::Forbidden
    );
    assert_eq!(code(issue(&plane, &developer, mine.id).await), Code::Forbidden);
    assert!(service_account::get(&plane.control, &developer, mine.id).await.is_ok());
}

#[tokio::test]
async fn whoever_has_not_confirmed_the_address_makes_no_accounts_and_tokens() {
    let plane = open().await;
    let (org, owner) = plane.org("acme").await;
    let newcomer = plane.unverified("new@example.com").await;
    plane.join(&org, &newcomer, &["owner"]).await;
    let newcomer = plane.enter(&newcomer, "acme").await.unwrap();
    let account = create(&plane, &owner, "ci", &["viewer"]).await.unwrap();
    assert_eq!(
        code(create(&plane, &newcomer, "x", &["viewer"]).await),
        Code::EmailNotVerified
    );
    assert_eq!(code(issue(&plane, &newcomer, account.id).await), Code::EmailNotVerified);
}

#[tokio::test]
async fn names_and_lifetimes_have_bounds() {
    let plane = open().await;
    let (_, owner) = plane.org("acme").await;
    let account = create(&plane, &owner, "ci", &["viewer"]).await.unwrap();
    let taken = create(&plane, &owner, "ci", &["viewer"]).await.unwrap_err();
    assert_eq!(
        (taken.code, taken.errors[0].pointer.as_str()),
        (Code::Conflict, "/name")
    );
    assert_eq!(
        create(&plane, &owner, "C I", &["viewer"]).await.unwrap_err().errors[0].pointer,
        "/name"
    );
    let year = 365 * 24 * 3600;
    for (secs, good) in [
        (0, false),
        (59, false),
        (60, true),
        (year, true),
        (year + 1, false),
        (u64::MAX, false),
    ] {
        let new = NewToken {
            name: "x".to_owned(),
            expires_in_secs: Some(secs),
        };
        let issued = service_account::issue(&plane.control, &owner, account.id, &new, None).await;
        assert_eq!(issued.is_ok(), good, "{secs}");
        if let Err(error) = issued {
            assert_eq!(error.errors[0].pointer, "/expires_in_secs");
        }
    }
    let unnamed = NewToken {
        name: " ".to_owned(),
        expires_in_secs: None,
    };
    let error = service_account::issue(&plane.control, &owner, account.id, &unnamed, None)
        .await
        .unwrap_err();
    assert_eq!(error.errors[0].pointer, "/name");
}

#[tokio::test]
async fn a_repeated_request_shows_the_same_secret_which_is_stored_nowhere_readably() {
    let plane = open().await;
    let (_, owner) = plane.org("acme").await;
    let account = create(&plane, &owner, "ci", &["viewer"]).await.unwrap();
    let new = NewToken {
        name: "deploy".to_owned(),
        expires_in_secs: None,
    };
    let repeat = key("k", "r");
    let issue = async || {
        service_account::issue(&plane.control, &owner, account.id, &new, Some(&repeat))
            .await
            .unwrap()
    };
    let (one, two) = (issue().await, issue().await);
    assert_eq!((&one.secret, &one.token), (&two.secret, &two.token));
    let admin = plane.test.cell.admin().await;
    for table in ["idempotency_keys", "service_account_tokens", "event_inbox"] {
        let select = format!("select coalesce(string_agg(to_jsonb(t)::text, ''), '') from plinth.{table} t");
        let text: String = admin.query_one(&select, &[]).await.unwrap().get(0);
        assert!(
            !text.is_empty() && !text.contains(&one.secret),
            "`{table}` holds the secret"
        );
    }
    let created = NewServiceAccount {
        name: "other".to_owned(),
        roles: roles(&["viewer"]),
        ..Default::default()
    };
    let create = async || {
        service_account::create(&plane.control, &owner, &created, Some(&key("c", "r")))
            .await
            .unwrap()
    };
    assert_eq!(create().await, create().await);
}

#[tokio::test]
async fn another_orgs_account_is_not_there() {
    let plane = open().await;
    let ((_, owner), (_, rival)) = (plane.org("acme").await, plane.org("rival").await);
    let account = create(&plane, &owner, "ci", &["viewer"]).await.unwrap();
    let issued = issue(&plane, &owner, account.id).await.unwrap();
    assert_eq!(code(issue(&plane, &rival, account.id).await), Code::NotFound);
    assert_eq!(
        code(service_account::delete(&plane.control, &rival, account.id, None).await),
        Code::NotFound
    );
    let tokens = service_account::tokens(&plane.control, &rival, account.id, &PageRequest::default()).await;
    assert_eq!(code(tokens), Code::NotFound);
    let revoked = service_account::revoke(&plane.control, &rival, account.id, issued.token.id, None).await;
    assert_eq!(code(revoked), Code::NotFound);
    assert!(roles_of(&plane, &issued.secret, "acme").await.is_ok());
    assert!(
        create(&plane, &rival, "ci", &["viewer"]).await.is_ok(),
        "a name is taken in its own org only"
    );
}
