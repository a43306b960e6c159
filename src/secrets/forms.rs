//! Secrets that a piece of text gives away by its form: an assignment, a URL with a password, the tokens of well known
//! services, a hash of a password.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use memchr::{memchr, memchr2_iter, memmem};

use super::names::{NameSays, is_empty_or_filled_in, is_secret_under, looks_random, name_says};

/// The byte of a line at which the first secret begins. Everything behind it is taken for a part of it: where a secret
/// ends, only the reader of the text's format knows.
pub(super) fn secret_start(line: &str) -> Option<usize> {
    let found = [
        assigned(line),
        url_password(line),
        known_token(line),
        login(line),
        element(line),
        memmem::find(line.as_bytes(), b"-----BEGIN ").filter(|_| has_private_key(line)),
    ];
    found.into_iter().flatten().min()
}

/// Whether a private key is in the text (PEM, of any kind: `RSA PRIVATE KEY`, `OPENSSH PRIVATE KEY`).
pub(super) fn has_private_key(text: &str) -> bool {
    text.contains("-----BEGIN ")
        && (text.contains("PRIVATE KEY-----") || text.contains("PRIVATE KEY BLOCK-----"))
}

/// Where the text of the first element of XML with the name of a secret begins: `<password>hunter2</password>`.
fn element(line: &str) -> Option<usize> {
    // Most lines have none.
    let close = memmem::find(line.as_bytes(), b"</")?;
    let head = &line[..close];
    let begin = head.rfind('>')? + 1;
    let name = head[..begin - 1].rsplit('<').next()?.split_whitespace().next()?;
    is_secret_under(name_says(name), line[begin..close].trim()).then_some(begin)
}

/// The most bytes of a value that something else fills in, such as `{{ .Values.password }}`.
const MOST_FILLED_IN: usize = 256;

/// Where the value of the first assignment of a secret begins: `password=hunter2`, `"token": "…"`, `X-Api-Key: …`.
fn assigned(line: &str) -> Option<usize> {
    let bytes = line.as_bytes();
    let mut is_first = true;
    for at in memchr2_iter(b'=', b':', bytes) {
        let is_head = std::mem::replace(&mut is_first, false);
        if line[at..].starts_with("://") || line[at..].starts_with("::") || line[..at].ends_with(':') {
            continue;
        }
        // `:=`, `+=`, `==`: the name stands before the whole sign.
        let head = line[..at].trim_end_matches([':', '=', '+', '?', '!', '<', '>', '~']);
        let head = head.trim_end().trim_end_matches(['"', '\'', ']', '`', '\\']);
        let name_start =
            head.rfind(|c: char| !is_name(c)).map_or(0, |before| before + char_len(head, before));
        let name = &head[name_start..];
        let rest = &line[at + 1..];
        let mut value_start =
            at + 1 + (rest.len() - rest.trim_start_matches([' ', '\t', '=', '"', '\'', '\\']).len());
        // Behind an anchor of YAML, whose name tells nothing and is short.
        let anchor = &line[value_start..line.floor_char_boundary(value_start + MOST_FILLED_IN)];
        if bytes[at] == b':'
            && anchor.starts_with('&')
            && let Some(end) = anchor.find([' ', '\t'])
        {
            let value = anchor[end..].trim_start_matches([' ', '\t', '"', '\'']);
            value_start += anchor.len() - value.len();
        }
        let before = line[..value_start].chars().next_back();
        // Whatever the name says: most lines of a template end here. A line may have a sign for each two of its bytes, so no
        // more is looked at than such values are long.
        let near = &line[value_start..line.floor_char_boundary(value_start + MOST_FILLED_IN)];
        if is_empty_or_filled_in(first_word(near, before).trim()) {
            continue;
        }
        // A port, an image's tag, a time: a colon within a word divides no name from its value, unless the name is sure.
        let is_within = bytes[at] == b':' && !rest.starts_with([' ', '\t', '"', '\'', '\\']);
        let mut says = name_says(name);
        // Of the first sign of a line, all that stands before it is looked at: `the password of the database: x`.
        if is_head {
            says = says.max(match name_says(head) {
                NameSays::Secret => NameSays::Secret,
                _ => NameSays::Nothing,
            });
        }
        let is_image = || is_image(&line[..at], first_word(&line[value_start..], before));
        if is_within && (says != NameSays::Secret || is_image()) {
            continue;
        }
        if is_secret_under(says, first_word(&line[value_start..], before)) {
            return Some(value_start);
        }
    }
    None
}

