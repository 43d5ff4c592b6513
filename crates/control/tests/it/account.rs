//! Sign-up, login and what keeps guessers out.

use plinth_control::account::{self, Credentials, SessionKind, SignUp};
use plinth_control::auth::{self, Identity, Verified};
use plinth_control::{Code, ControlError};

use crate::harness::{PASSWORD, TestControl, from_address, here, open, open_with};

pub const ADA: &str = "ada@example.com";

pub fn code<T: std::fmt::Debug>(answer: Result<T, ControlError>) -> Code {
    answer.unwrap_err().code
}

#[tokio::test]
async fn who_signs_up_is_logged_in_and_asked_to_confirm_the_address() {
    let plane = open().await;
    let login = plane.sign_up(" Ada@Example.COM ").await;
    assert_eq!((login.user.email.as_str(), login.user.email_verified_at), (ADA, None));
    assert_eq!(login.csrf_token, None);
    let identity = auth::identify(&plane.control, &login.token).await.unwrap();
    let since = match &identity {
        Identity::User { since, .. } => *since,
        other => panic!("{other:?}"),
    };
    let expected = Identity::User {
        id: login.user.id,
        email: ADA.to_owned(),
        name: "Ada".to_owned(),
        verified: Verified::No,
        session: login.session,
        since,
    };
    assert_eq!(identity, expected);
    assert_eq!(plane.mail_count(ADA).await, 1);
}

