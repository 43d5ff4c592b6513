//! Who a token belongs to, and which org it opens.

use plinth_control::account::{self, Credentials, SessionKind};
use plinth_control::auth::{self, Identity, OperatorKind, new_operator_token};
use plinth_control::{Code, Control};
use plinth_model::id::{Id, OrgId, ServiceAccountId, TokenId};
use plinth_model::{ActorKind, RequestId, Role};
use plinth_store::service_account::{self, NewToken};
use plinth_testkit::store::TestOrg;
use sha2::{Digest, Sha256};

use crate::harness::{PASSWORD, TestControl, here, open};

async fn roles_in(control: &Control, identity: &Identity, org_ref: &str) -> Result<Vec<Role>, Code> {
    let entered = auth::enter(control, identity, org_ref, RequestId::generate(), here()).await;
    entered.map(|caller| caller.roles).map_err(|error| error.code)
}

async fn member(plane: &TestControl, org: &TestOrg, email: &str, roles: &[&str]) -> Identity {
    let login = plane.sign_up(email).await;
    let admin = plane.test.cell.admin().await;
    let insert = "insert into plinth.memberships (org_id, user_id, email, name, roles) values ($1, $2, $3, 'Ada', $4)";
    admin
        .execute(insert, &[&org.id.0, &login.user.id.0, &email, &roles])
        .await
        .unwrap();
    auth::identify(&plane.control, &login.token).await.unwrap()
}

async fn service_account(plane: &TestControl, org: &TestOrg, expires_in_secs: f64) -> String {
    let (store, scope) = (plane.control.store(), &org.scope);
    let (account, id) = (ServiceAccountId::generate(), TokenId::generate());
    let token = format!("plinth_{}_{}", Id(org.id.0).text("sat"), "s".repeat(43));
    let token_hash = Sha256::digest(&token).to_vec();
    let mut tx = store.begin(scope).await.unwrap();
    let standing = plinth_store::member::Standing {
        roles: vec!["developer".to_owned()],
        groups: Vec::new(),
        attributes: serde_json::json!({}),
    };
    service_account::create(&mut tx, scope, account, "ci", &standing)
        .await
        .unwrap();
    let new = NewToken {
        id,
        account,
        name: "deploy",
        token_hash: &token_hash,
        expires_in_secs,
    };
    service_account::issue(&mut tx, scope, &new).await.unwrap();
    tx.commit().await.unwrap();
    token
}

#[tokio::test]
async fn what_is_no_token_of_ours_is_unauthenticated() {
    let plane = open().await;
    let of_nobody = format!("plinth_{}_secret", Id(OrgId::generate().0).text("sat"));
    let session = format!("plinth_ses_{}", "x".repeat(43));
    for token in [
        "",
        "plinth_ses_",
        "plinth_opr_x",
        "plinth_rec_x",
        "plinth_eml_x",
        "ses_\0",
        &of_nobody,
        &session,
    ] {
        let error = auth::identify(&plane.control, token).await.unwrap_err();
        assert_eq!(error.code, Code::Unauthenticated, "{token}");
    }
}

#[tokio::test]
async fn a_member_enters_by_slug_and_by_id_with_the_roles_of_the_membership() {
    let plane = open().await;
    let org = plane.test.org("acme").await;
    let ada = member(&plane, &org, "ada@example.com", &["viewer", "billing"]).await;
    for org_ref in [org.slug.clone(), org.id.to_string()] {
        let roles = roles_in(&plane.control, &ada, &org_ref).await;
        assert_eq!(roles, Ok(vec![Role::Viewer, Role::Billing]), "{org_ref}");
    }
    let caller = auth::enter(&plane.control, &ada, "acme", RequestId::generate(), here())
        .await
        .unwrap();
    assert_eq!((caller.scope.org, caller.scope.actor.kind), (org.id, ActorKind::User));
    assert_eq!(caller.scope.actor.name, "Ada");
}

