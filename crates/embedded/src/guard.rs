//! A small shell that outlives us: it waits until a process is gone, then stops the server and tidies up.
//!
//! Destructors do not run after kill -9 or for statics, so a server that must not stay needs somebody else to end it.

use std::path::Path;
use std::process::{Command, Stdio};

use std::os::unix::process::CommandExt;

use crate::error::IoContext;
use crate::place::Place;
use crate::{AfterStop, Guard, Result};

/// Arguments: watched process, postmaster, data folder, then the folders to remove. The postmaster is signalled only while its
/// pid file still names it.
const SCRIPT: &str = r#"
watched=$1 postmaster=$2 data=$3; shift 3
ours() { [ "$(head -n 1 "$data/postmaster.pid" 2>/dev/null)" = "$postmaster" ]; }
while kill -0 "$watched" 2>/dev/null && kill -0 "$postmaster" 2>/dev/null; do sleep 0.2; done
kill -0 "$watched" 2>/dev/null && exit 0
for signal in INT QUIT KILL; do
    if ours; then kill -s "$signal" "$postmaster" 2>/dev/null; fi
    for _ in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20 21 22 23 24 25; do
        kill -0 "$postmaster" 2>/dev/null && ours || break 2
        sleep 0.2
    done
done
[ $# -eq 0 ] || rm -rf -- "$@"
"#;

pub(crate) fn start(guard: Guard, postmaster: u32, place: &Place, socket_dir: &Path) -> Result<()> {
    let mut command = Command::new("/bin/sh");
    command.arg("-c").arg(SCRIPT).arg("plinth-postgres-guard");
    command
        .arg(guard.process_id.to_string())
        .arg(postmaster.to_string())
        .arg(place.data_dir());
    if guard.after_stop == AfterStop::RemoveHome {
        command.args([socket_dir, place.server_dir(), place.home()]);
    }
    command
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .current_dir("/")
        .process_group(0);
    command.spawn().context("run", Path::new("/bin/sh")).map(drop)
}
