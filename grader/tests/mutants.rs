//! Judges the homework's tests with mutants: right programs with a small edit each. Every mutant must lose
//! points in the task that its operator names, and every right program must get all points. Extra credit isn't
//! tested, nor are there sandboxes, so that thousands of programs take minutes.
//!
//! The programs to edit and the operators are in `homework/solutions/mutants`, more right programs are in
//! `homework/solutions/styles`. MUTANTS selects programs by a part of their names, and HOMEWORK_SEED one seed:
//! `MUTANTS='server.c: lose byte' HOMEWORK_SEED=7 cargo test -p grader -- --ignored mutants::every`

use std::env;
use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::slice;

use homework::grading::grade_submission;
use homework::grading::local_grader::{self, Graded, LocalGrader};
use homework::grading::marks::TaskMark;
use homework::grading::rubric::Task;
use homework::grading::submission::{PROGRAMS, Start, Submission};
use homework::parallel_jobs::in_parallel;
use serde::Deserialize;
use tests::SEED;

use crate::fixtures::{empty, root};

/// How many mutants are tested at the same time.
const GRADERS: usize = 8;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Operators {
    operator: Vec<Operator>,
}

/// `server.toml` explains the keys.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Operator {
    name: String,
    #[serde(default)]
    tasks: Vec<String>,
    equivalent: Option<String>,
    #[serde(default)]
    parameters: Vec<u32>,
    before: Option<String>,
    after: Option<String>,
    instead: Option<String>,
    py: Option<String>,
    c: Option<String>,
    rs: Option<String>,
    bases: Option<Vec<String>>,
}

struct Mutant {
    name: String,
    /// Which of [`PROGRAMS`] it is.
    program: usize,
    /// One of these must lose points. None: a right program.
    tasks: Vec<String>,
    source: String,
    /// Where the program is written, in its language.
    file: PathBuf,
}

impl Operator {
    fn text(&self, base: &str) -> Option<&str> {
        if self.bases.as_ref().is_some_and(|bases| !bases.iter().any(|named| named == base)) {
            return None;
        }
        let text = match base.rsplit_once('.')?.1 {
            "py" => &self.py,
            "c" => &self.c,
            _ => &self.rs,
        };
        text.as_deref().map(|text| text.trim_start_matches('\n'))
    }

    /// Returns the source with the labelled line edited.
    fn edit(&self, source: &str, text: &str) -> String {
        let label = self.before.as_ref().or(self.after.as_ref()).or(self.instead.as_ref()).unwrap();
        let labels = ["#", "//"].map(|comment| format!(" {comment} {label}"));
        let mut found = 0;
        let mut edited = String::new();
        for line in source.lines() {
            let is_labelled = labels.iter().any(|label| line.ends_with(label));
            let indent = &line[..line.len() - line.trim_start().len()];
            let text: String = text.lines().map(|text| format!("{indent}{text}\n")).collect();
            if is_labelled && self.after.is_none() {
                edited += &text;
            }
            if !is_labelled || self.instead.is_none() {
                edited += &format!("{line}\n");
            }
            if is_labelled && self.after.is_some() {
                edited += &text;
            }
            found += usize::from(is_labelled);
        }
        assert_eq!(found, 1, "{}: {label:?} labels one line", self.name);
        edited
    }
}

/// Returns the names of the programs in a folder of `homework/solutions`.
fn programs(folder: &str) -> Vec<String> {
    let mut names: Vec<String> = fs::read_dir(root().join("homework/solutions").join(folder))
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .filter(|name| !name.ends_with(".toml"))
        .collect();
    names.sort();
    names
}

