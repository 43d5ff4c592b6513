//! Whom a token of a service account stands for.

use plinth_model::id::{OrgId, ServiceAccountId, TokenId};
use plinth_store::service_account::{self, NewToken, authenticate};
use plinth_testkit::store::{TestOrg, TestStore, open};

const HASH: &[u8] = b"hash of a token";

async fn account(test: &TestStore, org: &TestOrg, expires_in_secs: f64) -> (ServiceAccountId, TokenId) {
    let (account, token) = (ServiceAccountId::generate(), TokenId::generate());
    let mut tx = test.store.begin(&org.scope).await.unwrap();
    let standing = plinth_store::member::Standing {
        roles: vec!["viewer".to_owned()],
        groups: Vec::new(),
        attributes: serde_json::json!({}),
    };
    service_account::create(&mut tx, &org.scope, account, "ci", &standing)
        .await
        .unwrap();
    let new = NewToken {
        id: token,
        account,
        name: "deploy",
        token_hash: HASH,
        expires_in_secs,
    };
    service_account::issue(&mut tx, &org.scope, &new).await.unwrap();
    tx.commit().await.unwrap();
    (account, token)
}

#[tokio::test]
async fn a_live_token_names_its_account_in_its_own_org_only() {
    let test = open().await;
    let (org, other) = (test.org("acme").await, test.org("rival").await);
    let (account_id, _) = account(&test, &org, 60.0).await;
    let found = authenticate(&test.store, org.id, HASH).await.unwrap().unwrap();
    assert_eq!(
        (found.id, found.name.as_str(), found.roles),
        (account_id.0, "ci", vec!["viewer".to_owned()])
    );
    assert!(authenticate(&test.store, other.id, HASH).await.unwrap().is_none());
    assert!(
        authenticate(&test.store, OrgId::generate(), HASH)
            .await
            .unwrap()
            .is_none()
    );
    assert!(authenticate(&test.store, org.id, b"another").await.unwrap().is_none());
}

#[tokio::test]
async fn an_expired_token_is_nobodys() {
    let test = open().await;
    let org = test.org("acme").await;
    account(&test, &org, -1.0).await;
    assert!(authenticate(&test.store, org.id, HASH).await.unwrap().is_none());
}

#[tokio::test]
async fn a_revoked_token_is_nobodys() {
    let test = open().await;
    let org = test.org("acme").await;
    let (account_id, token) = account(&test, &org, 60.0).await;
    let mut tx = test.store.begin(&org.scope).await.unwrap();
    let hash = service_account::revoke(&mut tx, &org.scope, account_id, token)
        .await
        .unwrap();
    tx.commit().await.unwrap();
    assert_eq!(hash.as_deref(), Some(HASH));
    assert!(authenticate(&test.store, org.id, HASH).await.unwrap().is_none());
}

#[tokio::test]
async fn the_tokens_of_a_deleted_account_are_nobodys() {
    let test = open().await;
    let org = test.org("acme").await;
    let (account_id, _) = account(&test, &org, 60.0).await;
    let mut tx = test.store.begin(&org.scope).await.unwrap();
    assert_eq!(
        service_account::token_hashes(&mut tx, &org.scope, account_id)
            .await
            .unwrap(),
        [HASH]
    );
    service_account::delete(&mut tx, &org.scope, account_id).await.unwrap();
    tx.commit().await.unwrap();
    assert!(authenticate(&test.store, org.id, HASH).await.unwrap().is_none());
}
