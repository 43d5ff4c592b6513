//! How much the policies of an org may come to together.

use plinth_control::Code;
use plinth_control::page::PageRequest;
use plinth_control::policy::{self, Policy};
use plinth_control::resource::Mode;

use super::{draft, setting};

/// A statement whose predicate has about this many KiB.
fn long(action: &str, kib: usize) -> String {
    let name = "x".repeat(kib * 1024);
    format!(r#"forbid (principal, action == Action::"{action}", resource) when {{ resource.name == "{name}" }};"#)
}

#[tokio::test]
async fn the_policies_of_an_org_come_to_so_much_and_no_more() {
    let setting = setting().await;
    let mut written: Vec<Policy> = Vec::new();
    let refused = loop {
        let name = format!("long-{}", written.len());
        match setting.try_write(&setting.owner, &name, &long("pumps:view", 15)).await {
            Ok(policy) => written.push(policy),
            Err(error) => break error,
        }
        assert!(written.len() < 30, "no end");
    };
    assert_eq!(refused.code, Code::Conflict);
    assert!(
        refused.detail.contains("`resources:view`") && refused.detail.contains("256 KiB"),
        "{}",
        refused.detail
    );
    assert_eq!(written.len(), 256 / 15, "{}", refused.detail);
    // Another class has room of its own, and what was refused left nothing behind.
    setting.write("other", &long("pumps:update", 15)).await;
    let listed = policy::list(
        &setting.works.control,
        &setting.owner,
        &PageRequest {
            limit: Some(100),
            cursor: None,
        },
    )
    .await;
    assert_eq!(listed.unwrap().items.len(), written.len() + 1);
    // So it is when a policy grows, and a dry run says so.
    let small = setting
        .write(
            "small",
            r#"forbid (principal, action == Action::"pumps:view", resource) when { resource.name == "x" };"#,
        )
        .await;
    for mode in [Mode::DryRun, Mode::Commit] {
        let grown = draft("small", &long("pumps:view", 15));
        let error = policy::update(
            &setting.works.control,
            &setting.owner,
            small.id,
            &grown,
            (mode, None),
            None,
        )
        .await;
        assert_eq!(error.unwrap_err().code, Code::Conflict);
    }
    setting.forget(&written[0]).await;
    setting.write("again", &long("pumps:view", 15)).await;
}
