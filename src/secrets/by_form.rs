//! Secrets told by their form: a URL with a password, a private key, a line that assigns a password.
//!
//! The first half serves masking and errs to hide; the second serves rule R217 and errs to stay silent. The module's page
//! says why they differ.

use std::ops::Range;

use super::by_name::{ends_with, names_credential, names_password, suggests_secret};
use crate::yaml::{Kind, Scalar};

// For masking.

/// A text of somebody's own, a configuration file for example, with what looks like a secret replaced by three stars, however
/// long it is. For texts that are shown alone: where spans must still fit, see [`masked_text`](super::masked_text).
pub fn masked_lines(text: &str) -> String {
    let mut masked = String::with_capacity(text.len());
    let mut done = 0;
    for range in guessed_ranges(text) {
        masked.push_str(&text[done..range.start]);
        masked.push_str("***");
        done = range.end;
    }
    masked.push_str(&text[done..]);
    masked
}

/// What follows the first `:` or `=` of each line whose head suggests a secret, or whose tail is a URL with a user in it. Byte
/// ranges of the text, ascending.
///
/// It reads lines and no format, because it is asked when the text could not be read, or is of a format of somebody's own.
pub(super) fn guessed_ranges(text: &str) -> impl Iterator<Item = Range<usize>> + '_ {
    let mut line_start = 0;
    text.split_inclusive('\n').filter_map(move |line| {
        let start = line_start;
        line_start += line.len();
        let (head, tail) = line.split_at(line.find([':', '='])?);
        let has_user = tail.contains("://") && tail.contains('@');
        let value = tail[1..].trim_start();
        // No secret is empty or a boolean: `automountServiceAccountToken: true` may be read.
        if !(suggests_secret(head) || has_user) || matches!(value.trim_end(), "" | "true" | "false") {
            return None;
        }
        let offset = line.len() - value.len();
        Some(start + offset..start + line.trim_end().len().max(offset))
    })
}

/// Whether a text of one line has a password in it: in a URL, or assigned as in a command line. One that Kubernetes fills in,
/// `$(PASSWORD)`, is none. Texts of several lines are masked line by line.
pub(super) fn has_inline_secret(scalar: &Scalar) -> bool {
    if scalar.kind != Kind::Str || scalar.text.contains('\n') {
        return false;
    }
    let is_given = |text: &str| !text.is_empty() && !text.starts_with("$(");
    let lower = scalar.text.to_ascii_lowercase();
    let assignments = ["password=", "passwd=", "secret=", "token="];
    // A password may hold any character that is not sure to end the host: the rest of it would be shown.
    url_passwords(&lower, |c| "/? ".contains(c)).any(is_given)
        || assignments.iter().any(|name| lower.split(name).skip(1).any(is_given))
}

/// The passwords of all URLs in a text: of `amqp://user:password@host/…` what stands between the first colon and the last `@`
/// before the host ends. `ends_host` says which characters do that.
fn url_passwords(text: &str, ends_host: impl Fn(char) -> bool) -> impl Iterator<Item = &str> {
    text.match_indices("://").filter_map(move |(at, scheme_end)| {
        let rest = &text[at + scheme_end.len()..];
        let authority = rest.split(&ends_host).next()?;
        let (user, _host) = authority.rsplit_once('@')?;
        user.split_once(':').map(|(_, password)| password)
    })
}

// For rule R217.

/// Values that say something about a credential and are none.
const NO_VALUES: &[&str] = &[
    "true", "false", "yes", "no", "on", "off", "null", "none", "nil", "string", "required", "optional",
    "enabled", "disabled", "auto", "prompt", "default",
];
/// How references to what other tools keep begin.
const REFERENCES: &[&str] = &["/", "$", "%", "<", "{", "*", "arn:", "vault:", "ref+", "file:", "env:", "!"];

/// Whether a text under this name is a credential in plain text: the name says so, or the text itself. Errs to stay silent.
pub fn is_credential(name: &str, text: &str) -> bool {
    // `TLS_SECRET: web-tls` is the name of a Secret, and `MAX_TOKEN: 4096` a number.
    let is_name = text.contains('-') && text.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'-');
    let could_be_one = !is_name && text.parse::<f64>().is_err();
    let is_named = names_password(name) || (names_credential(name) && could_be_one);
    (is_named && is_literal(text)) || shows_credential(text)
}

/// Whether a file has a line that sets a password, or shows a credential in another way. Errs to stay silent.
pub fn file_holds_credential(text: &str) -> bool {
    shows_credential(text) || text.lines().any(sets_password)
}

/// Whether a command's argument is or sets a credential: `--password=hunter2`. Errs to stay silent.
pub fn argument_holds_credential(text: &str) -> bool {
    // An argument with a space in it is a script, whose `--name=value` belongs to another program.
    let flag = text.strip_prefix("--").filter(|_| !text.contains(char::is_whitespace));
    match flag.and_then(|flag| flag.split_once('=')) {
        Some((name, value)) => is_credential(name, value),
        None => shows_credential(text),
    }
}

