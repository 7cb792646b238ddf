//! A package of Cargo.lock.

use std::fmt;

/// A paragraph of the file.
#[derive(Debug, Default)]
pub struct Package {
    /// Its name.
    pub name: String,
    /// What it needs: names, where there are several versions with the version.
    pub needs: Vec<String>,
    version: String,
    /// Where it is from, and its checksum.
    rest: Vec<String>,
}

impl Package {
    /// Reads the paragraph below `[[package]]`.
    pub fn parse(paragraph: &str) -> Package {
        let mut package = Package::default();
        for line in paragraph.lines() {
            let value = || line.split('"').nth(1).unwrap_or_default().to_owned();
            match line.split(' ').next() {
                Some("name") => package.name = value(),
                Some("version") => package.version = value(),
                Some("") if line.starts_with(" \"") => package.needs.push(value()),
                Some("source" | "checksum") => package.rest.push(line.to_owned()),
                _ => {}
            }
        }
        package
    }

    /// One of the workspace itself.
    pub fn of_workspace(name: &str, needs: Vec<String>) -> Package {
        let version = env!("CARGO_PKG_VERSION").to_owned();
        Package { name: name.to_owned(), needs, version, rest: Vec::new() }
    }

    /// The name in the list of what another package needs.
    pub fn name_of(need: &str) -> &str {
        need.split(' ').next().unwrap_or(need)
    }

    /// Whether another package needs this one.
    pub fn is_meant_by(&self, need: &str) -> bool {
        let mut words = need.split(' ');
        words.next() == Some(&*self.name)
            && words.next().is_none_or(|version| version == self.version)
    }
}

impl fmt::Display for Package {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "[[package]]\nname = {:?}\nversion = {:?}", self.name, self.version)?;
        for line in &self.rest {
            writeln!(f, "{line}")?;
        }
        if self.needs.is_empty() {
            return Ok(());
        }
        writeln!(f, "dependencies = [")?;
        for need in &self.needs {
            writeln!(f, " {need:?},")?;
        }
        writeln!(f, "]")
    }
}
