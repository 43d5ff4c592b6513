//! The built-in roles as policies: they grant what the table in `model` grants, and nothing else.

use plinth_model::Role;
use plinth_model::permission::{Kind, Permission};
use plinth_policy::compile::ALWAYS;
use plinth_policy::{Decider, Question, compile};
use serde_json::json;

use crate::product::{context, etl, policy, principal, row};

const POLICIES: [(Role, &str); 5] = [
    (Role::Owner, include_str!("../../../../products/etl/roles/owner.cedar")),
    (Role::Admin, include_str!("../../../../products/etl/roles/admin.cedar")),
    (
        Role::Developer,
        include_str!("../../../../products/etl/roles/developer.cedar"),
    ),
    (
        Role::Viewer,
        include_str!("../../../../products/etl/roles/viewer.cedar"),
    ),
    (
        Role::Billing,
        include_str!("../../../../products/etl/roles/billing.cedar"),
    ),
];

/// The actions of the table, and the kind of each.
fn permissions() -> Vec<(String, Kind<'static>, String)> {
    let kinds = Kind::BUILT_IN
        .into_iter()
        .chain([Kind::Resources("connections"), Kind::Resources("pipelines")]);
    let built_in = kinds.flat_map(|kind| kind.actions().iter().map(move |action| (kind, (*action).to_owned())));
    let verbs = ["pause", "resume"].map(|verb| (Kind::Resources("pipelines"), verb.to_owned()));
    built_in
        .chain(verbs)
        .map(|(kind, action)| (format!("{}:{action}", kind.as_str()), kind, action))
        .collect()
}

#[test]
fn the_policies_of_the_roles_grant_what_the_table_grants() {
    let policies = POLICIES.map(|(role, text)| (role.as_str().to_owned(), policy(text)));
    let decider = Decider::new(etl(), policies);
    let (row, context) = (row(json!({})), context());
    let mut granted = 0;
    for role in Role::ALL {
        let principal = principal(&[role.as_str()], json!({}));
        for (name, kind, action) in permissions() {
            let question = Question {
                principal: &principal,
                action: &name,
                row: &row,
                context: &context,
            };
            let decision = decider.decide(question).unwrap();
            let expected = Permission::new(kind, &action).granted_to(&[role]);
            assert_eq!(decision.allowed, expected, "{role:?} {name}");
            assert_eq!(decider.permits(question), Ok(expected), "{role:?} {name}");
            granted += usize::from(expected);
        }
    }
    assert!(granted > 80, "{granted}");
}

/// What a statement does not look at is left out of a quick decision; an action may also be looked at by its name.
#[test]
fn an_action_that_a_condition_names_is_known_with_its_groups() {
    let text = r#"permit (principal, action, resource) when { Action::"bill:view" in Action::"view" };"#;
    let decider = Decider::new(etl(), [("named".to_owned(), policy(text))]);
    let question = Question {
        principal: &principal(&[], json!({})),
        action: "bill:view",
        row: &row(json!({})),
        context: &context(),
    };
    assert!(decider.decide(question).unwrap().allowed);
    assert_eq!(decider.permits(question), Ok(true));
}

/// So what holds of the product's roles holds of those that a product does not declare.
#[test]
fn the_reference_products_roles_are_the_standard_ones() {
    let declared = POLICIES.map(|(role, text)| (role.as_str(), text));
    assert_eq!(declared, plinth_policy::role::STANDARD);
}

/// Whoever is not restricted is not asked row by row.
#[test]
fn the_roles_come_to_rows_without_a_condition() {
    let mut tested = 0;
    for (role, text) in POLICIES {
        let rows = compile(&policy(text), &etl()).unwrap();
        for (name, kind, action) in permissions() {
            let memberships = ["User::user_ann".to_owned(), format!("Role::{}", role.as_str())];
            let memberships: Vec<&str> = memberships.iter().map(String::as_str).collect();
            let mut chosen = rows
                .iter()
                .filter(|row| row.takes("User", &memberships) && row.is_for(&name));
            assert_eq!(
                chosen.clone().next().is_some(),
                Permission::new(kind, &action).granted_to(&[role]),
                "{role:?} {name}"
            );
            assert!(chosen.all(|row| row.predicate == ALWAYS), "{role:?} {name}");
            tested += 1;
        }
    }
    assert_eq!(tested, 5 * permissions().len());
}

#[test]
fn nobody_without_a_role_may_do_anything() {
    for (_, text) in POLICIES {
        for row in compile(&policy(text), &etl()).unwrap() {
            assert!(!row.takes("User", &["User::user_ann", "Group::owner"]), "{row:?}");
        }
    }
}
