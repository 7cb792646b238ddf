//! Grades a class incrementally: reuses saved results, grades the other submissions, and saves each result
//! as soon as it's known.

use std::collections::hash_map::RandomState;
use std::hash::BuildHasher as _;
use std::path::Path;

use anyhow::Result;
use common::{one_line, print_error};
use homework::formats::{Format, Skipped, shown};
use homework::grade_options::GradeOptions;
use homework::grading::marks::Marks;
use homework::grading::test_suite::TestSuite;
use homework::messages::{Message, Messages};
use homework::progress::{note, progress};

use crate::builder::Builder;
use crate::fingerprint;
use crate::isolation::Isolation;
use crate::partial_results;
use crate::pipeline::{self, Numbered, Outcome};
use crate::saved_results::{SavedResult, SavedResults};
use crate::submissions::SubmissionFolder;
use crate::work_folder::WorkFolder;

/// Everything that a run of the grader needs.
pub struct Grader<'a> {
    pub root: &'a Path,
    pub options: &'a GradeOptions,
    pub work_folder: &'a WorkFolder,
    pub isolation: &'a Isolation,
    pub messages: &'a Messages,
}

pub struct ClassResults {
    /// Marks in the order of the submissions.
    pub marks: Vec<Marks>,
    pub skipped: Vec<Skipped>,
    /// The test suite and the builder, if any submission was graded.
    pub tools: Option<Tools>,
}

pub type Tools = (TestSuite, Builder);

impl Grader<'_> {
    pub fn grade(&self, submissions: &[SubmissionFolder]) -> Result<ClassResults> {
        let folder = self.options.results.clone();
        let folder = folder.unwrap_or_else(|| self.work_folder.path.join("results"));
        let sandboxed = matches!(self.isolation, Isolation::Sandbox(_));
        let saved = SavedResults::open(&folder, fingerprint::of_grader(self.root, sandboxed)?)?;
        let fingerprints: Vec<Option<u64>> = submissions
            .iter()
            .map(|submission| fingerprint::of_submission(submission.folder.as_ref().ok()?))
            .collect();
        let known = self.load(submissions, &fingerprints, &saved);
        let mut outcomes: Vec<Option<Outcome>> =
            known.into_iter().map(|result| Some(Ok(result?.marks))).collect();
        let numbered = submissions.iter().enumerate();
        let secret = RandomState::new();
        let to_grade: Vec<Numbered> = numbered
            .filter(|(number, _)| outcomes[*number].is_none())
            .map(|(number, submission)| {
                let seed = self.options.seed;
                let seed = seed.unwrap_or_else(|| new_seed(&secret, fingerprints[number]));
                Numbered { number, submission, seed }
            })
            .collect();
        let mut tools = None;
        if !to_grade.is_empty() {
            let save = |number: usize, marks: &Marks| {
                let saved = saved.save(fingerprints[number], marks);
                saved.unwrap_or_else(|error| print_error(&self.messages.error(error)));
            };
            let own_tools = tools.insert(self.prepare()?);
            for (number, outcome) in self.run(&to_grade, own_tools, save)? {
                outcomes[number] = Some(outcome);
            }
        }
        let mut results = ClassResults { marks: Vec::new(), skipped: Vec::new(), tools };
        for (submission, outcome) in submissions.iter().zip(outcomes) {
            match outcome {
                Some(Ok(marks)) => results.marks.push(marks),
                Some(Err(why)) => {
                    let why = one_line(&self.messages.show(&why));
                    results.skipped.push((shown(&submission.student.folder), why));
                }
                None => {}
            }
        }
        Ok(results)
    }

    /// Returns the saved results. If the teacher chose a seed, only those that have this seed.
    fn load(
        &self,
        submissions: &[SubmissionFolder],
        fingerprints: &[Option<u64>],
        saved: &SavedResults,
    ) -> Vec<Option<SavedResult>> {
        if self.options.again {
            submissions.iter().for_each(|submission| saved.remove(&submission.student));
        }
        let own = submissions.iter().zip(fingerprints);
        let mut known: Vec<_> =
            own.map(|(it, fingerprint)| saved.load(&it.student, *fingerprint)).collect();
        for result in &mut known {
            let other = |result: &mut SavedResult| {
                self.options.seed.is_some_and(|seed| result.marks.seed != seed)
            };
            _ = result.take_if(other);
        }
        let count = known.iter().flatten().count();
        if count > 0 {
            let (count, all) = (count.to_string(), submissions.len().to_string());
            let values = [("count", &*count), ("all", &all)];
            note(self.messages.fill("kept", &values));
        }
        known
    }

    /// Grades these submissions. Each result comes with the number of its submission.
    fn run(
        &self,
        submissions: &[Numbered],
        (tests, builder): &mut Tools,
        save: impl Fn(usize, &Marks) + Sync,
    ) -> Result<Vec<(usize, Outcome)>> {
        let Grader { options, messages, .. } = *self;
        if let (Some(file), Format::Gradescope, [one]) = (&options.out, options.format, submissions)
        {
            let student = &one.submission.student;
            let write = partial_results::write(file, messages, tests, student, one.seed)?;
            tests.on_result = Some(write);
        }
        let jobs = options.jobs.map_or_else(pipeline::default_jobs, usize::from);
        Ok(pipeline::run(tests, jobs, messages, submissions, builder, save))
    }

    /// Compiles the tests, and the libraries of the programs.
    pub fn prepare(&self) -> Result<Tools> {
        let Grader { root, work_folder, isolation, messages, .. } = *self;
        progress(messages.get("building-the-tests"));
        let mut tests = TestSuite::build(root, true)?;
        tests.launcher = Some(Box::new(isolation.clone()));
        let report = |what: &Message| progress(messages.show(what));
        Ok((tests, Builder::new(root, work_folder, isolation, report)?))
    }
}

/// Returns the seed of a submission, a number that is easy to type and isn't 0. It depends on a
/// random number of this run, so no program can know the data from an earlier report.
fn new_seed(secret: &RandomState, fingerprint: Option<u64>) -> u32 {
    1 + u32::try_from(secret.hash_one(fingerprint) % 999_999).unwrap_or_default()
}
