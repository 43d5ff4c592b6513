//! What a role may do: an action on a kind of thing in an org.

use std::fmt;

use crate::member::Role;

/// What an action is done to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Kind<'a> {
    Org,
    Members,
    Invitations,
    ServiceAccounts,
    Events,
    Metrics,
    Usage,
    Bill,
    Policies,
    /// Tokens and SQL logins of service accounts.
    Tokens,
    /// Resources of a type, by the type's plural.
    Resources(&'a str),
}

impl<'a> Kind<'a> {
    /// The kinds that each product has, in the order in which they are listed.
    pub const BUILT_IN: [Kind<'static>; 10] = [
        Kind::Org,
        Kind::Members,
        Kind::Invitations,
        Kind::ServiceAccounts,
        Kind::Events,
        Kind::Metrics,
        Kind::Usage,
        Kind::Bill,
        Kind::Policies,
        Kind::Tokens,
    ];

    /// The kind of this name; what is not built in is the plural of a type.
    pub fn named(name: &'a str) -> Self {
        let built_in = Self::BUILT_IN.into_iter().find(|kind| kind.as_str() == name);
        built_in.unwrap_or(Self::Resources(name))
    }

    pub fn as_str(self) -> &'a str {
        match self {
            Kind::Org => "org",
            Kind::Members => "members",
            Kind::Invitations => "invitations",
            Kind::ServiceAccounts => "service-accounts",
            Kind::Events => "events",
            Kind::Metrics => "metrics",
            Kind::Usage => "usage",
            Kind::Bill => "bill",
            Kind::Policies => "policies",
            Kind::Tokens => "tokens",
            Kind::Resources(plural) => plural,
        }
    }

    /// The actions that exist for this kind; types add their own verbs.
    pub fn actions(self) -> &'static [&'static str] {
        match self {
            Kind::Org => &["view", "update", "delete"],
            Kind::Members => &["view", "update", "delete", "grant-owner"],
            Kind::Invitations => &["view", "create", "delete"],
            Kind::ServiceAccounts => &["view", "create", "update", "delete"],
            Kind::Events | Kind::Bill => &["view"],
            Kind::Metrics | Kind::Usage => &["view", "create"],
            Kind::Policies => &["view", "create", "update", "delete"],
            Kind::Tokens => &["view", "create", "delete"],
            Kind::Resources(_) => &["view", "create", "update", "delete", "undelete"],
        }
    }
}

/// `pipelines:create`: one action on one kind.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Permission<'a> {
    pub kind: Kind<'a>,
    pub action: &'a str,
}

impl<'a> Permission<'a> {
    pub fn new(kind: Kind<'a>, action: &'a str) -> Self {
        Self { kind, action }
    }

    /// Whether one of the roles grants this. Nothing is granted by default.
    pub fn granted_to(self, roles: &[Role]) -> bool {
        roles.iter().any(|role| grants(*role, self))
    }
}

impl fmt::Display for Permission<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.kind.as_str(), self.action)
    }
}

fn grants(role: Role, Permission { kind, action }: Permission<'_>) -> bool {
    let view = action == "view";
    match role {
        Role::Owner => true,
        Role::Admin => !matches!((kind, action), (Kind::Org, "delete") | (Kind::Members, "grant-owner")),
        Role::Developer => match kind {
            Kind::Resources(_) => true,
            Kind::Invitations => false,
            _ => view,
        },
        Role::Viewer => {
            view && matches!(
                kind,
                Kind::Org | Kind::Members | Kind::Events | Kind::Metrics | Kind::Usage | Kind::Resources(_)
            )
        }
        Role::Billing => view && matches!(kind, Kind::Org | Kind::Members | Kind::Usage | Kind::Bill),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nobody_without_a_role_may_do_anything() {
        for kind in Kind::BUILT_IN.into_iter().chain([Kind::Resources("pipelines")]) {
            for action in kind.actions() {
                assert!(
                    !Permission::new(kind, action).granted_to(&[]),
                    "{} {action}",
                    kind.as_str()
                );
            }
        }
    }

    #[test]
    fn billing_sees_the_bill_and_no_resource() {
        assert!(Permission::new(Kind::Bill, "view").granted_to(&[Role::Billing]));
        assert!(!Permission::new(Kind::Resources("pipelines"), "view").granted_to(&[Role::Billing]));
    }

    #[test]
    fn viewer_cannot_delete_a_pipeline() {
        assert!(!Permission::new(Kind::Resources("pipelines"), "delete").granted_to(&[Role::Viewer]));
    }
}
