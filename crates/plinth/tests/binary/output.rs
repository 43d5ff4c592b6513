//! Who reads the output may stop reading: no panic, no error, and a server goes on.

use std::io::Read;
use std::process::Stdio;

use crate::support::{plinth, product};

#[test]
fn output_into_a_closed_pipe_ends_quietly() {
    let folder = product();
    let folder = folder.to_str().unwrap();
    for arguments in [vec!["openapi", folder], vec!["completion", "bash"], vec!["--help"]] {
        let mut command = plinth();
        let mut child = command
            .args(&arguments)
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let mut start = [0; 4];
        let mut out = child.stdout.take().unwrap();
        out.read_exact(&mut start).unwrap();
        drop(out);
        let ended = child.wait_with_output().unwrap();
        let told = String::from_utf8(ended.stderr).unwrap();
        assert!(ended.status.success(), "{arguments:?}: {} {told}", ended.status);
        assert_eq!(told, "", "{arguments:?}");
    }
}

#[test]
fn errors_into_a_closed_pipe_keep_their_exit_code() {
    for (arguments, code) in [
        (vec!["get", "pipelines", "--url", "http://127.0.0.1:1"], 1),
        (vec!["apply"], 2),
        (vec!["serve"], 1),
        (vec!["no-such-command"], 2),
    ] {
        let mut command = plinth();
        let folder = tempfile::tempdir().unwrap();
        let mut child = command
            .env("PLINTH_CONFIG_DIR", folder.path())
            .args(&arguments)
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        drop(child.stderr.take());
        assert_eq!(child.wait().unwrap().code(), Some(code), "{arguments:?}");
    }
}
