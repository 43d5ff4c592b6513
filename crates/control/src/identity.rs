//! Who a caller is, whatever it showed. Must not know how that was found out.

use jiff::Timestamp;
use plinth_model::id::{OrgId, ServiceAccountId, SessionId, UserId};

use crate::standing::Standing;

/// Who a secret belongs to, before any org is entered.
#[derive(Debug, Clone, PartialEq)]
pub enum Identity {
    User {
        id: UserId,
        email: String,
        name: String,
        verified: Verified,
        session: SessionId,
        /// When it logged in.
        since: Timestamp,
    },
    ServiceAccount {
        org: OrgId,
        id: ServiceAccountId,
        name: String,
        standing: Standing,
        /// When its token was made.
        since: Timestamp,
    },
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

impl Verified {
    /// Whether the user has shown that the address is theirs.
    pub(crate) fn since(at: Option<Timestamp>) -> Self {
        if at.is_some() { Self::Yes } else { Self::No }
    }
}
