//! Characters that must not reach a terminal or a printed document as they are.
//!
//! A values file or a chart may hold escape sequences that repaint a terminal, or marks that turn the direction of the
//! text and make a review see something else ("Trojan Source", CVE-2021-42574). Whatever is shown goes through here.

/// Whether a character is invisible, moves the cursor or turns the direction of the text: controls, line separators,
/// bidirectional marks, zero-width characters, tags and noncharacters. Tabs and line breaks are controls too; a writer
/// that lets them through asks for them first.
pub fn is_unprintable(character: char) -> bool {
    // Nearly all text is ASCII.
    if character < '\u{7f}' {
        return character < ' ';
    }
    // The last two code points of each plane.
    let noncharacter = u32::from(character) & 0xfffe == 0xfffe;
    let named = matches!(character,
        '\u{7f}'..='\u{9f}'          // delete, and the C1 controls: `\u{9b}` begins an escape sequence like `ESC [`
        | '\u{ad}'                   // the soft hyphen
        | '\u{61c}'                  // the Arabic letter mark
        | '\u{200b}'..='\u{200f}'    // zero-width characters, marks of direction
        | '\u{2028}'..='\u{202e}'    // line and paragraph separators, embeddings and overrides
        | '\u{2060}'..='\u{206f}'    // the word joiner, invisible operators, isolates
        | '\u{fdd0}'..='\u{fdef}'    // noncharacters
        | '\u{feff}'                 // the byte order mark
        | '\u{fff0}'..='\u{fffb}'    // unassigned, and annotations between the lines
        | '\u{e0000}'..='\u{e007f}'); // tags, a whole invisible ASCII
    named || noncharacter
}

/// The text with each unprintable character written out; tabs and line breaks too. What a build server would take for a
/// command has one of its characters written out.
///
/// ```
/// use plimsoll::source::escaped;
///
/// assert_eq!(escaped("web\u{1b}[2K"), r"web\u{1b}[2K");
/// assert_eq!(escaped("::error::x"), r"\u{3a}:error::x");
/// assert_eq!(escaped("Größe: 3 €"), "Größe: 3 €");
/// ```
pub fn escaped(text: &str) -> String {
    let mut visible = String::with_capacity(text.len());
    let commands = command_marks(text);
    for (at, character) in text.char_indices() {
        if is_unprintable(character) || commands.contains(&at) {
            visible.extend(character.escape_unicode());
        } else {
            visible.push(character);
        }
    }
    visible
}

/// A text of several lines as a terminal or a log may show it: each line is [`escaped`], and line breaks stay.
pub fn escaped_lines(text: &str) -> String {
    text.split('\n').map(escaped).collect::<Vec<_>>().join("\n")
}

/// The bytes at which commands of build servers begin in a line, which they look for in the output of a job:
///
/// | server | command |
/// |---|---|
/// | GitHub Actions | `::error::` behind nothing but blanks; `##[error]` anywhere |
/// | Azure Pipelines | `##vso[…]` and `##[…]` |
/// | TeamCity | `##teamcity[…]` |
///
/// GitLab's sections begin with an escape character, which is unprintable.
pub fn command_marks(line: &str) -> Vec<usize> {
    let mut marks = Vec::new();
    let blanks = line.len() - line.trim_start().len();
    let rest = &line[blanks..];
    if rest.strip_prefix("::").is_some_and(|name| name.starts_with(|c: char| c.is_ascii_alphabetic())) {
        marks.push(blanks);
    }
    for (at, sign) in line.match_indices("##") {
        if ["[", "vso[", "teamcity["].iter().any(|name| line[at + sign.len()..].starts_with(name)) {
            marks.push(at);
        }
    }
    marks
}
