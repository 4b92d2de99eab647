//! Tables that are committed, so that a change of them is read by somebody.

use std::path::PathBuf;

/// A file of this repository.
pub fn place(path: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join(path)
}

/// The text is the committed one; `UPDATE_SNAPSHOTS=1` writes it instead.
pub fn check(name: &str, text: &str) {
    let file = place("tests/api/snapshots").join(name);
    if std::env::var_os("UPDATE_SNAPSHOTS").is_some() {
        std::fs::write(&file, text).unwrap();
        return;
    }
    let committed = std::fs::read_to_string(&file).unwrap_or_default();
    let (old, new): (Vec<&str>, Vec<&str>) = (committed.lines().collect(), text.lines().collect());
    let gone: Vec<String> =
        old.iter().filter(|line| !new.contains(line)).map(|line| format!("- {}", line.trim_end())).collect();
    let come: Vec<String> =
        new.iter().filter(|line| !old.contains(line)).map(|line| format!("+ {}", line.trim_end())).collect();
    assert!(
        committed == text,
        "tests/api/snapshots/{name} is not what the code says:\n{}\n{}\nRead the lines above; if they are meant, run the test again with UPDATE_SNAPSHOTS=1.",
        gone.join("\n"),
        come.join("\n")
    );
}
