//! Settings of the control plane.

use std::path::PathBuf;

use crate::country::Countries;

/// How mail leaves.
#[derive(Clone)]
#[expect(missing_debug_implementations, reason = "the URL may hold a password")]
pub enum MailTransport {
    /// Each message becomes an `.eml` file in this folder, and is shown by the outbox page: for development.
    Outbox(PathBuf),
    /// `smtp://user:password@host:587?tls=required` or `smtps://...`.
    Smtp { url: String },
}

#[derive(Clone)]
pub struct ControlConfig {
    /// Where people reach the console: links in mail begin with it, without a slash at the end.
    pub public_url: String,
    pub mail: MailTransport,
    /// The sender of mail: `Plinth <no-reply@example.com>`.
    pub mail_from: String,
    /// 256 bits that wrap each org's data key and sign CSRF tokens.
    pub key_encryption_key: [u8; 32],
    /// The key before this one: opens what it has wrapped, until everything is wrapped anew.
    pub previous_key: Option<[u8; 32]>,
    /// Shows the outbox and seeds samples.
    pub development: bool,
    /// What each new org begins with.
    pub samples: Vec<Sample>,
    /// In which countries addresses are; `None` when the operator has no file of them.
    pub countries: Option<Countries>,
    /// How long a reconciler's lease lives without being renewed.
    pub lease_secs: f64,
    /// How long a deleted resource can be undeleted at least.
    pub undelete_secs: f64,
}

impl std::fmt::Debug for ControlConfig {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        // Keys and the SMTP password stay out of logs.
        f.debug_struct("ControlConfig")
            .field("public_url", &self.public_url)
            .field("development", &self.development)
            .finish_non_exhaustive()
    }
}

/// A resource that is there from the start.
#[derive(Clone)]
#[expect(missing_debug_implementations, reason = "the spec holds secrets")]
pub struct Sample {
    /// The type's plural.
    pub plural: String,
    pub name: String,
    pub properties: serde_json::Map<String, serde_json::Value>,
    /// With its secrets.
    pub spec: serde_json::Value,
}
