//! What the database lets through is what is decided in process, condition by condition.

use plinth_control::resource::{self, Mode};
use plinth_control::{Caller, member};
use plinth_model::Resource;
use plinth_model::permission::Kind;
use serde_json::{Value, json};

use super::{Setting, setting};

/// What stands in a policy and how many of the four pumps it shows to whom it is for.
const CONDITIONS: [(&str, usize); 13] = [
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
    (r#"resource.type == "pump" && resource.id like "pump_*""#, 4),
    (r#"context has ip && context.ip.isInRange(ip("192.0.2.0/24"))"#, 4),
    (r#"context has ip && context.ip.isInRange(ip("198.51.100.0/24"))"#, 0),
    (
        r#"context.time > datetime("2026-01-01T00:00:00Z") && context.time < datetime("2126-01-01T00:00:00Z")"#,
        4,
    ),
    ("context.authentication.age_secs < 60 && context.local.hour >= 0", 4),
    (r#"resource.properties.environment == "production""#, 0),
];

impl Setting {
    async fn draft(&self, caller: &Caller, name: &str, properties: Value) {
        let draft = resource::Draft {
            name: name.to_owned(),
            properties: properties.as_object().unwrap().clone(),
            spec: json!({}),
        };
        resource::create(&self.works.control, caller, "pumps", draft, Mode::Commit, None)
            .await
            .unwrap();
    }

    /// Two pumps more: one of the contractor's own, and one of the team that the contractor is in.
    async fn four_pumps(&self) -> Vec<Resource> {
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
        self.draft(&self.contractor().await, "mine", json!({})).await;
        let of_team = json!({"environment": "production", "team": "water"});
        self.draft(&self.owner, "prod-two", of_team).await;
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
