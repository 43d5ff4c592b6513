//! Links by e-mail: to confirm the address, and to choose a new password.

use plinth_control::auth::{self, Identity, Verified};
use plinth_control::{Code, account};

use crate::account::{ADA, code, guess_until_locked};
use crate::harness::{PASSWORD, here, open};

const NEW_PASSWORD: &str = "a much better password";

#[tokio::test]
async fn a_verification_link_works_once() {
    let plane = open().await;
    let login = plane.sign_up(ADA).await;
    auth::identify(&plane.control, &login.token).await.unwrap();
    let token = plane.mailed_token(ADA, "verify").await;
    account::confirm_verification(&plane.control, &here(), &token)
        .await
        .unwrap();
    assert!(
        account::user(&plane.control, login.user.id)
            .await
            .unwrap()
            .email_verified_at
            .is_some()
    );
    let identity = auth::identify(&plane.control, &login.token).await.unwrap();
    assert!(
        matches!(
            identity,
            Identity::User {
                verified: Verified::Yes,
                ..
            }
        ),
        "seen at once"
    );
    let again = account::confirm_verification(&plane.control, &here(), &token)
        .await
        .unwrap_err();
    assert_eq!(
        (again.code, again.errors[0].pointer.as_str()),
        (Code::ValidationFailed, "/token")
    );
    account::request_verification(&plane.control, &identity).await.unwrap();
    assert_eq!(
        plane.mail_count(ADA).await,
        1,
        "a confirmed address gets no further link"
    );
}

#[tokio::test]
async fn a_verification_link_can_be_sent_again_but_a_mailbox_is_not_flooded() {
    let plane = open().await;
    let login = plane.sign_up(ADA).await;
    let identity = auth::identify(&plane.control, &login.token).await.unwrap();
    for _ in 0..5 {
        account::request_verification(&plane.control, &identity).await.unwrap();
    }
    assert_eq!(
        code(account::request_verification(&plane.control, &identity).await),
        Code::RateLimited
    );
    account::request_reset(&plane.control, &here(), ADA).await.unwrap();
    assert_eq!(plane.mail_count(ADA).await, 6);
    let token = plane.mailed_token(ADA, "verify").await;
    account::confirm_verification(&plane.control, &here(), &token)
        .await
        .unwrap();
}

#[tokio::test]
async fn a_link_is_good_for_its_own_purpose_and_time_only() {
    let plane = open().await;
    plane.sign_up(ADA).await;
    account::request_reset(&plane.control, &here(), ADA).await.unwrap();
    let (verify, reset) = (
        plane.mailed_token(ADA, "verify").await,
        plane.mailed_token(ADA, "reset").await,
    );
    let crossed = account::confirm_reset(&plane.control, &here(), &verify, NEW_PASSWORD.to_owned().into()).await;
    assert_eq!(code(crossed), Code::ValidationFailed);
    assert_eq!(
        code(account::confirm_verification(&plane.control, &here(), &reset).await),
        Code::ValidationFailed
    );
    plane
        .directory("update plinth.email_tokens set expires_at = now() - interval '1 second'")
        .await;
    let late = account::confirm_reset(&plane.control, &here(), &reset, NEW_PASSWORD.to_owned().into()).await;
    assert_eq!(code(late), Code::ValidationFailed);
    assert_eq!(
        code(account::confirm_verification(&plane.control, &here(), &verify).await),
        Code::ValidationFailed
    );
    assert!(
        plane.log_in(ADA, PASSWORD).await.is_ok(),
        "the password is still the old one"
    );
}

#[tokio::test]
async fn a_reset_for_an_unknown_address_is_answered_alike_and_mails_nobody() {
    let plane = open().await;
    account::request_reset(&plane.control, &here(), "nobody@example.com")
        .await
        .unwrap();
    account::request_reset(&plane.control, &here(), "no address at all")
        .await
        .unwrap();
    assert_eq!(plane.mail_count("nobody@example.com").await, 0);
}

#[tokio::test]
async fn a_reset_changes_the_password_once_and_ends_all_sessions_and_the_lock() {
    let plane = open().await;
    let (one, two) = (plane.sign_up(ADA).await, plane.log_in(ADA, PASSWORD).await.unwrap());
    for login in [&one, &two] {
        auth::identify(&plane.control, &login.token).await.unwrap();
    }
    guess_until_locked(&plane, ADA).await;
    account::request_reset(&plane.control, &here(), " ADA@example.com")
        .await
        .unwrap();
    let token = plane.mailed_token(ADA, "reset").await;
    let weak = account::confirm_reset(&plane.control, &here(), &token, "short".to_owned().into())
        .await
        .unwrap_err();
    assert_eq!(weak.errors[0].pointer, "/password");
    account::confirm_reset(&plane.control, &here(), &token, NEW_PASSWORD.to_owned().into())
        .await
        .unwrap();
    for login in [&one, &two] {
        assert_eq!(
            code(auth::identify(&plane.control, &login.token).await),
            Code::Unauthenticated
        );
    }
    assert_eq!(code(plane.log_in(ADA, PASSWORD).await), Code::Unauthenticated);
    let login = plane.log_in(ADA, NEW_PASSWORD).await.unwrap();
    assert!(
        login.user.email_verified_at.is_some(),
        "the mailbox is shown to be the user's"
    );
    let again = account::confirm_reset(&plane.control, &here(), &token, PASSWORD.to_owned().into()).await;
    assert_eq!(code(again), Code::ValidationFailed);
}

#[tokio::test]
async fn a_reset_link_used_twice_at_once_works_once() {
    let plane = open().await;
    plane.sign_up(ADA).await;
    account::request_reset(&plane.control, &here(), ADA).await.unwrap();
    let token = plane.mailed_token(ADA, "reset").await;
    let here = here();
    let confirm = |password: &str| account::confirm_reset(&plane.control, &here, &token, password.to_owned().into());
    let (one, two) = tokio::join!(confirm("the first new password"), confirm("the second new password"));
    assert!(one.is_ok() != two.is_ok(), "{one:?} {two:?}");
}
