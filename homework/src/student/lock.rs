//! Cargo.lock of a hand-out: the packages that are in it and what they need, and no others. Then
//! `cargo --locked` takes it as it is, with no network.

use std::collections::{BTreeMap, BTreeSet};

use crate::student::package::Package;

/// The lock file of this workspace, less what no member of the hand-out needs. Of each member the
/// text of its manifest is given, by its name.
pub fn of_members(lock: &str, members: &BTreeMap<String, String>) -> String {
    let (header, packages) = lock.split_once("[[package]]\n").unwrap_or((lock, ""));
    let mut packages: Vec<Package> = packages.split("[[package]]\n").map(Package::parse).collect();
    for (name, manifest) in members {
        let wanted = dependencies(manifest);
        match packages.iter_mut().find(|package| package.name == *name) {
            Some(package) => {
                package.needs.retain(|need| wanted.contains(Package::name_of(need)));
            }
            None => {
                let is_there = |name: &&&str| packages.iter().any(|package| package.name == **name);
                let needs = wanted.iter().filter(is_there).map(|name| (*name).to_owned()).collect();
                packages.push(Package::of_workspace(name, needs));
            }
        }
    }
    packages.sort_by(|one, other| one.name.cmp(&other.name));
    let mut needed: BTreeSet<usize> = BTreeSet::new();
    let mut open: Vec<usize> =
        (0..packages.len()).filter(|&at| members.contains_key(&packages[at].name)).collect();
    while let Some(at) = open.pop() {
        if needed.insert(at) {
            let needs = &packages[at].needs;
            open.extend(
                (0..packages.len())
                    .filter(|&other| needs.iter().any(|need| packages[other].is_meant_by(need))),
            );
        }
    }
    let kept = needed.into_iter().map(|at| packages[at].to_string());
    format!("{header}{}", kept.collect::<Vec<_>>().join("\n"))
}

/// The names of what a manifest takes from its workspace, libraries among others.
fn dependencies(manifest: &str) -> BTreeSet<&str> {
    let is_taken = |line: &&str| line.contains("workspace = true") || line.contains("path = ");
    let lines = manifest.lines().filter(is_taken);
    lines.filter_map(|line| line.split(['.', ' ', '=']).next()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_no_member_needs_is_left_out() {
        let lock = "version = 4\n\n[[package]]\nname = \"a\"\nversion = \"0.1.0\"\n\
                    dependencies = [\n \"b\",\n \"c 2.0.0\",\n]\n\n\
                    [[package]]\nname = \"b\"\nversion = \"1.0.0\"\nsource = \"s\"\n\n\
                    [[package]]\nname = \"c\"\nversion = \"1.0.0\"\nsource = \"s\"\n\n\
                    [[package]]\nname = \"c\"\nversion = \"2.0.0\"\nsource = \"s\"\n";
        let members = BTreeMap::from([
            ("a".to_owned(), "[dependencies]\nc = { workspace = true }\n".to_owned()),
            ("ab".to_owned(), "version.workspace = true\n\na.workspace = true\n".to_owned()),
        ]);
        let expected = "version = 4\n\n[[package]]\nname = \"a\"\nversion = \"0.1.0\"\n\
                        dependencies = [\n \"c 2.0.0\",\n]\n\n\
                        [[package]]\nname = \"ab\"\nversion = \"0.1.0\"\n\
                        dependencies = [\n \"a\",\n]\n\n\
                        [[package]]\nname = \"c\"\nversion = \"2.0.0\"\nsource = \"s\"\n";
        assert_eq!(of_members(lock, &members), expected);
    }
}
