//! How a secret is made: the recipes of `x-generate`, and texts of their form.
//!
//! A recipe is a map in the schema, in one of three forms:
//!
//! ```json
//! {"length": 32}                    letters and digits; "as": "alphanumeric" says the same
//! {"bytes": 32, "as": "hex"}        bytes in hexadecimal digits, two for each
//! {"bytes": 32, "as": "base64"}     bytes in standard Base64, padded
//! ```
//!
//! `length` counts what is written, `bytes` the randomness behind it, because that is how each is asked for: a password
//! "of 32 characters", a key "of 32 bytes". 32 letters and digits have 190 bits, 32 bytes 256.
//!
//! The same recipe makes dummies, texts of the right form without randomness, for renders whose secrets do not matter.

use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use super::by_schema::is_secret_path;
use crate::source::Span;
use crate::yaml::{Entry, Generate, Node, Segment, Value, ValuePath, WantRef};

/// Why a recipe cannot be used.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WrongRecipe {
    /// What of the schema is wrong.
    pub span: Span,
    /// What is wrong with it, one lower-case phrase.
    pub message: String,
    /// What to write instead.
    pub help: &'static str,
}

/// Larger secrets are mistakes in the schema: no system asks for a password of a kibibyte.
const LARGEST: usize = 1_024;

/// Reads a recipe, the value of `x-generate`.
///
/// # Errors
/// What is not one of the three forms. Keys besides those are refused too, because a misspelt `as` would give a secret
/// of another form than was asked for.
pub fn read_recipe(rule: &Node) -> Result<Generate, WrongRecipe> {
    let help = "write `{\"length\": 32}`, `{\"bytes\": 32, \"as\": \"hex\"}` or `{\"bytes\": 32, \"as\": \"base64\"}`";
    let wrong = |span: Span, message: String| WrongRecipe { span, message, help };
    let Some(map) = rule.as_map() else {
        return Err(wrong(rule.span, format!("`x-generate` is a map, and this is {}", rule.noun())));
    };
    let alphabet = match map.get("as").map(|entry| &entry.node) {
        None => "alphanumeric",
        Some(node) => match node.as_str() {
            Some(name @ ("alphanumeric" | "hex" | "base64")) => name,
            _ => {
                let message = "`as` of `x-generate` must be `alphanumeric`, `hex` or `base64`";
                return Err(wrong(node.span, message.to_owned()));
            }
        },
    };
    // Two names, so that a `32` in a schema says what it counts.
    let unit = if alphabet == "alphanumeric" { "length" } else { "bytes" };
    let Some(size) = map.get(unit).map(|entry| &entry.node) else {
        return Err(wrong(rule.span, format!("`x-generate` needs `{unit}` for {alphabet} secrets")));
    };
    let number = size.as_i64().and_then(|number| usize::try_from(number).ok());
    let Some(number) = number.filter(|number| (1..=LARGEST).contains(number)) else {
        let message = format!("`{unit}` of `x-generate` must be a whole number from 1 to {LARGEST}");
        return Err(wrong(size.span, message));
    };
    if let Some((key, entry)) = map.iter().find(|(key, _)| ![unit, "as"].contains(&&***key)) {
        let message = format!("`{key}` means nothing in an `x-generate` for {alphabet} secrets");
        return Err(wrong(entry.key_span, message));
    }
    Ok(match alphabet {
        "hex" => Generate::Hex { bytes: number },
        "base64" => Generate::Base64 { bytes: number },
        _ => Generate::Alphanumeric { length: number },
    })
}

/// Makes a secret. `random` fills a buffer with random bytes, and may be asked several times.
///
/// # Errors
/// Those of `random`.
pub fn generate<E>(
    recipe: Generate,
    random: &mut impl FnMut(&mut [u8]) -> Result<(), E>,
) -> Result<String, E> {
    let mut random_bytes = |count: usize| -> Result<Vec<u8>, E> {
        let mut buffer = vec![0; count];
        random(&mut buffer)?;
        Ok(buffer)
    };
    match recipe {
        Generate::Hex { bytes: count } => {
            Ok(random_bytes(count)?.iter().map(|byte| format!("{byte:02x}")).collect())
        }
        Generate::Base64 { bytes: count } => Ok(STANDARD.encode(random_bytes(count)?)),
        Generate::Alphanumeric { length } => {
            let mut text = String::with_capacity(length);
            while text.len() < length {
                // Bytes that would favour some letters are thrown away, so that each is as likely as the others.
                let fair = random_bytes(length)?.into_iter().map(usize::from).filter(|byte| *byte < FAIR);
                let letters = fair.map(|byte| char::from(ALPHANUMERIC[byte % ALPHANUMERIC.len()]));
                text.extend(letters.take(length - text.len()));
            }
            Ok(text)
        }
    }
}

const ALPHANUMERIC: &[u8; 62] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
/// The largest multiple of the alphabet's size that a byte can count to, 248. Without it, the first eight letters would
/// come up five times in 256 and the others four times.
const FAIR: usize = 256 / ALPHANUMERIC.len() * ALPHANUMERIC.len();

/// Puts a text of the right form where each of the unset paths leads, so that templates can be rendered without their
/// secrets. If some of them are no secrets, nothing is put anywhere, and those are given back. `root` is what is wanted of
/// all values.
pub fn fill_with_dummies(
    values: &mut Arc<Node>,
    mut unset: Vec<ValuePath>,
    root: WantRef<'_>,
) -> Vec<ValuePath> {
    if unset.iter().any(|path| !is_secret_path(root, path)) {
        unset.retain(|path| !is_secret_path(root, path));
        return unset;
    }
    for path in &unset {
        let want = path.0.iter().try_fold(root, |want, segment| want.child(segment));
        let text = dummy(want.and_then(|want| want.generate()));
        put(Arc::make_mut(values), &path.0, &text);
    }
    Vec::new()
}

