//! Unpacks a zip file that somebody handed in: every file below one folder, plain files alone, not
//! too many, not too large. Whatever a system writes beside them, and what a compiler has made, is
//! left out.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::{self, Read as _};
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};
use common::one_line;
use zip::ZipArchive;
use zip::read::ZipFile;

/// The most that is unpacked of what one student handed in: files, and bytes. The whole hand-out has
/// 150 files and two megabytes. Someone may have left a picture beside it.
const MOST_FILES: usize = 2_000;
const MOST_BYTES: u64 = 64 << 20;

/// The most of a whole class in one file.
const MOST_OF_ALL: u64 = 1 << 30;

/// The most entries that are looked at. What is left out counts, too.
const MOST_ENTRIES: usize = 100_000;

/// Names of what is not looked at: what tools and systems leave behind.
const LEFT_OUT: [&str; 4] = ["__MACOSX", "__pycache__", "node_modules", "target"];

/// Whether nobody wrote what has this name.
pub fn is_left_out(name: &str) -> bool {
    name.starts_with('.') || LEFT_OUT.contains(&name)
}

/// Unpacks a file into a folder, which is made. `is_one` says whether paths are those of one
/// homework; otherwise each folder or file at the top may be one.
///
/// # Errors
///
/// It is no zip file, or one of its files could end elsewhere, is not plain, or too large.
pub fn unpack(file: &Path, to: &Path, is_one: impl Fn(&[PathBuf]) -> bool) -> Result<()> {
    unpack_at_most(MOST_BYTES, file, to, is_one)
}

fn unpack_at_most(
    most: u64,
    file: &Path,
    to: &Path,
    is_one: impl Fn(&[PathBuf]) -> bool,
) -> Result<()> {
    let opened = File::open(file).context("cannot be read")?;
    let mut archive = match ZipArchive::new(io::BufReader::new(opened)) {
        Ok(archive) => archive,
        Err(error) => bail!("neither a folder nor a zip file ({error}); ask for one of them"),
    };
    if archive.len() > MOST_ENTRIES {
        bail!("there are more than {MOST_ENTRIES} files in it");
    }
    let mut entries = Vec::new();
    for number in 0..archive.len() {
        let entry = archive.by_index_raw(number).context("the zip file is damaged")?;
        if let Some(path) = path(entry.name_raw())? {
            entries.push((number, path));
        }
    }
    let paths: Vec<PathBuf> = entries.iter().map(|(_, path)| path.clone()).collect();
    let mut room = Room::new(is_one(&paths), most);
    fs::create_dir_all(to)?;
    for (number, path) in entries {
        if archive.by_index_raw(number).is_ok_and(|entry| entry.encrypted()) {
            bail!("{} needs a password; ask for a file without one", shown(&path));
        }
        let mut entry = archive.by_index(number).with_context(|| damaged(&path))?;
        let kind = entry.unix_mode().unwrap_or_default() & 0o170_000;
        // Without a kind it is a plain file: not every program that packs says so.
        if entry.is_symlink() || ![0, 0o100_000, 0o040_000].contains(&kind) {
            bail!("{} is a link or no plain file; ask for what it stands for", shown(&path));
        }
        if entry.is_dir() {
            room.take(&path, 0)?;
            fs::create_dir_all(to.join(&path)).with_context(|| damaged(&path))?;
        } else {
            write(&mut entry, &path, to, &mut room)?;
        }
    }
    Ok(())
}