/// Returns the right programs and their mutants.
fn mutants(folder: &Path) -> Vec<Mutant> {
    let [bases, styles] =
        ["mutants", "styles"].map(|folder| root().join("homework/solutions").join(folder));
    let mut mutants = Vec::new();
    for (program, kind) in ["server", "client"].into_iter().enumerate() {
        let operators = fs::read_to_string(bases.join(kind).with_extension("toml")).unwrap();
        let operators = toml::from_str::<Operators>(&operators).unwrap().operator;
        let mut add = |base: &str, name: String, tasks: &[String], source: String| {
            let file = folder.join(format!("{}_{base}", mutants.len()));
            mutants.push(Mutant { name, program, tasks: tasks.to_vec(), source, file });
        };
        let is_of_kind = |name: &&String| name.starts_with(kind);
        for style in programs("styles").iter().filter(is_of_kind) {
            add(
                style,
                format!("styles/{style}"),
                &[],
                fs::read_to_string(styles.join(style)).unwrap(),
            );
        }
        for base in programs("mutants").iter().filter(is_of_kind) {
            let source = fs::read_to_string(bases.join(base)).unwrap();
            add(base, base.clone(), &[], source.clone());
            for operator in &operators {
                let Operator { name, tasks, parameters, equivalent, .. } = operator;
                assert_ne!(tasks.is_empty(), equivalent.is_none(), "{name}: tasks or equivalent");
                let Some(text) = operator.text(base) else { continue };
                let mut parameters: Vec<String> = parameters.iter().map(u32::to_string).collect();
                if parameters.is_empty() {
                    parameters.push(String::new());
                }
                for parameter in parameters {
                    let name = format!("{base}: {name} {parameter}").trim_end().to_owned();
                    let edited = operator.edit(&source, &text.replace("{N}", &parameter));
                    add(base, name, tasks, edited);
                }
            }
        }
    }
    mutants
}

/// Compiles a mutant, if its language is compiled. Returns its path.
fn build(mutant: &Mutant) -> PathBuf {
    let file = &mutant.file;
    let mut compiler = match file.extension().and_then(|it| it.to_str()) {
        Some("c") => Command::new("cc"),
        Some("rs") => Command::new("rustc"),
        _ => return file.clone(),
    };
    match compiler.get_program() == "cc" {
        true => compiler.args(["-w", "-pthread"]),
        false => compiler.args(["--edition", "2024", "--crate-name", "mutant"]),
    };
    let path = file.with_extension("");
    let built = compiler.arg("-o").arg(&path).arg(file).output().unwrap();
    assert!(built.status.success(), "{}: {}", mutant.name, String::from_utf8_lossy(&built.stderr));
    path
}

/// Grades a mutant together with the other program, finished. Returns the tasks that lose points and the tests
/// that fail.
fn grade(grader: &LocalGrader, programs: Submission, mutant: &Mutant) -> [String; 2] {
    let own = PROGRAMS[mutant.program].name;
    let known = |task: &Task| {
        let is_judged = task.file.starts_with(own) || task.name == "both";
        (!is_judged).then(|| TaskMark { task: task.clone(), tests: Vec::new() })
    };
    let marks = grade_submission::regrade(&grader.tests, &programs, known, |_, _| ());
    let mut graded = Graded { marks, programs };
    grader.run_pausing(&mut graded).unwrap();
    let lost = graded.marks.homework().filter(|mark| !mark.is_complete());
    let lost = lost.map(|mark| &*mark.task.name).collect::<Vec<_>>();
    let failed = graded.marks.tasks.iter().flat_map(TaskMark::failed);
    let mut failed: Vec<String> = failed.map(|(test, _)| test.to_owned()).collect();
    if failed.is_empty() {
        let skipped = graded.marks.tasks.iter().flat_map(TaskMark::skipped);
        failed.extend(skipped.map(|(test, reason)| format!("{test} skipped: {reason:?}")));
    }
    [lost.join(" "), failed.join(" ")]
}

