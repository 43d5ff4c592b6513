//! Service accounts and their tokens: how programs and CI get in.

use std::fmt;

use jiff::Timestamp;
use reqwest::Method;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::{Page, Result, org::OrgScope};

#[derive(Debug, Clone, Copy)]
pub struct ServiceAccounts<'a> {
    org: &'a OrgScope,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct ServiceAccount {
    pub id: String,
    pub name: String,
    #[serde(default)]
    pub roles: Vec<String>,
    /// What policies call `Group::"<name>"`.
    #[serde(default)]
    pub groups: Vec<String>,
    #[serde(default)]
    pub attributes: Map<String, Value>,
    #[serde(default)]
    pub created_at: Option<Timestamp>,
}

/// What a service account is to be.
#[derive(Debug, Clone, Default, Serialize)]
pub struct NewServiceAccount {
    pub name: String,
    pub roles: Vec<String>,
    pub groups: Vec<String>,
    pub attributes: Map<String, Value>,
}

/// What to change of a service account; what is `None` stays.
#[derive(Debug, Clone, Default, Serialize)]
pub struct ServiceAccountChange {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub roles: Option<Vec<String>>,
    /// All of its groups.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub groups: Option<Vec<String>>,
    /// All of its attributes.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub attributes: Option<Map<String, Value>>,
}

/// A token of a service account. `token` is there in the answer that made it, and never again.
#[derive(Clone, Serialize, Deserialize)]
pub struct Token {
    pub id: String,
    #[serde(default)]
    pub name: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub token: Option<String>,
    #[serde(default)]
    pub created_at: Option<Timestamp>,
    #[serde(default)]
    pub expires_at: Option<Timestamp>,
    #[serde(default)]
    pub revoked_at: Option<Timestamp>,
}

impl fmt::Debug for Token {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Token")
            .field("id", &self.id)
            .field("name", &self.name)
            .field("expires_at", &self.expires_at)
            .finish_non_exhaustive()
    }
}

/// A login of a service account to the database. `password`, and where to log in, are there in the answer that made it,
/// and never again.
#[derive(Clone, Serialize, Deserialize)]
pub struct SqlLogin {
    pub id: String,
    #[serde(default)]
    pub name: String,
    pub login: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub password: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub host: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub port: Option<u16>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub database: Option<String>,
    #[serde(default)]
    pub created_at: Option<Timestamp>,
    #[serde(default)]
    pub expires_at: Option<Timestamp>,
    #[serde(default)]
    pub revoked_at: Option<Timestamp>,
}

impl fmt::Debug for SqlLogin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SqlLogin")
            .field("id", &self.id)
            .field("login", &self.login)
            .field("expires_at", &self.expires_at)
            .finish_non_exhaustive()
    }
}

impl SqlLogin {
    /// What `psql` takes; `None` where it is not shown any more. Logins and passwords need no escapes.
    pub fn url(&self) -> Option<String> {
        let Self { login, port, .. } = self;
        let (password, host, database) = (self.password.as_ref()?, self.host.as_ref()?, self.database.as_ref()?);
        let port = (*port)?;
        Some(if host.starts_with('/') {
            format!("postgres://{login}:{password}@/{database}?host={host}&port={port}")
        } else if host.contains(':') {
            format!("postgres://{login}:{password}@[{host}]:{port}/{database}")
        } else {
            format!("postgres://{login}:{password}@{host}:{port}/{database}")
        })
    }
}

/// A new token, or a new SQL login.
#[derive(Debug, Clone, Default, Serialize)]
pub struct NewToken {
    pub name: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub expires_in_secs: Option<u64>,
}

impl OrgScope {
    pub fn service_accounts(&self) -> ServiceAccounts<'_> {
        ServiceAccounts { org: self }
    }
}

impl ServiceAccounts<'_> {
    pub async fn create(&self, account: &NewServiceAccount) -> Result<ServiceAccount> {
        let call = self.org.call(Method::POST, &["service-accounts"]);
        call.json(account).receive().await
    }

    pub async fn change(&self, id: &str, change: &ServiceAccountChange) -> Result<ServiceAccount> {
        let call = self.org.call(Method::PATCH, &["service-accounts", id]);
        call.json(change).receive().await
    }

    pub async fn list(&self) -> Result<Page<ServiceAccount>> {
        let call = self.org.call(Method::GET, &["service-accounts"]);
        call.query("limit", 500).receive().await
    }

    pub async fn delete(&self, id: &str) -> Result<()> {
        let call = self.org.call(Method::DELETE, &["service-accounts", id]);
        call.complete().await
    }

    pub async fn token_create(&self, id: &str, token: &NewToken) -> Result<Token> {
        let path = ["service-accounts", id, "tokens"];
        let call = self.org.call(Method::POST, &path);
        call.json(token).receive().await
    }

    pub async fn token_list(&self, id: &str) -> Result<Page<Token>> {
        let path = ["service-accounts", id, "tokens"];
        let call = self.org.call(Method::GET, &path);
        call.query("limit", 500).receive().await
    }

    pub async fn token_revoke(&self, id: &str, token_id: &str) -> Result<()> {
        let path = ["service-accounts", id, "tokens", token_id];
        self.org.call(Method::DELETE, &path).complete().await
    }

    pub async fn sql_login_create(&self, id: &str, login: &NewToken) -> Result<SqlLogin> {
        let path = ["service-accounts", id, "sql-logins"];
        let call = self.org.call(Method::POST, &path);
        call.json(login).receive().await
    }

    pub async fn sql_login_list(&self, id: &str) -> Result<Page<SqlLogin>> {
        let path = ["service-accounts", id, "sql-logins"];
        let call = self.org.call(Method::GET, &path);
        call.query("limit", 500).receive().await
    }

    pub async fn sql_login_revoke(&self, id: &str, login_id: &str) -> Result<()> {
        let path = ["service-accounts", id, "sql-logins", login_id];
        self.org.call(Method::DELETE, &path).complete().await
    }
}
