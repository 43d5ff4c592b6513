//! Passwords: how long they are, and how they are hashed without taking the whole machine.

use std::sync::{Arc, LazyLock};
use std::time::Duration;

use argon2::password_hash::phc::PasswordHash;
use argon2::password_hash::{PasswordHasher, PasswordVerifier};
use argon2::{Algorithm, Argon2, Params, Version};
use tokio::sync::Semaphore;
use zeroize::Zeroizing;

use crate::error::{Code, ControlError, Result};

/// OWASP Password Storage Cheat Sheet, Argon2id: 19 MiB, two passes, one lane.
static PARAMS: LazyLock<Params> =
    LazyLock::new(|| Params::new(19 * 1024, 2, 1, None).unwrap_or_else(|_| unreachable!("within Argon2's bounds")));

const SHORTEST_CHARS: usize = 12;
const LONGEST_CHARS: usize = 256;
/// How long a request waits for its turn to hash.
const PATIENCE: Duration = Duration::from_secs(10);

/// Wiped from memory when dropped, and never printed.
#[derive(Clone)]
pub struct Password(Zeroizing<String>);

impl std::fmt::Debug for Password {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Password")
    }
}

impl From<String> for Password {
    fn from(text: String) -> Self {
        Self(Zeroizing::new(text))
    }
}

impl Password {
    /// Whether it may be chosen; else what is wrong with it.
    pub(crate) fn check(&self) -> std::result::Result<(), String> {
        let chars = self.0.chars().count();
        if (SHORTEST_CHARS..=LONGEST_CHARS).contains(&chars) {
            return Ok(());
        }
        Err(format!("must have {SHORTEST_CHARS} to {LONGEST_CHARS} characters"))
    }
}

/// Hashes on threads that may block, on half of the cores at most: a flood of logins must not starve other requests.
#[derive(Debug)]
pub(crate) struct Hasher {
    turns: Arc<Semaphore>,
}

impl Default for Hasher {
    fn default() -> Self {
        let cores = std::thread::available_parallelism().map_or(1, usize::from);
        Self {
            turns: Arc::new(Semaphore::new((cores / 2).max(1))),
        }
    }
}

impl Hasher {
    /// The password as a PHC string, with a salt of its own.
    pub(crate) async fn hash(&self, password: Password) -> Result<String> {
        self.in_turn(move || hash(&password)).await?
    }

    /// Whether it is the password of this hash. Without one it takes as long, and is not.
    pub(crate) async fn matches(&self, password: Password, expected: Option<String>) -> Result<bool> {
        self.in_turn(move || match expected {
            Some(expected) => verify(&password, &expected),
            None => hash(&password).map(|_| false),
        })
        .await?
    }

    async fn in_turn<T: Send + 'static>(&self, work: impl FnOnce() -> T + Send + 'static) -> Result<T> {
        let turn = tokio::time::timeout(PATIENCE, self.turns.clone().acquire_owned())
            .await
            .map_err(|_| {
                ControlError::new(Code::Unavailable, "too many logins at the same time; try again").retry_after(5)
            })?;
        let turn = turn.map_err(ControlError::internal)?;
        let done = tokio::task::spawn_blocking(move || {
            // Held by the work itself: a request that gives up does not free a core that is still busy.
            let _turn = turn;
            work()
        });
        done.await.map_err(ControlError::internal)
    }
}

fn argon2() -> Argon2<'static> {
    Argon2::new(Algorithm::Argon2id, Version::V0x13, PARAMS.clone())
}

fn hash(password: &Password) -> Result<String> {
    let hash: PasswordHash = argon2().hash_password(password.0.as_bytes()).map_err(failed)?;
    Ok(hash.to_string())
}

/// With the parameters of the hash, which may be of another time.
fn verify(password: &Password, expected: &str) -> Result<bool> {
    let expected = PasswordHash::new(expected).map_err(|error| ControlError::internal(error.to_string()))?;
    match argon2().verify_password(password.0.as_bytes(), &expected) {
        Ok(()) => Ok(true),
        Err(argon2::password_hash::Error::PasswordInvalid) => Ok(false),
        Err(error) => Err(failed(error)),
    }
}

fn failed(error: argon2::password_hash::Error) -> ControlError {
    ControlError::internal(error.to_string())
}

/// Does not say which of the two.
pub(super) fn wrong() -> ControlError {
    ControlError::new(Code::Unauthenticated, "e-mail address or password is wrong")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_password_is_argon2id_with_the_recommended_cost_and_a_salt_of_its_own() {
        let hasher = Hasher::default();
        let password = Password::from("correct horse battery".to_owned());
        let (one, two) = (
            hasher.hash(password.clone()).await.unwrap(),
            hasher.hash(password.clone()).await.unwrap(),
        );
        assert!(one.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"), "{one}");
        assert_ne!(one, two);
        assert!(hasher.matches(password.clone(), Some(one.clone())).await.unwrap());
        assert!(
            !hasher
                .matches(Password::from("correct horse batterz".to_owned()), Some(one))
                .await
                .unwrap()
        );
        assert!(!hasher.matches(password, None).await.unwrap());
    }

    #[tokio::test]
    async fn without_a_hash_to_compare_with_a_refusal_takes_no_less_work() {
        let hasher = Hasher::default();
        let password = || Password::from("not the password".to_owned());
        let known = hasher
            .hash(Password::from("correct horse battery".to_owned()))
            .await
            .unwrap();
        let mut quickest = [Duration::MAX; 2];
        // In turns, and the quickest of many, so that a busy machine slows down both alike.
        for _ in 0..8 {
            for (quickest, expected) in quickest.iter_mut().zip([Some(known.clone()), None]) {
                let start = std::time::Instant::now();
                assert!(!hasher.matches(password(), expected).await.unwrap());
                *quickest = start.elapsed().min(*quickest);
            }
        }
        let [with, without] = quickest;
        assert!(without * 4 > with, "with {with:?}, without {without:?}");
    }

    #[test]
    fn length_counts_characters_not_bytes() {
        let password = |text: &str, count: usize| Password::from(text.repeat(count));
        assert!(password("x", 11).check().is_err());
        assert!(password("ü", 11).check().is_err());
        assert!(password("ü", 12).check().is_ok());
        assert!(password("ü", 256).check().is_ok());
        assert!(password("ü", 257).check().is_err());
        assert_eq!(format!("{:?}", password("secret", 3)), "Password");
    }
}
