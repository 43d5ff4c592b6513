//! Bearer secrets: how they look, and what is kept of them.
//!
//! `plinth_<kind>_<secret>` with 256 random bits in base64url; kinds that belong to an org carry its id before the
//! secret, so that the org's cell can be found before anything is known about the bearer. Only the SHA-256 of the
//! whole text is stored: the secret has full entropy, so a slow hash would add nothing.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use plinth_model::id::{Id, OrgId};
use rand::RngExt;
use sha2::{Digest, Sha256};

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TokenKind {
    Session,
    ServiceAccount,
    Lease,
    Operator,
    Reconciler,
    /// A single-use secret that travels by e-mail: verification and reset.
    Email,
    Invitation,
    Action,
}

impl TokenKind {
    const ALL: [(Self, &'static str); 8] = [
        (Self::Session, "ses"),
        (Self::ServiceAccount, "sat"),
        (Self::Lease, "wrk"),
        (Self::Operator, "opr"),
        (Self::Reconciler, "rec"),
        (Self::Email, "eml"),
        (Self::Invitation, "inv"),
        (Self::Action, "act"),
    ];

    fn text(self) -> &'static str {
        Self::ALL
            .iter()
            .find(|(kind, _)| *kind == self)
            .map_or("", |(_, text)| text)
    }
}

/// 256 random bits in base64url.
pub fn secret() -> String {
    let secret: [u8; 32] = rand::rng().random();
    URL_SAFE_NO_PAD.encode(secret)
}

/// A fresh token; shown once, kept as its hash.
pub fn generate(kind: TokenKind, org: Option<OrgId>) -> String {
    match org {
        Some(org) => with_secret(kind, org, &secret()),
        None => format!("plinth_{}_{}", kind.text(), secret()),
    }
}

/// A token of an org around a secret that was made before.
pub fn with_secret(kind: TokenKind, org: OrgId, secret: &str) -> String {
    // `text` puts `prefix_` before the 26 characters of the id.
    format!("plinth_{}_{secret}", Id(org.0).text(kind.text()))
}

/// The secret of a lease token: what its hash is taken of, since the secret is made before the org is known.
pub fn lease_secret(token: &str) -> Option<&str> {
    token
        .strip_prefix("plinth_wrk_")?
        .split_once('_')
        .map(|(_, secret)| secret)
}

pub fn hash(token: &str) -> Vec<u8> {
    Sha256::digest(token.as_bytes()).to_vec()
}

/// The kind of a token, and the org in it; `None` when it is not one of ours.
pub fn parse(token: &str) -> Option<(TokenKind, Option<OrgId>)> {
    let (kind, rest) = token.strip_prefix("plinth_")?.split_once('_')?;
    let kind = TokenKind::ALL.iter().find(|(_, text)| *text == kind)?.0;
    let of_org = matches!(
        kind,
        TokenKind::ServiceAccount | TokenKind::Lease | TokenKind::Invitation
    );
    if !of_org {
        return Some((kind, None));
    }
    let (suffix, _) = rest.split_once('_')?;
    let org = Id::parse("org", &format!("org_{suffix}")).ok()?;
    Some((kind, Some(OrgId(org.0))))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_of_an_org_names_it() {
        let org = OrgId::generate();
        let token = generate(TokenKind::ServiceAccount, Some(org));
        assert!(token.starts_with("plinth_sat_"));
        assert_eq!(parse(&token), Some((TokenKind::ServiceAccount, Some(org))));
        assert_eq!(
            parse(&generate(TokenKind::Session, None)),
            Some((TokenKind::Session, None))
        );
    }

    #[test]
    fn what_is_not_a_token_is_none() {
        for text in [
            "",
            "plinth_",
            "plinth_ses",
            "plinth_zzz_abc",
            "plinth_sat_short_secret",
            "Bearer plinth_ses_x",
        ] {
            assert_eq!(parse(text), None, "{text}");
        }
    }
}
