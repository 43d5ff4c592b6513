//! Standard input as a lifeline: it may bring orders, and its end tells that whoever started this process is gone.

use std::io::{BufRead, Read};

use tokio::sync::oneshot;
use tokio_util::sync::CancellationToken;

/// Gives the first line of standard input, and cancels `ended` when the input ends.
///
/// It is read by a thread of its own: a read that waits in the runtime would keep the process from ending, which is what the
/// other side may be waiting for before it closes the input.
pub fn hold(ended: CancellationToken) -> oneshot::Receiver<String> {
    let (sender, line) = oneshot::channel();
    std::thread::spawn(move || {
        let mut input = std::io::stdin().lock();
        let mut first = String::new();
        // An error is an end as well, here and below.
        let _ = input.read_line(&mut first);
        // Not everybody waits for orders.
        let _ = sender.send(first);
        let _ = input.read_to_end(&mut Vec::new());
        ended.cancel();
    });
    line
}
