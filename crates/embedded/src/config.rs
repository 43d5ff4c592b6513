//! What a caller chooses about its cluster; no behaviour.

use std::path::PathBuf;
use std::time::Duration;

use crate::Installation;

/// How a cluster is to be made and run. [`ClusterConfig::new`] gives a durable one with settings for a developer's machine.
#[derive(Debug, Clone)]
pub struct ClusterConfig {
    /// A folder that belongs to this cluster alone; made when it does not exist.
    pub home: PathBuf,
    pub installation: Installation,
    /// Whom PostgreSQL runs as when we are root: default `postgres`, else `nobody`.
    pub user_if_root: Option<String>,
    pub profile: Profile,
    /// Server settings that go over those of the profile.
    pub settings: Vec<(String, String)>,
    /// Stops the server when another process is gone, however that ended.
    pub guard: Option<Guard>,
    /// How long a start may take, crash recovery included.
    pub start_timeout: Duration,
}

impl ClusterConfig {
    pub fn new(home: impl Into<PathBuf>, installation: Installation) -> Self {
        Self {
            home: home.into(),
            installation,
            user_if_root: None,
            profile: Profile::Durable,
            settings: Vec::new(),
            guard: None,
            start_timeout: Duration::from_secs(180),
        }
    }

    #[must_use]
    pub fn setting(mut self, name: impl Into<String>, value: impl Into<String>) -> Self {
        self.settings.push((name.into(), value.into()));
        self
    }

    /// The settings in the order in which the server gets them: the last one of a name wins.
    pub(crate) fn effective_settings(&self) -> impl Iterator<Item = (&str, &str)> {
        let own = self
            .settings
            .iter()
            .map(|(name, value)| (name.as_str(), value.as_str()));
        BASE.iter().chain(self.profile.settings()).copied().chain(own)
    }
}

/// What the data is worth.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Profile {
    /// Survives a crash of the machine.
    Durable,
    /// For tests: nothing is forced to disk.
    Throwaway,
}

impl Profile {
    fn settings(self) -> &'static [(&'static str, &'static str)] {
        match self {
            Self::Durable => &[("shared_buffers", "256MB"), ("max_connections", "200")],
            Self::Throwaway => &[
                ("shared_buffers", "128MB"),
                ("max_connections", "400"),
                ("fsync", "off"),
                ("full_page_writes", "off"),
                ("synchronous_commit", "off"),
            ],
        }
    }
}

/// A process that the server must not outlive.
#[derive(Debug, Clone, Copy)]
pub struct Guard {
    pub process_id: u32,
    pub after_stop: AfterStop,
}

/// What a [`Guard`] does with the files.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AfterStop {
    Keep,
    RemoveHome,
}

/// Short transactions on a machine that does other things too: no JIT (its planning costs more than it gains there), early
/// autovacuum (queues and leases make dead rows quickly), logical WAL for change capture. Where the system can sync a whole file
/// system at once, recovery does: file by file, a start after a crash takes ten times as long.
const BASE: &[(&str, &str)] = &[
    ("wal_level", "logical"),
    ("max_wal_senders", "20"),
    ("max_replication_slots", "20"),
    ("max_wal_size", "2GB"),
    ("checkpoint_timeout", "10min"),
    ("jit", "off"),
    ("random_page_cost", "1.1"),
    ("autovacuum_naptime", "15s"),
    ("autovacuum_vacuum_scale_factor", "0.05"),
    ("autovacuum_analyze_scale_factor", "0.05"),
    ("password_encryption", "scram-sha-256"),
    ("timezone", "UTC"),
    ("log_timezone", "UTC"),
    ("log_line_prefix", "%m [%p] %q%u@%d "),
    ("log_checkpoints", "off"),
    ("lc_messages", "C"),
    #[cfg(target_os = "linux")]
    ("recovery_init_sync_method", "syncfs"),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_callers_setting_comes_last_and_so_wins() {
        let installation = Installation::for_tests(15);
        let config = ClusterConfig::new("/x", installation).setting("jit", "on");
        let last = config.effective_settings().filter(|(name, _)| *name == "jit").last();
        assert_eq!(last, Some(("jit", "on")));
    }
}
