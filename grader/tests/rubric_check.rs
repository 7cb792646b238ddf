//! The rubric matches the tests.

use std::process::Command;

#[test]
fn every_test_belongs_to_one_task_and_every_task_has_tests() {
    // `grade` refuses a rubric that doesn't; it skips a folder that doesn't exist.
    let grade = Command::new(env!("CARGO_BIN_EXE_grader"))
        .args(["--lang", "en", "grade", "no-such-folder", "--format", "csv"])
        .output()
        .unwrap();
    let errors = String::from_utf8(grade.stderr).unwrap();
    assert!(errors.contains("skipped no-such-folder: "), "{errors}");
    assert!(!errors.contains("rubric"), "{errors}");
    let table = String::from_utf8(grade.stdout).unwrap();
    let tasks = "three questions,server: inner loop,server: outer loop,client: loop";
    let ends = "both programs together,total,extra credit,not run,problems,first failure,\
                command to reproduce,seed";
    assert_eq!(table.replace('"', ""), format!("folder,name,submitted,{tasks},{ends}\r\n"));
}
