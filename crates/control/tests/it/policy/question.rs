//! Questions about somebody else, and about other circumstances.

use plinth_control::authorize::{self, Answer, Authentication, Question, Subject, Supposed};
use plinth_control::resource::NewOwner;
use plinth_control::service_account::{self, NewServiceAccount};
use plinth_control::{Caller, Code, ControlError};

use super::{CONTRACTORS, Setting, setting};
use crate::people::roles;

fn about(action: &str, resource: Option<&str>, context: Option<Supposed>) -> Question {
    let subject = resource.map_or(Subject::Anything, |name| Subject::Resource(name.to_owned()));
    Question {
        action: action.to_owned(),
        subject,
        context,
    }
}

impl Setting {
    /// The owner as the next request would be let in: with the policies as they are by then.
    async fn now(&self) -> Caller {
        self.as_user(&self.org.owner_email, self.org.owner).await
    }

    async fn asked(&self, caller: &Caller, principal: &str, question: Question) -> Result<Answer, ControlError> {
        let answers = authorize::authorize(&self.works.control, caller, Some(principal), &[question]).await;
        answers.map(|mut answers| answers.swap_remove(0))
    }
}

#[tokio::test]
async fn a_question_about_somebody_else_is_answered_as_if_they_asked() {
    let setting = setting().await;
    setting.write("contractors", CONTRACTORS).await;
    let (contractor, carla) = (setting.contractor.to_string(), setting.contractor().await);
    for (action, name) in [
        ("pumps:update", "dev"),
        ("pumps:view", "dev"),
        ("pumps:view", "prod"),
        ("pumps:delete", "dev"),
        ("pumps:update", "prod"),
    ] {
        let told = setting
            .asked(&setting.now().await, &contractor, about(action, Some(name), None))
            .await
            .unwrap();
        let own = setting
            .allowed(&carla, action, Subject::Resource(name.to_owned()))
            .await;
        assert_eq!(told.allowed, own, "{action} {name}: {}", told.reason);
        assert!(told.reason.contains("carla"), "{}", told.reason);
    }
    // What they may not see is not there for them, whatever else is permitted.
    let (_, admin) = setting.works.member(&setting.org, "adam@example.com", &["admin"]).await;
    setting
        .write("blind", r#"forbid (principal in Role::"admin", action == Action::"pumps:view", resource) when { resource.name == "prod" };"#)
        .await;
    let adam = admin.scope.actor.id;
    let hidden = setting
        .asked(&setting.now().await, &adam, about("pumps:delete", Some("prod"), None))
        .await
        .unwrap();
    assert!(
        !hidden.allowed && hidden.reason.contains("`blind`"),
        "{}",
        hidden.reason
    );
    let whole = setting
        .asked(&setting.now().await, &adam, about("members:view", None, None))
        .await
        .unwrap();
    assert!(whole.allowed);
    let nothing = setting
        .asked(&setting.now().await, &contractor, about("pumps:delete", None, None))
        .await
        .unwrap();
    assert_eq!(
        (nothing.allowed, nothing.reason.as_str()),
        (false, "no role or policy of theirs grants `pumps:delete`")
    );
}

#[tokio::test]
async fn service_accounts_are_asked_about_too() {
    let setting = setting().await;
    let new = NewServiceAccount {
        name: "ci".to_owned(),
        roles: roles(&["viewer"]),
        ..Default::default()
    };
    let account = service_account::create(&setting.works.control, &setting.owner, &new, None)
        .await
        .unwrap();
    let id = account.id.to_string();
    for (action, allowed) in [("pumps:view", true), ("pumps:update", false)] {
        let told = setting
            .asked(&setting.owner, &id, about(action, Some("dev"), None))
            .await
            .unwrap();
        assert_eq!(told.allowed, allowed, "{action}: {}", told.reason);
    }
    // A draft of theirs is made by them, and is theirs.
    let own = r#"permit (principal == ServiceAccount::"ID", action == Action::"pumps:create", resource)
                 when { resource has creator && resource.creator == principal && resource has owner && resource.owner == principal };"#;
    setting.write("own", &own.replace("ID", &id)).await;
    let draft = Subject::Draft {
        name: "new".to_owned(),
        properties: Default::default(),
        owner: NewOwner::Unsaid,
        spec: serde_json::json!({}),
    };
    let question = Question {
        subject: draft,
        ..about("pumps:create", None, None)
    };
    // The owner's access was made before the policy was.
    let owner = setting.now().await;
    let told = setting.asked(&owner, &id, question).await.unwrap();
    assert!(told.allowed, "{}", told.reason);
}

#[tokio::test]
async fn who_may_not_see_people_or_policies_asks_for_nobody_else() {
    let setting = setting().await;
    let owner = setting.org.owner.to_string();
    let refused = async |caller: &Caller, principal: &str| {
        let error = setting
            .asked(caller, principal, about("pumps:view", None, None))
            .await
            .unwrap_err();
        (error.code, error.permission.map(String::from))
    };
    let (viewer, as_viewer) = setting
        .works
        .member(&setting.org, "vera@example.com", &["viewer"])
        .await;
    let missing = |permission: &str| (Code::Forbidden, Some(permission.to_owned()));
    assert_eq!(refused(&as_viewer, &owner).await, missing("policies:view"));
    assert_eq!(refused(&as_viewer, &viewer.to_string()).await, missing("policies:view"));
    let (_, admin) = setting.works.member(&setting.org, "adam@example.com", &["admin"]).await;
    setting
        .write("no-people", r#"forbid (principal in Role::"admin", action in [Action::"members:view", Action::"service-accounts:view"], resource);"#)
        .await;
    let adam = setting
        .as_user("adam@example.com", admin.scope.actor.id.parse().unwrap())
        .await;
    assert_eq!(refused(&adam, &owner).await, missing("members:view"));
    let account = plinth_model::id::ServiceAccountId::generate().to_string();
    assert_eq!(refused(&adam, &account).await, missing("service-accounts:view"));
}

#[tokio::test]
async fn who_is_not_in_the_org_and_who_is_hidden_give_the_same_answer() {
    let setting = setting().await;
    let (other, _) = setting.works.org("other").await;
    let (viewer, _) = setting
        .works
        .member(&setting.org, "vera@example.com", &["viewer"])
        .await;
    setting
        .write("shy", r#"forbid (principal, action == Action::"members:view", resource) when { resource has email && resource.email == "vera@example.com" };"#)
        .await;
    let owner = setting.now().await;
    let nobody = plinth_model::id::ServiceAccountId::generate().to_string();
    for principal in [other.owner.to_string(), viewer.to_string(), nobody] {
        let error = setting
            .asked(&owner, &principal, about("pumps:view", None, None))
            .await
            .unwrap_err();
        assert_eq!(
            (error.code, error.detail.as_str()),
            (Code::NotFound, "there is no such principal"),
            "{principal}"
        );
    }
    let error = setting
        .asked(&owner, "carla", about("pumps:view", None, None))
        .await
        .unwrap_err();
    assert_eq!(
        (error.code, error.errors[0].pointer.as_str()),
        (Code::ValidationFailed, "/principal")
    );
}

#[tokio::test]
async fn what_the_asker_may_not_see_stays_unknown() {
    let setting = setting().await;
    let (_, admin) = setting.works.member(&setting.org, "adam@example.com", &["admin"]).await;
    setting
        .write("blind", r#"forbid (principal in Role::"admin", action == Action::"pumps:view", resource) when { resource.name == "prod" };"#)
        .await;
    let adam = setting
        .as_user("adam@example.com", admin.scope.actor.id.parse().unwrap())
        .await;
    let owner = setting.org.owner.to_string();
    let hidden = setting
        .asked(&adam, &owner, about("pumps:view", Some("prod"), None))
        .await
        .unwrap();
    let absent = setting
        .asked(&adam, &owner, about("pumps:view", Some("no-such"), None))
        .await
        .unwrap();
    assert_eq!((hidden.allowed, &hidden.reason), (false, &absent.reason));
    let seen = setting
        .asked(&adam, &owner, about("pumps:view", Some("dev"), None))
        .await
        .unwrap();
    assert!(seen.allowed);
}

/// All requests of these tests come from 192.0.2.1; nobody's question about somebody else does.
#[tokio::test]
async fn circumstances_are_supposed_and_not_taken_from_who_asks() {
    let setting = setting().await;
    let office = r#"permit (principal in Group::"contractors", action == Action::"pumps:view", resource)
        when { context has ip && context.ip.isInRange(ip("192.0.2.0/24")) };
        permit (principal in Group::"contractors", action == Action::"pumps:update", resource)
        when { context.authentication.age_secs < 60 && context.local.weekday == "sunday" };
        permit (principal in Group::"contractors", action == Action::"pumps:view", resource)
        when { context.local.weekday == "sunday" };"#;
    setting.write("office", office).await;
    let owner = setting.now().await;
    let carla = setting.contractor.to_string();
    let told = async |action: &str, context: Option<Supposed>| {
        setting
            .asked(&owner, &carla, about(action, Some("dev"), context))
            .await
            .unwrap()
            .allowed
    };
    let (sunday, monday) = ("2026-11-29T12:00:00Z".parse().ok(), "2026-11-30T12:00:00Z".parse().ok());
    let from = |ip: &str, time| Supposed {
        ip: ip.parse().ok(),
        time,
        ..Supposed::default()
    };
    assert!(
        !told(
            "pumps:view",
            Some(Supposed {
                time: monday,
                ..Supposed::default()
            })
        )
        .await
    );
    assert!(told("pumps:view", Some(from("192.0.2.9", monday))).await);
    assert!(!told("pumps:view", Some(from("198.51.100.9", monday))).await);
    assert!(told("pumps:update", Some(from("192.0.2.9", sunday))).await);
    let old = Authentication {
        age_secs: 3600,
        strength: 1,
    };
    let stale = Supposed {
        authentication: Some(old),
        ..from("192.0.2.9", sunday)
    };
    assert!(!told("pumps:update", Some(stale)).await);
}

#[tokio::test]
async fn who_may_see_policies_supposes_circumstances_of_their_own() {
    let setting = setting().await;
    let from_elsewhere = Supposed {
        ip: "198.51.100.9".parse().ok(),
        ..Supposed::default()
    };
    let question = about("org:update", None, Some(from_elsewhere));
    let (_, viewer) = setting
        .works
        .member(&setting.org, "vera@example.com", &["viewer"])
        .await;
    let error = authorize::authorize(&setting.works.control, &viewer, None, std::slice::from_ref(&question))
        .await
        .unwrap_err();
    assert_eq!(error.permission.as_deref(), Some("policies:view"));
    setting
        .write("renaming", r#"forbid (principal, action == Action::"org:update", resource) unless { context has ip && context.ip.isInRange(ip("192.0.2.0/24")) };"#)
        .await;
    let owner = setting.now().await;
    let real = Question {
        context: None,
        ..question.clone()
    };
    let answers = authorize::authorize(&setting.works.control, &owner, None, &[question, real])
        .await
        .unwrap();
    assert_eq!((answers[0].allowed, answers[1].allowed), (false, true));
}
