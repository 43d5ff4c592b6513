//! Which databases a command of the operator works on: those of `plinth serve`, or those of a home of `plinth dev`.

use std::path::PathBuf;

use anyhow::Context;
use clap::Args;
use plinth_embedded::Cluster;
use plinth_store::StoreConfig;
use plinth_store::config::CellConfig;

use crate::dev::{DIRECTORY, Home, LOCAL_CELL};
use crate::settings::{ServeArgs, Settings};

#[derive(Debug, Args)]
pub struct DatabaseArgs {
    /// TOML file of `plinth serve`; flags and environment win over it
    #[arg(long, env = "PLINTH_CONFIG", value_name = "FILE")]
    config: Option<PathBuf>,
    /// PostgreSQL of the directory, as for `plinth serve`
    #[arg(long, env = "PLINTH_DATABASE_URL", hide_env_values = true, value_name = "URL")]
    database_url: Option<String>,
    /// File with the key of the servers
    #[arg(long, env = "PLINTH_KEY_FILE", value_name = "FILE")]
    key_file: Option<PathBuf>,
    /// The key itself, instead of a file
    #[arg(long, env = "PLINTH_KEY", hide_env_values = true, value_name = "HEX")]
    key: Option<String>,
    /// File with the key before this one
    #[arg(long, env = "PLINTH_PREVIOUS_KEY_FILE", value_name = "FILE")]
    previous_key_file: Option<PathBuf>,
    /// The previous key itself, instead of a file
    #[arg(long, env = "PLINTH_PREVIOUS_KEY", hide_env_values = true, value_name = "HEX")]
    previous_key: Option<String>,
    /// Home folder of a `plinth dev` that runs now, instead of all these
    #[arg(long, value_name = "DIR", conflicts_with_all = ["config", "database_url", "key_file", "key"])]
    home: Option<PathBuf>,
}

/// The databases, and the keys of their servers.
#[derive(Debug)]
pub struct Databases {
    pub store: StoreConfig,
    pub key: [u8; 32],
    pub previous_key: Option<[u8; 32]>,
}

impl DatabaseArgs {
    pub fn resolve(self) -> anyhow::Result<Databases> {
        if let Some(home) = &self.home {
            return of_home(home);
        }
        let settings = Settings {
            database_url: self.database_url,
            key_file: self.key_file,
            key: self.key,
            previous_key_file: self.previous_key_file,
            previous_key: self.previous_key,
            ..Settings::default()
        };
        let config = self.config;
        let settings = ServeArgs { config, settings }.resolve()?;
        Ok(Databases {
            store: settings.store()?,
            key: settings.key()?,
            previous_key: settings.previous_key()?,
        })
    }
}

fn of_home(home: &std::path::Path) -> anyhow::Result<Databases> {
    let none = || format!("there is no `plinth dev` in `{}`", home.display());
    let url = |database: &str| Cluster::url_in(home.join("postgres"), database).with_context(none);
    let (directory_url, cell_url) = (url(DIRECTORY)?, url(LOCAL_CELL)?);
    let key = Home::open(home)?.key()?;
    let cell = CellConfig {
        name: "local".to_owned(),
        region: "local".to_owned(),
        url: cell_url,
        sql_address: None,
    };
    Ok(Databases {
        store: StoreConfig {
            directory_url,
            cells: vec![cell],
            role_secret: key.to_vec(),
            pool_size: 4,
        },
        key,
        previous_key: None,
    })
}
