//! Keeps the cells' copy of the countries as the file has it: SQL sessions are judged in the database, which reads no files.
//!
//! A server loads what its own file says when it starts and when the file has changed, and never otherwise. Two servers whose
//! files differ for a while would put each other's ranges back for all that time if they compared what is there with theirs.
//! One without a file leaves alone what is there: another may have one.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use plinth_store::CellName;
use plinth_store::country::{self as store, Range};

use super::{Contents, Countries};
use crate::Control;
use crate::error::{ControlError, Result};

/// How often the file is looked at.
const PERIOD: Duration = Duration::from_secs(30);

/// Reads the file again when it has changed and loads its ranges into the cells, now and every half minute, until shutdown.
pub async fn run(control: Control) {
    let Some(mut loader) = Loader::new(&control) else {
        return;
    };
    loop {
        tokio::select! {
            // What is broken off is rolled back.
            () = control.shutdown().cancelled() => return,
            () = async { loader.step().await; tokio::time::sleep(PERIOD).await } => {}
        }
    }
}

/// What one server has loaded.
#[derive(Debug)]
pub struct Loader {
    control: Control,
    countries: Countries,
    /// The digest of the file that each cell was given, or had already.
    given: BTreeMap<CellName, String>,
}

impl Loader {
    /// `None` for a server without a file.
    pub fn new(control: &Control) -> Option<Self> {
        Some(Self {
            control: control.clone(),
            countries: control.config().countries.clone()?,
            given: BTreeMap::new(),
        })
    }

    /// How many cells got other ranges. A cell that cannot be reached, or that another server is loading, is looked at again
    /// by the next step.
    pub async fn step(&mut self) -> usize {
        self.refresh().await;
        let contents = self.countries.contents();
        let mut ranges = None;
        let mut loaded = 0;
        for cell in self.control.store().cells() {
            if self.given.get(cell) == Some(&contents.digest) {
                continue;
            }
            match give(&self.control, cell, &contents, &mut ranges).await {
                Ok(Outcome::Elsewhere) => continue,
                Ok(Outcome::There) => {}
                Ok(Outcome::Loaded(count)) => {
                    tracing::info!(%cell, ranges = count, "SQL sessions know the countries of the file");
                    loaded += 1;
                }
                Err(error) => {
                    tracing::warn!(error = %error, cause = ?error.cause, %cell, "countries are not loaded; it is tried again");
                    continue;
                }
            }
            self.given.insert(cell.clone(), contents.digest.clone());
        }
        loaded
    }

    /// A file that cannot be read is for its operator to mend; the one before stays in use.
    async fn refresh(&self) {
        let countries = self.countries.clone();
        match tokio::task::spawn_blocking(move || countries.refresh()).await {
            Ok(Ok(true)) => tracing::info!("read the file of countries again"),
            Ok(Ok(false)) => {}
            Ok(Err(error)) => tracing::warn!(error, "the countries that were read before stay in use"),
            Err(error) => tracing::warn!(%error, "the file of countries was not looked at"),
        }
    }
}

enum Outcome {
    /// How many ranges.
    Loaded(usize),
    /// The cell has this file's.
    There,
    /// Another server is at it.
    Elsewhere,
}

/// Gives the cell these countries, unless it has them. `ranges` are made when the first cell wants them.
async fn give(
    control: &Control,
    cell: &CellName,
    contents: &Arc<Contents>,
    ranges: &mut Option<Vec<Range>>,
) -> Result<Outcome> {
    let mut tx = control.store().system(cell, "countries").await?;
    let there = store::digest(&mut tx).await?;
    tx.rollback().await?;
    if there.as_ref() == Some(&contents.digest) {
        return Ok(Outcome::There);
    }
    // Outside of a transaction: it takes a second or so.
    let ranges = match ranges {
        Some(ranges) => ranges,
        None => ranges.insert(ranges_of(contents).await?),
    };
    let mut tx = control.store().system(cell, "countries").await?;
    if !store::lock(&mut tx).await? {
        return Ok(Outcome::Elsewhere);
    }
    if store::digest(&mut tx).await?.as_ref() == Some(&contents.digest) {
        return Ok(Outcome::There);
    }
    store::replace(&mut tx, &contents.digest, ranges).await?;
    tx.commit().await?;
    Ok(Outcome::Loaded(ranges.len()))
}

async fn ranges_of(contents: &Arc<Contents>) -> Result<Vec<Range>> {
    let contents = Arc::clone(contents);
    let made = tokio::task::spawn_blocking(move || contents.ranges()).await;
    let made = made.map_err(ControlError::internal)?;
    made.map_err(ControlError::internal)
}