/// A text as a recipe would make it, always the same, so that two renders of the same values are the same.
fn dummy(recipe: Option<Generate>) -> String {
    match recipe {
        Some(Generate::Hex { bytes }) => "0".repeat(bytes * 2),
        Some(Generate::Base64 { bytes }) => STANDARD.encode(vec![0; bytes]),
        Some(Generate::Alphanumeric { length }) => "x".repeat(length),
        None => "stand-in".to_owned(),
    }
}

/// Puts a text where a path leads. Maps that are missing on the way are made; items of lists are not, since it is not
/// known what else an item would need.
fn put(node: &mut Node, path: &[Segment], text: &str) {
    // A dummy stands in no text, so its span is empty: hiding it must hide nothing.
    let span = Span { end: node.span.start, ..node.span };
    match (path, &mut node.value) {
        ([], value) => *value = Node::string(text, span).value,
        ([Segment::Key(key), rest @ ..], Value::Map(map)) => {
            let absent = || Entry { key_span: span, node: Node::empty_map(span) };
            let entry = map.or_insert_with(Arc::from(key.as_str()), absent);
            if entry.node.is_null() && !rest.is_empty() {
                entry.node = Node::empty_map(span);
            }
            put(&mut entry.node, rest, text);
        }
        ([Segment::Index(at), rest @ ..], Value::List(items)) => {
            if let Some(item) = items.get_mut(*at) {
                put(item, rest, text);
            }
        }
        // The path is that of a required setting, so a value of another type in its way is one that the schema refuses.
        // The check against the schema has reported it.
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::session::Session;
    use crate::source::SourceKind;
    use crate::yaml::parse_one;

    fn read(text: &str) -> Result<Generate, WrongRecipe> {
        let session = Session::new();
        let source = session.add_source(SourceKind::File, "schema", text);
        read_recipe(&parse_one(&session, source).unwrap().unwrap())
    }

    /// Counts up, so that a test knows what comes out.
    fn counting() -> impl FnMut(&mut [u8]) -> Result<(), ()> {
        let mut next = 0_u8;
        move |bytes| {
            for byte in bytes {
                *byte = next;
                next = next.wrapping_add(1);
            }
            Ok(())
        }
    }

    #[test]
    fn secrets_have_the_form_of_their_recipe() {
        for (recipe, secret, dummy_text) in [
            ("{length: 5}", "ABCDE", "xxxxx"),
            ("{length: 5, as: alphanumeric}", "ABCDE", "xxxxx"),
            ("{bytes: 3, as: hex}", "000102", "000000"),
            ("{bytes: 1, as: base64}", "AA==", "AA=="),
            ("{bytes: 2, as: base64}", "AAE=", "AAA="),
            ("{bytes: 3, as: base64}", "AAEC", "AAAA"),
        ] {
            let generated = generate(read(recipe).unwrap(), &mut counting()).unwrap();
            assert_eq!((generated.as_str(), dummy(read(recipe).ok())), (secret, dummy_text.to_owned()));
        }
    }

    #[test]
    fn letters_are_drawn_until_there_are_enough_and_none_is_favoured() {
        let recipe = Generate::Alphanumeric { length: 1_000 };
        let text = generate(recipe, &mut counting()).unwrap();
        assert_eq!(text.len(), 1_000);
        // Of 256 bytes in a row, 248 are fair: each letter comes four times.
        let round = &text[..248];
        assert!(ALPHANUMERIC.iter().all(|letter| round.bytes().filter(|byte| byte == letter).count() == 4));
    }

    #[test]
    fn what_is_no_recipe_is_refused() {
        for (rule, message) in [
            ("true", "`x-generate` is a map, and this is a boolean"),
            ("{}", "`x-generate` needs `length` for alphanumeric secrets"),
            ("{bytes: 32}", "`x-generate` needs `length` for alphanumeric secrets"),
            ("{as: hex}", "`x-generate` needs `bytes` for hex secrets"),
            ("{as: hex, length: 32}", "`x-generate` needs `bytes` for hex secrets"),
            ("{as: rot13, length: 32}", "`as` of `x-generate` must be `alphanumeric`, `hex` or `base64`"),
            ("{as: [hex], bytes: 32}", "`as` of `x-generate` must be `alphanumeric`, `hex` or `base64`"),
            ("{length: 0}", "`length` of `x-generate` must be a whole number from 1 to 1024"),
            ("{length: -1}", "`length` of `x-generate` must be a whole number from 1 to 1024"),
            ("{length: 1000000000}", "`length` of `x-generate` must be a whole number from 1 to 1024"),
            ("{length: '32'}", "`length` of `x-generate` must be a whole number from 1 to 1024"),
            ("{length: 1.5}", "`length` of `x-generate` must be a whole number from 1 to 1024"),
            ("{length: 32, ass: hex}", "`ass` means nothing in an `x-generate` for alphanumeric secrets"),
            ("{length: 32, bytes: 32}", "`bytes` means nothing in an `x-generate` for alphanumeric secrets"),
        ] {
            assert_eq!(read(rule).unwrap_err().message, message, "{rule}");
        }
    }
}
