//! Secrets told by the name of the key or variable that they stand under.
//!
//! The first half serves masking and errs to hide; the second serves rule R217 and errs to stay silent. The module's page
//! says why they differ.

/// Parts of a key, in lower case, behind which a secret is assumed. `://` is one because a text that is cut at its first colon
/// may have a URL in its head.
const HINTS: &[&str] = &["password", "passwd", "secret", "token", "key", "credential", "://"];

/// Whether a key's name hints at a secret behind it: `dbPassword`, `API_KEY`, `tokenFile`. Errs to hide.
pub fn suggests_secret(key: &str) -> bool {
    // `topologyKey` is a label of nodes, and stands in most Deployments.
    let lower = key.to_ascii_lowercase().replace("topologykey", "");
    HINTS.iter().any(|word| lower.contains(word))
}

/// Whether a key's name hints at a secret itself, and not at the name of one: `secretName` and `tokenRef` say where a secret
/// is kept, which a reader of a diff has to see. Errs to hide.
pub(super) fn suggests_secret_value(key: &str) -> bool {
    let is_reference = ["Name", "Ref", "name", "-ref"].iter().any(|end| key.ends_with(end));
    suggests_secret(key) && !is_reference
}

/// Names that end so hold a password, whatever stands before.
const PASSWORDS: &[&str] = &["password", "passwd", "passphrase"];
/// Names whose last words are these hold a credential too, if they stand apart: `DB_PASS`, `apiKey`, `TOKEN`.
const CREDENTIAL_WORDS: &[&str] = &["pass", "secret", "token", "apikey", "credentials"];
/// What stands before a last word `key` that is a secret one: a primary key is none.
const SECRET_KEYS: &[&str] = &["api", "secret", "private", "access", "encryption", "signing", "master"];

/// Whether a name ends like that of a password. No other name is as sure.
pub(super) fn names_password(name: &str) -> bool {
    PASSWORDS.iter().any(|word| ends_with(name, word))
}

/// Whether the last word of a name is that of a credential: `GITHUB_TOKEN`, but not `MAX_TOKENS`. Errs to stay silent.
pub(super) fn names_credential(name: &str) -> bool {
    if CREDENTIAL_WORDS.iter().any(|word| before_last_word(name, word).is_some()) {
        return true;
    }
    let head = before_last_word(name, "key").map(|head| head.trim_end_matches(['_', '-', '.']));
    head.is_some_and(|head| SECRET_KEYS.iter().any(|word| before_last_word(head, word).is_some()))
}

/// What stands before a last word; none if the name does not end with it as a word of its own. A word begins behind anything
/// that is no letter or digit, and in camel case with a capital.
fn before_last_word<'n>(name: &'n str, word: &str) -> Option<&'n str> {
    if !ends_with(name, word) {
        return None;
    }
    let (head, tail) = name.split_at_checked(name.len() - word.len())?;
    let is_camel_case = tail.starts_with(|c: char| c.is_ascii_uppercase())
        && head.ends_with(|c: char| c.is_ascii_lowercase());
    (is_camel_case || !head.ends_with(|c: char| c.is_ascii_alphanumeric())).then_some(head)
}

/// Whether a name ends with a word, whatever their case.
pub(super) fn ends_with(name: &str, word: &str) -> bool {
    let tail = name.len().checked_sub(word.len()).and_then(|at| name.as_bytes().get(at..));
    tail.is_some_and(|tail| tail.eq_ignore_ascii_case(word.as_bytes()))
}