#[tokio::test]
async fn an_org_of_others_and_one_that_is_not_there_give_the_same_answer() {
    let plane = open().await;
    let (acme, rival) = (plane.test.org("acme").await, plane.test.org("rival").await);
    let ada = member(&plane, &acme, "ada@example.com", &["owner"]).await;
    let details = async |org_ref: &str| {
        let error = auth::enter(&plane.control, &ada, org_ref, RequestId::generate(), here())
            .await
            .unwrap_err();
        (error.code, error.detail)
    };
    let absent = details("nowhere").await;
    assert_eq!(absent.0, Code::NotFound);
    let unknown_id = OrgId::generate().to_string();
    for org_ref in [
        "rival",
        &rival.id.to_string(),
        &unknown_id,
        "",
        "Not a slug",
        "org_x",
        "a\0b",
    ] {
        assert_eq!(details(org_ref).await, absent, "{org_ref}");
    }
}

#[tokio::test]
async fn a_service_account_enters_its_own_org_only() {
    let plane = open().await;
    let (acme, rival) = (plane.test.org("acme").await, plane.test.org("rival").await);
    let token = service_account(&plane, &acme, 60.0).await;
    let identity = auth::identify(&plane.control, &token).await.unwrap();
    assert_eq!(
        roles_in(&plane.control, &identity, "acme").await,
        Ok(vec![Role::Developer])
    );
    assert_eq!(
        roles_in(&plane.control, &identity, &rival.slug).await,
        Err(Code::NotFound)
    );
    assert_eq!(
        roles_in(&plane.control, &identity, &rival.id.to_string()).await,
        Err(Code::NotFound)
    );
}

#[tokio::test]
async fn an_expired_token_of_a_service_account_is_unauthenticated() {
    let plane = open().await;
    let org = plane.test.org("acme").await;
    let token = service_account(&plane, &org, -1.0).await;
    assert_eq!(
        auth::identify(&plane.control, &token).await.unwrap_err().code,
        Code::Unauthenticated
    );
}

#[tokio::test]
async fn operators_and_reconcilers_are_known_by_their_newest_token_and_enter_no_org() {
    let plane = open().await;
    plane.test.org("acme").await;
    let tokens = [(); 2].map(|()| new_operator_token(OperatorKind::Operator));
    let register = async |kind, token: &str| auth::register_operator(&plane.control, "dev", kind, token).await;
    register(OperatorKind::Operator, &tokens[0]).await.unwrap();
    register(OperatorKind::Operator, &tokens[1]).await.unwrap();
    register(OperatorKind::Operator, &tokens[1]).await.unwrap();
    assert_eq!(
        auth::identify(&plane.control, &tokens[0]).await.unwrap_err().code,
        Code::Unauthenticated
    );
    let operator = auth::identify(&plane.control, &tokens[1]).await.unwrap();
    assert_eq!(operator, Identity::Operator { name: "dev".to_owned() });
    assert_eq!(roles_in(&plane.control, &operator, "acme").await, Err(Code::NotFound));
    let crossed = register(OperatorKind::Reconciler, &tokens[1]).await;
    assert_eq!(crossed.unwrap_err().code, Code::ValidationFailed);
    let reconciler = new_operator_token(OperatorKind::Reconciler);
    auth::register_operator(&plane.control, "worker", OperatorKind::Reconciler, &reconciler)
        .await
        .unwrap();
    let identity = auth::identify(&plane.control, &reconciler).await.unwrap();
    assert_eq!(
        identity,
        Identity::Reconciler {
            name: "worker".to_owned()
        }
    );
}

#[tokio::test]
async fn a_csrf_token_is_good_for_its_own_session_only() {
    let plane = open().await;
    plane.sign_up("ada@example.com").await;
    let log_in = async || {
        let email = "ada@example.com".to_owned();
        let credentials = Credentials {
            email,
            password: PASSWORD.to_owned().into(),
            session: SessionKind::Cookie,
        };
        account::log_in(&plane.control, &here(), credentials).await.unwrap()
    };
    let (one, two) = (log_in().await, log_in().await);
    let identity = auth::identify(&plane.control, &one.token).await.unwrap();
    let (own, other) = (one.csrf_token.unwrap(), two.csrf_token.unwrap());
    assert_ne!(own, other);
    assert_eq!(own, auth::csrf_token(&plane.control, one.session));
    assert!(auth::check_csrf(&plane.control, &identity, Some(&own)).is_ok());
    for wrong in [
        None,
        Some(""),
        Some("%%%"),
        Some(&own[1..]),
        Some(other.as_str()),
        Some(one.token.as_str()),
    ] {
        let error = auth::check_csrf(&plane.control, &identity, wrong).unwrap_err();
        assert_eq!(error.code, Code::CsrfFailed, "{wrong:?}");
    }
}
