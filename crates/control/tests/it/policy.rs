//! Policies of an org: what they let through, and what they hide, everywhere.

use plinth_control::authorize::{self, Question, Subject};
use plinth_control::event::{self, Direction, EventFilter};
use plinth_control::page::PageRequest;
use plinth_control::policy::{self, Draft, Policy, Says};
use plinth_control::resource::{self, Edit, Mode, NewOwner, Options};
use plinth_control::{Caller, Code, ControlError, member, metric};
use plinth_model::Resource;
use plinth_model::id::UserId;
use plinth_testkit::store::TestOrg;
use serde_json::{Value, json};

mod agreement;
mod circumstance;
mod compiler;
mod impact;
mod question;
mod reads;
mod size;

use crate::harness::TestControl;
use crate::metered::open;
use crate::people::code;

/// Contractors work on pumps of the development environment; nobody else in these tests is one.
const CONTRACTORS: &str = r#"
permit (principal in Group::"contractors", action in [Action::"pumps:view", Action::"pumps:create", Action::"pumps:update"], resource)
when { resource.properties has environment && resource.properties.environment == "development" };

permit (principal in Group::"contractors", action in [Action::"events:view", Action::"metrics:view"], resource);
"#;

struct Setting {
    works: TestControl,
    org: TestOrg,
    owner: Caller,
    contractor: UserId,
}

/// An org with a pump in each of two environments, and a contractor, whose role grants nothing of pumps.
async fn setting() -> Setting {
    let works = open().await;
    let (org, owner) = works.org("acme").await;
    let (contractor, _) = works.member(&org, "carla@example.com", &["billing"]).await;
    let patch = member::MemberPatch {
        groups: Some(vec!["contractors".to_owned()]),
        ..Default::default()
    };
    member::update(&works.control, &owner, contractor, &patch, None)
        .await
        .unwrap();
    let setting = Setting {
        works,
        org,
        owner,
        contractor,
    };
    for (name, environment) in [("dev", "development"), ("prod", "production")] {
        setting.create(&setting.owner, name, environment).await.unwrap();
    }
    setting
}

impl Setting {
    /// As the next request would be let in.
    async fn contractor(&self) -> Caller {
        self.as_user("carla@example.com", self.contractor).await
    }

    async fn as_user(&self, email: &str, user: UserId) -> Caller {
        self.works.enter_user(user, email, &self.org.slug).await
    }

    async fn create(&self, caller: &Caller, name: &str, environment: &str) -> Result<Resource, ControlError> {
        let draft = resource::Draft {
            name: name.to_owned(),
            properties: json!({"environment": environment}).as_object().unwrap().clone(),
            owner: NewOwner::Unsaid,
            spec: json!({}),
        };
        let made = resource::create(&self.works.control, caller, "pumps", draft, Mode::Commit, None).await?;
        Ok(made.resource)
    }

    async fn patch(&self, caller: &Caller, name: &str, patch: Value) -> Result<Resource, ControlError> {
        let edit = Edit::Patch(patch);
        let edited = resource::edit(&self.works.control, caller, ("pumps", name), edit, &options()).await?;
        Ok(edited.resource)
    }

    async fn write(&self, name: &str, text: &str) -> Policy {
        self.try_write(&self.owner, name, text).await.unwrap()
    }

    async fn try_write(&self, caller: &Caller, name: &str, text: &str) -> Result<Policy, ControlError> {
        policy::create(&self.works.control, caller, &draft(name, text), Mode::Commit, None).await
    }

    async fn forget(&self, policy: &Policy) {
        let how = (Mode::Commit, None);
        policy::delete(&self.works.control, &self.owner, policy.id, how, None)
            .await
            .unwrap();
    }

    async fn names(&self, caller: &Caller) -> Vec<String> {
        let query = resource::Query {
            sort: Some("name".to_owned()),
            ..Default::default()
        };
        let found = resource::list(&self.works.control, caller, "pumps", &query)
            .await
            .unwrap();
        found.items.into_iter().map(|pump| pump.name).collect()
    }

