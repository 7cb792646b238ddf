//! Screen, keys and saves in a folder without a rubric: nothing is compiled, and the page shows an error.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use nix::sys::signal::Signal;

use crate::terminal_emulator::{SOON, Screen};

const NO_RUBRIC: &str = "homework/rubric.toml";

/// Creates a folder with only the files that a student edits.
fn folder(name: &str) -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
    _ = fs::remove_dir_all(&folder);
    let answers = include_str!("../../../homework/starter/homework/answers.toml");
    for (file, text) in [
        ("Cargo.lock", ""),
        ("homework/answers.toml", answers),
        ("watch/Cargo.toml", ""),
        ("day01-tcp-server/src/main.rs", "fn main() {}\n"),
        ("day01-tcp-client/src/main.rs", "fn main() {}\n"),
    ] {
        let path = folder.join(file);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }
    folder
}

fn watch(folder: &Path, locale: &str) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_watch"));
    command.env("CARGO_MANIFEST_DIR", folder.join("watch"));
    command.env("LANG", locale).env_remove("LC_ALL").env_remove("NO_COLOR").current_dir(folder);
    command
}

fn start(folder: &Path, locale: &str) -> Screen {
    let screen = Screen::start(&watch(folder, locale), 80, 24);
    screen.wait_for(&["✗ ", NO_RUBRIC, "q "], SOON);
    screen
}

fn quit(mut screen: Screen) {
    screen.press("q");
    assert!(screen.wait_for_end().success());
}

#[test]
fn q_restores_the_terminal() {
    let screen = start(&folder("q"), "C.UTF-8");
    assert!(screen.inspect(vt100::Screen::alternate_screen));
    quit(screen);
}

#[test]
fn ctrl_c_and_signals_restore_the_terminal() {
    let folder = folder("signals");
    let mut screen = start(&folder, "C.UTF-8");
    screen.press("\x03");
    assert!(screen.wait_for_end().success());
    for signal in [Signal::SIGTERM, Signal::SIGINT, Signal::SIGHUP] {
        let screen = start(&folder, "C.UTF-8");
        screen.signal(signal);
        assert_eq!(screen.wait_for_end().code(), Some(130), "{signal}");
    }
}

#[test]
fn ctrl_z_suspends_and_fg_resumes() {
    let folder = folder("ctrl_z");
    let command = watch(&folder, "C.UTF-8");
    let mut shell = Command::new("bash");
    shell.args(["-c", "set -m; \"$0\"; echo suspended; read line; fg > /dev/null; echo finished"]);
    shell.arg(command.get_program()).current_dir(&folder);
    for (name, value) in command.get_envs() {
        value.map(|value| shell.env(name, value));
    }
    let mut screen = Screen::start(&shell, 80, 24);
    screen.wait_for(&[NO_RUBRIC], SOON);
    screen.press("\x1a");
    screen.wait_for(&["suspended"], SOON);
    assert!(!screen.inspect(vt100::Screen::alternate_screen));
    screen.check_modes();
    screen.press("\n");
    screen.wait_for(&[NO_RUBRIC], SOON);
    assert!(screen.inspect(vt100::Screen::alternate_screen));
    screen.press("q");
    screen.wait_for(&["finished"], SOON);
    assert!(screen.wait_for_end().success());
}

#[test]
fn every_screen_size_shows_the_error_and_the_keys() {
    let folder = folder("sizes");
    for locale in ["C.UTF-8", "zh_CN.UTF-8"] {
        let mut screen = start(&folder, locale);
        screen.wait_for(&["h "], SOON);
        for (columns, rows) in [(40, 10), (200, 60), (40, 24), (20, 5), (120, 10), (80, 24)] {
            screen.resize(columns, rows);
            if columns >= 40 {
                // The last key is in the last row.
                screen.wait_until(&format!("{columns} x {rows}"), SOON, |screen| {
                    let lines: Vec<String> = screen.rows(0, columns).collect();
                    let last = lines.last().is_some_and(|last| last.contains("q "));
                    last && lines.iter().any(|line| line.contains('✗'))
                });
            }
        }
        quit(screen);
    }
}

#[test]
fn the_environment_selects_unicode_and_colours() {
    let folder = folder("plain");
    let coloured = |screen: &vt100::Screen| {
        let (rows, columns) = screen.size();
        let mut cells = (0..rows).flat_map(|row| (0..columns).map(move |column| (row, column)));
        cells.any(|(row, column)| {
            let cell = screen.cell(row, column).unwrap();
            cell.fgcolor() != vt100::Color::Default || cell.bold() || cell.dim()
        })
    };
    let screen = start(&folder, "C.UTF-8");
    assert!(screen.inspect(coloured));
    quit(screen);

    let screen = Screen::start(watch(&folder, "C").env("NO_COLOR", "1"), 80, 24);
    screen.wait_for(&[NO_RUBRIC, "q quit"], SOON);
    assert!(screen.contents().is_ascii(), "{}", screen.contents());
    assert!(!screen.inspect(coloured));
    quit(screen);
}

