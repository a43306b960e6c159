//! Texts that are built into the program and rarely read: the build packs them (`build/packed_texts.rs`), to a quarter of
//! their size.

use std::io::Read;

use flate2::read::DeflateDecoder;

/// A text that the build has packed.
///
/// ```text
/// 8 bytes   the fingerprint of the text
/// …         the text, deflated
/// ```
#[derive(Clone, Copy)]
pub struct PackedText(&'static [u8]);

impl std::fmt::Debug for PackedText {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "PackedText({} bytes)", self.0.len())
    }
}

impl PackedText {
    /// The text that a file of the build's folder `packed` holds.
    pub const fn new(bytes: &'static [u8]) -> Self {
        PackedText(bytes)
    }

    /// The fingerprint of the text, which need not be unpacked for it.
    pub fn fingerprint(self) -> u64 {
        self.0.first_chunk().map_or(0, |bytes| u64::from_le_bytes(*bytes))
    }

    /// The text. What the build has packed can be unpacked, which a test holds for all: there is nobody to report to.
    pub fn unpack(self) -> String {
        let mut text = String::new();
        let deflated = self.0.get(8..).unwrap_or_default();
        if DeflateDecoder::new(deflated).read_to_string(&mut text).is_err() {
            text.clear();
        }
        text
    }
}
