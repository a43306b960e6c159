//! What happens to a folder, and what never does.

use std::path::PathBuf;

use super::index::HEAD;
use super::*;

/// As [`super::write`], with the usual limits.
fn write(folder: &Path, files: &[OutputFile]) -> Result<Vec<PathBuf>> {
    Ok(super::write(folder, files, &Limits::default())?.left_alone)
}

/// An index of these files, with the checksums of these texts; without a text, as earlier versions wrote them.
fn listed(files: &[(&str, Option<&str>)]) -> index::Listed {
    files
        .iter()
        .map(|(path, text)| ((*path).to_owned(), text.map(|text| index::checksum(text.as_bytes()))))
        .collect()
}

/// An empty folder of its own for one test.
fn folder(name: &str) -> PathBuf {
    let folder = std::env::temp_dir().join(format!("plimsoll-output-{}-{name}", std::process::id()));
    let _ = fs::remove_dir_all(&folder);
    fs::create_dir_all(&folder).unwrap();
    folder
}

fn file(path: &str, text: &str) -> OutputFile {
    OutputFile { path: path.to_owned(), text: text.to_owned() }
}

/// Every file below, with its text, hidden ones too.
fn contents(folder: &Path) -> Vec<(String, String)> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).unwrap().map(Result::unwrap) {
        let name = entry.file_name().into_string().unwrap();
        if entry.file_type().unwrap().is_dir() {
            let below = contents(&entry.path());
            found.extend(below.into_iter().map(|(path, text)| (format!("{name}/{path}"), text)));
        } else if name != Index::NAME {
            found.push((name, fs::read_to_string(entry.path()).unwrap()));
        }
    }
    found.sort();
    found
}

fn pairs(pairs: &[(&str, &str)]) -> Vec<(String, String)> {
    pairs.iter().map(|(path, text)| ((*path).to_owned(), (*text).to_owned())).collect()
}

#[test]
fn a_new_set_takes_the_place_of_the_last_one() {
    let root = folder("replace");
    let target = root.join("made/for/it");
    write(&target, &[file("a.yaml", "1"), file("one/b.yaml", "2")]).unwrap();
    fs::write(target.join("own.txt"), "keep").unwrap();
    write(&target, &[file("a.yaml", "3"), file("c.yaml", "4")]).unwrap();
    assert_eq!(contents(&target), pairs(&[("a.yaml", "3"), ("c.yaml", "4"), ("own.txt", "keep")]));
    assert!(!target.join("one").exists());
    write(&target, &[]).unwrap();
    assert_eq!(contents(&target), pairs(&[("own.txt", "keep")]));
}

#[test]
fn what_others_wrote_stays() {
    let root = folder("foreign");
    fs::write(root.join("a.yaml"), "mine").unwrap();
    assert!(write(&root, &[file("b.yaml", "1"), file("a.yaml", "2")]).is_err());
    assert_eq!(contents(&root), pairs(&[("a.yaml", "mine")]));
    assert!(!root.join(Index::NAME).exists());
}

#[test]
fn a_failure_leaves_the_last_set() {
    let root = folder("failure");
    write(&root, &[file("a.yaml", "1")]).unwrap();
    fs::write(root.join("b"), "a file where a folder should be").unwrap();
    assert!(write(&root, &[file("a.yaml", "2"), file("b/c.yaml", "3")]).is_err());
    fs::create_dir(root.join("d.yaml")).unwrap();
    assert!(write(&root, &[file("a.yaml", "2"), file("d.yaml", "3")]).is_err());
    // The name of the second file is too long for the system: it fails while the set is staged.
    assert!(write(&root, &[file("a.yaml", "2"), file(&"x".repeat(300), "3")]).is_err());
    assert_eq!(contents(&root), pairs(&[("a.yaml", "1"), ("b", "a file where a folder should be")]));
}

#[test]
fn a_failure_leaves_no_new_folders() {
    let root = folder("folders");
    assert!(write(&root.join("new"), &[file("in/a.yaml", "1"), file(&"x".repeat(300), "2")]).is_err());
    assert!(!root.join("new").exists());
}