#[test]
fn answers_are_written_into_the_answers_file() {
    let folder = folder("questions");
    let answers = folder.join("homework/answers.toml");
    let before = fs::read_to_string(&answers).unwrap();
    let mut screen = start(&folder, "C.UTF-8");
    screen.press("a");
    screen.wait_for(&["[osi]", "blank 1 of 44", "The seven layers of OSI"], SOON);
    screen.press("application, q, h\r");
    screen.wait_for(&["[tcp_ip]", "blank 2 of 44"], SOON);
    let filled = "from_top_to_bottom = [\"application\", \"q\", \"h\"]";
    let empty = "from_top_to_bottom = [\"\", \"\", \"\", \"\", \"\", \"\", \"\"]";
    assert_eq!(fs::read_to_string(&answers).unwrap(), before.replace(empty, filled));
    // Up again: the answer is there, and can be changed.
    screen.press("\x1b[A");
    screen.wait_for(&["blank 1 of 44", "> application, q, h"], SOON);
    screen.press("\x7f\x7f\x7f\r");
    screen.wait_for(&["blank 2 of 44"], SOON);
    assert!(fs::read_to_string(&answers).unwrap().contains("[\"application\", \"q\"]\n"));
    screen.press("\x1b");
    screen.wait_for(&["q quit"], SOON);

    // A file with a syntax error is left alone.
    fs::write(&answers, "[osi]\nfrom = “”\n").unwrap();
    screen.press("a");
    screen.wait_for(&["homework/answers.toml: TOML parse error"], SOON);
    quit(screen);
    assert_eq!(fs::read_to_string(&answers).unwrap(), "[osi]\nfrom = “”\n");
}

#[test]
fn the_questions_are_in_chinese_too() {
    let folder = folder("questions-zh");
    let mut screen = Screen::start(&watch(&folder, "zh_CN.UTF-8"), 60, 20);
    screen.wait_for(&["q 退出"], SOON);
    screen.press("a");
    screen.wait_for(&["第 1 / 44 空", "OSI 七层模型的各层"], SOON);
    assert!(!screen.contents().contains("seven layers"), "{}", screen.contents());
    screen.press("应用层，表示层\r");
    screen.wait_for(&["第 2 / 44 空"], SOON);
    let answers = fs::read_to_string(folder.join("homework/answers.toml")).unwrap();
    assert!(answers.contains("from_top_to_bottom = [\"应用层\", \"表示层\"]\n"), "{answers}");
}

#[test]
fn every_kind_of_save_is_noticed() {
    let folder = folder("saves");
    let screen = start(&folder, "C.UTF-8");
    // Another rubric for each save. The error about it shows that the save caused a run.
    let rubric = folder.join("homework/rubric.toml");
    let file = folder.join("day01-tcp-server/src/main.rs");
    let saves: [(&str, &dyn Fn()); 4] = [
        ("written", &|| fs::write(&file, "fn main() { }\n").unwrap()),
        ("renamed", &|| {
            let new = folder.join("day01-tcp-server/src/.main.rs.swp");
            fs::write(&new, "fn main() {  }\n").unwrap();
            fs::rename(new, &file).unwrap();
        }),
        ("removed", &|| fs::remove_file(&file).unwrap()),
        ("folder-replaced", &|| {
            fs::remove_dir_all(file.parent().unwrap()).unwrap();
            fs::create_dir(file.parent().unwrap()).unwrap();
            fs::write(&file, "fn main() {}\n").unwrap();
        }),
    ];
    for (number, (name, save)) in saves.iter().enumerate() {
        let task = "file = ''\nsection = ''\ntests = ['x']\npoints";
        let given = format!("[[given]]\nname = '{name}'\n{task} = 0\n");
        fs::write(&rubric, format!("{given}[[task]]\nname = 'y'\n{task} = {number}\n")).unwrap();
        save();
        screen.wait_for(&[&format!("are {number} in all")], SOON);
    }
    // The new folder is watched.
    fs::write(&rubric, "no rubric").unwrap();
    fs::write(&file, "fn main() {}\n\n").unwrap();
    screen.wait_for(&["TOML parse error"], SOON);
}
