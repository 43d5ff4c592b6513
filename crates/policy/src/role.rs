//! The roles that every product begins with, as policies.

/// Name and Cedar text of each; a product may put its own in the place of one.
pub const STANDARD: [(&str, &str); 5] = [
    ("owner", include_str!("role/owner.cedar")),
    ("admin", include_str!("role/admin.cedar")),
    ("developer", include_str!("role/developer.cedar")),
    ("viewer", include_str!("role/viewer.cedar")),
    ("billing", include_str!("role/billing.cedar")),
];