    async fn allowed(&self, caller: &Caller, action: &str, subject: Subject) -> bool {
        let question = Question {
            action: action.to_owned(),
            subject,
            context: None,
        };
        let answers = authorize::authorize(&self.works.control, caller, None, &[question])
            .await
            .unwrap();
        answers[0].allowed
    }
}

fn draft(name: &str, text: &str) -> Draft {
    Draft {
        name: name.to_owned(),
        description: String::new(),
        says: Says::Cedar(text.to_owned()),
    }
}

const NOON: &str = "2026-03-01T12:00:00Z";

/// One at noon.
fn flow(pump: &Resource) -> metric::PointDraft {
    metric::PointDraft {
        name: "flow".to_owned(),
        resource: Some(pump.id.text("pump")),
        at: NOON.to_owned(),
        value: 1.0,
        ..Default::default()
    }
}

/// The sum of that day.
fn flow_of_the_day() -> metric::Query {
    metric::Query {
        name: "flow".to_owned(),
        aggregate: "sum".to_owned(),
        from: "2026-03-01T00:00:00Z".to_owned(),
        to: "2026-03-02T00:00:00Z".to_owned(),
        bucket_secs: 86_400,
        ..Default::default()
    }
}

fn options() -> Options {
    Options {
        mode: Mode::Commit,
        if_version: None,
        key: None,
    }
}

#[tokio::test]
async fn without_a_policy_a_group_grants_nothing() {
    let setting = setting().await;
    let contractor = setting.contractor().await;
    let listed = resource::list(
        &setting.works.control,
        &contractor,
        "pumps",
        &resource::Query::default(),
    )
    .await;
    let error = listed.unwrap_err();
    assert_eq!(
        (error.code, error.permission.as_deref()),
        (Code::Forbidden, Some("pumps:view"))
    );
}

#[tokio::test]
async fn rows_that_no_policy_permits_are_not_there() {
    let setting = setting().await;
    setting.write("contractors", CONTRACTORS).await;
    let contractor = setting.contractor().await;
    assert_eq!(setting.names(&contractor).await, ["dev"]);
    assert_eq!(setting.names(&setting.owner).await, ["dev", "prod"]);
    let control = &setting.works.control;
    assert!(resource::get(control, &contractor, "pumps", "dev").await.is_ok());
    let hidden = resource::get(control, &contractor, "pumps", "prod").await.unwrap_err();
    let absent = resource::get(control, &contractor, "pumps", "no-such")
        .await
        .unwrap_err();
    assert_eq!((hidden.code, &hidden.detail), (Code::NotFound, &absent.detail));
    let hidden = setting
        .patch(&contractor, "prod", json!({"properties": {"x": "y"}}))
        .await;
    assert_eq!(code(hidden), Code::NotFound);
}

#[tokio::test]
async fn a_row_is_judged_as_it_is_and_as_it_becomes() {
    let setting = setting().await;
    setting.write("contractors", CONTRACTORS).await;
    let contractor = setting.contractor().await;
    let edited = setting
        .patch(&contractor, "dev", json!({"properties": {"team": "water"}}))
        .await
        .unwrap();
    assert_eq!(edited.properties["team"], "water");
    let moved = setting
        .patch(&contractor, "dev", json!({"properties": {"environment": "production"}}))
        .await;
    assert_eq!(code(moved), Code::Forbidden);
    assert!(setting.create(&contractor, "dev-two", "development").await.is_ok());
    assert_eq!(
        code(setting.create(&contractor, "prod-two", "production").await),
        Code::Forbidden
    );
    let deleted = resource::delete(&setting.works.control, &contractor, "pumps", "dev", &options()).await;
    let error = deleted.unwrap_err();
    assert_eq!(
        (error.code, error.permission.as_deref()),
        (Code::Forbidden, Some("pumps:delete"))
    );
}

