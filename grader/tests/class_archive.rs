//! Grades a class in one zip file: honest submissions, packed in every way, and hostile ones, with a roster.

use std::collections::BTreeMap;
use std::fs;
use std::io::{Cursor, Write as _};
use std::path::Path;
use std::time::Instant;

use serde_json::Value;
use zip::ZipWriter;
use zip::write::SimpleFileOptions;

use crate::fixtures::{assert_contains, empty, grader, honest, root, with_solution};

/// The contents of a zip file, by name.
type Entries = BTreeMap<String, Vec<u8>>;

fn packed(entries: &Entries) -> Vec<u8> {
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    for (name, bytes) in entries {
        zip.start_file(name.as_str(), SimpleFileOptions::default()).unwrap();
        zip.write_all(bytes).unwrap();
    }
    zip.finish().unwrap().into_inner()
}

/// Reads the files of a folder. Their names start with `below`.
fn entries(folder: &Path, below: &str) -> Entries {
    let mut found = Entries::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let name = format!("{below}{}", path.file_name().unwrap().to_str().unwrap());
        match path.is_dir() {
            true => found.extend(entries(&path, &format!("{name}/"))),
            false => _ = found.insert(name, fs::read(path).unwrap()),
        }
    }
    found
}

fn use_windows_line_ends(entries: &mut Entries) {
    for bytes in entries.values_mut() {
        let text = String::from_utf8(bytes.clone()).unwrap().replace('\n', "\r\n");
        *bytes = format!("\u{feff}{text}").into_bytes();
    }
}

#[test]
#[ignore = "takes minutes: grades ten honest folders and all hostile ones"]
fn a_class_in_one_zip_file_is_graded() {
    let place = empty("class");
    let mut all = Entries::new();
    let mut points = BTreeMap::new();
    for number in 0..10 {
        let name = format!("学生 {number}_{number}_assignsubmission_file");
        let below = if number % 2 == 0 { "" } else { "作业/" };
        let folder = place.join("done").join(number.to_string());
        honest(&folder);
        let mut own = entries(&folder, below);
        match number {
            2 | 3 => use_windows_line_ends(&mut own),
            4 | 5 => _ = own.insert(format!("{below}target/debug/day01"), vec![0; 9 << 20]),
            6 => _ = own.insert("__MACOSX/._day01".to_owned(), b"x".to_vec()),
            _ => {}
        }
        match number {
            // Moodle unpacks some submissions.
            8 | 9 => {
                all.extend(own.into_iter().map(|(path, it)| (format!("{name}/{path}"), it)));
            }
            _ => _ = all.insert(format!("{name}/{number}.zip"), packed(&own)),
        }
        points.insert(name, 100.0);
    }
    for entry in fs::read_dir(root().join("homework/solutions/hostile")).unwrap() {
        let file = entry.unwrap().file_name().into_string().unwrap();
        let name = file.trim_end_matches(".rs");
        let folder = place.join(name);
        with_solution(&folder, "day01-tcp-server", &format!("hostile/{file}"));
        all.insert(format!("{name}/{name}.zip"), packed(&entries(&folder, "")));
    }
    let hostile = [
        ("leaves", packed(&[("../../leaves.rs".to_owned(), Vec::new())].into())),
        ("bomb", packed(&[("bomb".to_owned(), vec![0; 65 << 20])].into())),
        ("no zip", b"Rar!".to_vec()),
        ("empty", packed(&Entries::new())),
    ];
    for (name, bytes) in &hostile {
        all.insert(format!("{name}/{name}.zip"), bytes.clone());
    }
    let moodle = place.join("moodle.zip");
    fs::write(&moodle, packed(&all)).unwrap();
    let table = place.join("students.csv");
    fs::write(
        &table,
        "姓名,文件夹,提交时间\n王小明,学生 3_3_assignsubmission_file,2026-03-01\n=1+1,missing,\n",
    )
    .unwrap();

    let start = Instant::now();
    let graded = grader(&["--lang", "en", "grade", "--again", "--format", "json", "--students"])
        .args([&table, &moodle])
        .output()
        .unwrap();
    println!("{:?}", start.elapsed());
    let said = String::from_utf8_lossy(&graded.stderr);
    assert_eq!(graded.status.code(), Some(1), "{said}");
    assert!(said.contains("no submission from: =1+1"), "{said}");
    let graded: Value = serde_json::from_slice(&graded.stdout).unwrap();

    let refused = graded["skipped"].as_array().unwrap().iter();
    let refused: Vec<&str> = refused.map(|it| it["reason"].as_str().unwrap()).collect();
    assert_eq!(refused.len(), hostile.len(), "{refused:?}");
    let reasons =
        ["outside of the folder", "larger than 64 MiB", "neither a folder nor", "not a submission"];
    assert_contains(&refused.join("\n"), &reasons);
    let graded_folders = graded["folders"].as_array().unwrap();
    assert_eq!(graded_folders.len() + hostile.len(), 10 + 6 + 4, "{said}");
    for folder in graded_folders {
        let name = folder["folder"].as_str().unwrap().rsplit('/').next().unwrap();
        println!("{name}: {}", folder["points"]);
        match points.get(name) {
            Some(points) => assert_eq!(folder["points"], *points, "{folder:#}"),
            None => assert!(folder["points"].as_f64() < Some(100.0), "{folder:#}"),
        }
        let known = name.contains('3');
        assert_eq!(folder["name"] == "王小明", known, "{name}");
        assert_eq!(folder["submitted"] == "2026-03-01", known, "{name}");
    }
}
