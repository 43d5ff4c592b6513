//! Sign-up, login and what keeps guessers out.

use plinth_control::account::{self, Credentials, SessionKind, SignUp};
use plinth_control::auth::{self, Identity, Verified};
use plinth_control::{Code, ControlError};

use crate::harness::{PASSWORD, TestControl, from_address, here, open, open_with};

const ADA: &str = "ada@example.com";
const NEW_PASSWORD: &str = "a much better password";

fn code<T: std::fmt::Debug>(answer: Result<T, ControlError>) -> Code {
    answer.unwrap_err().code
}

#[tokio::test]
async fn who_signs_up_is_logged_in_and_asked_to_confirm_the_address() {
    let plane = open().await;
    let login = plane.sign_up(" Ada@Example.COM ").await;
    assert_eq!((login.user.email.as_str(), login.user.email_verified_at), (ADA, None));
    assert_eq!(login.csrf_token, None);
    let identity = auth::identify(&plane.control, &login.token).await.unwrap();
    let expected = Identity::User {
        id: login.user.id,
        email: ADA.to_owned(),
        name: "Ada".to_owned(),
        verified: Verified::No,
        session: login.session,
    };
    assert_eq!(identity, expected);
    assert_eq!(plane.mail_count(ADA).await, 1);
}

#[tokio::test]
async fn nothing_that_opens_a_door_is_stored_readably() {
    let plane = open().await;
    let login = plane.sign_up(ADA).await;
    let admin = plane.test.directory.admin().await;
    let row = admin.query_one("select password_hash, (select encode(token_hash, 'escape') from plinth.sessions) from plinth.users", &[]).await.unwrap();
    let (password_hash, token_hash): (String, String) = (row.get(0), row.get(1));
    assert!(password_hash.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"));
    assert!(!token_hash.contains(&login.token));
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
    let unknown = plane.log_in("nobody@example.com", "not the password").await.unwrap_err();
    assert_eq!(wrong.code, Code::Unauthenticated);
    assert_eq!((wrong.code, &wrong.detail), (unknown.code, &unknown.detail));
    assert!(plane.log_in("Ada@example.com", PASSWORD).await.is_ok());
}

/// Ten wrong ones, then the lock: for `email`, whether or not somebody has it.
async fn guess_until_locked(plane: &TestControl, email: &str) -> ControlError {
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
    assert!(locked.retry_after_secs.is_some_and(|secs| (890..=900).contains(&secs)), "{locked:?}");
    plane.directory("update plinth.login_failures set locked_until = now() - interval '1 second'").await;
    assert_eq!(code(plane.log_in(ADA, "not the password").await), Code::Unauthenticated);
    let locked = plane.log_in(ADA, PASSWORD).await.unwrap_err();
    assert!(locked.retry_after_secs.is_some_and(|secs| (1790..=1800).contains(&secs)), "{locked:?}");
    plane.directory("update plinth.login_failures set locked_until = now() - interval '1 second'").await;
    assert!(plane.log_in(ADA, PASSWORD).await.is_ok(), "the right password opens after the lock");
    assert_eq!(code(plane.log_in(ADA, "not the password").await), Code::Unauthenticated);
    assert!(plane.log_in(ADA, PASSWORD).await.is_ok(), "and the count began anew");
}

#[tokio::test]
async fn an_address_that_nobody_has_is_locked_in_the_same_way() {
    let plane = open().await;
    let locked = guess_until_locked(&plane, "nobody@example.com").await;
    assert_eq!(locked.code, Code::LockedOut);
    assert!(locked.retry_after_secs.is_some_and(|secs| (890..=900).contains(&secs)), "{locked:?}");
}

#[tokio::test]
async fn guessing_in_parallel_gives_no_more_than_ten_tries() {
    let plane = open().await;
    plane.sign_up(ADA).await;
    let guesses = (0..25).map(|_| plane.log_in(ADA, "not the password"));
    let codes: Vec<_> = futures::future::join_all(guesses).await.into_iter().map(code).collect();
    assert_eq!(codes.iter().filter(|code| **code == Code::Unauthenticated).count(), 10, "{codes:?}");
    assert_eq!(codes.iter().filter(|code| **code == Code::LockedOut).count(), 15, "{codes:?}");
}

#[tokio::test]
async fn one_network_address_is_slowed_down_whatever_it_tries() {
    let plane = open().await;
    let guesser = from_address("198.51.100.7");
    let mut answers = Vec::new();
    for name in 0..31 {
        let email = format!("somebody-{name}@example");
        let credentials = Credentials { email, password: PASSWORD.to_owned().into(), session: SessionKind::Bearer };
        answers.push(account::log_in(&plane.control, &guesser, credentials).await.unwrap_err());
    }
    let last = answers.pop().unwrap();
    assert_eq!(last.code, Code::RateLimited);
    assert!(last.retry_after_secs.is_some_and(|secs| secs > 0));
    assert!(answers.iter().all(|error| error.code == Code::Unauthenticated));
    assert_eq!(code(plane.log_in("ada@example.com", PASSWORD).await), Code::Unauthenticated, "others may still try");
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
    assert_eq!(code(auth::identify(&plane.control, &one.token).await), Code::Unauthenticated);
    assert!(auth::identify(&plane.control, &two.token).await.is_ok());
    account::log_out(&plane.control, &identity).await.unwrap();
}

#[tokio::test]
async fn a_user_sees_and_ends_only_own_sessions() {
    let plane = open().await;
    let (ada, eve) = (plane.sign_up(ADA).await, plane.sign_up("eve@example.com").await);
    let listed = account::sessions(&plane.control, ada.user.id).await.unwrap();
    assert_eq!(listed.iter().map(|session| session.id).collect::<Vec<_>>(), [ada.session]);
    assert_eq!((listed[0].user_agent.as_str(), listed[0].address.as_str()), ("test", "192.0.2.1"));
    let foreign = account::revoke_session(&plane.control, ada.user.id, eve.session).await;
    assert_eq!(code(foreign), Code::NotFound);
    assert!(auth::identify(&plane.control, &eve.token).await.is_ok());
    account::revoke_session(&plane.control, ada.user.id, ada.session).await.unwrap();
    assert_eq!(code(auth::identify(&plane.control, &ada.token).await), Code::Unauthenticated);
}

#[tokio::test]
async fn a_session_that_has_run_out_opens_nothing() {
    let plane = open().await;
    let login = plane.sign_up(ADA).await;
    plane.directory("update plinth.sessions set expires_at = now() - interval '1 second'").await;
    assert_eq!(code(auth::identify(&plane.control, &login.token).await), Code::Unauthenticated);
    assert!(account::sessions(&plane.control, login.user.id).await.unwrap().is_empty());
    assert_eq!(account::sweep(&plane.control).await.unwrap(), 1);
}

#[tokio::test]
async fn a_remembered_session_still_ends_on_time() {
    let plane = open().await;
    let login = plane.sign_up(ADA).await;
    plane.directory("update plinth.sessions set expires_at = now() + interval '1 second'").await;
    let identified = auth::identify(&plane.control, &login.token).await;
    assert!(identified.is_ok() || jiff::Timestamp::now() > login.expires_at);
    // The memory lasts longer than the session: only the check of the end can refuse it.
    let ended = async { while auth::identify(&plane.control, &login.token).await.is_ok() { tokio::task::yield_now().await } };
    tokio::time::timeout(std::time::Duration::from_secs(3), ended).await.unwrap();
}

#[tokio::test]
async fn a_verification_link_works_once() {
    let plane = open().await;
    let login = plane.sign_up(ADA).await;
    auth::identify(&plane.control, &login.token).await.unwrap();
    let token = plane.mailed_token(ADA, "verify").await;
    account::confirm_verification(&plane.control, &here(), &token).await.unwrap();
    assert!(account::user(&plane.control, login.user.id).await.unwrap().email_verified_at.is_some());
    let identity = auth::identify(&plane.control, &login.token).await.unwrap();
    assert!(matches!(identity, Identity::User { verified: Verified::Yes, .. }), "seen at once");
    let again = account::confirm_verification(&plane.control, &here(), &token).await.unwrap_err();
    assert_eq!((again.code, again.errors[0].pointer.as_str()), (Code::ValidationFailed, "/token"));
    account::request_verification(&plane.control, &identity).await.unwrap();
    assert_eq!(plane.mail_count(ADA).await, 1, "a confirmed address gets no further link");
}

#[tokio::test]
async fn a_verification_link_can_be_sent_again_but_a_mailbox_is_not_flooded() {
    let plane = open().await;
    let login = plane.sign_up(ADA).await;
    let identity = auth::identify(&plane.control, &login.token).await.unwrap();
    for _ in 0..5 {
        account::request_verification(&plane.control, &identity).await.unwrap();
    }
    assert_eq!(code(account::request_verification(&plane.control, &identity).await), Code::RateLimited);
    account::request_reset(&plane.control, &here(), ADA).await.unwrap();
    assert_eq!(plane.mail_count(ADA).await, 6);
    let token = plane.mailed_token(ADA, "verify").await;
    account::confirm_verification(&plane.control, &here(), &token).await.unwrap();
}

#[tokio::test]
async fn a_link_is_good_for_its_own_purpose_and_time_only() {
    let plane = open().await;
    plane.sign_up(ADA).await;
    account::request_reset(&plane.control, &here(), ADA).await.unwrap();
    let (verify, reset) = (plane.mailed_token(ADA, "verify").await, plane.mailed_token(ADA, "reset").await);
    let crossed = account::confirm_reset(&plane.control, &here(), &verify, NEW_PASSWORD.to_owned().into()).await;
    assert_eq!(code(crossed), Code::ValidationFailed);
    assert_eq!(code(account::confirm_verification(&plane.control, &here(), &reset).await), Code::ValidationFailed);
    plane.directory("update plinth.email_tokens set expires_at = now() - interval '1 second'").await;
    let late = account::confirm_reset(&plane.control, &here(), &reset, NEW_PASSWORD.to_owned().into()).await;
    assert_eq!(code(late), Code::ValidationFailed);
    assert_eq!(code(account::confirm_verification(&plane.control, &here(), &verify).await), Code::ValidationFailed);
    assert!(plane.log_in(ADA, PASSWORD).await.is_ok(), "the password is still the old one");
}

#[tokio::test]
async fn a_reset_for_an_unknown_address_is_answered_alike_and_mails_nobody() {
    let plane = open().await;
    account::request_reset(&plane.control, &here(), "nobody@example.com").await.unwrap();
    account::request_reset(&plane.control, &here(), "no address at all").await.unwrap();
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
    account::request_reset(&plane.control, &here(), " ADA@example.com").await.unwrap();
    let token = plane.mailed_token(ADA, "reset").await;
    let weak = account::confirm_reset(&plane.control, &here(), &token, "short".to_owned().into()).await.unwrap_err();
    assert_eq!(weak.errors[0].pointer, "/password");
    account::confirm_reset(&plane.control, &here(), &token, NEW_PASSWORD.to_owned().into()).await.unwrap();
    for login in [&one, &two] {
        assert_eq!(code(auth::identify(&plane.control, &login.token).await), Code::Unauthenticated);
    }
    assert_eq!(code(plane.log_in(ADA, PASSWORD).await), Code::Unauthenticated);
    let login = plane.log_in(ADA, NEW_PASSWORD).await.unwrap();
    assert!(login.user.email_verified_at.is_some(), "the mailbox is shown to be the user's");
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