/// Judges mutants and right programs, once for each seed.
#[expect(clippy::print_stdout, reason = "the output of a test")]
fn judge(mut mutants: Vec<Mutant>, seeds: &[u32]) {
    let wanted = env::var("MUTANTS").unwrap_or_default();
    mutants.retain(|mutant| mutant.name.contains(&wanted));
    // Without variables such as PYTHONUNBUFFERED.
    let python = format!("#!{} -E", tests::python());
    // All files are written before the first program starts. A program that starts in the meantime would hold
    // a file open, which then couldn't be executed.
    for mutant in &mutants {
        let source = mutant.source.replace("#!/usr/bin/env python3", &python);
        fs::write(&mutant.file, source).unwrap();
        fs::set_permissions(&mutant.file, fs::Permissions::from_mode(0o755)).unwrap();
    }
    let paths = in_parallel(&mutants, build);
    let finished = local_grader::build_workspace(root(), false, false).unwrap();
    // A grader runs a test whose deadline passed again, without others. That would take an hour for all mutants,
    // so each of several graders does so only among its own.
    let graders: Vec<(usize, LocalGrader)> =
        (0..GRADERS).map(|place| (place, LocalGrader::build(root(), false).unwrap())).collect();

    let one: Option<u32> = env::var(SEED).ok().map(|seed| seed.parse().unwrap());
    let seeds = one.as_ref().map_or(seeds, slice::from_ref);
    let judged = in_parallel(&graders, |(place, grader)| {
        let own = mutants.iter().zip(&paths).skip(*place).step_by(GRADERS);
        let own = own.flat_map(|job| seeds.iter().map(move |&seed| (job, seed)));
        let judge = |((mutant, path), seed): ((&Mutant, &PathBuf), u32)| {
            let mut programs = Submission { seed, ..finished.clone() };
            programs.programs[mutant.program] = Ok(Start::Program(path.clone()));
            let [lost, failed] = grade(grader, programs, mutant);
            let line = format!("{} (seed {seed}): {lost} ({failed})", mutant.name);
            println!("{line}");
            let is_as_expected = match mutant.tasks.is_empty() {
                true => lost.is_empty(),
                false => lost.split(' ').any(|lost| mutant.tasks.iter().any(|task| task == lost)),
            };
            (mutant.tasks.is_empty(), is_as_expected, line)
        };
        own.map(judge).collect::<Vec<_>>()
    });

    let mut judged: Vec<(bool, bool, String)> = judged.into_iter().flatten().collect();
    let score = |is_right| {
        let group = judged.iter().filter(|(right, ..)| *right == is_right);
        let held = group.clone().filter(|(_, as_expected, _)| *as_expected).count();
        format!("{held} of {}", group.count())
    };
    println!("mutants caught: {}; right programs with all points: {}", score(false), score(true));
    judged.retain(|(_, as_expected, _)| !as_expected);
    let mistakes: Vec<String> = judged.into_iter().map(|(.., line)| line).collect();
    assert!(mistakes.is_empty(), "{} mistakes:\n{}", mistakes.len(), mistakes.join("\n"));
}

#[test]
fn every_operator_fits_its_programs() {
    let mutants = mutants(Path::new(""));
    assert!(mutants.len() > 300, "{}", mutants.len());
}

#[test]
#[ignore = "takes half a minute: tests every 40th mutant"]
fn some_mutants_lose_points_in_the_right_task() {
    let folder = empty("some-mutants");
    judge(mutants(&folder).into_iter().step_by(40).collect(), &[1]);
}

#[test]
#[ignore = "takes many minutes: tests every mutant with three seeds"]
fn every_mutant_loses_points_in_the_right_task_with_every_seed() {
    let folder = empty("mutants");
    judge(mutants(&folder), &[0, 1, 2]);
}

#[test]
#[ignore = "takes many minutes: tests every right program with 20 seeds"]
fn right_programs_get_all_points_with_20_seeds() {
    let folder = empty("right-programs");
    let mut right = mutants(&folder);
    // Not those with an edit that changes nothing.
    right.retain(|mutant| !mutant.name.contains(": "));
    judge(right, &(0..20).collect::<Vec<_>>());
}
