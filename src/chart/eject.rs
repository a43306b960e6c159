//! A bundled chart as a folder of its own, to be carried on from: `plimsoll eject`.
//!
//! Every file goes where its role has it, and the macros that the templates import come along, so that the copy renders
//! the same as long as its owner does not change it, whatever a later version of the chart library says:
//!
//! ```text
//! {% import "plimsoll/workload.yaml" as workload %}     in the program
//! {% import "library/_workload.yaml" as workload %}     in the folder, beside `templates/library/_workload.yaml`
//! ```

use super::layout::LIBRARY_FOLDER;
use super::{bundled, library};
use crate::session::{Outcome, Session};
use crate::source::Text;

/// A file for a chart's folder, which is to be written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FolderFile {
    /// Its path in the chart's folder, with `/`.
    pub path: String,
    /// Its text.
    pub text: String,
}

/// The files of a bundled chart, sorted by their paths in a folder.
///
/// # Errors
/// C001 for a name that no bundled chart has.
pub fn eject(session: &Session, name: &str) -> Outcome<Vec<FolderFile>> {
    let Some(chart) = bundled::bundled().find(|chart| chart.name == name) else {
        return Err(bundled::refuse_unknown(session, name));
    };
    let mut files: Vec<FolderFile> = chart
        .texts()
        .map(|(role, text)| FolderFile { path: role.to_owned(), text: moved(role, &text, name) })
        .collect();
    let texts: Vec<Text> = chart.texts().map(|(_, text)| text).collect();
    for (library, text) in library::imported(texts.iter().map(|text| &**text)) {
        let path = format!("templates/{}", own_name(library));
        files.push(FolderFile { path, text: with_own_imports(text) });
    }
    files.sort_by(|one, other| one.path.cmp(&other.path));
    Ok(files)
}

/// A text of the chart as it stands in the folder: what it says of other files is where these are then.
fn moved(role: &str, text: &str, name: &str) -> String {
    if role.starts_with("templates/") {
        return with_own_imports(text);
    }
    let schema = if role.contains('/') { "../values.schema.json" } else { "values.schema.json" };
    text.replace(&format!("$schema=../../schemas/{name}.schema.json"), &format!("$schema={schema}"))
}

/// `plimsoll/workload.yaml` as a template of the chart's own. No chart may have one of the library's name, and what
/// begins with `_` prints nothing itself.
fn own_name(library: &str) -> String {
    library.replacen(LIBRARY_FOLDER, "library/_", 1)
}

/// A template that imports the macros of its own folder instead of those of the program.
fn with_own_imports(text: &str) -> String {
    library::names().fold(text.to_owned(), |text, library| {
        text.replace(&format!("\"{library}\""), &format!("\"{}\"", own_name(library)))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_file_says_where_it_was() {
        for chart in bundled::bundled() {
            for file in eject(&Session::new(), chart.name).expect("a bundled chart") {
                for elsewhere in ["\"plimsoll/", "'plimsoll/", "../../", "schemas/"] {
                    assert!(!file.text.contains(elsewhere), "{}/{}: {elsewhere}", chart.name, file.path);
                }
            }
        }
    }

    /// The names of the library's files are free in every bundled chart.
    #[test]
    fn no_two_files_have_one_path() {
        for chart in bundled::bundled() {
            let files = eject(&Session::new(), chart.name).expect("a bundled chart");
            assert!(files.windows(2).all(|two| two[0].path < two[1].path), "{}", chart.name);
        }
    }
}
