//! The rubric matches the tests.

use homework::grading::test_suite::TestSuite;

#[test]
fn every_test_belongs_to_one_task_and_every_task_has_tests() {
    // It refuses a rubric that doesn't.
    let tests = TestSuite::build(&homework::workspace(), true).unwrap();
    let graded = tests.rubric.tasks().filter(|task| task.points > 0 && !task.extra_credit);
    let names: Vec<_> = graded.map(|task| &*task.name).collect();
    let expected = ["questions", "server-inner-loop", "server-outer-loop", "client-loop", "both"];
    assert_eq!(names, expected);
}
