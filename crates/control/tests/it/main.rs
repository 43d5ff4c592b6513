//! The control floor against real PostgreSQL.

mod bill;
mod metered;
mod metric;
mod usage;
