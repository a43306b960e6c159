//! Characters that must not reach a terminal or a printed document as they are.
//!
//! A values file or a chart may hold escape sequences that repaint a terminal, or marks that turn the direction of the text and make a
//! review see something else ("Trojan Source", CVE-2021-42574). Whatever is shown goes through here.

/// Whether a character is invisible, moves the cursor or turns the direction of the text: controls, line separators,
/// bidirectional marks, zero-width characters, tags and noncharacters.
pub fn is_unprintable(character: char) -> bool {
    // Nearly all text is ASCII.
    if character < '\u{7f}' {
        return character < ' ';
    }
    // The last two code points of each plane.
    let noncharacter = u32::from(character) & 0xfffe == 0xfffe;
    let named = matches!(character,
        '\u{7f}'..='\u{9f}'
        | '\u{ad}'
        | '\u{61c}'
        | '\u{200b}'..='\u{200f}'
        | '\u{2028}'..='\u{202e}'
        | '\u{2060}'..='\u{206f}'
        | '\u{fdd0}'..='\u{fdef}'
        | '\u{feff}'
        | '\u{fff0}'..='\u{fffb}'
        | '\u{e0000}'..='\u{e007f}');
    named || noncharacter
}

/// The text with each unprintable character written out, as `\u{1b}`; tabs and line breaks too.
pub fn escaped(text: &str) -> String {
    let mut visible = String::with_capacity(text.len());
    for character in text.chars() {
        if is_unprintable(character) {
            visible.extend(character.escape_unicode());
        } else {
            visible.push(character);
        }
    }
    visible
}