/// Whether a name and what stands behind its colon, without a blank, are an image and its tag, or a path and how it is mounted:
/// `external-secrets/external-secrets:v0.9`, `app-secrets:latest`, `/run/secrets:ro`.
pub(super) fn is_image(name: &str, tag: &str) -> bool {
    let word = name.rsplit(|c: char| !is_name(c) && c != '/').next().unwrap_or(name);
    // One name behind a domain is that of an annotation: `vault.example.com/token`. What ends with `token` alone is its name:
    // `admin/token`.
    let is_path = word.split_once('/').is_some_and(|(first, rest)| {
        first.is_empty() || (rest.contains(['-', '_']) && (!first.contains('.') || rest.contains('/')))
    });
    let number = tag.strip_prefix('v').unwrap_or(tag);
    let is_version = number.starts_with(|first: char| first.is_ascii_digit())
        && number.contains('.')
        && number.chars().all(is_name);
    is_path || is_version || matches!(tag, "latest" | "stable" | "main" | "master" | "edge" | "nightly")
}

fn is_name(c: char) -> bool {
    c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '.')
}

fn char_len(text: &str, at: usize) -> usize {
    text[at..].chars().next().map_or(1, char::len_utf8)
}

/// The value that a text begins with: up to the quote that was opened before it, or up to what ends a word.
fn first_word(text: &str, before: Option<char>) -> &str {
    let end = match before {
        Some(quote @ ('"' | '\'')) => text.find(quote),
        // An expression of a template has blanks in it.
        _ if text.starts_with("{{") => text.find("}}").map(|at| at + 2),
        _ => text.find(|c: char| c.is_whitespace() || "&;,\"'".contains(c)),
    };
    let word = &text[..end.unwrap_or(text.len())];
    // The brackets of a flow collection; those of `$(NAME)` belong to the word.
    if word.starts_with('$') || word.starts_with("{{") {
        word
    } else {
        word.trim_end_matches(['}', ']', ')'])
    }
}

/// Where the password of the first URL with one begins: of `amqp://user:password@host/…` what stands between the first
/// colon and the last `@`. A user alone is a secret where it looks like a token.
pub(super) fn url_password(text: &str) -> Option<usize> {
    // All forms have one.
    memchr(b'@', text.as_bytes())?;
    for (at, scheme_end) in text.match_indices("://") {
        let start = at + scheme_end.len();
        let word = &text[start..];
        let word =
            &word[..word.find(|c: char| c.is_whitespace() || "\"'`<>".contains(c)).unwrap_or(word.len())];
        // The last `@` before the host ends: one in a password should be written `%40`, and often is not. Neither is a
        // slash; then the port before it is none.
        let authority = &word[..word.find(['/', '?', '#']).unwrap_or(word.len())];
        let is_port = |(_, port): (&str, &str)| port.bytes().all(|byte| byte.is_ascii_digit());
        let user_info = match authority.rsplit_once('@') {
            Some((user_info, _)) => Some(user_info),
            None if authority.split_once(':').is_some_and(|parts| !is_port(parts)) => {
                word.rsplit_once('@').map(|(user_info, _)| user_info)
            }
            None => None,
        };
        let Some(user_info) = user_info else { continue };
        match user_info.split_once(':') {
            Some((user, password)) if !is_empty_or_filled_in(password) => {
                return Some(start + user.len() + 1);
            }
            Some(_) => {}
            None if user_info.len() >= 20 && looks_random(user_info) => return Some(start),
            None => {}
        }
    }
    // As drivers of Go and Oracle write them: `user:password@tcp(host)/db`, `thin:user/password@host`.
    let of_driver = |mark: &str, divider: char| {
        let end = text.find(mark)?;
        let start = text[..end].rfind(divider)? + 1;
        (!is_empty_or_filled_in(&text[start..end])).then_some(start)
    };
    let oracle = text.find("thin:").and_then(|at| {
        let (user, rest) = text[at + 5..].split_once('/')?;
        (rest.contains('@') && !user.contains('@') && !rest.starts_with('@'))
            .then_some(at + 5 + user.len() + 1)
    });
    of_driver("@tcp(", ':').or_else(|| of_driver("@unix(", ':')).or(oracle)
}