#[tokio::test]
async fn forbid_wins_also_over_a_role() {
    let setting = setting().await;
    let (_, developer) = setting
        .works
        .member(&setting.org, "dora@example.com", &["developer"])
        .await;
    assert_eq!(setting.names(&developer).await, ["dev", "prod"]);
    setting
        .write(
            "no-prod",
            r#"forbid (principal in Role::"developer", action in Action::"resources:*", resource)
               when { resource.properties has environment && resource.properties.environment == "production" };"#,
        )
        .await;
    let user = developer.scope.actor.id.parse().unwrap();
    let developer = setting.as_user("dora@example.com", user).await;
    assert_eq!(setting.names(&developer).await, ["dev"]);
    assert_eq!(
        code(setting.create(&developer, "more", "production").await),
        Code::Forbidden
    );
    assert_eq!(setting.names(&setting.owner).await, ["dev", "prod"]);
}

/// A caller that was let in before: what it holds in memory is old, and the database does not ask for it.
#[tokio::test]
async fn a_policy_holds_from_the_next_statement_on_for_those_who_are_in_already() {
    let setting = setting().await;
    let policy = setting.write("contractors", CONTRACTORS).await;
    let contractor = setting.contractor().await;
    assert_eq!(setting.names(&contractor).await, ["dev"]);
    let wider = CONTRACTORS.replace("development", "production");
    let control = &setting.works.control;
    let how = (Mode::Commit, None);
    policy::update(
        control,
        &setting.owner,
        policy.id,
        &draft("contractors", &wider),
        how,
        None,
    )
    .await
    .unwrap();
    assert_eq!(setting.names(&contractor).await, ["prod"]);
    // Its memory still says that it may; the database has the last word.
    assert_eq!(
        code(setting.create(&contractor, "dev-two", "development").await),
        Code::Forbidden
    );
    policy::delete(control, &setting.owner, policy.id, how, None)
        .await
        .unwrap();
    assert!(setting.names(&contractor).await.is_empty());
}

#[tokio::test]
async fn versions_tell_who_said_what_and_lead_back() {
    let setting = setting().await;
    let control = &setting.works.control;
    let policy = setting.write("contractors", CONTRACTORS).await;
    let none = r#"forbid (principal in Group::"contractors", action, resource);"#;
    let how = (Mode::Commit, Some(1));
    let updated = policy::update(
        control,
        &setting.owner,
        policy.id,
        &draft("contractors", none),
        how,
        None,
    )
    .await;
    assert_eq!(updated.unwrap().version, 2);
    let stale = policy::update(
        control,
        &setting.owner,
        policy.id,
        &draft("contractors", CONTRACTORS),
        how,
        None,
    )
    .await;
    assert_eq!(code(stale), Code::VersionMismatch);
    let how = (Mode::Commit, None);
    let reverted = policy::revert(control, &setting.owner, policy.id, 1, how, None)
        .await
        .unwrap();
    assert_eq!((reverted.version, reverted.text.as_str()), (3, CONTRACTORS));
    assert_eq!(setting.names(&setting.contractor().await).await, ["dev"]);
    policy::delete(control, &setting.owner, policy.id, how, None)
        .await
        .unwrap();
    let versions = policy::versions(control, &setting.owner, policy.id, &PageRequest::default())
        .await
        .unwrap();
    let told: Vec<(i64, bool)> = versions
        .items
        .iter()
        .map(|version| (version.version, version.text.is_some()))
        .collect();
    assert_eq!(told, [(4, false), (3, true), (2, true), (1, true)]);
    assert!(
        versions
            .items
            .iter()
            .all(|version| version.changed_by.id == setting.owner.scope.actor.id)
    );
}

#[tokio::test]
async fn a_dry_run_keeps_nothing() {
    let setting = setting().await;
    let control = &setting.works.control;
    let made = policy::create(
        control,
        &setting.owner,
        &draft("contractors", CONTRACTORS),
        Mode::DryRun,
        None,
    )
    .await;
    assert!(made.is_ok());
    let listed = policy::list(control, &setting.owner, &PageRequest::default())
        .await
        .unwrap();
    assert!(listed.items.is_empty());
    assert_eq!(
        code(policy::get(control, &setting.owner, made.unwrap().id).await),
        Code::NotFound
    );
}

