//! What a dry run says of a change is what the change does.

use plinth_control::policy::impact::{self, Change, Impact, Then};
use plinth_control::policy::{self, Policy};
use plinth_control::resource::{self, Mode};
use plinth_control::service_account::{self, NewServiceAccount};
use plinth_control::{Caller, Code, housekeeping, refusal};
use serde_json::json;

use super::{CONTRACTORS, Setting, draft, options, setting};
use crate::people::{code, roles};

const NO_PROD: &str = r#"forbid (principal in Role::"developer", action in [Action::"pumps:update", Action::"pumps:delete"], resource)
    when { resource.properties has environment && resource.properties.environment == "production" };"#;

impl Setting {
    /// What writing this would do.
    async fn foretold(&self, caller: &Caller, name: &str, text: &str) -> Impact {
        let control = &self.works.control;
        let made = policy::create(control, caller, &draft(name, text), Mode::DryRun, None)
            .await
            .unwrap();
        impact::of(control, caller, made.id, Some(&made)).await.unwrap()
    }

    async fn replaced(&self, policy: &Policy, text: &str) -> Impact {
        let control = &self.works.control;
        let how = (Mode::DryRun, None);
        let made = policy::update(control, &self.owner, policy.id, &draft("other-name", text), how, None)
            .await
            .unwrap();
        impact::of(control, &self.owner, policy.id, Some(&made)).await.unwrap()
    }

    /// As the edge does with an answer that is a refusal.
    async fn note<T: std::fmt::Debug>(&self, answer: Result<T, plinth_control::ControlError>, subject: Option<&str>) {
        let error = answer.unwrap_err();
        assert_eq!(error.code, Code::Forbidden);
        self.works.control.refusals().note(error.refusal().unwrap(), subject);
        refusal::step(&self.works.control).await.unwrap();
    }
}

fn told(changes: &[Change]) -> Vec<String> {
    let line = |change: &Change| {
        let verb = if change.loses { "loses" } else { "gains" };
        let examples: Vec<&str> = change.examples.iter().map(|example| example.name.as_str()).collect();
        format!(
            "{} {verb} {} {} [{}]",
            change.principal.name,
            change.action,
            change.count,
            examples.join(" ")
        )
    };
    changes.iter().map(line).collect()
}

#[tokio::test]
async fn a_new_policy_tells_who_gains_what() {
    let setting = setting().await;
    for number in 0..4 {
        setting
            .create(&setting.owner, &format!("dev-{number}"), "development")
            .await
            .unwrap();
    }
    let impact = setting.foretold(&setting.owner, "contractors", CONTRACTORS).await;
    assert_eq!((impact.gain, impact.lose, impact.complete), (1, 0, true));
    assert_eq!(
        told(&impact.changes),
        [
            "carla gains pumps:update 5 [dev dev-0 dev-1]",
            "carla gains pumps:view 5 [dev dev-0 dev-1]",
            "carla gains events:view 1 []",
            "carla gains metrics:view 1 []",
            "carla gains pumps:create 1 []",
        ]
    );
    assert_eq!(impact.changes_count, 5);
    assert_eq!(impact.changes[0].principal.id, setting.contractor.to_string());
    // Nothing was kept, and what was told is what happens.
    assert_eq!(
        code(
            resource::list(
                &setting.works.control,
                &setting.contractor().await,
                "pumps",
                &Default::default()
            )
            .await
        ),
        Code::Forbidden
    );
    setting.write("contractors", CONTRACTORS).await;
    assert_eq!(setting.names(&setting.contractor().await).await.len(), 5);
}