/// What a run leaves that is killed while it writes a new folder: the next one removes it, and nothing else.
#[test]
fn a_new_folder_that_was_begun_is_begun_again() {
    let root = folder("new");
    let staged = root.join(".new.plimsoll-new");
    write(&staged, &[file("a.yaml", "1"), file("in/b.yaml", "2")]).unwrap();
    write(&root.join("new"), &[file("c.yaml", "3")]).unwrap();
    assert_eq!(contents(&root), pairs(&[("new/c.yaml", "3")]));
    // Before its index was written, and in a folder below others that are missing.
    fs::create_dir(&staged).unwrap();
    write(&root.join("deep/er"), &[file("in/d.yaml", "4"), file("in/e.yaml", "5")]).unwrap();
    fs::rename(root.join("new"), root.join("old")).unwrap();
    write(&root.join("new"), &[file("c.yaml", "6")]).unwrap();
    let all =
        [("deep/er/in/d.yaml", "4"), ("deep/er/in/e.yaml", "5"), ("new/c.yaml", "6"), ("old/c.yaml", "3")];
    assert_eq!(contents(&root), pairs(&all));
}

#[test]
fn what_others_wrote_where_a_new_folder_is_begun_stays() {
    let root = folder("taken");
    let staged = root.join(".new.plimsoll-new");
    fs::create_dir(&staged).unwrap();
    fs::write(staged.join("own.txt"), "mine").unwrap();
    assert!(write(&root.join("new"), &[file("a.yaml", "1")]).is_err());
    assert_eq!(contents(&root), pairs(&[(".new.plimsoll-new/own.txt", "mine")]));
    fs::remove_dir_all(&staged).unwrap();
    fs::write(&staged, "mine").unwrap();
    assert!(write(&root.join("new"), &[file("a.yaml", "1")]).is_err());
    assert_eq!(contents(&root), pairs(&[(".new.plimsoll-new", "mine")]));
}

/// A name that leaves no room for another one around it.
#[test]
fn a_new_folder_may_have_a_long_name() {
    let root = folder("long");
    let name = "x".repeat(250);
    write(&root.join(&name), &[file("a.yaml", "1")]).unwrap();
    assert_eq!(contents(&root), pairs(&[(&format!("{name}/a.yaml"), "1")]));
}

#[test]
fn paths_that_lead_out_are_refused() {
    let root = folder("traversal");
    for path in ["../a", "/abs", "a/../../b", "", ".", "a\\b", "C:x", "a//b"] {
        assert!(write(&root, &[file(path, "1")]).is_err(), "{path}");
    }
    fs::write(root.join(Index::NAME), format!("{HEAD}\nfiles:\n- ../victim\n")).unwrap();
    assert!(write(&root, &[file("a.yaml", "1")]).is_err());
    fs::write(root.join(Index::NAME), "somebody else's\n").unwrap();
    assert!(write(&root, &[file("a.yaml", "1")]).is_err());
}

#[cfg(unix)]
#[test]
fn links_are_not_followed() {
    let root = folder("links");
    let real = root.join("real");
    let link = root.join("link");
    fs::create_dir(&real).unwrap();
    std::os::unix::fs::symlink(&real, &link).unwrap();
    assert!(write(&link, &[file("a.yaml", "1")]).is_err());
    let out = root.join("out");
    write(&out, &[file("a.yaml", "1")]).unwrap();
    fs::write(root.join("victim"), "safe").unwrap();
    fs::remove_file(out.join("a.yaml")).unwrap();
    std::os::unix::fs::symlink(root.join("victim"), out.join("a.yaml")).unwrap();
    std::os::unix::fs::symlink(&real, out.join("b")).unwrap();
    assert!(write(&out, &[file("a.yaml", "2")]).is_err());
    assert!(write(&out, &[file("b/a.yaml", "2")]).is_err());
    assert_eq!(fs::read_to_string(root.join("victim")).unwrap(), "safe");
    assert_eq!(contents(&real), pairs(&[]));
}