#[tokio::test]
async fn what_is_wrong_with_a_policy_is_told_with_its_place() {
    let setting = setting().await;
    let told = async |text: &str| {
        let error = setting.try_write(&setting.owner, "wrong", text).await.unwrap_err();
        assert_eq!(error.code, Code::ValidationFailed, "{text}");
        error.errors[0].clone()
    };
    for text in [
        "permit (principal, action == Action::\"pumps:fly\", resource);",
        "permit (principal, action == Action::\"pumps:view\", resource) when { resource.creator has name };",
    ] {
        let wrong = told(text).await;
        let place = wrong.place.unwrap();
        assert!(place.line == 1 && place.column > 1, "{wrong:?}");
        assert!(wrong.hint.is_some(), "{wrong:?}");
    }
    let unmeasured =
        told("forbid (principal, action, resource) when { context has country && context.country == \"DE\" };").await;
    let place = unmeasured.place.unwrap();
    assert_eq!((place.line, place.column), (1, 53), "{unmeasured:?}");
    assert!(
        unmeasured.hint.as_ref().unwrap().contains("`country_file`"),
        "{unmeasured:?}"
    );
    assert!(told("").await.message.contains("no statement"));
}

#[tokio::test]
async fn nobody_gives_away_what_only_owners_may_do() {
    let setting = setting().await;
    let (_, admin) = setting.works.member(&setting.org, "adam@example.com", &["admin"]).await;
    let all = "permit (principal, action, resource);";
    let error = setting.try_write(&admin, "all", all).await.unwrap_err();
    assert_eq!(
        (error.code, error.permission.as_deref()),
        (Code::Forbidden, Some("org:delete"))
    );
    assert!(setting.try_write(&admin, "contractors", CONTRACTORS).await.is_ok());
    assert!(setting.try_write(&setting.owner, "all", all).await.is_ok());
}

#[tokio::test]
async fn no_policy_locks_the_owners_out() {
    let setting = setting().await;
    let policy = setting.write("nothing", "forbid (principal, action, resource);").await;
    let owner = setting.as_user(&setting.org.owner_email, setting.org.owner).await;
    let listed = resource::list(&setting.works.control, &owner, "pumps", &resource::Query::default()).await;
    assert_eq!(code(listed), Code::Forbidden);
    let how = (Mode::Commit, None);
    policy::delete(&setting.works.control, &owner, policy.id, how, None)
        .await
        .unwrap();
    let owner = setting.as_user(&setting.org.owner_email, setting.org.owner).await;
    assert_eq!(setting.names(&owner).await, ["dev", "prod"]);
}

#[tokio::test]
async fn events_and_points_of_what_is_hidden_are_hidden() {
    let setting = setting().await;
    setting.write("contractors", CONTRACTORS).await;
    let control = &setting.works.control;
    let mut points = Vec::new();
    for name in ["dev", "prod"] {
        let pump = resource::get(control, &setting.owner, "pumps", name).await.unwrap();
        points.push(flow(&pump));
    }
    metric::ingest(control, &setting.owner, &points, None).await.unwrap();
    setting.works.number_events().await;
    let contractor = setting.contractor().await;
    let query = event::Query {
        filter: EventFilter::default(),
        page: PageRequest {
            limit: Some(50),
            cursor: None,
        },
        direction: Direction::Ascending,
        after: None,
    };
    let events = event::list(control, &contractor, &query).await.unwrap();
    let pumps: Vec<&str> = events
        .items
        .iter()
        .filter(|event| event.kind == "pump")
        .map(|event| event.subject_name.as_str())
        .collect();
    assert_eq!(pumps, ["dev"], "{:?}", events.items);
    let hidden = event::Query {
        filter: EventFilter {
            properties: vec![("environment".to_owned(), vec![json!("production")])],
            ..EventFilter::default()
        },
        page: PageRequest {
            limit: Some(1),
            cursor: None,
        },
        ..query
    };
    let events = event::list(control, &contractor, &hidden).await.unwrap();
    assert!(
        events.items.is_empty() && events.next.is_none(),
        "what is hidden leaves no trace: {events:?}"
    );
    let ask = flow_of_the_day();
    let sum = async |caller: &Caller| metric::query(control, caller, &ask).await.unwrap()[0].points[0].value;
    assert_eq!((sum(&setting.owner).await, sum(&contractor).await), (2.0, 1.0));
}