/// Whether the text is a credential under any name: a URL with a password, a private key.
fn shows_credential(text: &str) -> bool {
    let is_private_key = text.contains("-----BEGIN ") && text.contains("PRIVATE KEY-----");
    // In prose and code a URL ends at a quote or a bracket, and what follows is none of its password.
    let ends_host = |c: char| c.is_whitespace() || "/?#\"'`,;<>|\\".contains(c);
    is_private_key || url_passwords(text, ends_host).any(is_literal)
}

/// Whether a value stands for itself: no reference, no path, no placeholder, no prose.
fn is_literal(text: &str) -> bool {
    let text = text.trim();
    let is_reference = ["$(", "${", "{{", "://"].iter().any(|mark| text.contains(mark))
        || REFERENCES.iter().any(|start| text.starts_with(start));
    let first = text.chars().next();
    let is_filler =
        first.is_some_and(|first| "xX.-".contains(first)) && text.chars().all(|c| Some(c) == first);
    let is_word = NO_VALUES.iter().any(|word| text.eq_ignore_ascii_case(word));
    let is_prose = text.is_empty() || text.contains(char::is_whitespace);
    !(is_prose || is_reference || is_filler || is_word)
}

/// Whether a line of a file says `password = hunter2`, `"db.password": "hunter2",` or the like.
fn sets_password(line: &str) -> bool {
    let line = line.trim();
    let is_comment_or_flag = line.starts_with(['#', ';', '/', '-']);
    let Some((key, value)) = line.find(['=', ':']).and_then(|at| line.split_at_checked(at)) else {
        return false;
    };
    let key = key.trim().trim_matches(['"', '\'']);
    let value = value[1..].trim().trim_end_matches(',').trim().trim_matches(['"', '\'']);
    let is_key = key.chars().all(|c| c.is_ascii_alphanumeric() || "_.-".contains(c));
    let is_code = value.contains(|c| "()[]{}$`".contains(c));
    // `password: password` maps a field of one name to another of the same.
    let is_mapping = ends_with(key, value);
    !is_comment_or_flag && names_password(key) && is_key && !is_mapping && !is_code && is_literal(value)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn credentials_are_told_from_what_only_sounds_like_them() {
        for (name, text) in [
            ("DB_PASSWORD", "hunter2"),
            ("PGPASSWORD", "1234"),
            ("apiKey", "abc123def"),
            ("GITHUB_TOKEN", "ghp_abcdef"),
            ("AWS_SECRET_ACCESS_KEY", "wJalrXUtnFEMI"),
            ("client-secret", "s3cr3t"),
            ("DATABASE_URL", "postgres://web:hunter2@db:5432/web"),
            ("CERT", "-----BEGIN RSA PRIVATE KEY-----\nMIIE"),
        ] {
            assert!(is_credential(name, text), "{name}");
        }
        for (name, text) in [
            ("DB_PASSWORD", ""),
            ("DB_PASSWORD", "$(OTHER)"),
            ("DB_PASSWORD", "true"),
            ("DB_PASSWORD", "********"),
            ("DB_PASSWORD_FILE", "/run/secrets/db"),
            ("DB_PASSWORD", "/run/secrets/db"),
            ("MAX_TOKEN", "4096"),
            ("MAX_TOKENS", "4096x"),
            ("PRIMARY_KEY", "id"),
            ("AWS_ACCESS_KEY_ID", "AKIA"),
            ("KEYCLOAK_URL", "http://keycloak"),
            ("TOKEN", "https://login.example.com/token"),
            ("DATABASE_URL", "postgres://$(USER):$(PASSWORD)@db/web"),
            ("DATABASE_URL", "postgres://web@db/web"),
            ("DATABASE_URL", "postgres://web:<password>@db/web"),
            ("BYPASS", "x-y"),
            ("TLS_SECRET", "web-tls"),
        ] {
            assert!(!is_credential(name, text), "{name}={text}");
        }
    }

    #[test]
    fn files_and_arguments_are_searched_too() {
        for text in ["a=1\ndb.password = hunter2\n", "{\n  \"password\": \"hunter2\",\n}", "x: redis://:pw@r"]
        {
            assert!(file_holds_credential(text), "{text}");
        }
        for text in
            ["# password = x", "password: password", "password = os.environ['P']", "password: string", "a b"]
        {
            assert!(!file_holds_credential(text), "{text}");
        }
        assert!(argument_holds_credential("--db-password=hunter2"));
        assert!(!argument_holds_credential("--db-password=$(PW)"));
        assert!(!argument_holds_credential("--password-file=/x"));
    }

    /// What rule R217 calls a credential, masking must hide: a finding must not print what it warns of.
    #[test]
    fn masking_hides_at_least_what_the_rule_finds() {
        for line in ["DB_PASSWORD=hunter2", "apiKey: abc123def", "url: postgres://web:hunter2@db/web"] {
            let (name, text) = line.split_once([':', '=']).unwrap();
            assert!(is_credential(name, text.trim()) && masked_lines(line).ends_with("***"), "{line}");
        }
    }
}
