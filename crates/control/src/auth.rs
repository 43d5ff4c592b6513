//! From a bearer secret to who it is, and from there into an org.

use plinth_model::Role;
use plinth_model::id::{OrgId, ServiceAccountId, SessionId, UserId};

/// Who a secret belongs to, before any org is entered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Identity {
    User { id: UserId, email: String, name: String, verified: Verified, session: SessionId },
    ServiceAccount { org: OrgId, id: ServiceAccountId, name: String, roles: Vec<Role> },
    /// The holder of a lease on one resource; what it is for is read with each use.
    Lease { org: OrgId, token_hash: Vec<u8> },
    /// The business itself: applies the product.
    Operator { name: String },
    /// An agent of the data plane: claims work over all orgs.
    Reconciler { name: String },
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verified {
    Yes,
    No,
}

/// What was recently looked up, so that most requests need no query of their own for it.
#[derive(Debug, Default)]
pub struct Identities {}