/// What a run leaves that is killed while it moves its files: the next one ends it.
#[test]
fn a_run_that_was_killed_is_ended_by_the_next() {
    let root = folder("begun");
    Index {
        files: listed(&[("a.yaml", Some("old")), ("gone.yaml", Some("old"))]),
        begun: listed(&[("a.yaml", Some("new")), ("b.yaml", Some("new")), ("in/c.yaml", Some("new"))]),
    }
    .write(&root)
    .unwrap();
    fs::create_dir(root.join("in")).unwrap();
    for (path, text) in
        [("a.yaml", "new"), ("gone.yaml", "old"), (".b.yaml.plimsoll-new", "new"), ("in/c.yaml", "new")]
    {
        fs::write(root.join(path), text).unwrap();
    }
    write(&root, &[file("a.yaml", "1"), file("d.yaml", "2")]).unwrap();
    assert_eq!(contents(&root), pairs(&[("a.yaml", "1"), ("d.yaml", "2")]));
    assert!(!root.join("in").exists());
    assert!(Index::read(&root, &Limits::default()).unwrap().begun.is_empty());
}

#[test]
fn leftovers_of_a_killed_run_make_room() {
    let root = folder("killed");
    fs::write(root.join(".a.yaml.plimsoll-new"), "half").unwrap();
    write(&root, &[file("a.yaml", "1")]).unwrap();
    assert_eq!(contents(&root), pairs(&[("a.yaml", "1")]));
}

/// What an index lists is removed only if it is what we wrote: the index may be somebody else's work.
#[cfg(unix)]
#[test]
fn what_is_not_as_we_wrote_it_is_left_alone() {
    let root = folder("alone");
    let (out, elsewhere) = (root.join("out"), root.join("elsewhere"));
    write(&out, &[file("a.yaml", "1"), file("b.yaml", "2"), file("in/c.yaml", "3"), file("in/d.yaml", "4")])
        .unwrap();
    // Edited since; replaced by a link to a folder that holds the very same file.
    fs::write(out.join("a.yaml"), "edited").unwrap();
    fs::create_dir(&elsewhere).unwrap();
    fs::write(elsewhere.join("c.yaml"), "3").unwrap();
    fs::remove_dir_all(out.join("in")).unwrap();
    std::os::unix::fs::symlink(&elsewhere, out.join("in")).unwrap();
    let mut left = write(&out, &[file("e.yaml", "5")]).unwrap();
    left.sort();
    assert_eq!(left, ["a.yaml", "in/c.yaml", "in/d.yaml"].map(|path| out.join(path)));
    assert_eq!(fs::read_to_string(elsewhere.join("c.yaml")).unwrap(), "3");
    assert!(!out.join("b.yaml").exists() && out.join("a.yaml").exists());
    // It is nobody's any more: the next run says nothing of it, and refuses to write over it.
    assert_eq!(write(&out, &[file("e.yaml", "5")]).unwrap(), Vec::<PathBuf>::new());
    assert!(write(&out, &[file("a.yaml", "6")]).is_err());
}

#[test]
fn without_a_checksum_a_file_must_look_like_a_manifest() {
    let root = folder("without");
    let manifest = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\n";
    let paths = ["a.yaml", "b.yaml", "c.txt", ".git/config", ".d.yaml"];
    Index { files: listed(&paths.map(|path| (path, None))), begun: listed(&[]) }.write(&root).unwrap();
    fs::create_dir(root.join(".git")).unwrap();
    for (path, text) in [
        ("a.yaml", manifest),
        ("b.yaml", "mine"),
        ("c.txt", manifest),
        (".git/config", manifest),
        (".d.yaml", manifest),
    ] {
        fs::write(root.join(path), text).unwrap();
    }
    assert_eq!(write(&root, &[file("e.yaml", "5")]).unwrap().len(), 4);
    assert!(!root.join("a.yaml").exists());
    for path in &paths[1..] {
        assert!(root.join(path).exists(), "{path}");
    }
}

