//! Who handed in which folder: a table that a teacher has, `students.csv`.
//!
//! ```text
//! name,folder,submitted
//! 王小明,wang_123_assignsubmission_file,2026-03-01 21:15
//! ```
//!
//! Without one, each goes by the name of the folder.

use std::fs;
use std::path::Path;

use anyhow::{Context, Result, bail};
use homework::grading::mark::Student;

/// The columns, in English and in Chinese. The third may be missing.
const COLUMNS: [&[&str]; 3] = [
    &["name", "姓名"],
    &["folder", "文件夹"],
    &["submitted", "time of submission", "time", "提交时间"],
];

/// What the table says.
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
    /// Reads the table, as a spreadsheet saves it.
    ///
    /// # Errors
    ///
    /// It cannot be read, is no UTF-8, or has other columns.
    pub fn read(path: &Path) -> Result<Self> {
        let shown = path.display();
        let bytes = fs::read(path).with_context(|| format!("cannot read {shown}"))?;
        let Ok(text) = String::from_utf8(bytes) else {
            bail!("{shown} is not in UTF-8; save it as \"CSV UTF-8\"");
        };
        Self::parse(&text).with_context(|| format!("cannot use {shown}"))
    }

    fn parse(text: &str) -> Result<Self> {
        // What stands between the columns is not the same in every country's spreadsheets.
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
            bail!("its first row must name the columns: name, folder, and perhaps submitted");
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

    /// Who handed in a folder, or a packed file. Where several did, they are named together.
    pub fn of(&self, folder: &Path) -> Student {
        let mut student = Student::of(folder);
        if is_packed(folder)
            && let Some(name) = folder.file_stem()
        {
            student.name = name.display().to_string();
        }
        let rows: Vec<&Row> = self.rows.iter().filter(|row| row.means(folder)).collect();
        if !rows.is_empty() {
            student.name = rows.iter().map(|row| &*row.name).collect::<Vec<_>>().join(", ");
            student.submitted = rows.iter().find_map(|row| row.submitted.clone());
        }
        student
    }

    /// The names of those who handed in none of these folders.
    pub fn missing(&self, folders: &[impl AsRef<Path>]) -> Vec<&str> {
        let is_missing = |row: &&Row| !folders.iter().any(|folder| row.means(folder.as_ref()));
        self.rows.iter().filter(is_missing).map(|row| &*row.name).collect()
    }
}

impl Row {
    /// Whether this row is about a folder: by its name, or by the whole path, and for a packed file
    /// with or without the ending.
    fn means(&self, folder: &Path) -> bool {
        let own = Path::new(&self.folder);
        if self.folder.is_empty() {
            return false;
        }
        let names = [Some(folder.as_os_str()), folder.file_name(), folder.file_stem()];
        // A point in the name of a folder is no ending.
        let known = if is_packed(folder) { 3 } else { 2 };
        names[..known].contains(&Some(own.as_os_str()))
    }
}

fn is_packed(path: &Path) -> bool {
    path.extension().is_some_and(|ending| ending.eq_ignore_ascii_case("zip"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn students(text: &str) -> Roster {
        Roster::parse(text).unwrap()
    }

    #[test]
    fn a_table_is_read_as_any_spreadsheet_writes_it() {
        for table in [
            "name,folder,submitted\n\"Wang, Min\",wang,2026-03-01\n",
            "\u{feff}Folder;Name;Submitted\r\nwang;Wang, Min;2026-03-01\r\n",
            "姓名\t文件夹\t提交时间\nWang, Min\twang\t2026-03-01\n",
        ] {
            let student = students(table).of(Path::new("submissions/wang"));
            assert_eq!(student.name, "Wang, Min");
            assert_eq!(student.submitted.as_deref(), Some("2026-03-01"));
            assert_eq!(student.folder, Path::new("submissions/wang"));
        }
    }

    #[test]
    fn a_packed_file_is_named_with_or_without_its_ending() {
        let students = students("name,folder\nAnn,a.zip\nBo,b\nCy,c.d\n");
        let name = |folder: &str| students.of(Path::new(folder)).name;
        assert_eq!([name("a.zip"), name("b.zip"), name("c.d")], ["Ann", "Bo", "Cy"]);
        assert_eq!(name("d.zip"), "d");
        assert_eq!([name("c"), name("c.e")], ["c", "c.e"]);
    }

    #[test]
    fn a_group_has_all_its_names_and_who_handed_in_nothing_is_known() {
        let students = students("name,folder\nAnn,one\nBo,one\nCy,two\nDi,\n");
        assert_eq!(students.of(Path::new("x/one")).name, "Ann, Bo");
        assert_eq!(students.missing(&["x/one"]), ["Cy", "Di"]);
    }

    #[test]
    fn a_table_without_names_of_columns_is_refused() {
        let error = Roster::parse("Ann,one\n").unwrap_err().to_string();
        assert!(error.contains("its first row must name the columns"), "{error}");
    }
}
