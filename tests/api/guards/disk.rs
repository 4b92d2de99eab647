//! Files are written in one way, by one module: what flushes, syncs and renames must not be forgotten elsewhere.

use std::path::{Path, PathBuf};

use super::snapshot::place;

/// What writes, makes, moves or opens to write; what reads and deletes is free.
const WRITERS: &[&str] = &[
    "fs::write",
    "fs::copy",
    "fs::rename",
    "fs::create_dir",
    "fs::hard_link",
    "fs::set_permissions",
    "File::create",
    "File::options",
    "OpenOptions",
    "DirBuilder",
    "tokio::fs",
    "NamedTempFile",
];

fn collect(folder: &Path, files: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            collect(&path, files);
        } else if path.extension().is_some_and(|end| end == "rs") {
            files.push(path);
        }
    }
}

/// The code of a file: no comments, and nothing of its tests.
fn code(text: &str) -> String {
    let text = text.split("#[cfg(test)]\nmod tests {").next().unwrap_or_default();
    text.lines().filter(|line| !line.trim_start().starts_with("//")).collect::<Vec<_>>().join("\n")
}

/// The names that a text writes files with; a name may come by a group of imports (`use std::{fs::{self, File}}`).
fn writers(text: &str) -> Vec<&'static str> {
    let text = code(text);
    WRITERS.iter().copied().filter(|writer| text.contains(writer)).collect()
}

#[test]
fn one_module_writes_files() {
    let mut files = vec![];
    collect(&place("src"), &mut files);
    files.sort();
    let mut offenders = vec![];
    for file in files {
        let name = file.strip_prefix(place("")).unwrap().display().to_string();
        let found = writers(&std::fs::read_to_string(&file).unwrap());
        if name == "src/platform/disk.rs" {
            assert!(found.len() >= 4, "the guard no longer reads the writer: {found:?}");
        } else if !found.is_empty() && !name.starts_with("src/pdf/tests/") {
            offenders.push(format!("{name}: {}: write through platform/disk.rs", found.join(", ")));
        }
    }
    assert!(offenders.is_empty(), "{}", offenders.join("\n"));
}

#[test]
fn the_guard_sees_what_it_looks_for() {
    assert_eq!(writers("let x = fs::write(path, bytes);\n// File::create\n"), ["fs::write"]);
    assert_eq!(writers("tokio::fs::File::create(x)"), ["File::create", "tokio::fs"]);
    assert!(writers("fs::read(x);\n#[cfg(test)]\nmod tests {\n fs::write(x) }").is_empty());
}