#[tokio::test]
async fn losses_come_first_and_deletion_and_revert_tell_theirs() {
    let setting = setting().await;
    let control = &setting.works.control;
    let policy = setting.write("contractors", CONTRACTORS).await;
    let other = CONTRACTORS.replace("development", "production");
    let replaced = setting.replaced(&policy, &other).await;
    assert_eq!((replaced.gain, replaced.lose), (1, 1));
    assert_eq!(
        told(&replaced.changes),
        [
            "carla loses pumps:create 1 []",
            "carla loses pumps:update 1 [dev]",
            "carla loses pumps:view 1 [dev]",
            "carla gains pumps:create 1 []",
            "carla gains pumps:update 1 [prod]",
            "carla gains pumps:view 1 [prod]",
        ]
    );
    let how = (Mode::DryRun, None);
    policy::delete(control, &setting.owner, policy.id, how, None)
        .await
        .unwrap();
    let deleted = impact::of(control, &setting.owner, policy.id, None).await.unwrap();
    assert_eq!((deleted.gain, deleted.lose, deleted.changes_count), (0, 1, 5));
    assert!(deleted.changes.iter().all(|change| change.loses));
    assert_eq!(
        setting.names(&setting.contractor().await).await,
        ["dev"],
        "it is still there"
    );
    // The same wording again changes nothing.
    let same = setting.replaced(&policy, CONTRACTORS).await;
    assert_eq!((same.changes_count, same.gain, same.lose), (0, 0, 0));
    policy::update(
        control,
        &setting.owner,
        policy.id,
        &draft("contractors", &other),
        (Mode::Commit, None),
        None,
    )
    .await
    .unwrap();
    let back = policy::revert(control, &setting.owner, policy.id, 1, how, None)
        .await
        .unwrap();
    let reverted = impact::of(control, &setting.owner, policy.id, Some(&back))
        .await
        .unwrap();
    assert!(told(&reverted.changes).contains(&"carla gains pumps:view 1 [dev]".to_owned()));
}

#[tokio::test]
async fn what_nothing_there_is_now_shows_is_told_all_the_same() {
    let setting = setting().await;
    let late = r#"permit (principal in Group::"contractors", action == Action::"pumps:delete", resource) when { resource.name like "later-*" };
                  permit (principal in Group::"contractors", action == Action::"policies:view", resource) when { context has ip && context.ip.isInRange(ip("192.0.2.0/24")) };"#;
    let impact = setting.foretold(&setting.owner, "later", late).await;
    assert_eq!(
        told(&impact.changes),
        ["carla gains policies:view 0 []", "carla gains pumps:delete 0 []"]
    );
}

#[tokio::test]
async fn service_accounts_gain_and_lose_and_owners_keep_the_policies() {
    let setting = setting().await;
    let new = NewServiceAccount {
        name: "ci".to_owned(),
        roles: roles(&["developer"]),
        ..Default::default()
    };
    service_account::create(&setting.works.control, &setting.owner, &new, None)
        .await
        .unwrap();
    let impact = setting.foretold(&setting.owner, "no-prod", NO_PROD).await;
    assert_eq!(
        told(&impact.changes),
        ["ci loses pumps:delete 1 [prod]", "ci loses pumps:update 1 [prod]"]
    );
    let all = setting
        .foretold(&setting.owner, "nothing", "forbid (principal, action, resource);")
        .await;
    let owner = setting.owner.scope.actor.id.clone();
    let of_owner: Vec<&Change> = all
        .changes
        .iter()
        .filter(|change| change.principal.id == owner)
        .collect();
    assert!(!of_owner.is_empty() && of_owner.iter().all(|change| change.loses));
    assert!(
        of_owner
            .iter()
            .all(|change| !change.action.starts_with("policies:") && change.action != "org:view")
    );
}

/// An admin who may not see production, nor the contractor, is told of neither.
#[tokio::test]
async fn it_tells_no_more_than_the_caller_may_see() {
    let setting = setting().await;
    setting
        .works
        .member(&setting.org, "dora@example.com", &["developer"])
        .await;
    let (_, admin) = setting.works.member(&setting.org, "adam@example.com", &["admin"]).await;
    let blind = r#"forbid (principal in Role::"admin", action == Action::"pumps:view", resource)
                   when { resource.properties has environment && resource.properties.environment == "production" };
                   forbid (principal in Role::"admin", action == Action::"members:view", resource)
                   when { resource has email && resource.email == "carla@example.com" };"#;
    setting.write("blind", blind).await;
    let adam = setting
        .as_user("adam@example.com", admin.scope.actor.id.parse().unwrap())
        .await;
    let seen = setting.foretold(&adam, "contractors", CONTRACTORS).await;
    assert_eq!((seen.gain, told(&seen.changes)), (0, vec![]));
    let everybody =
        r#"forbid (principal in [Role::"developer", Role::"billing"], action == Action::"pumps:delete", resource);"#;
    let everybody = everybody.replace("[Role::\"developer\", Role::\"billing\"]", "Role::\"developer\"");
    let seen = setting.foretold(&adam, "deletions", &everybody).await;
    assert_eq!(told(&seen.changes), ["dora loses pumps:delete 1 [dev]"]);
    let owner = setting.as_user(&setting.org.owner_email, setting.org.owner).await;
    let seen = setting.foretold(&owner, "deletions", &everybody).await;
    assert_eq!(told(&seen.changes), ["dora loses pumps:delete 2 [dev prod]"]);
}

