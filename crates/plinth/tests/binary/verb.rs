//! Verbs of the product on the command line.

use serde_json::Value;

use crate::installation::Installation;
use crate::support::{said, said_to};

#[tokio::test]
async fn a_verb_of_the_product_is_a_command() {
    let installation = Installation::start(&[]).await;
    installation.populate();
    let files = installation.connection("shop", "127.0.0.1")
        + "---\n{type: pipeline, name: orders, spec: {mode: snapshot, source: {connection: shop}, \
           destination: {connection: shop}}}";
    said_to(&mut installation.client("apply -f -"), &files).done();
    let paused = || {
        let shown = installation.said("get pipelines orders -o json").done();
        serde_json::from_str::<Value>(&shown).unwrap()["spec"]["paused"].clone()
    };
    let did = installation.said("pause pipelines orders").done();
    assert_eq!(did, "pipeline/orders: pause done\n");
    assert_eq!(paused(), true);
    let did = installation.said("resume pipelines orders --dry-run").done();
    assert_eq!(did, "pipeline/orders: resume done (dry run)\n");
    assert_eq!(paused(), true, "a dry run changes nothing");
    let did = installation.said("do resume pipeline orders -o json").done();
    assert_eq!(serde_json::from_str::<Value>(&did).unwrap()["spec"]["paused"], false);
    let did = installation.said("-o yaml pause pipelines orders").done();
    assert!(did.contains("paused: true"), "{did}");

    for (line, wanted) in [
        ("stop pipelines orders", "hint: verbs of pipelines: pause, resume; "),
        ("do stop pipelines orders", "error: `stop` is not a verb of pipelines"),
        ("pause connections shop", "hint: connections have no verbs; "),
        ("pause tables orders", "error: `tables` is not a type of resource"),
        ("puase", "unrecognized subcommand 'puase'"),
        ("delte pipelines", "'delete'"),
    ] {
        let told = installation.said(line);
        assert_eq!(told.code, Some(2), "{line}: {told:#?}");
        assert!(told.err.contains(wanted), "{line}: {told:#?}");
    }
    let told = installation.said("pause pipelines nothing");
    assert_eq!(told.code, Some(1), "{told:#?}");
    assert!(told.err.contains("not_found"), "{told:#?}");
}

#[test]
fn each_shell_completes_the_command_of_verbs() {
    for shell in ["bash", "elvish", "fish", "powershell", "zsh"] {
        let script = said(crate::support::plinth().args(["completion", shell])).done();
        let told = script.lines().any(|line| line.contains("Do what the type declares"));
        let is_there = told || script.contains("plinth__subcmd__do");
        assert!(is_there, "{shell}: {script}");
    }
}