#[cfg(unix)]
#[test]
fn leftovers_are_not_removed_through_a_link() {
    let root = folder("staged-link");
    let elsewhere = root.join("elsewhere");
    fs::create_dir(&elsewhere).unwrap();
    fs::write(elsewhere.join(".a.yaml.plimsoll-new"), "mine").unwrap();
    fs::write(elsewhere.join("a.yaml"), "mine").unwrap();
    let (out, staged) = (root.join("out"), root.join(".new.plimsoll-new"));
    for folder in [&out, &staged] {
        fs::create_dir(folder).unwrap();
        std::os::unix::fs::symlink(&elsewhere, folder.join("in")).unwrap();
        let index = Index { files: listed(&[]), begun: listed(&[("in/a.yaml", None)]) };
        index.write(folder).unwrap();
    }
    write(&out, &[file("b.yaml", "1")]).unwrap();
    assert!(write(&root.join("new"), &[file("b.yaml", "1")]).is_err());
    assert_eq!(contents(&elsewhere).len(), 2);
}

/// Of runs into one folder, one is refused, or each comes after the other: never a mix.
#[cfg(unix)]
#[test]
fn two_runs_into_one_folder_leave_no_mix() {
    let root = folder("two");
    let set = |name: &str| -> Vec<OutputFile> {
        (0..20).map(|number| file(&format!("{name}-{number}.yaml"), name)).collect()
    };
    for round in 0..20 {
        let out = root.join(format!("out-{}", round / 2));
        let ends: Vec<bool> = std::thread::scope(|scope| {
            let runs: Vec<_> = ["a", "b"].map(|name| (name, out.clone())).into_iter().collect();
            let threads: Vec<_> = runs
                .into_iter()
                .map(|(name, out)| scope.spawn(move || write(&out, &set(name)).is_ok()))
                .collect();
            threads.into_iter().map(|thread| thread.join().unwrap()).collect()
        });
        assert!(ends.contains(&true), "round {round}");
        let found = contents(&out);
        assert_eq!(found.len(), 20, "round {round}: {found:?}");
        assert!(found.iter().all(|(_, text)| *text == found[0].1), "round {round}");
    }
}

#[test]
fn what_is_in_the_way_is_named() {
    let root = folder("named");
    let staged = root.join(".new.plimsoll-new");
    fs::create_dir(&staged).unwrap();
    fs::write(staged.join("own.txt"), "mine").unwrap();
    let error = write(&root.join("new"), &[file("a.yaml", "1")]).unwrap_err();
    assert!(format!("{error:#}").contains(".new.plimsoll-new` is in the way"), "{error:#}");
    // Killed while it wrote the index: cleaned.
    fs::remove_file(staged.join("own.txt")).unwrap();
    fs::write(staged.join(Index::NAME), &HEAD[..20]).unwrap();
    fs::create_dir(staged.join("in")).unwrap();
    write(&root.join("new"), &[file("a.yaml", "1")]).unwrap();
    assert!(!staged.exists());
}

#[test]
fn the_end_of_a_run_says_what_changed() {
    let root = folder("sentences");
    let sentence = |files: &[OutputFile]| super::write(&root, files, &Limits::default()).unwrap().sentence();
    assert_eq!(sentence(&[file("a.yaml", "1"), file("b.yaml", "2")]), "2 files: 2 new");
    assert_eq!(sentence(&[file("a.yaml", "1"), file("b.yaml", "2")]), "2 files, none changed");
    fs::write(root.join("a.yaml"), "9").unwrap();
    fs::remove_file(root.join("b.yaml")).unwrap();
    assert_eq!(sentence(&[file("a.yaml", "1"), file("b.yaml", "2")]), "2 files: 1 new, 1 changed");
    assert_eq!(sentence(&[file("a.yaml", "3"), file("c.yaml", "4")]), "2 files: 1 new, 1 changed, 1 removed");
    assert_eq!(sentence(&[file("c.yaml", "4")]), "1 file: 1 removed");
}
