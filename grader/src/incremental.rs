//! A run: what was marked before and has not changed stays as it is, the rest is marked, and each
//! result is kept as soon as it is there.

use std::collections::hash_map::RandomState;
use std::hash::BuildHasher as _;
use std::path::Path;

use anyhow::Result;
use homework::formats::Format;
use homework::formats::{Skipped, shown};
use homework::grade_options::GradeOptions;
use homework::grading::marks::Marks;
use homework::grading::rubric::Rubric;
use homework::grading::test_suite::TestSuite;
use homework::messages::Messages;
use homework::process::{note, progress};

use crate::builder::Builder;
use crate::fingerprint;
use crate::isolation::Isolation;
use crate::partial_results;
use crate::pipeline::{self, Outcome};
use crate::progress_bar::Progress;
use crate::saved_results::{Kept, Results, seed_of_most};
use crate::submissions::SubmissionFolder;
use crate::work_folder::WorkFolder;

/// What a run needs to know.
#[derive(Debug)]
pub struct Grader<'a> {
    /// The workspace with the tests.
    pub root: &'a Path,
    /// What the command line says.
    pub how: &'a GradeOptions,
    /// The grader's own place.
    pub own: &'a WorkFolder,
    /// The rubric.
    pub rubric: &'a Rubric,
    /// All that is said.
    pub messages: &'a Messages,
}

/// What came of a run.
#[derive(Debug)]
pub struct Graded {
    /// The marks, in the order in which the folders were named.
    pub marks: Vec<Marks>,
    /// What cannot be marked.
    pub skipped: Vec<Skipped>,
    /// From what the words that the tests sent were made.
    pub seed: u32,
    /// With what it was done, if anything was: what is built already need not be built again.
    pub tools: Option<Tools>,
}

/// The tests, and what builds programs for them.
pub type Tools = (TestSuite, Builder);

impl Grader<'_> {
    /// Marks what was handed in.
    ///
    /// # Errors
    ///
    /// The tests do not build, or the system fails.
    pub fn mark(&self, hand_ins: &[SubmissionFolder], isolation: &Isolation) -> Result<Graded> {
        let folder = self.how.results.clone();
        let folder = folder.unwrap_or_else(|| self.own.path.join("results"));
        let is_in_boxes = matches!(isolation, Isolation::Sandbox(_));
        let results = Results::open(&folder, fingerprint::of_grader(self.root, is_in_boxes)?)?;
        let prints: Vec<Option<u64>> = hand_ins
            .iter()
            .map(|hand_in| fingerprint::of_submission(hand_in.folder.as_ref().ok()?))
            .collect();
        let (seed, known) = self.known(hand_ins, &prints, &results);
        let mut outcomes: Vec<Option<Outcome>> =
            known.into_iter().map(|kept| kept.map(|kept| Ok(kept.marks))).collect();
        let open: Vec<usize> =
            (0..hand_ins.len()).filter(|&number| outcomes[number].is_none()).collect();
        let mut tools = None;
        if !open.is_empty() {
            let to_mark: Vec<&SubmissionFolder> =
                open.iter().map(|&number| &hand_ins[number]).collect();
            let keep =
                |number: usize, marks: &Marks| results.keep(prints[open[number]], seed, marks);
            let (own, marked) = self.mark_these(&to_mark, seed, isolation, keep)?;
            tools = Some(own);
            for (number, outcome) in marked {
                outcomes[open[number]] = Some(outcome);
            }
        }
        let mut graded = Graded { marks: Vec::new(), skipped: Vec::new(), seed, tools };
        for (hand_in, outcome) in hand_ins.iter().zip(outcomes) {
            match outcome {
                Some(Ok(marks)) => graded.marks.push(marks),
                Some(Err(why)) => {
                    let why = self.messages.say(&why);
                    graded.skipped.push((shown(&hand_in.student.folder), why));
                }
                None => {}
            }
        }
        Ok(graded)
    }

    /// The seed, and the results there are for it. Says how many.
    fn known(
        &self,
        hand_ins: &[SubmissionFolder],
        prints: &[Option<u64>],
        results: &Results,
    ) -> (u32, Vec<Option<Kept>>) {
        if self.how.again {
            hand_ins.iter().for_each(|hand_in| results.forget(&hand_in.student));
        }
        let known = hand_ins.iter().zip(prints);
        let mut known: Vec<_> =
            known.map(|(hand_in, print)| results.of(&hand_in.student, *print)).collect();
        let seed = self.how.seed.or_else(|| seed_of_most(&known)).unwrap_or_else(new_seed);
        for kept in &mut known {
            _ = kept.take_if(|kept| kept.seed != seed);
        }
        let count = known.iter().flatten().count();
        if count > 0 {
            let (count, all) = (count.to_string(), hand_ins.len().to_string());
            let values = [("count", &*count), ("all", &all), ("seed", &seed.to_string())];
            note(self.messages.fill("kept", &values));
        }
        (seed, known)
    }

    fn mark_these(
        &self,
        hand_ins: &[&SubmissionFolder],
        seed: u32,
        isolation: &Isolation,
        keep: impl Fn(usize, &Marks) + Sync,
    ) -> Result<(Tools, Vec<(usize, Outcome)>)> {
        let Grader { how, rubric, messages, .. } = *self;
        let (mut tests, mut builder) = self.prepare(seed, isolation)?;
        if let (Some(file), Format::Gradescope, [one]) = (&how.out, how.format, hand_ins) {
            tests.on_result = Some(partial_results::write_as_they_come(
                file,
                messages,
                rubric,
                &tests,
                &one.student,
            )?);
        }
        let jobs = how.jobs.map_or_else(pipeline::usual_jobs, usize::from);
        let screen = Progress::new(messages, hand_ins.len());
        let jobs = pipeline::Jobs { rubric, tests: &tests, screen: &screen, jobs };
        let marked = jobs.mark(hand_ins, &mut builder, keep);
        screen.end();
        Ok(((tests, builder), marked))
    }

    /// Builds the tests, and what builds the programs.
    ///
    /// # Errors
    ///
    /// The tests or the libraries do not build, or the system fails.
    pub fn prepare(&self, seed: u32, isolation: &Isolation) -> Result<Tools> {
        let Grader { root, own, rubric, messages, .. } = *self;
        progress(messages.get("building-the-tests"));
        let mut tests = TestSuite::build(root, rubric, true)?;
        tests.seed = seed;
        tests.launcher = Some(Box::new(isolation.clone()));
        let builder = Builder::new(root, own, isolation, |it| progress(messages.say(it)))?;
        Ok((tests, builder))
    }
}

/// A number that nobody knows before.
fn new_seed() -> u32 {
    let number = RandomState::new().hash_one("seed");
    // Short enough to be typed, and never 0.
    1 + u32::try_from(number % 999_999).unwrap_or_default()
}
