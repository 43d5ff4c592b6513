//! A small shell that outlives us: it waits until a process is gone, then stops the server and tidies up.
//!
//! Destructors do not run after kill -9 or for statics, so a server that must not stay needs somebody else to end it.

use std::path::Path;
use std::process::{Command, Stdio};

use std::os::unix::process::CommandExt;

use crate::error::IoContext;
use crate::place::Place;
use crate::{AfterStop, Guard, Result};

/// Arguments: watched process, postmaster, data folder, home, then the folders to remove. The newest guard of a home counts: an
/// older one sees another number than its own in the home and goes. The postmaster is signalled only while its pid file still
/// names it.
const SCRIPT: &str = r#"
watched=$1 postmaster=$2 data=$3 home=$4; shift 4
echo $$ >"$home/guard"
newest() { [ "$(cat "$home/guard" 2>/dev/null)" = $$ ]; }
runs() { [ "$(head -n 1 "$data/postmaster.pid" 2>/dev/null)" = "$postmaster" ] && kill -0 "$postmaster" 2>/dev/null; }
while kill -0 "$watched" 2>/dev/null; do
    newest || exit 0
    sleep 0.2
done
newest || exit 0
for signal in INT QUIT KILL; do
    runs || break
    kill -s "$signal" "$postmaster"
    tries=25
    while runs && [ $tries -gt 0 ]; do
        sleep 0.2
        tries=$((tries - 1))
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
        .arg(place.data_dir())
        .arg(place.home());
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
