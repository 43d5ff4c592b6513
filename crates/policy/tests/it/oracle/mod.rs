//! The oracle: random policies about random rows, decided by Cedar's authorizer and by PostgreSQL, must come out the same.
//!
//! `PLINTH_ORACLE_CASES` is the number of questions, `PLINTH_ORACLE_SEED` starts the same run again.

mod coverage;
mod database;
mod input;
mod tape;
mod world;
mod write;

use std::cell::RefCell;
use std::collections::HashMap;
use std::rc::Rc;

use plinth_policy::{Decider, Decision, Policy, Question, Row, combine, compile};
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::test_runner::{Config, RngAlgorithm, TestCaseError, TestRng, TestRunner};

use self::coverage::Coverage;
pub use self::database::Judge;
use self::database::Test;
use self::input::Input;
use self::tape::Tape;
use self::world::World;

/// The most questions about one policy.
const INPUTS: usize = 30;
/// The most policies of one world, whose questions go to PostgreSQL together.
const POLICIES: usize = 10;

/// A question, Cedar's answer, and the predicates that must give the same.
#[derive(Debug)]
struct Case {
    policy: String,
    input: Input,
    decision: Decision,
    rows: Vec<Row>,
}

impl Case {
    /// The rows that are for this question.
    fn chosen(&self) -> Vec<&Row> {
        let memberships = self.input.memberships();
        let chosen = self
            .rows
            .iter()
            .filter(|row| row.takes(self.input.kind(), &memberships));
        chosen.filter(|row| row.is_for(&self.input.action)).collect()
    }

    /// The predicates to evaluate: both combined ones, then each on its own.
    fn paths(&self) -> Vec<String> {
        let chosen = self.chosen();
        let combined = combine(chosen.iter().copied());
        let nothing = || "strict 1 == 0".to_owned();
        let both = [combined.permits, combined.forbids].map(|path| path.unwrap_or_else(nothing));
        let each = chosen.iter().map(|row| format!("strict {}", row.predicate));
        both.into_iter().chain(each).collect()
    }

    /// Compares the answers of PostgreSQL to [`Case::paths`] with Cedar's decision.
    fn compare(&self, answers: &[bool]) -> Result<(), String> {
        let allowed = answers[0] && !answers[1];
        let effect = if answers[1] {
            plinth_policy::Effect::Forbid
        } else {
            plinth_policy::Effect::Permit
        };
        let mut deciding: Vec<usize> = self
            .chosen()
            .iter()
            .zip(&answers[2..])
            .filter(|(row, applies)| **applies && row.effect == effect)
            .map(|(row, _)| row.statement)
            .collect();
        deciding.sort_unstable();
        deciding.dedup();
        let expected: Vec<usize> = self.decision.deciding.iter().map(|id| id.statement).collect();
        if allowed == self.decision.allowed && deciding == expected {
            return Ok(());
        }
        Err(format!(
            "PostgreSQL: {allowed} by {deciding:?}\nCedar: {:?}\n{}\n{:#?}\npaths: {:#?}",
            self.decision,
            self.policy,
            self.input,
            self.paths()
        ))
    }
}

/// Tapes of a policy and of the questions about it.
type PolicyTapes = (Vec<u32>, Vec<Vec<u32>>);

/// Tapes of a world and of its policies.
type Tapes = (Vec<u32>, Vec<PolicyTapes>);

/// Worlds by their tapes: while proptest makes a policy smaller, Cedar need not read the same schema again.
#[derive(Default)]
struct Worlds(RefCell<HashMap<Vec<u32>, Rc<World>>>);

impl Worlds {
    fn of(&self, tape: &[u32]) -> Rc<World> {
        let mut known = self.0.borrow_mut();
        if known.len() > 100 {
            known.clear();
        }
        let world = known
            .entry(tape.to_vec())
            .or_insert_with(|| Rc::new(World::new(&mut Tape::new(tape))));
        Rc::clone(world)
    }
}

