//! DER, the form of keys and certificates, and PEM, the text around it.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use num_bigint::BigUint;

/// A tagged value. Contents must be less than 16 MiB.
pub fn tagged(tag: u8, content: &[u8]) -> Vec<u8> {
    let length = content.len();
    let mut out = vec![tag];
    if let Ok(short @ 0..=127) = u8::try_from(length) {
        out.push(short);
    } else {
        let bytes = (length as u64).to_be_bytes();
        let from = bytes.iter().position(|byte| *byte != 0).unwrap_or(7);
        out.push(0x80 | u8::try_from(bytes.len() - from).unwrap_or(8));
        out.extend_from_slice(bytes.get(from..).unwrap_or_default());
    }
    out.extend_from_slice(content);
    out
}

/// A `SEQUENCE`.
pub fn sequence(parts: &[Vec<u8>]) -> Vec<u8> {
    tagged(0x30, &parts.concat())
}

/// An `INTEGER`.
pub fn integer(value: &BigUint) -> Vec<u8> {
    let mut bytes = value.to_bytes_be();
    if bytes.first().is_some_and(|byte| *byte >= 0x80) {
        bytes.insert(0, 0);
    }
    tagged(2, &bytes)
}

/// A `BIT STRING` of whole bytes.
pub fn bits(bytes: &[u8]) -> Vec<u8> {
    tagged(3, &[&[0], bytes].concat())
}

/// An `OCTET STRING`.
pub fn octets(bytes: &[u8]) -> Vec<u8> {
    tagged(4, bytes)
}

/// An `OBJECT IDENTIFIER`, encoded already.
pub fn identifier(bytes: &[u8]) -> Vec<u8> {
    tagged(6, bytes)
}

/// A value that was read: its tag, its content, and all of its bytes.
#[derive(Clone, Copy, Debug)]
pub struct Item<'b> {
    /// The tag.
    pub tag: u8,
    /// What stands in it.
    pub content: &'b [u8],
    /// The whole value.
    pub whole: &'b [u8],
}

/// Takes the first value off the bytes.
pub fn read<'b>(bytes: &mut &'b [u8]) -> Option<Item<'b>> {
    let all = *bytes;
    let (&tag, &first) = (all.first()?, all.get(1)?);
    let (length, from) = if first < 0x80 {
        (usize::from(first), 2)
    } else {
        let count = usize::from(first & 0x7f);
        if count == 0 || count > 4 {
            return None;
        }
        let length =
            all.get(2..2 + count)?.iter().fold(0_usize, |length, byte| length << 8 | usize::from(*byte));
        (length, 2 + count)
    };
    let content = all.get(from..from.checked_add(length)?)?;
    *bytes = all.get(from + length..)?;
    Some(Item { tag, content, whole: all.get(..from + length)? })
}

/// Takes the first value off the bytes, if it has this tag.
pub fn expect<'b>(bytes: &mut &'b [u8], tag: u8) -> Option<&'b [u8]> {
    read(bytes).filter(|item| item.tag == tag).map(|item| item.content)
}

/// Takes an `INTEGER` that is not negative off the bytes.
pub fn read_integer(bytes: &mut &[u8]) -> Option<BigUint> {
    let content = expect(bytes, 2)?;
    if content.first().is_none_or(|byte| *byte >= 0x80) {
        return None;
    }
    Some(BigUint::from_bytes_be(content))
}

/// Bytes between the lines that PEM begins and ends with.
pub fn pem(label: &str, bytes: &[u8]) -> String {
    let encoded = STANDARD.encode(bytes);
    let mut out = format!("-----BEGIN {label}-----\n");
    let mut rest = encoded.as_str();
    while !rest.is_empty() {
        let (line, behind) = rest.split_at(rest.len().min(64));
        out.push_str(line);
        out.push('\n');
        rest = behind;
    }
    out.push_str(&format!("-----END {label}-----\n"));
    out
}

/// The label and the bytes of the first block of PEM in a text.
pub fn read_pem(text: &[u8]) -> Option<(String, Vec<u8>)> {
    let text = String::from_utf8_lossy(text);
    let mut rest: &str = &text;
    loop {
        let begins = rest.find("-----BEGIN ")?;
        let at_line = begins == 0 || rest.as_bytes().get(begins - 1) == Some(&b'\n');
        let behind = rest.get(begins + "-----BEGIN ".len()..)?;
        rest = behind;
        let Some((label, body)) = behind.split_once("-----") else { continue };
        let end = format!("-----END {label}-----");
        let Some((body, _)) = body.split_once(&end) else { continue };
        if !at_line || label.contains('\n') {
            continue;
        }
        // Lines of the form `Name: value` may stand before the bytes.
        let lines = body.lines().map(str::trim).skip_while(|line| line.is_empty() || line.contains(':'));
        if let Ok(bytes) = STANDARD.decode(lines.collect::<String>()) {
            return Some((label.to_owned(), bytes));
        }
    }
}