/// How tokens of well known services begin, hashes of passwords too, and how many characters follow at least.
const TOKENS: &[(&str, usize)] = &[
    ("ghp_", 16),
    ("gho_", 16),
    ("ghs_", 16),
    ("ghu_", 16),
    ("ghr_", 16),
    ("github_pat_", 16),
    ("glpat-", 10),
    ("xoxb-", 10),
    ("xoxp-", 10),
    ("xoxa-", 10),
    ("xapp-", 10),
    ("sk_live_", 8),
    ("sk_test_", 8),
    ("rk_live_", 8),
    ("sk-ant-", 8),
    ("sk-proj-", 8),
    ("AKIA", 16),
    ("ASIA", 16),
    ("AIza", 30),
    ("npm_", 20),
    ("dop_v1_", 16),
    ("hvs.", 16),
    ("hf_", 20),
    ("pypi-AgE", 10),
    ("AGE-SECRET-KEY-", 10),
    ("shpat_", 16),
    ("SG.", 20),
    ("ya29.", 20),
    ("eyJhbGciOi", 10),
    ("$2a$", 20),
    ("$2b$", 20),
    ("$2y$", 20),
    ("$apr1$", 10),
    ("$6$", 20),
    ("$5$", 20),
    ("$argon2", 10),
    ("{SHA}", 20),
    ("{SSHA}", 20),
    ("hooks.slack.com/services/", 10),
    ("discord.com/api/webhooks/", 10),
];

/// For each byte whether words go on with it ([`IN_WORD`]), and whether a token begins with it ([`FIRST`]).
const BYTES: [u8; 256] = {
    let mut bytes = [0; 256];
    let mut byte = 0;
    while byte < bytes.len() {
        if (byte as u8).is_ascii_alphanumeric() {
            bytes[byte] |= IN_WORD;
        }
        byte += 1;
    }
    let mut at = 0;
    while at < TOKENS.len() {
        bytes[TOKENS[at].0.as_bytes()[0] as usize] |= FIRST;
        at += 1;
    }
    bytes
};

const IN_WORD: u8 = 1;
const FIRST: u8 = 2;

/// Where the first token of a well known service begins.
fn known_token(text: &str) -> Option<usize> {
    let bytes = text.as_bytes();
    let is_long = |rest: &[u8], least: usize| {
        rest.iter()
            .take_while(|byte| byte.is_ascii_alphanumeric() || b"-_./+$=".contains(byte))
            .take(least)
            .count()
            == least
    };
    let is_token = |rest: &[u8]| {
        TOKENS.iter().any(|(start, least)| {
            let start = start.as_bytes();
            // Nearly all differ in their second byte.
            rest.get(1) == start.get(1) && rest.strip_prefix(start).is_some_and(|rest| is_long(rest, *least))
        })
    };
    let mut before = 0;
    for (at, byte) in bytes.iter().enumerate() {
        let class = BYTES[usize::from(*byte)];
        if class & FIRST != 0 && before & IN_WORD == 0 && is_token(&bytes[at..]) {
            return Some(at);
        }
        before = class;
    }
    None
}

/// Where the credential of an `Authorization` header begins, if the scheme stands there without the header's name:
/// `Bearer …`, `Basic …`.
fn login(text: &str) -> Option<usize> {
    let bytes = text.as_bytes();
    let after = |scheme: &str| {
        let is_scheme = |at: &usize| {
            bytes.get(*at..at + scheme.len()).is_some_and(|word| word.eq_ignore_ascii_case(scheme.as_bytes()))
        };
        let at = memchr2_iter(b'b', b'B', bytes).find(is_scheme)? + scheme.len();
        let word = text[at..].split(|c: char| c.is_whitespace() || "\"',;".contains(c)).next()?;
        Some((at, word))
    };
    let bearer = after("bearer ").filter(|(_, word)| looks_random(word));
    let is_pair = |word: &str| STANDARD.decode(word).is_ok_and(|bytes| bytes.contains(&b':'));
    let basic = after("basic ").filter(|(_, word)| is_pair(word));
    bearer.or(basic).map(|(at, _)| at)
}