/// The policy names a property, so that its rows are looked up; it is the same list, page by page.
#[tokio::test]
async fn few_of_many_are_found_in_order_and_page_by_page() {
    let setting = setting().await;
    for number in 0..7 {
        let environment = if number % 2 == 0 { "development" } else { "production" };
        setting
            .create(&setting.owner, &format!("p{number}"), environment)
            .await
            .unwrap();
    }
    setting.write("contractors", CONTRACTORS).await;
    let contractor = setting.contractor().await;
    let (mut found, mut cursor) = (Vec::new(), None);
    loop {
        let query = resource::Query {
            sort: Some("-name".to_owned()),
            page: PageRequest { limit: Some(2), cursor },
            ..Default::default()
        };
        let page = resource::list(&setting.works.control, &contractor, "pumps", &query)
            .await
            .unwrap();
        found.extend(page.items.into_iter().map(|pump| pump.name));
        cursor = page.next;
        if cursor.is_none() {
            break;
        }
    }
    assert_eq!(found, ["p6", "p4", "p2", "p0", "dev"]);
    // A property that changes is found anew.
    let to = json!({"properties": {"environment": "development"}});
    setting.patch(&setting.owner, "p1", to).await.unwrap();
    assert_eq!(setting.names(&contractor).await, ["dev", "p0", "p1", "p2", "p4", "p6"]);
}

#[tokio::test]
async fn questions_are_answered_as_the_deed_would_be() {
    let setting = setting().await;
    setting.write("contractors", CONTRACTORS).await;
    let contractor = setting.contractor().await;
    let named = |name: &str| Subject::Resource(name.to_owned());
    assert!(setting.allowed(&contractor, "pumps:update", named("dev")).await);
    assert!(!setting.allowed(&contractor, "pumps:delete", named("dev")).await);
    assert!(!setting.allowed(&contractor, "pumps:update", named("prod")).await);
    assert!(!setting.allowed(&contractor, "pumps:update", named("no-such")).await);
    assert!(setting.allowed(&contractor, "pumps:create", Subject::Anything).await);
    for (environment, expected) in [("development", true), ("production", false)] {
        let draft = Subject::Draft {
            name: "new".to_owned(),
            properties: json!({"environment": environment}).as_object().unwrap().clone(),
            owner: NewOwner::Unsaid,
            spec: json!({}),
        };
        assert_eq!(
            setting.allowed(&contractor, "pumps:create", draft).await,
            expected,
            "{environment}"
        );
    }
    let control = &setting.works.control;
    let catalog = control.catalog();
    let dev = resource::get(control, &contractor, "pumps", "dev").await.unwrap();
    let rules = catalog.by_name("pump").unwrap();
    assert_eq!(authorize::actions_on(&contractor, rules, &dev), ["view", "update"]);
    assert_eq!(
        authorize::actions_on(&setting.owner, rules, &dev),
        ["view", "update", "delete", "undelete"]
    );
    // Who may not see policies is not told which one it was.
    let questions = [Question {
        action: "pumps:delete".to_owned(),
        subject: named("dev"),
        context: None,
    }];
    let answers = authorize::authorize(control, &contractor, None, &questions)
        .await
        .unwrap();
    assert!(
        answers[0].statements.is_empty() && !answers[0].reason.contains("contractors"),
        "{answers:?}"
    );
}