/// The cases of one policy: it is valid and compiles, and there are questions.
fn cases(world: &World, (policy, inputs): &PolicyTapes, coverage: &mut Coverage) -> Vec<Case> {
    let (policy_text, kind) = write::policy(&mut Tape::new(policy), world);
    let parsed = Policy::parse(&policy_text, &world.vocabulary);
    coverage.policies += 1;
    let Ok(policy) = parsed else {
        coverage.invalid += 1;
        if std::env::var_os("PLINTH_ORACLE_SHOW").is_some() {
            eprintln!("{policy_text}\n{:#?}", parsed.unwrap_err());
        }
        return Vec::new();
    };
    let Ok(rows) = compile(&policy, &world.vocabulary) else {
        coverage.refused += 1;
        return Vec::new();
    };
    coverage.count(&policy_text);
    let decider = Decider::new(world.vocabulary.clone(), [("p".to_owned(), policy)]);
    let case = |tape: &Vec<u32>| {
        let input = Input::new(&mut Tape::new(tape), &world.vocabulary, kind);
        let question = Question {
            principal: &input.principal,
            action: &input.action,
            row: &input.row,
            context: &input.context,
        };
        let decision = decider.decide(question).unwrap();
        let permitted = decider.permits(question).unwrap();
        assert_eq!(permitted, decision.allowed, "{policy_text}\n{input:?}");
        Case {
            policy: policy_text.clone(),
            input,
            decision,
            rows: rows.clone(),
        }
    };
    inputs.iter().map(case).collect()
}

fn count(case: &Case, coverage: &mut Coverage) {
    let Decision {
        allowed,
        deciding,
        errors,
    } = &case.decision;
    coverage.asked += 1;
    coverage.allowed += usize::from(*allowed);
    coverage.erred += usize::from(!errors.is_empty());
    coverage.erred_and_allowed += usize::from(!errors.is_empty() && *allowed);
    coverage.forbidden += usize::from(!allowed && !deciding.is_empty());
}

fn check(judge: &Judge, worlds: &Worlds, tapes: &Tapes, coverage: &mut Coverage) -> Result<(), String> {
    let world = worlds.of(&tapes.0);
    let cases: Vec<Case> = tapes.1.iter().flat_map(|tape| cases(&world, tape, coverage)).collect();
    let mut tests = Vec::new();
    let mut ends = Vec::new();
    for case in &cases {
        let (row, variables) = (case.input.row.to_string(), case.input.variables().to_string());
        tests.extend(case.paths().into_iter().map(|path| Test {
            path,
            row: row.clone(),
            variables: variables.clone(),
        }));
        ends.push(tests.len());
        count(case, coverage);
    }
    let answers = judge.judge(&tests)?;
    let mut begin = 0;
    for (case, end) in cases.iter().zip(ends) {
        case.compare(&answers[begin..end])?;
        begin = end;
    }
    Ok(())
}

fn number(variable: &str) -> Option<u64> {
    std::env::var(variable).ok().map(|text| text.parse().unwrap())
}

#[test]
fn postgres_lets_through_exactly_what_cedar_allows() {
    let wanted = usize::try_from(number("PLINTH_ORACLE_CASES").unwrap_or(10_000)).unwrap();
    let seed = number("PLINTH_ORACLE_SEED").unwrap_or(0);
    let mut bytes = [0; 32];
    bytes[..8].copy_from_slice(&seed.to_le_bytes());
    let judge = Judge::new();
    let coverage = RefCell::new(Coverage::default());
    let worlds = Worlds::default();
    let told = std::sync::Once::new();
    let config = Config {
        max_shrink_iters: 20_000,
        failure_persistence: None,
        ..Config::default()
    };
    let mut runner = TestRunner::new_with_rng(config, TestRng::from_seed(RngAlgorithm::ChaCha, &bytes));
    let policy = (vec(any::<u32>(), 20..400), vec(vec(any::<u32>(), 20..200), 1..=INPUTS));
    let tapes = (vec(any::<u32>(), 0..200), vec(policy, 1..=POLICIES));
    while coverage.borrow().asked < wanted {
        let tree = tapes.new_tree(&mut runner).unwrap();
        let outcome = runner.run_one(tree, |tapes| {
            check(&judge, &worlds, &tapes, &mut coverage.borrow_mut()).map_err(|found| {
                told.call_once(|| eprintln!("seed {seed}, before it is made smaller: {found}"));
                TestCaseError::fail(found)
            })
        });
        if let Err(error) = outcome {
            panic!("seed {seed}: {error}");
        }
    }
    assert_covers(&coverage.into_inner());
}

/// Without these shares the test would hold for a compiler that permits nothing.
fn assert_covers(coverage: &Coverage) {
    eprintln!("{coverage:#?}");
    assert_eq!(coverage.missing(), Vec::<&str>::new());
    let share = |part: usize, whole: usize| part * 100 / whole;
    assert!(share(coverage.invalid + coverage.refused, coverage.policies) < 30);
    assert!(share(coverage.allowed, coverage.asked) >= 15);
    assert!(share(coverage.forbidden, coverage.asked) >= 5);
    assert!(share(coverage.erred, coverage.asked) >= 5);
    assert!(coverage.erred_and_allowed * 200 >= coverage.asked);
}
