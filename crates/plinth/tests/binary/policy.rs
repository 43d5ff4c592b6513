//! Policies on the command line.

use serde_json::{Value, json};

use crate::installation::Installation;
use crate::support::{Said, eventually, said, said_to};

const DEVELOPMENT: &str = "permit (principal in Group::\"contractors\", action == Action::\"connections:view\", resource)\n\
    when { resource.name == \"shop\" };\n";

fn applied(installation: &Installation, arguments: &str, text: &str) -> Said {
    said_to(&mut installation.client(&format!("policy apply {arguments}")), text)
}

#[tokio::test]
async fn policies_are_written_tried_and_taken_back_on_the_command_line() {
    let installation = Installation::start(&[]).await;
    installation.populate();
    let shop = installation.connection("shop", "127.0.0.1");
    said_to(&mut installation.client("apply -f -"), &shop).done();
    installation.said("service-account create ci --role billing").done();
    let file = installation.path("contractors.cedar");
    std::fs::write(&file, DEVELOPMENT).unwrap();
    let mut tried = installation.client("policy apply --dry-run -f");
    let tried = said(tried.arg(&file)).done();
    assert!(
        tried.starts_with("policy/contractors created (dry run)\n    nobody gains or loses anything\n"),
        "{tried}"
    );
    assert_eq!(installation.said("policy list -o json").done().trim(), "[]");
    let mut kept = installation.client("policy apply -f");
    assert_eq!(said(kept.arg(&file)).done(), "policy/contractors created\n");
    assert_eq!(
        installation.said("policy get contractors").done().trim(),
        DEVELOPMENT.trim()
    );

    // The program has no group; by its role it would.
    let by_role = DEVELOPMENT.replace("Group::\"contractors\"", "Role::\"billing\"");
    let tried = applied(&installation, "--name contractors --dry-run -f -", &by_role).done();
    assert!(tried.contains("    + ci gains connections:view: 1 (shop)\n"), "{tried}");
    let asks = "authorize connections:view shop --as ci";
    let refused = installation.said(asks);
    assert_eq!(
        (refused.code, refused.out.starts_with("refused: "), refused.err.as_str()),
        (Some(1), true, ""),
        "{refused:#?}"
    );
    applied(&installation, "--name contractors -f -", &by_role).done();
    let allowed = installation.said(asks).done();
    assert!(
        allowed.starts_with("allowed: ") && allowed.contains("`contractors`"),
        "{allowed}"
    );
    let own = installation.said("authorize members:view -o json").done();
    assert_eq!(serde_json::from_str::<Value>(&own).unwrap()["allowed"], true);
    let other = installation
        .said("authorize connections:view shop --as ada@example.com --ip 203.0.113.7")
        .done();
    assert!(other.starts_with("allowed: "), "{other}");

    let versions = installation.said("policy versions contractors").done();
    assert_eq!(versions.lines().count(), 3, "{versions}");
    let tried = installation.said("policy revert contractors 1 --dry-run").done();
    assert!(tried.contains("    - ci loses connections:view: 1 (shop)\n"), "{tried}");
    installation.said("policy revert contractors 1").done();
    assert_eq!(
        installation.said("policy revert contractors 1").done(),
        "policy/contractors says that already: nothing has changed\n"
    );
    let none = installation.said("policy revert contractors 99");
    assert!(none.err.contains("`plinth policy versions <policy>`"), "{none:#?}");
    assert_eq!(installation.said(asks).code, Some(1));
    let tried = installation.said("policy delete contractors --dry-run").done();
    assert!(tried.starts_with("policy/contractors deleted (dry run)\n"), "{tried}");
    assert_eq!(
        installation.said("policy delete contractors").done(),
        "policy/contractors deleted\n"
    );
}

#[tokio::test]
async fn a_policy_is_shown_as_a_form_and_with_what_is_never_so() {
    let installation = Installation::start(&[]).await;
    installation.populate();
    let open = "permit (principal in Group::\"a\", action, resource);";
    applied(&installation, "--name a-form -f -", open).done();
    for line in ["policy get a-form -o json", "policy list -o json"] {
        let told: Value = serde_json::from_str(&installation.said(line).done()).unwrap();
        let policy = told.get(0).unwrap_or(&told);
        assert_eq!(policy["statements"][0]["subject"], json!({"group": "a"}), "{told}");
    }
    installation.said("policy delete a-form").done();
    let never = "permit (principal in Role::\"bosses\", action, resource);";
    let warned = applied(&installation, "--name never --dry-run -f -", never);
    assert!(warned.out.starts_with("policy/never created (dry run)"), "{warned:#?}");
    assert!(
        warned.err.starts_with("warning: line 1, column 28: there is no role"),
        "{warned:#?}"
    );
}

