//! The signals that ask a process to stop: Ctrl-C, SIGTERM, and SIGHUP when the terminal goes away.

use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio_util::sync::CancellationToken;

/// Cancels at the first of them.
pub fn stop_on_signal(shutdown: CancellationToken) {
    let heard = match listen() {
        Ok(heard) => heard,
        Err(error) => return tracing::error!(%error, "cannot hear signals"),
    };
    tokio::spawn(async move {
        let waits = heard
            .into_iter()
            .map(|mut signal| Box::pin(async move { signal.recv().await }));
        futures::future::select_all(waits).await;
        shutdown.cancel();
    });
}

/// Listening begins here and not in the task, so that no signal finds the default action any more.
fn listen() -> std::io::Result<Vec<Signal>> {
    let mut heard = vec![signal(SignalKind::interrupt())?, signal(SignalKind::terminate())?];
    if !is_ignored(SignalKind::hangup()) {
        heard.push(signal(SignalKind::hangup())?);
    }
    Ok(heard)
}

/// Whether whoever started this process wants it to ignore a signal, as `nohup` does: listening would undo that. Where the kernel
/// does not tell, nobody does.
fn is_ignored(kind: SignalKind) -> bool {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    ignored_in(&status, kind.as_raw_value())
}

fn ignored_in(status: &str, number: i32) -> bool {
    let mask = status.lines().find_map(|line| line.strip_prefix("SigIgn:"));
    let mask = mask.and_then(|mask| u64::from_str_radix(mask.trim(), 16).ok());
    mask.is_some_and(|mask| mask >> (number - 1) & 1 == 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_ignored_signal_is_a_bit_of_the_kernels_mask() {
        let status = "Name:\tplinth\nSigIgn:\t0000000000001001\nSigCgt:\t0000000000004002\n";
        assert!(ignored_in(status, 1));
        assert!(ignored_in(status, 13));
        assert!(!ignored_in(status, 2));
        assert!(!ignored_in("", 1));
    }
}
