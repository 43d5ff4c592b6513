//! Circumstances hold for everything in an org, not for resources alone.

use plinth_control::invitation::{self, NewInvitation};
use plinth_control::service_account::{self, NewServiceAccount};
use plinth_control::usage::{self, RecordDraft};
use plinth_control::{Caller, Code, bill, member, metric, org};
use plinth_control::{ControlError, page::PageRequest};

use super::{Setting, draft, setting};
use crate::people::{renamed, roles};

/// Does something of each kind; each time something new.
async fn attempt(setting: &Setting, caller: &Caller, action: &str, number: usize) -> Result<(), ControlError> {
    let control = &setting.works.control;
    match action {
        "org:update" => org::update(control, caller, &renamed("Acme"), None).await.map(drop),
        "invitations:create" => {
            let new = NewInvitation {
                email: format!("guest{number}@example.com"),
                roles: roles(&["viewer"]),
            };
            invitation::create(control, caller, &new, None).await.map(drop)
        }
        "service-accounts:create" => {
            let new = NewServiceAccount {
                name: format!("ci-{number}"),
                roles: roles(&["viewer"]),
                ..Default::default()
            };
            service_account::create(control, caller, &new, None).await.map(drop)
        }
        "members:update" => {
            let patch = member::MemberPatch {
                groups: Some(vec!["contractors".to_owned()]),
                ..Default::default()
            };
            let carla = setting.contractor;
            member::update(control, caller, carla, &patch, None).await.map(drop)
        }
        "metrics:create" => {
            let point = metric::PointDraft::default();
            metric::ingest(control, caller, &[point], None).await.map(drop)
        }
        "usage:create" => {
            let record = RecordDraft::default();
            usage::ingest(control, caller, &[record], None).await.map(drop)
        }
        "bill:view" => {
            let query = bill::Query::default();
            bill::get(control, caller, &query).await.map(drop)
        }
        "policies:create" => {
            let text = r#"forbid (principal in Group::"nobody", action, resource);"#;
            let name = format!("policy-{number}");
            let mode = plinth_control::resource::Mode::Commit;
            plinth_control::policy::create(control, caller, &draft(&name, text), mode, None)
                .await
                .map(drop)
        }
        other => panic!("{other}"),
    }
}

/// All requests of these tests come from 192.0.2.1.
#[tokio::test]
async fn what_is_forbidden_outside_the_office_is_so_for_every_kind() {
    let setting = setting().await;
    let (admin, _) = setting.works.member(&setting.org, "adam@example.com", &["admin"]).await;
    let actions = [
        "org:update",
        "invitations:create",
        "service-accounts:create",
        "members:update",
        "metrics:create",
        "usage:create",
        "bill:view",
        "policies:create",
    ];
    let mut number = 0;
    for action in actions {
        for (office, refused) in [("198.51.100.0/24", true), ("192.0.2.0/24", false)] {
            number += 1;
            let text = format!(
                r#"forbid (principal, action == Action::"{action}", resource)
                   unless {{ context has ip && context.ip.isInRange(ip("{office}")) }};"#
            );
            let policy = setting.write("office", &text).await;
            let caller = setting.as_user("adam@example.com", admin).await;
            let done = attempt(&setting, &caller, action, number).await;
            let forbidden = matches!(&done, Err(error) if error.code == Code::Forbidden);
            assert_eq!(forbidden, refused, "{action} from {office}: {done:?}");
            setting.forget(&policy).await;
        }
    }
}

#[tokio::test]
async fn invitations_are_seen_and_revoked_one_by_one() {
    let setting = setting().await;
    let control = &setting.works.control;
    let mut ids = Vec::new();
    for email in ["guest@example.com", "chief@board.example.com"] {
        let new = NewInvitation {
            email: email.to_owned(),
            roles: roles(&["viewer"]),
        };
        ids.push(
            invitation::create(control, &setting.owner, &new, None)
                .await
                .unwrap()
                .id,
        );
    }
    let text = r#"forbid (principal in Role::"admin", action in [Action::"invitations:view", Action::"invitations:delete"], resource)
                  when { resource.email like "*@board.example.com" };"#;
    setting.write("board", text).await;
    let (_, admin) = setting.works.member(&setting.org, "adam@example.com", &["admin"]).await;
    let seen = invitation::list(control, &admin, &PageRequest::default())
        .await
        .unwrap();
    let seen: Vec<&str> = seen.items.iter().map(|invitation| invitation.email.as_str()).collect();
    assert_eq!(seen, ["guest@example.com"]);
    let hidden = invitation::revoke(control, &admin, ids[1], None).await.unwrap_err();
    assert_eq!(hidden.code, Code::NotFound);
    invitation::revoke(control, &admin, ids[0], None).await.unwrap();
    let left = invitation::list(control, &setting.owner, &PageRequest::default())
        .await
        .unwrap();
    assert_eq!(left.items.len(), 1, "the hidden one is still there");
}