#[tokio::test]
async fn what_is_wrong_with_a_policy_is_told_with_its_place() {
    let installation = Installation::start(&[]).await;
    installation.populate();
    let wrong = "permit (principal, action == Action::\"pipelines:fly\", resource);";
    for line in ["policy check -f -", "policy apply --name wrong -f -"] {
        let told = said_to(&mut installation.client(line), wrong);
        assert_eq!(told.code, Some(1), "{told:#?}");
        assert!(told.err.contains("line 1, column "), "{told:#?}");
    }
    let good = said_to(&mut installation.client("policy check -f -"), DEVELOPMENT).done();
    assert_eq!(good, "It is valid.\n");
    for (line, code, wanted) in [
        ("policy apply -f -", 2, "the policy has no name"),
        ("policy get nothing", 1, "hint: `plinth policy list` shows them"),
        ("policy check -f no/such.cedar", 1, "cannot read `no/such.cedar`"),
        ("authorize pipelines:fly", 1, "`pipelines:fly` is not an action"),
        (
            "authorize pipelines:view --as nobody",
            1,
            "there is no service account `nobody`",
        ),
        ("authorize pipelines:view --as user_x", 1, "/principal"),
        (
            "authorize pipelines:view --ip somewhere",
            2,
            "write an address, such as",
        ),
        (
            "authorize pipelines:view --risk -1",
            2,
            "write a whole number from 0 to 100",
        ),
        (
            "authorize pipelines:view --risk 101",
            2,
            "write a whole number from 0 to 100",
        ),
        (
            "authorize pipelines:view --at tomorrow",
            2,
            "write a moment, such as `2026-11-29T12:00:00Z`",
        ),
    ] {
        let told = said_to(&mut installation.client(line), DEVELOPMENT);
        assert_eq!(told.code, Some(code), "{line}: {told:#?}");
        assert!(told.err.contains(wanted), "{line}: {told:#?}");
    }
}

#[tokio::test]
async fn a_service_account_has_groups_and_attributes() {
    let installation = Installation::start(&[]).await;
    installation.populate();
    let accounts = || {
        let listed = installation.said("service-account list -o json").done();
        serde_json::from_str::<Value>(&listed).unwrap()
    };
    let standing = || {
        let all = accounts();
        let account = all.as_array().unwrap().iter().find(|one| one["name"] == "agency");
        let account = account.unwrap().clone();
        (
            account["roles"].clone(),
            account["groups"].clone(),
            account["attributes"].clone(),
        )
    };
    installation
        .said("service-account create agency --role billing --group contractors --group night --attribute team=data --attribute site=a=b")
        .done();
    let made = (
        json!(["billing"]),
        json!(["contractors", "night"]),
        json!({"team": "data", "site": "a=b"}),
    );
    assert_eq!(standing(), made);
    let told = installation
        .said("service-account update agency --group contractors --attribute team=sales")
        .done();
    assert_eq!(
        told,
        "Service account `agency` is changed: billing, in contractors, with team=sales.\n"
    );
    installation
        .said("service-account update agency --no-groups --no-attributes")
        .done();
    assert_eq!(standing(), (json!(["billing"]), json!([]), json!({})));
    for (line, wanted) in [
        (
            "service-account create other --attribute team",
            "write it as `NAME=VALUE`",
        ),
        (
            "service-account create other --attribute team=a --attribute team=b",
            "the attribute `team` is given twice",
        ),
        (
            "service-account update agency --attribute team=a --attribute team=b",
            "the attribute `team` is given twice",
        ),
        ("service-account update agency", "required arguments were not provided"),
        (
            "service-account update agency --group a --no-groups",
            "cannot be used with",
        ),
    ] {
        let told = installation.said(line);
        assert_eq!(told.code, Some(2), "{line}: {told:#?}");
        assert!(told.err.contains(wanted), "{line}: {told:#?}");
    }
}

#[tokio::test]
async fn groups_and_attributes_of_a_member_are_set() {
    let installation = Installation::start(&[]).await;
    installation.populate();
    let told = installation
        .said("members update ada@example.com --group contractors --attribute team=data")
        .done();
    assert_eq!(
        told,
        "ada@example.com is changed: owner, in contractors, with team=data.\n"
    );
    let listed = installation.said("member list").done();
    assert!(listed.contains("contractors") && listed.contains("user_"), "{listed}");
    installation.said("members update ada@example.com --no-groups").done();
    let listed = installation.said("members list -o json").done();
    let listed: Value = serde_json::from_str(&listed).unwrap();
    assert_eq!(
        (&listed[0]["groups"], &listed[0]["attributes"]),
        (&json!([]), &json!({"team": "data"}))
    );
    let nothing = installation.said("members update ada@example.com");
    assert_eq!(nothing.code, Some(2), "{nothing:#?}");
}

#[tokio::test]
async fn what_was_refused_to_a_service_account_is_listed() {
    let installation = Installation::start(&[]).await;
    installation.populate();
    installation.said("service-account create agency --role billing").done();
    assert_eq!(installation.said("policy refusals").done().lines().count(), 1);
    let token = installation.said("token create agency").done();
    let refused = installation.said(&format!("--token {} members remove ada@example.com", token.trim()));
    assert_eq!(refused.code, Some(1), "{refused:#?}");
    // They are written a second later at most.
    let listed = eventually("the refusal", || {
        let listed = installation.said("policy refusals").done();
        listed.contains("agency").then_some(listed)
    });
    assert!(listed.contains("members:delete"), "{listed}");
    assert!(listed.starts_with("LAST"), "{listed}");
}
