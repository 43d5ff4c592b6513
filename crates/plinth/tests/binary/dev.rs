//! `plinth dev` with its worker, while its binary is replaced on disk.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;

use crate::installation::{client, sign_up};
use crate::support::{Daemon, Hear, clean, eventually, folder, plinth, product, said, said_to};

/// Another file at the same path, as an upgrade leaves it.
fn replace(binary: &Path) {
    let fresh = binary.with_extension("new");
    fs::write(&fresh, "no program").unwrap();
    fs::rename(&fresh, binary).unwrap();
}

fn pipeline(name: &str) -> String {
    format!(
        "{{type: pipeline, name: {name}, spec: {{mode: snapshot, source: {{connection: shop, \
         tables: [{{name: public.customers}}]}}, destination: {{connection: warehouse, schema: {name}}}}}}}"
    )
}

/// The worker that a `plinth dev` has started.
fn worker_of(dev: i32) -> Option<i32> {
    let processes = fs::read_dir("/proc").unwrap().filter_map(Result::ok);
    let mut workers = processes.filter_map(|process| {
        let pid = process.file_name().to_str()?.parse::<i32>().ok()?;
        let stat = fs::read_to_string(process.path().join("stat")).ok()?;
        let parent = stat.rsplit_once(") ")?.1.split(' ').nth(1)?.parse::<i32>().ok()?;
        let line = fs::read(process.path().join("cmdline")).ok()?;
        (parent == dev && line.split(|byte| *byte == 0).nth(1) == Some(b"worker")).then_some(pid)
    });
    workers.next()
}

struct Home {
    folder: tempfile::TempDir,
    binary: PathBuf,
}

impl Home {
    fn start(&self) -> (Daemon, String) {
        let mut command = clean(Command::new(&self.binary));
        command.args(["dev", "--listen", "127.0.0.1:0", "--sample-rows", "2000", "--home"]);
        command
            .arg(self.folder.path().join("home"))
            .arg("--product")
            .arg(product());
        let mut dev = Daemon::start(&mut command, Hear::Output);
        let url = dev.until("Plinth is ready:");
        (dev, url)
    }
}

#[cfg(target_os = "linux")]
#[test]
fn pipelines_and_workers_start_although_the_binary_was_replaced() {
    let folder = folder();
    let home = Home {
        binary: folder.path().join("plinth"),
        folder,
    };
    fs::copy(env!("CARGO_BIN_EXE_plinth"), &home.binary).unwrap();
    let (mut dev, url) = home.start();
    let client = |line: &str| client(plinth(), &url, home.folder.path(), line);
    sign_up(&client, &home.folder.path().join("home/outbox"));
    said(&mut client("org create acme")).done();

    replace(&home.binary);
    let apply = "apply -f - --wait=completed --timeout 60s";
    said_to(&mut client(apply), &pipeline("first")).done();

    let worker = eventually("a worker", || worker_of(dev.pid()));
    kill(Pid::from_raw(worker), Signal::SIGKILL).unwrap();
    let next = eventually("another worker", || worker_of(dev.pid()).filter(|pid| *pid != worker));
    fs::remove_file(&home.binary).unwrap();
    said_to(&mut client(apply), &pipeline("second")).done();
    assert_eq!(worker_of(dev.pid()), Some(next));
    dev.end();
}
