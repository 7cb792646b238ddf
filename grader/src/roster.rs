//! The roster: a CSV file with the name of the student who submitted each folder.
//!
//! ```text
//! name,folder,submitted
//! 王小明,wang_123_assignsubmission_file,2026-03-01 21:15
//! ```
//!
//! Without a roster, submissions are named after their folders.

use std::fs;
use std::path::Path;

use anyhow::{Result, bail};
use homework::grading::marks::Student;
use homework::messages::{Explain as _, message};

use crate::unzip::has_zip_extension;

/// The titles of the columns, in English and in Chinese. The third column is optional.
const COLUMNS: [&[&str]; 3] = [
    &["name", "姓名"],
    &["folder", "文件夹"],
    &["submitted", "time of submission", "time", "提交时间"],
];

#[derive(Debug, Default)]
pub struct Roster {
    rows: Vec<Row>,
}

#[derive(Debug)]
struct Row {
    name: String,
    folder: String,
    submitted: Option<String>,
}

impl Roster {
    /// Reads a CSV file, as spreadsheets save it.
    pub fn read(path: &Path) -> Result<Self> {
        let shown = path.display().to_string();
        let bytes = fs::read(path).explain(message!("cannot-read", file = &shown))?;
        let Ok(text) = String::from_utf8(bytes) else {
            bail!(message!("not-utf-8", file = shown));
        };
        Self::parse(&text).explain(message!("cannot-use", file = shown))
    }

    fn parse(text: &str) -> Result<Self> {
        // Spreadsheets separate columns by other characters in other countries.
        let first = text.lines().next().unwrap_or_default();
        let delimiter = [b',', b';', b'\t'].into_iter();
        let delimiter = delimiter.max_by_key(|&one| first.bytes().filter(|&it| it == one).count());
        let mut reader = csv::ReaderBuilder::new()
            .delimiter(delimiter.unwrap_or(b','))
            .trim(csv::Trim::All)
            .from_reader(text.as_bytes());
        let headers = reader.headers()?.clone();
        let [name, folder, submitted] = COLUMNS.map(|names| {
            headers.iter().position(|header| names.contains(&header.to_lowercase().as_str()))
        });
        let (Some(name), Some(folder)) = (name, folder) else {
            bail!(message!("missing-columns"));
        };
        let mut rows = Vec::new();
        for record in reader.records() {
            let record = record?;
            let cell = |column: usize| record.get(column).unwrap_or_default().to_owned();
            let submitted = submitted.map(cell).filter(|time| !time.is_empty());
            rows.push(Row { name: cell(name), folder: cell(folder), submitted });
        }
        Ok(Self { rows })
    }

    /// Returns who submitted a folder or zip file. A group has the names of all its members.
    pub fn student(&self, folder: &Path) -> Student {
        let mut student = Student::from_folder(folder);
        if has_zip_extension(folder)
            && let Some(name) = folder.file_stem()
        {
            student.name = name.display().to_string();
        }
        let rows: Vec<&Row> = self.rows.iter().filter(|row| row.matches(folder)).collect();
        if !rows.is_empty() {
            student.name = rows.iter().map(|row| &*row.name).collect::<Vec<_>>().join(", ");
            student.submitted = rows.iter().find_map(|row| row.submitted.clone());
        }
        student
    }

    /// Returns the names of the students who submitted none of these folders.
    pub fn missing(&self, folders: &[impl AsRef<Path>]) -> Vec<&str> {
        let is_missing = |row: &&Row| !folders.iter().any(|folder| row.matches(folder.as_ref()));
        self.rows.iter().filter(is_missing).map(|row| &*row.name).collect()
    }
}

impl Row {
    /// Returns whether this row names a folder or zip file: its name or path, for a zip file with or without
    /// the extension.
    fn matches(&self, folder: &Path) -> bool {
        let own = Path::new(&self.folder);
        if self.folder.is_empty() {
            return false;
        }
        let names = [Some(folder.as_os_str()), folder.file_name(), folder.file_stem()];
        // A folder's name may contain a dot.
        let known = if has_zip_extension(folder) { 3 } else { 2 };
        names[..known].contains(&Some(own.as_os_str()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn roster(text: &str) -> Roster {
        Roster::parse(text).unwrap()
    }

    #[test]
    fn csv_files_of_all_spreadsheets_are_read() {
        for table in [
            "name,folder,submitted\n\"Wang, Min\",wang,2026-03-01\n",
            "\u{feff}Folder;Name;Submitted\r\nwang;Wang, Min;2026-03-01\r\n",
            "姓名\t文件夹\t提交时间\nWang, Min\twang\t2026-03-01\n",
        ] {
            let student = roster(table).student(Path::new("submissions/wang"));
            assert_eq!(student.name, "Wang, Min");
            assert_eq!(student.submitted.as_deref(), Some("2026-03-01"));
            assert_eq!(student.folder, Path::new("submissions/wang"));
        }
    }

    #[test]
    fn a_zip_file_is_named_with_or_without_its_extension() {
        let roster = roster("name,folder\nAnn,a.zip\nBo,b\nCy,c.d\n");
        let name = |folder: &str| roster.student(Path::new(folder)).name;
        assert_eq!([name("a.zip"), name("b.zip"), name("c.d")], ["Ann", "Bo", "Cy"]);
        assert_eq!(name("d.zip"), "d");
        assert_eq!([name("c"), name("c.e")], ["c", "c.e"]);
    }

    #[test]
    fn a_group_has_all_names_and_missing_students_are_known() {
        let roster = roster("name,folder\nAnn,one\nBo,one\nCy,two\nDi,\n");
        assert_eq!(roster.student(Path::new("x/one")).name, "Ann, Bo");
        assert_eq!(roster.missing(&["x/one"]), ["Cy", "Di"]);
    }

    #[test]
    fn a_file_without_column_titles_is_refused() {
        let error = Roster::parse("Ann,one\n").unwrap_err().to_string();
        assert!(error.contains("missing-columns"), "{error}");
    }
}
