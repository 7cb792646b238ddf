//! Edits the `Cargo.toml` files of a copy that has only some of the workspace's files.

use anyhow::Result;
use toml_edit::{Array, ArrayOfTables, DocumentMut, Item, Table, value};

/// Libraries for tests in a student copy: for unit tests, which editors compile, and of the answers.
const DEV_DEPENDENCIES: [(&str, &str); 2] =
    [("day01-packets", "quickcheck"), ("tests", "unicode-normalization")];

/// Removes the tests and benchmarks of a package whose source files aren't in the copy.
pub fn remove_missing_targets(manifest: &str, has_file: impl Fn(&str) -> bool) -> Result<String> {
    let mut manifest: DocumentMut = manifest.parse()?;
    for kind in ["test", "bench"] {
        let Some(targets) = manifest.get_mut(kind).and_then(Item::as_array_of_tables_mut) else {
            continue;
        };
        targets.retain(|target| match text(target, "path") {
            Some(path) => has_file(path),
            None => has_file(&format!("tests/{}.rs", text(target, "name").unwrap_or_default())),
        });
        if targets.is_empty() {
            manifest.remove(kind);
        }
    }
    Ok(manifest.to_string())
}

/// Changes the manifest of a package so that `cargo test` runs no test of it but `verdict`, and so that
/// the libraries that only other tests need aren't compiled.
pub fn run_only_the_verdict(manifest: &str, has_file: impl Fn(&str) -> bool) -> Result<String> {
    let mut manifest: DocumentMut = remove_missing_targets(manifest, &has_file)?.parse()?;
    let package = manifest["package"]["name"].as_str().unwrap_or_default().to_owned();
    remove_dev_dependencies(&mut manifest, &package);
    if let Some(targets) = manifest.get_mut("target").and_then(Item::as_table_mut) {
        targets.iter_mut().filter_map(|(_, target)| target.as_table_mut()).for_each(|target| {
            remove_dev_dependencies(target, &package);
        });
        targets.retain(|_, target| target.as_table().is_none_or(|target| !target.is_empty()));
        if targets.is_empty() {
            manifest.remove("target");
        }
    }
    if has_file("src/lib.rs") {
        let lib = manifest.entry("lib").or_insert(Item::Table(Table::new()));
        (lib["test"], lib["doctest"]) = (value(false), value(false));
    }
    if has_file("src/main.rs") {
        let programs = manifest.entry("bin").or_insert(ArrayOfTables::new().into());
        if let Some(programs) = programs.as_array_of_tables_mut() {
            if programs.is_empty() {
                let mut program = Table::new();
                (program["name"], program["path"]) = (value(package), value("src/main.rs"));
                programs.push(program);
            }
            programs.iter_mut().for_each(|program| program["test"] = value(false));
        }
    }
    let tests = manifest.get_mut("test").and_then(Item::as_array_of_tables_mut);
    for test in tests.into_iter().flat_map(ArrayOfTables::iter_mut) {
        match text(test, "name") == Some("verdict") {
            true => _ = test.remove("test"),
            false => test["test"] = value(false),
        }
    }
    Ok(manifest.to_string())
}

fn remove_dev_dependencies(table: &mut Table, package: &str) {
    let Some(libraries) = table.get_mut("dev-dependencies").and_then(Item::as_table_mut) else {
        return;
    };
    libraries.retain(|library, _| DEV_DEPENDENCIES.contains(&(package, library)));
    if libraries.is_empty() {
        table.remove("dev-dependencies");
    }
}

/// Changes the manifest of the workspace: `place` says where the copy has a package, if it does.
pub fn move_packages(
    manifest: &str,
    more_members: &[&str],
    place: impl Fn(&str) -> Option<String>,
) -> Result<String> {
    let mut manifest: DocumentMut = manifest.parse()?;
    let workspace = &mut manifest["workspace"];
    let members = workspace["members"].as_array().into_iter().flatten();
    let members = members.filter_map(|member| place(member.as_str()?));
    let members = members.chain(more_members.iter().map(|&member| member.to_owned()));
    let mut members: Array = members.collect();
    for member in members.iter_mut() {
        member.decor_mut().set_prefix("\n    ");
    }
    members.set_trailing("\n");
    members.set_trailing_comma(true);
    workspace["members"] = value(members);
    if let Some(workspace) = workspace.as_table_mut() {
        workspace.remove("exclude");
    }
    let libraries = workspace["dependencies"].as_table_like_mut();
    for (_, library) in libraries.into_iter().flat_map(|libraries| libraries.iter_mut()) {
        if let Some(path) = library.get("path").and_then(Item::as_str).and_then(&place) {
            library["path"] = value(path);
        }
    }
    Ok(manifest.to_string())
}

fn text<'a>(table: &'a Table, key: &str) -> Option<&'a str> {
    table.get(key).and_then(Item::as_str)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_verdict_is_tested() {
        let manifest = r#"[package]
name = "homework"

[dev-dependencies]
snapbox.workspace = true

[target.'cfg(unix)'.dev-dependencies]
rustix.workspace = true

[[test]]
name = "main"
path = "tests/main.rs"

[[test]]
name = "day01"
path = "day01/main.rs"

[[test]]
name = "verdict"
test = false
harness = false
"#;
        let expected = r#"[package]
name = "homework"

[[test]]
name = "day01"
path = "day01/main.rs"
test = false

[[test]]
name = "verdict"
harness = false

[lib]
test = false
doctest = false

[[bin]]
name = "homework"
path = "src/main.rs"
test = false
"#;
        let edited = run_only_the_verdict(manifest, |file| file != "tests/main.rs").unwrap();
        assert_eq!(edited, expected);
    }

    #[test]
    fn a_declared_program_is_not_declared_twice() {
        let manifest = "[package]\nname = \"a\"\n\n[[bin]]\nname = \"a\"\npath = \"src/main.rs\"\n";
        let edited = run_only_the_verdict(manifest, |file| file == "src/main.rs").unwrap();
        assert_eq!(edited, format!("{manifest}test = false\n"));
    }
}