/// Where an entry belongs below the folder, if somebody wrote it.
fn path(name: &[u8]) -> Result<Option<PathBuf>> {
    // Without a flag, names are in the character set of whoever packed them. Those of the homework
    // are in ASCII; of the others it is enough that no two become one.
    let name = match str::from_utf8(name) {
        Ok(name) => name.to_owned(),
        Err(_) => name.escape_ascii().to_string().replace('\\', "%"),
    };
    // Some programs of Windows write these. There is no such name in the homework.
    let name = name.replace('\\', "/");
    let first = name.split('/').next().unwrap_or_default();
    let has_drive = first.len() == 2 && first.ends_with(':');
    if name.starts_with('/') || has_drive || name.contains('\0') {
        bail!("{} is a place outside of the folder", one_line(&name));
    }
    let mut path = PathBuf::new();
    let mut left_out = false;
    for part in name.split('/') {
        match part {
            ".." => bail!("{} is a place outside of the folder", one_line(&name)),
            "" | "." => {}
            _ => {
                left_out |= is_left_out(part);
                path.push(part);
            }
        }
    }
    Ok(Some(path).filter(|path| !left_out && !path.as_os_str().is_empty()))
}

fn write<R: io::Read>(
    entry: &mut ZipFile<R>,
    path: &Path,
    to: &Path,
    room: &mut Room,
) -> Result<()> {
    let place = to.join(path);
    if let Some(parent) = place.parent() {
        fs::create_dir_all(parent).with_context(|| damaged(path))?;
    }
    let mut file = File::create(&place).with_context(|| damaged(path))?;
    // What it says of its size may be a lie.
    let most = room.left(path);
    let written = io::copy(&mut entry.take(most + 1), &mut file).with_context(|| damaged(path))?;
    room.take(path, written)?;
    #[cfg(unix)]
    if entry.unix_mode().is_some_and(|mode| mode & 0o111 != 0) {
        use std::os::unix::fs::PermissionsExt as _;

        fs::set_permissions(&place, fs::Permissions::from_mode(0o755))?;
    }
    Ok(())
}

/// How much may still be written.
struct Room {
    /// Whether all of it is of one student.
    is_one: bool,
    most: u64,
    all: u64,
    /// For each student: by the folder or file at the top, where there are several.
    taken: BTreeMap<PathBuf, (usize, u64)>,
}

impl Room {
    fn new(is_one: bool, most: u64) -> Self {
        Self { is_one, most, all: 0, taken: BTreeMap::new() }
    }

    fn whose(&self, path: &Path) -> PathBuf {
        match path.iter().next() {
            Some(first) if !self.is_one => first.into(),
            _ => PathBuf::new(),
        }
    }

    fn left(&self, path: &Path) -> u64 {
        let taken = self.taken.get(&self.whose(path)).map_or(0, |(_, bytes)| *bytes);
        (self.most - taken).min(MOST_OF_ALL - self.all)
    }

    fn take(&mut self, path: &Path, size: u64) -> Result<()> {
        let whose = self.whose(path);
        let left = self.left(path);
        let (files, bytes) = self.taken.entry(whose.clone()).or_default();
        *files += 1;
        let whose = if self.is_one { "it".to_owned() } else { shown(&whose) };
        if *files > MOST_FILES {
            bail!("{whose} has more than {MOST_FILES} files");
        }
        if size > left {
            bail!("{whose} has more than {} MiB when it is unpacked", self.most >> 20);
        }
        *bytes += size;
        self.all += size;
        Ok(())
    }
}

fn damaged(path: &Path) -> String {
    format!("cannot unpack {}", shown(path))
}

