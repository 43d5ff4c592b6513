//! Who asks: sign-up, login, logout, and the orgs of the caller.

use jiff::Timestamp;
use reqwest::Method;
use serde::{Deserialize, Serialize};

use crate::{Client, Result};

#[derive(Debug, Clone, Copy)]
pub struct Accounts<'a> {
    client: &'a Client,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct User {
    pub id: String,
    pub email: String,
    #[serde(default)]
    pub name: String,
    #[serde(default)]
    pub email_verified_at: Option<Timestamp>,
    #[serde(default)]
    pub created_at: Option<Timestamp>,
}

/// A session of a program: `token` is shown here and never again.
#[derive(Clone, Serialize, Deserialize)]
pub struct Session {
    pub user: User,
    pub token: Option<String>,
    pub expires_at: Option<Timestamp>,
}

impl std::fmt::Debug for Session {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Session")
            .field("user", &self.user)
            .field("expires_at", &self.expires_at)
            .finish_non_exhaustive()
    }
}

/// The caller: a user or a service account, and the orgs it belongs to.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Me {
    pub user: Option<User>,
    #[serde(default)]
    pub service_account: Option<CallingServiceAccount>,
    #[serde(default)]
    pub orgs: Vec<Membership>,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct CallingServiceAccount {
    pub id: String,
    #[serde(default)]
    pub name: String,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Membership {
    pub id: String,
    pub slug: String,
    #[serde(default)]
    pub name: String,
    #[serde(default)]
    pub roles: Vec<String>,
}

impl Client {
    pub fn account(&self) -> Accounts<'_> {
        Accounts { client: self }
    }
}

impl Accounts<'_> {
    pub async fn sign_up(&self, email: &str, name: &str, password: &str) -> Result<Session> {
        let body = serde_json::json!({"email": email, "name": name, "password": password});
        let call = self.client.call(Method::POST, &["v1", "signup"]);
        call.json(&body).receive().await
    }

    pub async fn log_in(&self, email: &str, password: &str) -> Result<Session> {
        let body = serde_json::json!({"email": email, "password": password});
        let call = self.client.call(Method::POST, &["v1", "login"]);
        call.json(&body).receive().await
    }

    /// Confirms an e-mail address with the token of the mail's link.
    pub async fn confirm_email(&self, token: &str) -> Result<()> {
        let path = ["v1", "email-verifications", "confirm"];
        let call = self.client.call(Method::POST, &path);
        call.json(&serde_json::json!({"token": token})).complete().await
    }

    /// Sends the mail that confirms the caller's address once more.
    pub async fn resend_confirmation(&self) -> Result<()> {
        let call = self.client.call(Method::POST, &["v1", "email-verifications"]);
        call.json(&serde_json::json!({})).complete().await
    }

    /// Ends the session that the client's token stands for.
    pub async fn log_out(&self) -> Result<()> {
        let call = self.client.call(Method::POST, &["v1", "logout"]);
        call.complete().await
    }

    pub async fn me(&self) -> Result<Me> {
        self.client.call(Method::GET, &["v1", "me"]).receive().await
    }
}
