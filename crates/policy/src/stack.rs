//! Room on the stack for what calls itself.
//!
//! Cedar's parser and validator, and the compiler here, call themselves for each level of an expression. `source` limits
//! the levels; this makes room for that many, wherever the caller runs: a thread of a server has 2 MiB, of which an
//! unoptimised build takes more than 20 KiB a level.

/// Enough for the deepest expression, unoptimised, with some to spare.
const ROOM_BYTES: usize = 16 * 1024 * 1024;

/// Does the work with enough room.
pub(crate) fn with_room<T>(work: impl FnOnce() -> T) -> T {
    stacker::maybe_grow(ROOM_BYTES / 2, ROOM_BYTES, work)
}