fn shown(path: &Path) -> String {
    one_line(&path.display().to_string())
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Write as _;
    use zip::ZipWriter;
    use zip::write::SimpleFileOptions;

    /// A folder that is gone when the test has ended.
    struct Folder(PathBuf);

    impl Drop for Folder {
        fn drop(&mut self) {
            _ = fs::remove_dir_all(&self.0);
        }
    }

    /// What comes of a zip file with these entries.
    fn unpacked(test: &str, entries: &[(&str, &[u8])]) -> (Folder, Result<()>) {
        let folder =
            Folder(std::env::temp_dir().join(format!("zip-{}-{test}", std::process::id())));
        _ = fs::remove_dir_all(&folder.0);
        fs::create_dir_all(&folder.0).unwrap();
        let file = folder.0.join("a.zip");
        let mut zip = ZipWriter::new(File::create(&file).unwrap());
        for (name, bytes) in entries {
            match name.strip_suffix(" ->") {
                Some(name) => {
                    let target = String::from_utf8_lossy(bytes);
                    zip.add_symlink(name, &*target, SimpleFileOptions::default()).unwrap();
                }
                None => {
                    zip.start_file(*name, SimpleFileOptions::default()).unwrap();
                    zip.write_all(bytes).unwrap();
                }
            }
        }
        zip.finish().unwrap();
        let to = folder.0.join("to");
        let result = unpack_at_most(1 << 20, &file, &to, |_| true);
        (folder, result)
    }

    fn refused(test: &str, entries: &[(&str, &[u8])]) -> String {
        let (folder, result) = unpacked(test, entries);
        let outside = fs::read_dir(&folder.0).unwrap().count();
        assert!(outside <= 2, "something lies outside");
        let error = format!("{:#}", result.expect_err("it is to be refused"));
        assert_eq!(error.lines().count(), 1, "{error}");
        error
    }

    #[test]
    fn what_somebody_wrote_is_unpacked_and_nothing_else() {
        let (folder, result) = unpacked(
            "plain",
            &[
                ("作业/src/main.rs", b"fn main() {}\r\n"),
                ("作业\\windows.rs", b""),
                ("作业/target/debug/server", &[0; 100]),
                ("__MACOSX/作业/._main.rs", b"x"),
                ("作业/.DS_Store", b"x"),
                ("./作业//b.rs", b"b"),
            ],
        );
        result.unwrap();
        let to = folder.0.join("to/作业");
        assert_eq!(fs::read(to.join("src/main.rs")).unwrap(), b"fn main() {}\r\n");
        assert!(to.join("windows.rs").is_file() && to.join("b.rs").is_file());
        assert_eq!(fs::read_dir(&to).unwrap().count(), 3);
        assert_eq!(fs::read_dir(folder.0.join("to")).unwrap().count(), 1);
    }

    #[test]
    fn no_path_leaves_the_folder() {
        for (number, name) in
            ["../up.rs", "a/../../up.rs", "/tmp/up.rs", "C:\\up.rs", "a\\..\\..\\up.rs", "\\up.rs"]
                .into_iter()
                .enumerate()
        {
            let error = refused(&format!("outside-{number}"), &[("a", b""), (name, b"")]);
            assert!(error.contains("outside of the folder"), "{name}: {error}");
        }
    }

    #[test]
    fn a_link_is_refused() {
        let error = refused("link", &[("a ->", b"/etc"), ("a/passwd", b"x")]);
        assert!(error.contains("a is a link"), "{error}");
    }

    #[test]
    fn a_bomb_does_not_go_off() {
        let zeros = vec![0; 2 << 20];
        let error = refused("bomb", &[("a", &zeros)]);
        assert!(error.contains("more than 1 MiB"), "{error}");

        let names: Vec<String> = (0..=MOST_FILES).map(|number| number.to_string()).collect();
        let many: Vec<(&str, &[u8])> = names.iter().map(|name| (&**name, &b""[..])).collect();
        let error = refused("many", &many);
        assert!(error.contains("more than 2000 files"), "{error}");
    }

    #[test]
    fn names_of_another_character_set_do_no_harm() {
        assert_eq!(path(b"\xd7\xf7\xd2\xb5/a.rs").unwrap(), Some("%xd7%xf7%xd2%xb5/a.rs".into()));
        assert_eq!(path("作业/a.rs".as_bytes()).unwrap(), Some("作业/a.rs".into()));
    }

    #[test]
    fn what_is_no_zip_file_is_refused_in_one_line() {
        let file = std::env::temp_dir().join(format!("no-zip-{}", std::process::id()));
        fs::write(&file, "Rar!").unwrap();
        let error = unpack(&file, Path::new("nowhere"), |_| true).unwrap_err().to_string();
        fs::remove_file(&file).unwrap();
        assert!(error.contains("neither a folder nor a zip file"), "{error}");
    }
}
