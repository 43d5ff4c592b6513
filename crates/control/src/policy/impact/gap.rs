//! Where two sets of policies differ, principal by principal and action by action. No I/O.

use std::cmp::Reverse;
use std::collections::BTreeSet;

use plinth_model::permission::Kind;
use plinth_model::{Actor, Resource};
use plinth_policy::{Vocabulary, view};
use serde_json::Value;

use super::{Change, Drafted, Example, Impact, MOST_CHANGES, MOST_COMPARISONS, MOST_EXAMPLES};
use crate::Caller;
use crate::access::Reach;
use crate::standing::Somebody;

/// All that was found so far.
#[derive(Debug, Default)]
pub(super) struct Gaps {
    people: Vec<Person>,
    /// Pairs of decisions that were made about resources.
    pub comparisons: usize,
}

#[derive(Debug)]
struct Person {
    before: Caller,
    after: Caller,
    gaps: Vec<Gap>,
}

/// One action of one principal.
#[derive(Debug)]
struct Gap {
    plural: String,
    action: String,
    subject: Subject,
    before: Reach,
    after: Reach,
    gains: Found,
    loses: Found,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Subject {
    Resources,
    /// What does not exist yet: asked of one like each that there is.
    New,
    /// The kind as a whole.
    Whole,
}

#[derive(Debug, Default)]
struct Found {
    count: usize,
    examples: Vec<Example>,
}

impl Gaps {
    /// The principals and actions that the change concerns; what is not done to one resource is decided at once.
    pub fn open(asking: &Caller, drafted: &Drafted, somebodies: &[Somebody], context: &Value) -> Self {
        let vocabulary = drafted.before.vocabulary();
        let person = |who: &Somebody| {
            let before = asking.talk_about(who, &drafted.before, context.clone());
            let after = before.by(&drafted.after);
            let gaps = Gap::all(vocabulary, drafted, (&before, &after));
            (!gaps.is_empty()).then_some(Person { before, after, gaps })
        };
        Self {
            people: somebodies.iter().filter_map(person).collect(),
            comparisons: 0,
        }
    }

    /// Whether there is something to be decided about the resources of a type.
    pub fn asks_about(&self, plural: &str) -> bool {
        let mut gaps = self.people.iter().flat_map(|person| &person.gaps);
        gaps.any(|gap| gap.is_about(plural))
    }

    /// Decides about resources, as far as the bound lets it.
    pub fn look(&mut self, plural: &str, page: &[Resource]) {
        for resource in page {
            let seen = view::resource(resource);
            for Person { before, after, gaps } in &mut self.people {
                for gap in gaps.iter_mut().filter(|gap| gap.is_about(plural)) {
                    if self.comparisons >= MOST_COMPARISONS {
                        return;
                    }
                    self.comparisons += 1;
                    gap.look((before, after), resource, &seen);
                }
            }
        }
    }

    /// In the order in which they are told.
    pub fn told(self) -> Impact {
        let (mut gaining, mut losing) = (BTreeSet::new(), BTreeSet::new());
        let mut changes = Vec::new();
        for person in self.people {
            let actor = person.before.scope.actor;
            for change in person.gaps.into_iter().flat_map(|gap| gap.told(&actor)) {
                let side = if change.loses { &mut losing } else { &mut gaining };
                side.insert(actor.id.clone());
                changes.push(change);
            }
        }
        changes.sort_by_cached_key(|change| {
            let Actor { name, id, .. } = change.principal.clone();
            (!change.loses, Reverse(change.count), name, id, change.action.clone())
        });
        let changes_count = changes.len();
        changes.truncate(MOST_CHANGES);
        Impact {
            gain: gaining.len(),
            lose: losing.len(),
            changes,
            changes_count,
            ..Impact::default()
        }
    }
}

impl Gap {
    fn all(vocabulary: &Vocabulary, drafted: &Drafted, (was, is): (&Caller, &Caller)) -> Vec<Self> {
        let kinds = vocabulary.kinds().iter();
        let actions = kinds.flat_map(|kind| kind.actions.iter().map(move |action| (kind, action)));
        let gap = |(kind, action): (&plinth_policy::vocabulary::Kind, &String)| {
            let name = format!("{}:{action}", kind.name);
            if !drafted.concerns(was, &name) {
                return None;
            }
            let subject = match (kind.is_resource, action.as_str()) {
                (false, _) => Subject::Whole,
                (true, "create") => Subject::New,
                (true, _) => Subject::Resources,
            };
            Self::open((was, is), &kind.name, name, subject)
        };
        actions.filter_map(gap).collect()
    }