#[tokio::test]
async fn nothing_that_opens_a_door_is_stored_readably() {
    let plane = open().await;
    let login = plane.sign_up(ADA).await;
    let mailed = plane.mailed_token(ADA, "verify").await;
    let admin = plane.test.directory.admin().await;
    for table in ["users", "sessions", "email_tokens", "login_failures"] {
        let rows = format!("select string_agg(row::text, '') from plinth.{table} row");
        let hex: Option<String> = admin.query_one(&rows, &[]).await.unwrap().get(0);
        for secret in [PASSWORD, &login.token, &mailed] {
            let text = hex.as_deref().unwrap_or_default();
            assert!(
                !text.contains(secret) && !text.contains(&hex::encode(secret)),
                "{table} holds a secret"
            );
        }
    }
    let password_hash: String = admin
        .query_one("select password_hash from plinth.users", &[])
        .await
        .unwrap()
        .get(0);
    assert!(password_hash.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"));
}

#[tokio::test]
async fn a_taken_address_is_a_conflict_at_the_email_field() {
    let plane = open().await;
    plane.sign_up(ADA).await;
    let error = plane.try_sign_up("ADA@example.com").await.unwrap_err();
    assert_eq!(error.code, Code::Conflict);
    assert_eq!(error.errors[0].pointer, "/email");
    assert_eq!(plane.mail_count(ADA).await, 1);
}

#[tokio::test]
async fn sign_up_names_each_field_that_is_wrong() {
    let plane = open().await;
    let new = SignUp {
        email: "ada".to_owned(),
        name: "\0".to_owned(),
        password: "short".to_owned().into(),
        session: SessionKind::Cookie,
    };
    let error = account::sign_up(&plane.control, &here(), new).await.unwrap_err();
    assert_eq!(error.code, Code::ValidationFailed);
    let pointers: Vec<_> = error.errors.iter().map(|error| error.pointer.as_str()).collect();
    assert_eq!(pointers, ["/email", "/name", "/password"]);
}

#[tokio::test]
async fn login_gives_the_same_answer_for_a_wrong_password_and_an_unknown_address() {
    let plane = open().await;
    plane.sign_up(ADA).await;
    let wrong = plane.log_in(ADA, "not the password").await.unwrap_err();
    let unknown = plane
        .log_in("nobody@example.com", "not the password")
        .await
        .unwrap_err();
    assert_eq!(wrong.code, Code::Unauthenticated);
    assert_eq!((wrong.code, &wrong.detail), (unknown.code, &unknown.detail));
    assert!(plane.log_in("Ada@example.com", PASSWORD).await.is_ok());
}

/// Ten wrong ones, then the lock: for `email`, whether or not somebody has it.
pub async fn guess_until_locked(plane: &TestControl, email: &str) -> ControlError {
    for guess in 0..10 {
        let error = plane.log_in(email, "not the password").await.unwrap_err();
        assert_eq!(error.code, Code::Unauthenticated, "guess {guess}");
    }
    plane.log_in(email, PASSWORD).await.unwrap_err()
}

#[tokio::test]
async fn ten_wrong_passwords_lock_an_address_and_each_further_one_for_twice_as_long() {
    let plane = open().await;
    plane.sign_up(ADA).await;
    let locked = guess_until_locked(&plane, ADA).await;
    assert_eq!(locked.code, Code::LockedOut);
    assert!(
        locked.retry_after_secs.is_some_and(|secs| (890..=900).contains(&secs)),
        "{locked:?}"
    );
    plane
        .directory("update plinth.login_failures set locked_until = now() - interval '1 second'")
        .await;
    assert_eq!(code(plane.log_in(ADA, "not the password").await), Code::Unauthenticated);
    let locked = plane.log_in(ADA, PASSWORD).await.unwrap_err();
    assert!(
        locked
            .retry_after_secs
            .is_some_and(|secs| (1790..=1800).contains(&secs)),
        "{locked:?}"
    );
    plane
        .directory("update plinth.login_failures set locked_until = now() - interval '1 second'")
        .await;
    assert!(
        plane.log_in(ADA, PASSWORD).await.is_ok(),
        "the right password opens after the lock"
    );
    assert_eq!(code(plane.log_in(ADA, "not the password").await), Code::Unauthenticated);
    assert!(plane.log_in(ADA, PASSWORD).await.is_ok(), "and the count began anew");
}

#[tokio::test]
async fn an_address_that_nobody_has_is_locked_in_the_same_way() {
    let plane = open().await;
    let locked = guess_until_locked(&plane, "nobody@example.com").await;
    assert_eq!(locked.code, Code::LockedOut);
    assert!(
        locked.retry_after_secs.is_some_and(|secs| (890..=900).contains(&secs)),
        "{locked:?}"
    );
}

#[tokio::test]
async fn guessing_in_parallel_gives_no_more_than_ten_tries() {
    let plane = open().await;
    plane.sign_up(ADA).await;
    let guesses = (0..25).map(|_| plane.log_in(ADA, "not the password"));
    let codes: Vec<_> = futures::future::join_all(guesses).await.into_iter().map(code).collect();
    assert_eq!(
        codes.iter().filter(|code| **code == Code::Unauthenticated).count(),
        10,
        "{codes:?}"
    );
    assert_eq!(
        codes.iter().filter(|code| **code == Code::LockedOut).count(),
        15,
        "{codes:?}"
    );
}

#[tokio::test]
async fn one_network_address_is_slowed_down_whatever_it_tries() {
    let plane = open().await;
    let guesser = from_address("198.51.100.7");
    let mut answers = Vec::new();
    for name in 0..31 {
        let email = format!("somebody-{name}@example");
        let credentials = Credentials {
            email,
            password: PASSWORD.to_owned().into(),
            session: SessionKind::Bearer,
        };
        answers.push(
            account::log_in(&plane.control, &guesser, credentials)
                .await
                .unwrap_err(),
        );
    }
    let last = answers.pop().unwrap();
    assert_eq!(last.code, Code::RateLimited);
    assert!(last.retry_after_secs.is_some_and(|secs| secs > 0));
    assert!(answers.iter().all(|error| error.code == Code::Unauthenticated));
    assert_eq!(
        code(plane.log_in("ada@example.com", PASSWORD).await),
        Code::Unauthenticated,
        "others may still try"
    );
}

#[tokio::test]
async fn sign_up_is_limited_by_network_address_but_not_while_developing() {
    let blank = || SignUp {
        email: String::new(),
        name: String::new(),
        password: String::new().into(),
        session: SessionKind::Bearer,
    };
    for (development, expected) in [(false, Code::RateLimited), (true, Code::ValidationFailed)] {
        let plane = open_with(|config| config.development = development).await;
        let mut last = None;
        for _ in 0..21 {
            last = Some(code(account::sign_up(&plane.control, &here(), blank()).await));
        }
        assert_eq!(last, Some(expected), "development: {development}");
    }
}

#[tokio::test]
async fn logout_ends_this_session_at_once_and_no_other() {
    let plane = open().await;
    let (one, two) = (plane.sign_up(ADA).await, plane.log_in(ADA, PASSWORD).await.unwrap());
    let identity = auth::identify(&plane.control, &one.token).await.unwrap();
    account::log_out(&plane.control, &identity).await.unwrap();
    assert_eq!(
        code(auth::identify(&plane.control, &one.token).await),
        Code::Unauthenticated
    );
    assert!(auth::identify(&plane.control, &two.token).await.is_ok());
    account::log_out(&plane.control, &identity).await.unwrap();
}

#[tokio::test]
async fn a_user_sees_and_ends_only_own_sessions() {
    let plane = open().await;
    let (ada, eve) = (plane.sign_up(ADA).await, plane.sign_up("eve@example.com").await);
    let listed = account::sessions(&plane.control, ada.user.id).await.unwrap();
    assert_eq!(
        listed.iter().map(|session| session.id).collect::<Vec<_>>(),
        [ada.session]
    );
    assert_eq!(
        (listed[0].user_agent.as_str(), listed[0].address.as_str()),
        ("test", "192.0.2.1")
    );
    let foreign = account::revoke_session(&plane.control, ada.user.id, eve.session).await;
    assert_eq!(code(foreign), Code::NotFound);
    assert!(auth::identify(&plane.control, &eve.token).await.is_ok());
    account::revoke_session(&plane.control, ada.user.id, ada.session)
        .await
        .unwrap();
    assert_eq!(
        code(auth::identify(&plane.control, &ada.token).await),
        Code::Unauthenticated
    );
}

#[tokio::test]
async fn a_session_that_has_run_out_opens_nothing() {
    let plane = open().await;
    let login = plane.sign_up(ADA).await;
    plane
        .directory("update plinth.sessions set expires_at = now() - interval '1 second'")
        .await;
    assert_eq!(
        code(auth::identify(&plane.control, &login.token).await),
        Code::Unauthenticated
    );
    assert!(
        account::sessions(&plane.control, login.user.id)
            .await
            .unwrap()
            .is_empty()
    );
    assert_eq!(account::sweep(&plane.control).await.unwrap(), 1);
}