#[tokio::test]
async fn what_was_allowed_last_week_would_be_refused() {
    let setting = setting().await;
    let (_, dora) = setting
        .works
        .member(&setting.org, "dora@example.com", &["developer"])
        .await;
    for name in ["dev", "prod"] {
        setting
            .patch(&dora, name, json!({"properties": {"team": "water"}}))
            .await
            .unwrap();
    }
    resource::delete(&setting.works.control, &dora, "pumps", "prod", &options())
        .await
        .unwrap();
    setting.works.number_events().await;
    let impact = setting.foretold(&setting.owner, "no-prod", NO_PROD).await;
    let requests = &impact.requests;
    assert_eq!(
        (requests.would_be_refused, requests.would_be_allowed),
        (2, 0),
        "{requests:?}"
    );
    let told: Vec<(&str, &str, Then)> = requests
        .examples
        .iter()
        .map(|past| {
            (
                past.action.as_str(),
                past.subject.as_ref().unwrap().name.as_str(),
                past.then,
            )
        })
        .collect();
    assert_eq!(
        told,
        [
            ("pumps:delete", "prod", Then::Allowed),
            ("pumps:update", "prod", Then::Allowed)
        ]
    );
    assert!(requests.examples.iter().all(|past| past.actor.name == "dora"));
    // The owner's two pumps, the contractor's groups, and the three above.
    assert!(requests.considered >= 6, "{requests:?}");
    // Who sees no events is told of none.
    setting
        .write(
            "no-events",
            r#"forbid (principal in Role::"admin", action == Action::"events:view", resource);"#,
        )
        .await;
    let (_, admin) = setting.works.member(&setting.org, "adam@example.com", &["admin"]).await;
    let blind = setting.foretold(&admin, "no-prod", NO_PROD).await;
    assert_eq!((blind.requests.considered, blind.requests.would_be_refused), (0, 0));
}

#[tokio::test]
async fn what_was_refused_last_week_would_be_allowed() {
    let setting = setting().await;
    let control = &setting.works.control;
    let contractor = setting.contractor().await;
    // Of the first two, policies did not look at the thing: the path names it.
    for name in ["dev", "prod"] {
        let edited = setting
            .patch(&contractor, name, json!({"properties": {"team": "water"}}))
            .await;
        setting.note(edited, Some(name)).await;
    }
    let again = setting
        .patch(&contractor, "dev", json!({"properties": {"team": "water"}}))
        .await;
    setting.note(again, Some("dev")).await;
    for environment in ["development", "production"] {
        setting
            .note(setting.create(&contractor, "new", environment).await, None)
            .await;
    }
    setting
        .note(
            resource::list(control, &contractor, "pumps", &Default::default()).await,
            None,
        )
        .await;
    let impact = setting.foretold(&setting.owner, "contractors", CONTRACTORS).await;
    let requests = &impact.requests;
    // Two edits of `dev` and the list. A draft that was refused before it was looked at cannot be judged.
    assert_eq!(
        (requests.would_be_allowed, requests.would_be_refused),
        (3, 0),
        "{requests:?}"
    );
    let mut told: Vec<(&str, Option<&str>, Then)> = requests
        .examples
        .iter()
        .map(|past| {
            (
                past.action.as_str(),
                past.subject.as_ref().map(|subject| subject.name.as_str()),
                past.then,
            )
        })
        .collect();
    told.sort_by_key(|(action, ..)| (*action).to_owned());
    assert_eq!(
        told,
        [
            ("pumps:update", Some("dev"), Then::Refused),
            ("pumps:view", None, Then::Refused)
        ]
    );
}

