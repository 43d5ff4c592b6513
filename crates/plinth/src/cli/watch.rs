//! `watch`: resources live, until stopped or until all have reached a state.

use std::{
    collections::{HashMap, HashSet},
    time::Duration,
};

use clap::Args;
use futures::TryStreamExt;
use jiff::Timestamp;
use plinth_client::{
    event::{Event, EventFilter, Update},
    org::OrgScope,
    product::ResourceType,
    resource::{ListQuery, Resource},
};
use tokio::time::timeout;

use super::{
    failure::Failure,
    progress::{Display, Untaken},
    session::Session,
    wait::{Distance, Goal, gone, is_end, parse_duration},
};

#[derive(Debug, Args)]
pub struct WatchArgs {
    /// Type of resource, such as `pipelines`
    plural: String,
    /// Name or id; all when it is left out
    name: Option<String>,
    /// End when all have this state; fail when one fails
    #[arg(long, value_name = "STATE")]
    until: Option<String>,
    /// How long to wait at most for `--until`
    #[arg(long, value_parser = parse_duration)]
    timeout: Option<Duration>,
}

/// What is watched, and how it is now.
struct Watch<'a> {
    kind: ResourceType,
    goal: Option<Goal>,
    display: Display,
    live: HashMap<String, Resource>,
    /// Ids and generations of which was said that no worker takes them.
    told: HashSet<(String, u64)>,
    org: &'a OrgScope,
}

pub async fn run(session: &Session, args: WatchArgs) -> anyhow::Result<()> {
    let kind = session.resource_type(&args.plural).await?;
    let goal = args.until.as_deref().map(|word| Goal::state(&kind, word)).transpose()?;
    let org = session.org().await?;
    let mut watch = Watch {
        kind,
        goal,
        display: Display::new(session),
        live: HashMap::new(),
        told: HashSet::new(),
        org: &org,
    };
    let following = watch.follow(args.name.as_deref());
    let Some(limit) = args.timeout else {
        return following.await;
    };
    match timeout(limit, following).await {
        Ok(done) => done,
        Err(_) => {
            let until = args.until.map_or("stopped".to_owned(), |state| format!("`{state}`"));
            Err(Failure::timed_out(format!("not {until} within {limit:?}")).into())
        }
    }
}

impl Watch<'_> {
    async fn follow(&mut self, name: Option<&str>) -> anyhow::Result<()> {
        let events = self.org.events();
        let head = events.head().await?;
        let subject = self.read(name).await?;
        if self.all_there()? {
            return Ok(());
        }
        let filter = EventFilter {
            kind: vec![self.kind.name.clone()],
            subject,
            ..EventFilter::default()
        };
        let mut updates = std::pin::pin!(events.stream(filter, Some(head)));
        let mut clock = tokio::time::interval(Duration::from_secs(1));
        loop {
            let update = tokio::select! {
                update = updates.try_next() => update?,
                _ = clock.tick() => {
                    self.tell_of_untaken(Timestamp::now())?;
                    continue;
                }
            };
            match update {
                Some(Update::Change(event)) => self.take(&event)?,
                Some(_) => continue,
                None => return Ok(()),
            }
            if self.all_there()? {
                return Ok(());
            }
        }
    }

    /// Nothing happens while no worker takes a resource, so no event tells of it. Each is told of once.
    fn tell_of_untaken(&mut self, now: Timestamp) -> anyhow::Result<()> {
        if !self.kind.reconciled {
            return Ok(());
        }
        for resource in self.live.values() {
            let Some(untaken) = Untaken::of(resource, now) else {
                continue;
            };
            if self.told.insert((resource.id.clone(), resource.generation)) {
                self.display.remark(resource, &untaken)?;
            }
        }
        Ok(())
    }

    /// How everything is now; the id when only one is watched.
    async fn read(&mut self, name: Option<&str>) -> anyhow::Result<Option<String>> {
        let resources = self.org.resources(&self.kind.plural);
        let found = match name {
            Some(name) => vec![resources.get(name).await?],
            None => resources.all(ListQuery::default()).try_collect().await?,
        };
        let subject = name.and_then(|_| found.first().map(|resource| resource.id.clone()));
        for resource in found {
            self.display.show(&resource)?;
            self.live.insert(resource.id.clone(), resource);
        }
        Ok(subject)
    }

    fn take(&mut self, event: &Event) -> anyhow::Result<()> {
        let id = event.subject.clone().unwrap_or_default();
        if is_end(event) {
            let name = event.data.name.clone().unwrap_or(id.clone());
            self.live.remove(&id);
            self.display.tell(&format!("{}/{name} is gone", self.kind.name))?;
            return match &self.goal {
                Some(goal) => gone(&name, goal),
                None => Ok(()),
            };
        }
        if let Some(resource) = event.after() {
            self.display.show(&resource)?;
            self.live.insert(resource.id.clone(), resource);
        }
        Ok(())
    }

    fn all_there(&self) -> anyhow::Result<bool> {
        let Some(goal) = &self.goal else {
            return Ok(false);
        };
        let mut all = true;
        for resource in self.live.values() {
            match goal.distance(&self.kind, resource) {
                Distance::Reached => {}
                Distance::OnTheWay => all = false,
                Distance::Failed(reason) => return Err(Failure::failed(reason).into()),
            }
        }
        Ok(all && !self.live.is_empty())
    }
}
