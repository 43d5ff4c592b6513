//! What the database lets through is what is decided in process, condition by condition.

use plinth_control::resource::{self, Mode, NewOwner};
use plinth_control::{Caller, member};
use plinth_model::Resource;
use plinth_model::permission::Kind;
use proptest::prelude::*;
use proptest::strategy::ValueTree;
use proptest::test_runner::{Config, TestRunner};
use serde_json::{Value, json};

use super::{Setting, setting};

/// What stands in a policy and how many of the four pumps it shows to whom it is for.
const CONDITIONS: [(&str, usize); 18] = [
    ("true", 4),
    (r#"resource.name == "dev""#, 1),
    (r#"resource.name like "pro*""#, 2),
    (
        r#"resource.properties has environment && resource.properties.environment == "production""#,
        2,
    ),
    (r#"!(resource.properties has environment)"#, 1),
    (
        r#"resource.properties has team && principal.attributes has team && resource.properties.team == principal.attributes.team"#,
        1,
    ),
    ("resource has creator && resource.creator == principal", 1),
    ("resource has owner && resource.owner == principal", 2),
    ("!(resource has owner)", 1),
    (
        "resource has owner && resource has creator && resource.owner != resource.creator",
        1,
    ),
    (r#"resource.type == "pump" && resource.id like "pump_*""#, 4),
    (r#"context has ip && context.ip.isInRange(ip("192.0.2.0/24"))"#, 4),
    (r#"context has ip && context.ip.isInRange(ip("198.51.100.0/24"))"#, 0),
    (
        r#"context.time > datetime("2026-01-01T00:00:00Z") && context.time < datetime("2126-01-01T00:00:00Z")"#,
        4,
    ),
    ("context.authentication.age_secs < 60 && context.local.hour >= 0", 4),
    (r#"resource.spec has mode && resource.spec.mode == "fast""#, 1),
    (
        "if resource.spec has motor && resource.spec.motor has watts then resource.spec.motor.watts > 100 else true",
        3,
    ),
    (r#"resource.properties.environment == "production""#, 0),
];

impl Setting {
    async fn draft(&self, caller: &Caller, name: &str, owner: NewOwner, (properties, spec): (Value, Value)) {
        let draft = resource::Draft {
            name: name.to_owned(),
            properties: properties.as_object().unwrap().clone(),
            owner,
            spec,
        };
        resource::create(&self.works.control, caller, "pumps", draft, Mode::Commit, None)
            .await
            .unwrap();
    }

    /// Two pumps more: one of the contractor's own, and one of the team that the contractor is in, which another made for
    /// the contractor. One of the first two belongs to nobody.
    pub(super) async fn four_pumps(&self) -> Vec<Resource> {
        let control = &self.works.control;
        let mine = r#"permit (principal in Group::"contractors", action == Action::"pumps:create", resource);
                      permit (principal in Group::"contractors", action == Action::"pumps:view", resource) when { resource.name == "mine" };"#;
        let policy = self.write("mine", mine).await;
        let patch = member::MemberPatch {
            attributes: json!({"team": "water"}).as_object().cloned(),
            ..Default::default()
        };
        member::update(control, &self.owner, self.contractor, &patch, None)
            .await
            .unwrap();
        self.draft(
            &self.contractor().await,
            "mine",
            NewOwner::Unsaid,
            (json!({}), json!({"mode": "fast"})),
        )
        .await;
        let of_team = json!({"environment": "production", "team": "water"});
        let contractor = NewOwner::Somebody(self.contractor.to_string());
        self.draft(
            &self.owner,
            "prod-two",
            contractor,
            (of_team, json!({"motor": {"watts": 50}})),
        )
        .await;
        self.patch(&self.owner, "dev", json!({"owner": null})).await.unwrap();
        self.forget(&policy).await;
        let all = resource::list(control, &self.owner, "pumps", &resource::Query::default()).await;
        all.unwrap().items
    }
}

#[tokio::test]
async fn the_database_lets_through_what_is_decided_in_process() {
    let setting = setting().await;
    let all = setting.four_pumps().await;
    for (condition, expected) in CONDITIONS {
        let text = format!(
            r#"permit (principal in Group::"contractors", action == Action::"pumps:view", resource) when {{ {condition} }};"#
        );
        let made = setting.try_write(&setting.owner, "tried", &text).await;
        // Strict validation wants the guard; without it the policy is refused, and nothing is shown.
        let Ok(made) = made else {
            assert_eq!(expected, 0, "{condition}: {made:?}");
            continue;
        };
        let contractor = setting.contractor().await;
        let shown = setting.names(&contractor).await;
        let kind = Kind::Resources("pumps");
        let mut decided: Vec<String> = all
            .iter()
            .filter(|pump| contractor.permits(kind, "view", || plinth_policy::view::resource(pump)))
            .map(|pump| pump.name.clone())
            .collect();
        decided.sort();
        assert_eq!(shown, decided, "{condition}");
        assert_eq!(shown.len(), expected, "{condition}: {shown:?}");
        setting.forget(&made).await;
    }
}

const ROUNDS: u32 = 60;
const ACTIONS: [&str; 3] = ["view", "update", "delete"];

/// Some statements about pumps for the contractor: some permit and some forbid, some of them one action and some all.
fn statements() -> impl Strategy<Value = Vec<String>> {
    let condition = prop::sample::select(&CONDITIONS[..17]).prop_map(|(text, _)| format!("({text})"));
    let condition = condition.prop_recursive(2, 6, 2, |inner| {
        prop_oneof![
            inner.clone().prop_map(|one| format!("!{one}")),
            (inner.clone(), inner.clone()).prop_map(|(one, two)| format!("({one} && {two})")),
            (inner.clone(), inner).prop_map(|(one, two)| format!("({one} || {two})")),
        ]
    });
    let effect = prop::sample::select(vec!["permit", "permit", "permit", "forbid"]);
    let whom = prop::sample::select(vec![
        "principal",
        "principal in Group::\"contractors\"",
        "principal is User",
    ]);
    let what = prop::sample::select(vec![
        "action == Action::\"pumps:view\"",
        "action == Action::\"pumps:update\"",
        "action in [Action::\"pumps:view\", Action::\"pumps:delete\"]",
        "action in Action::\"resources:*\"",
    ]);
    let clause = prop::sample::select(vec!["when", "when", "unless"]);
    let statement = (effect, whom, what, clause, condition).prop_map(|(effect, whom, what, clause, condition)| {
        format!("{effect} ({whom}, {what}, resource) {clause} {{ {condition} }};")
    });
    prop::collection::vec(statement, 1..6)
}

impl Setting {
    /// The pumps that row-level security lets the caller see, or change in the name of an action.
    async fn let_through(&self, caller: &Caller, action: &str) -> Vec<String> {
        let client = self.works.test.cell.admin().await;
        let scope = &caller.scope;
        let actor = serde_json::to_string(&scope.actor).unwrap();
        let principal = format!("user:{}", self.contractor.0);
        let class = format!("resources:{action}");
        client.batch_execute("begin; set local role plinth_api").await.unwrap();
        let settings = "select set_config('plinth.org', $1, true), set_config('plinth.actor', $2, true),
            set_config('plinth.principal', $3, true), set_config('plinth.context', $4, true), set_config('plinth.class', $5, true)";
        let context = scope.context.to_string();
        client
            .execute(
                settings,
                &[&scope.org.0.to_string(), &actor, &principal, &context, &class],
            )
            .await
            .unwrap();
        let statement = match action {
            "view" => "select name from plinth.resources order by name",
            _ => {
                "with changed as (update plinth.resources set updated_at = now() returning name) select name from changed order by name"
            }
        };
        let rows = client.query(statement, &[]).await.unwrap();
        client.batch_execute("rollback").await.unwrap();
        rows.iter().map(|row| row.get(0)).collect()
    }
}

/// Any set of policies, on the table itself: one that the process would not grant is not let through, and the other way
/// round.
#[tokio::test]
async fn any_policies_are_enforced_as_they_are_decided() {
    let setting = setting().await;
    let all = setting.four_pumps().await;
    let mut runner = TestRunner::new(Config::default());
    let (mut seen, mut hidden) = ([0; 3], [0; 3]);
    for _ in 0..ROUNDS {
        let text = statements().new_tree(&mut runner).unwrap().current().join("\n");
        let made = setting.write("tried", &text).await;
        let contractor = setting.contractor().await;
        for (at, action) in ACTIONS.into_iter().enumerate() {
            let kind = Kind::Resources("pumps");
            let permitted = |pump: &&Resource| {
                let may = |action| contractor.permits(kind, action, || plinth_policy::view::resource(pump));
                may("view") && may(action)
            };
            let mut expected: Vec<String> = all.iter().filter(permitted).map(|pump| pump.name.clone()).collect();
            expected.sort();
            seen[at] += expected.len();
            hidden[at] += all.len() - expected.len();
            assert_eq!(
                setting.let_through(&contractor, action).await,
                expected,
                "{action} by\n{text}"
            );
        }
        setting.forget(&made).await;
    }
    assert!(
        seen.iter().chain(&hidden).all(|count| *count >= 20),
        "{seen:?} {hidden:?}"
    );
}