    fn open((was, is): (&Caller, &Caller), plural: &str, action: String, subject: Subject) -> Option<Self> {
        let (before, after) = (was.reach_of(&action), is.reach_of(&action));
        if before == after && before != Reach::Depends {
            return None;
        }
        let mut gap = Self {
            plural: plural.to_owned(),
            action,
            subject,
            before,
            after,
            gains: Found::default(),
            loses: Found::default(),
        };
        if subject == Subject::Whole {
            let view = was.view_of_all(Kind::named(plural));
            gap.compare((was, is), &view, || None);
        }
        Some(gap)
    }

    fn is_about(&self, plural: &str) -> bool {
        self.plural == plural && self.subject != Subject::Whole
    }

    fn look(&mut self, (was, is): (&Caller, &Caller), resource: &Resource, seen: &Value) {
        if self.subject == Subject::New {
            let mut alike = seen.clone();
            let maker = was.belongs().1.first().map(|uid| Value::from(*uid));
            if let (Some(fields), Some(maker)) = (alike.as_object_mut(), maker) {
                fields.insert("creator".to_owned(), maker.clone());
                fields.insert("owner".to_owned(), maker);
            }
            return self.compare((was, is), &alike, || None);
        }
        self.compare((was, is), seen, || {
            Some(Example {
                type_name: resource.type_name.clone(),
                id: resource.id.text(&resource.type_name),
                name: resource.name.clone(),
            })
        });
    }

    fn compare(&mut self, (was, is): (&Caller, &Caller), view: &Value, example: impl FnOnce() -> Option<Example>) {
        let allows = |who: &Caller, reach: Reach| match reach {
            Reach::Nothing => false,
            Reach::Everything => true,
            Reach::Depends => who.decide(&self.action, view),
        };
        let found = match (allows(was, self.before), allows(is, self.after)) {
            (false, true) => &mut self.gains,
            (true, false) => &mut self.loses,
            _ => return,
        };
        found.count += 1;
        if found.examples.len() < MOST_EXAMPLES {
            found.examples.extend(example());
        }
    }

    /// What is open to more or to less than before is a change also when nothing that there is now shows it.
    fn told(self, actor: &Actor) -> Vec<Change> {
        let rank = |reach| match reach {
            Reach::Nothing => 0,
            Reach::Depends => 1,
            Reach::Everything => 2,
        };
        let (before, after) = (rank(self.before), rank(self.after));
        let unseen = self.gains.count == 0 && self.loses.count == 0 && before != after;
        let is_all_or_nothing = self.before != Reach::Depends && self.after != Reach::Depends;
        let least = usize::from(self.subject != Subject::Resources && is_all_or_nothing);
        let most = if self.subject == Subject::Resources {
            usize::MAX
        } else {
            1
        };
        let sides = [(true, self.loses), (false, self.gains)];
        let told = sides
            .into_iter()
            .filter(|(loses, found)| found.count > 0 || (unseen && *loses == (after < before)));
        let change = |(loses, found): (bool, Found)| Change {
            principal: actor.clone(),
            loses,
            action: self.action.clone(),
            count: if unseen { least } else { found.count.min(most) },
            examples: found.examples,
        };
        told.map(change).collect()
    }
}
