//! What was copied, as usage records of the control plane's meters.

use jiff::Timestamp;
use plinth_client::usage::UsageRecord;
use serde_json::Map;

use crate::checkpoint::Usage;

/// Records that the control plane takes at once.
pub(crate) const BATCH: usize = 500;

/// One quantity of a pipeline. The same `id` counts once.
pub(crate) fn record(pipeline: &str, meter: &str, id: String, quantity: String, at: Timestamp) -> UsageRecord {
    UsageRecord {
        source: pipeline.to_owned(),
        id,
        meter: meter.to_owned(),
        resource: None,
        quantity,
        at,
        properties: Map::new(),
        recorded_at: None,
    }
}

/// Rows and bytes of each commit.
pub(crate) fn records(pipeline: &str, usage: &[Usage]) -> Vec<UsageRecord> {
    let meters = |usage: &Usage| {
        [
            ("rows_copied", "rows", usage.rows),
            ("bytes_copied", "bytes", usage.bytes),
        ]
    };
    let of_commit = |usage: &Usage| {
        meters(usage).map(|(meter, kind, quantity)| {
            let id = format!("{kind}/{}", usage.id);
            let mut record = record(pipeline, meter, id, quantity.to_string(), usage.at);
            record
                .properties
                .insert("table".to_owned(), usage.table.to_string().into());
            record
        })
    };
    usage.iter().flat_map(of_commit).collect()
}