/// With a policy in force that looks at it, what was to be made is known.
#[tokio::test]
async fn a_draft_that_was_looked_at_and_refused_is_judged_again() {
    let setting = setting().await;
    setting.write("contractors", CONTRACTORS).await;
    let contractor = setting.contractor().await;
    setting
        .note(setting.create(&contractor, "new", "production").await, None)
        .await;
    let wider = CONTRACTORS
        .replace("development", "production")
        .replace("pumps:update", "pumps:view");
    let owner = setting.as_user(&setting.org.owner_email, setting.org.owner).await;
    let impact = setting.foretold(&owner, "wider", &wider).await;
    let creates: Vec<_> = impact
        .requests
        .examples
        .iter()
        .filter(|past| past.action == "pumps:create")
        .collect();
    assert!(
        creates.len() == 1 && creates[0].subject.is_none(),
        "{:?}",
        impact.requests
    );
}

#[tokio::test]
async fn refusals_are_added_up_by_the_hour_and_gone_after_a_week() {
    let setting = setting().await;
    let control = &setting.works.control;
    let contractor = setting.contractor().await;
    for _ in 0..3 {
        let edited = setting.patch(&contractor, "dev", json!({})).await;
        setting.note(edited, Some("dev")).await;
    }
    let admin = setting.works.test.cell.admin().await;
    let count = async || -> Vec<(String, i64)> {
        let rows = admin
            .query(
                "select subject, sum(count)::bigint from plinth.refusals group by 1",
                &[],
            )
            .await
            .unwrap();
        rows.iter().map(|row| (row.get(0), row.get(1))).collect()
    };
    assert_eq!(count().await, [("dev".to_owned(), 3)]);
    let old =
        "update plinth.refusals set last_at = now() - interval '6 days 23 hours', hour = now() - interval '7 days'";
    admin.execute(old, &[]).await.unwrap();
    housekeeping::step(control).await.unwrap();
    assert_eq!(count().await.len(), 1);
    admin
        .execute(
            "update plinth.refusals set last_at = now() - interval '7 days 1 minute'",
            &[],
        )
        .await
        .unwrap();
    housekeeping::step(control).await.unwrap();
    assert_eq!(count().await, []);
}

#[tokio::test]
async fn questions_leave_no_refusal() {
    let setting = setting().await;
    let contractor = setting.contractor().await;
    for subject in [super::Subject::Anything, super::Subject::Resource("dev".to_owned())] {
        assert!(!setting.allowed(&contractor, "pumps:delete", subject).await);
    }
    assert_eq!(refusal::step(&setting.works.control).await.unwrap(), 0);
}

/// Rows that nobody asked for one by one.
async fn insert(setting: &Setting, statement: &str) {
    let org = setting.owner.scope.org.0.to_string();
    let admin = setting.works.test.cell.admin().await;
    admin.batch_execute(&statement.replace("{org}", &org)).await.unwrap();
}

#[tokio::test]
async fn what_is_too_much_to_tell_or_to_look_at_is_counted_and_owned_up_to() {
    let setting = setting().await;
    let many = r#"insert into plinth.service_accounts (org_id, id, name, roles, created_by)
        select '{org}', gen_random_uuid(), 'ci-' || number, '{developer}', '{"type": "system", "id": "system", "name": "test"}'
        from generate_series(1, 60) number"#;
    insert(&setting, many).await;
    let impact = setting.foretold(&setting.owner, "no-prod", NO_PROD).await;
    assert_eq!(
        (impact.lose, impact.changes.len(), impact.changes_count),
        (60, 100, 120)
    );
    assert!(impact.complete);
    let refused = "insert into plinth.refusals (org_id, principal, action, subject, hour, principal_name, context, count, last_at)
        select '{org}', 'user_of_old', 'pumps:view', number::text, now(), 'x', '{}', 1, now()
        from generate_series(1, 5000) number";
    insert(&setting, refused).await;
    let impact = setting.foretold(&setting.owner, "no-prod", NO_PROD).await;
    assert!(!impact.complete);
    assert_eq!(impact.changes_count, 120, "the rest was looked at all the same");
}
