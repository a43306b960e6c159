//! What a name says of the value that stands under it: that of a key, a variable, a flag or a header.
//!
//! A name is cut into words, and its last words count most: `DB_PASSWORD` is a password, `PASSWORD_FILE` says where one
//! is kept, and `passwordPolicy` is neither.
//!
//! ```text
//! dbPassword   db password        the secret itself
//! apiKey       api key            the secret itself
//! sshKey       ssh key            perhaps
//! secretName   secret name        nothing: what is called by a name is known to the reader
//! TOKEN_FILE   token file         a place
//! ```

/// What a name says.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum NameSays {
    /// No secret is behind it.
    Nothing,
    /// `key` alone, which is the name of a field in many formats: a secret if it looks like one made by chance.
    BareKey,
    /// Where a secret is kept: a path, or the name of an object.
    Place,
    /// A secret or what is told of one: `auth`, `cookie`.
    Perhaps,
    /// A secret, with everything that is in it.
    Secret,
}

/// In a word with one of these in it, a secret is assumed.
const PARTS: &[&str] = &[
    "password",
    "passwd",
    "passphrase",
    "passwort",
    "kennwort",
    "secret",
    "credential",
    "token",
    "apikey",
    "privatekey",
    "accesskey",
    "secretkey",
    "dockerconfigjson",
    "connectionstring",
];
/// Words with one of those in them that have another meaning.
const OTHER_WORDS: &[&str] = &["tokeniz", "tokenis", "secretar", "passwordless"];
/// Words that are the name of a secret as a whole.
const WORDS: &[&str] = &[
    "pwd",
    "passcode",
    "psk",
    "jwt",
    "dsn",
    "creds",
    "cred",
    "dockercfg",
    "dockerconfig",
    "netrc",
    "htpasswd",
    "mnemonic",
    "authorization",
    "bearer",
    "kubeconfig",
    "keytab",
    "otp",
    "totp",
    "pin",
    "pw",
    "connstr",
];
/// Words that name a secret only where they are the last one.
const LAST_WORDS: &[&str] =
    &["auth", "cookie", "signature", "sig", "pem", "pfx", "p12", "jks", "keystore", "salt", "pepper", "pat"];
/// Words that end with `pass` and are none.
const NO_PASS: &[&str] = &[
    "bypass",
    "compass",
    "trespass",
    "overpass",
    "underpass",
    "surpass",
    "encompass",
    "proxypass",
    "multipass",
    "singlepass",
    "allpass",
];
/// `pass` behind one of these passes something on, as in the configuration of nginx.
const PASSING: &[&str] = &["proxy", "fastcgi", "grpc", "uwsgi", "scgi", "memcached", "first", "second", "by"];
/// Before a last word `key`: a secret for sure.
const SECRET_KEYS: &[&str] = &[
    "api",
    "secret",
    "private",
    "access",
    "encryption",
    "signing",
    "master",
    "account",
    "shared",
    "auth",
    "hmac",
    "aes",
    "admin",
    "app",
    "client",
    "server",
    "license",
    "licence",
    "storage",
    "root",
    "jwt",
    "session",
    "application",
    "write",
    "deploy",
];
/// Before a last word `key`: what is looked up by it, and no secret.
const OTHER_KEYS: &[&str] = &[
    "topology",
    "primary",
    "foreign",
    "partition",
    "sort",
    "public",
    "label",
    "annotation",
    "routing",
    "shard",
    "cache",
    "group",
    "idempotency",
    "object",
    "map",
    "config",
    "lookup",
    "index",
    "row",
    "dedup",
    "grouping",
    "unique",
    "composite",
    "join",
    "ordering",
    "metric",
    "feature",
    "flag",
    "event",
    "message",
    "hot",
    "arrow",
    "translation",
    "property",
    "attribute",
    "field",
    "values",
    "data",
    "set",
    "target",
    "source",
    "item",
    "hash",
    "range",
    "column",
    "match",
    "taint",
    "toleration",
    "selector",
    "node",
    "pub",
    "ca",
    "cert",
    "kms",
];
/// Words that end with `key` and have `key` for a part of their own.
const KEY_WORDS: &[&str] = &[
    "sshkey",
    "signingkey",
    "encryptionkey",
    "masterkey",
    "sessionkey",
    "authkey",
    "passkey",
    "hostkey",
    "keypair",
];
/// Behind `key`: still the key itself.
const KEY_TAILS: &[&str] = &["id", "data", "material", "pem", "b64", "base64", "value", "raw", "hex", "json"];

/// Last words that say something about a secret: how long it lives, what sort it is, who made it.
const ABOUT: &[&str] = &[
    "name",
    "names",
    "ref",
    "refs",
    "reference",
    "selector",
    "namespace",
    "type",
    "kind",
    "ttl",
    "timeout",
    "length",
    "len",
    "size",
    "count",
    "limit",
    "limits",
    "seconds",
    "minutes",
    "hours",
    "days",
    "ms",
    "enabled",
    "enable",
    "disabled",
    "disable",
    "policy",
    "rotation",
    "expiration",
    "expiry",
    "expires",
    "lifetime",
    "duration",
    "version",
    "algorithm",
    "alg",
    "format",
    "encoding",
    "issuer",
    "audience",
    "audiences",
    "mode",
    "header",
    "headers",
    "field",
    "column",
    "prefix",
    "suffix",
    "label",
    "labels",
    "annotation",
    "annotations",
    "required",
    "optional",
    "strength",
    "attempts",
    "retries",
    "interval",
    "class",
    "provider",
    "providers",
    "backend",
    "store",
    "manager",
    "operator",
    "controller",
    "reviews",
    "review",
    "description",
    "title",
    "url",
    "uri",
    "endpoint",
    "host",
    "port",
    "service",
    "server",
    "address",
    "scope",
    "scopes",
    "claim",
    "claims",
    "stdin",
    "method",
    "methods",
    "requests",
    "projection",
    "generator",
    "driver",
    "bucket",
    "rate",
    "min",
    "max",
    "created",
    "updated",
    "reload",
    "reloader",
    "permissions",
    "grants",
    "usage",
    "usages",
    "prompt",
    "verification",
    "validation",
    "validator",
    "encryption",
    "transform",
    "authentication",
    "roles",
    "role",
    "user",
    "username",
    "group",
    "groups",
    "owner",
    "index",
    "schema",
    "plugin",
];
/// Last words that say where a secret is kept.
const PLACES: &[&str] = &[
    "file",
    "files",
    "path",
    "paths",
    "dir",
    "directory",
    "folder",
    "mount",
    "location",
    "filename",
    "volume",
];
/// Before a last word `secret` or `secrets`: it is the name of one.
const NAMED_SECRETS: &[&str] = &[
    "existing",
    "pull",
    "auth",
    "tls",
    "cert",
    "certificate",
    "ca",
    "ssl",
    "password",
    "credential",
    "credentials",
    "image",
    "volume",
    "mount",
    "use",
    "from",
];
/// Before `tokens`: a number of them.
const NUMBERS_OF: &[&str] =
    &["max", "min", "num", "total", "count", "limit", "per", "prompt", "output", "input"];

/// What says something of a value has one of these in it: most names have none, and are not cut into words. At least
/// two letters or digits each, in lower case.
const STEMS: &[&str] = &[
    "key",
    "id_",
    "secret",
    "pass",
    "kennwort",
    "cred",
    "token",
    "docker",
    "string",
    "pw",
    "psk",
    "jwt",
    "dsn",
    "netrc",
    "mnemonic",
    "auth",
    "bearer",
    "kubeconfig",
    "otp",
    "pin",
    "connstr",
    "cookie",
    "sig",
    "pem",
    "pfx",
    "p12",
    "jks",
    "salt",
    "pepper",
    "pat",
];

/// By the first two bytes of a stem, and by its second and third: bit `b % 32` of row `a % 32` for `ab`. Letters of both
/// cases are the same there.
const STEM_BEGINNINGS: [[u32; 32]; 2] = {
    let mut rows = [[0; 32]; 2];
    let mut at = 0;
    while at < STEMS.len() {
        let stem = STEMS[at].as_bytes();
        rows[0][(stem[0] % 32) as usize] |= 1 << (stem[1] % 32);
        rows[1][(stem[1] % 32) as usize] |= if stem.len() > 2 { 1 << (stem[2] % 32) } else { u32::MAX };
        at += 1;
    }
    rows
};

/// Whether a name has a stem in it, or may have one.
fn has_stem(name: &str) -> bool {
    // The lower case of other letters may be one of these.
    if !name.is_ascii() {
        return true;
    }
    let bytes = name.as_bytes();
    let follows =
        |row: usize, one: u8, next: u8| STEM_BEGINNINGS[row][(one % 32) as usize] >> (next % 32) & 1 == 1;
    bytes.windows(2).enumerate().any(|(at, pair)| {
        follows(0, pair[0], pair[1])
            && bytes.get(at + 2).is_none_or(|third| follows(1, pair[1], *third))
            && STEMS.iter().any(|stem| {
                bytes.get(at..at + stem.len()).is_some_and(|word| word.eq_ignore_ascii_case(stem.as_bytes()))
            })
    })
}

/// A longer name is not one, but a text that has a colon in it; only its end is looked at.
const LONGEST_NAME: usize = 120;

/// What a name says of the value under it.
pub(super) fn name_says(name: &str) -> NameSays {
    let name = &name[name.ceil_char_boundary(name.len().saturating_sub(LONGEST_NAME))..];
    if name == "key" {
        return NameSays::BareKey;
    }
    if !has_stem(name) {
        return NameSays::Nothing;
    }
    if name.contains("id_rsa")
        || name.contains("id_ed25519")
        || name.contains("id_ecdsa")
        || name.contains("id_dsa")
    {
        let is_public = name.ends_with(".pub");
        return if is_public { NameSays::Nothing } else { NameSays::Secret };
    }
    // Of the key of an annotation, what stands behind its domain; `checksum/secret` is the checksum of one.
    let words = words(name.rsplit('/').next().filter(|end| !end.is_empty()).unwrap_or(name));
    if name.starts_with("checksum") {
        return NameSays::Nothing;
    }
    let Some((last, head)) = words.split_last() else { return NameSays::Nothing };
    let before = head.last().map_or("", String::as_str);
    let last = last.as_str();
    if ABOUT.contains(&last) {
        return NameSays::Nothing;
    }
    if matches!(last, "secret" | "secrets") && NAMED_SECRETS.contains(&before) {
        return NameSays::Place;
    }
    // The key of a Secret that is there: `existingSecretPasswordKey`.
    if matches!(last, "key" | "keys") && head.first().is_some_and(|word| word == "existing") {
        return NameSays::Place;
    }
    if last == "tokens" && head.iter().any(|word| NUMBERS_OF.contains(&word.as_str())) {
        return NameSays::Nothing;
    }
    let says = key_says(&words).max(words_say(&words));
    if says > NameSays::Nothing && PLACES.contains(&last) { NameSays::Place } else { says }
}

/// Whether a name is of something that has to do with a secret, and not of one: of `secretSync`, the last word says so.
pub(super) fn is_about_secret(name: &str) -> bool {
    words(name).last().is_some_and(|last| name_says(last) == NameSays::Nothing)
}

/// What the words say that are no `key`.
fn words_say(words: &[String]) -> NameSays {
    let Some((last, head)) = words.split_last() else { return NameSays::Nothing };
    let is_secret = |word: &String| {
        let part = PARTS.iter().any(|part| word.contains(part))
            && !OTHER_WORDS.iter().any(|other| word.contains(other));
        part || WORDS.contains(&word.as_str())
    };
    // `storepass`, `requirepass`, `masterauth`: tools write flags in one word.
    let is_pass = last.ends_with("pass")
        && !NO_PASS.contains(&last.as_str())
        && !head.last().is_some_and(|word| last == "pass" && PASSING.contains(&word.as_str()));
    let is_connection =
        last == "string" && head.last().is_some_and(|word| word == "connection" || word == "conn");
    if words.iter().any(is_secret) || is_pass || is_connection || last == "masterauth" {
        return NameSays::Secret;
    }
    if LAST_WORDS.contains(&last.as_str()) || last.ends_with("auth") {
        NameSays::Perhaps
    } else {
        NameSays::Nothing
    }
}

/// What a word `key` in a name says.
fn key_says(words: &[String]) -> NameSays {
    // The place of `key`, with nothing behind it but words that leave it a key.
    let tail = words.iter().rev().take_while(|word| KEY_TAILS.contains(&word.as_str())).count();
    let Some((key, head)) = words[..words.len() - tail].split_last() else { return NameSays::Nothing };
    if KEY_WORDS.contains(&key.as_str()) {
        return NameSays::Secret;
    }
    if key != "key" && key != "keys" {
        return NameSays::Nothing;
    }
    match head.last() {
        Some(word) if SECRET_KEYS.contains(&word.as_str()) => NameSays::Secret,
        Some(word) if OTHER_KEYS.contains(&word.as_str()) => NameSays::Nothing,
        _ => NameSays::Perhaps,
    }
}

/// The words of a name in lower case, without digits at their ends. A word begins behind anything that is no letter or
/// digit, and in camel case with a capital: `DBPassword2` is `db password`.
fn words(name: &str) -> Vec<String> {
    let mut words = Vec::new();
    let mut word = String::new();
    let characters: Vec<char> = name.chars().collect();
    let mut end = |word: &mut String| {
        let kept = word.trim_end_matches(|c: char| c.is_ascii_digit());
        // `p12` and its like are words with their digits.
        let kept = if kept.len() < 2 { word.as_str() } else { kept };
        if !kept.is_empty() {
            words.push(kept.to_lowercase());
        }
        word.clear();
    };
    for (at, &character) in characters.iter().enumerate() {
        if !character.is_alphanumeric() {
            end(&mut word);
            continue;
        }
        let before = at.checked_sub(1).map(|at| characters[at]);
        let after = characters.get(at + 1);
        let begins = character.is_uppercase()
            && (before.is_some_and(|before| before.is_lowercase() || before.is_ascii_digit())
                || before.is_some_and(char::is_uppercase) && after.is_some_and(|after| after.is_lowercase()));
        if begins {
            end(&mut word);
        }
        word.push(character);
    }
    end(&mut word);
    words
}

/// Whether a text under a name of this sort is a secret. Nothing is told by an empty text, a boolean, or a place that
/// is filled in later, such as `$(PASSWORD)`.
pub(super) fn is_secret_under(says: NameSays, text: &str) -> bool {
    let text = text.trim();
    if says == NameSays::Nothing || is_empty_or_filled_in(text) {
        return false;
    }
    match says {
        NameSays::Nothing => false,
        NameSays::BareKey => looks_random(text),
        NameSays::Place => !is_path(text) && !is_object_name(text),
        // A certificate or a public key may be seen by anyone.
        NameSays::Perhaps if text.starts_with("-----BEGIN ") && !text.contains("PRIVATE KEY") => false,
        NameSays::Perhaps => {
            !is_path(text) && text.parse::<f64>().is_err() && !METHODS.contains(&&*text.to_ascii_lowercase())
        }
        NameSays::Secret => true,
    }
}

/// Ways to log in, which stand behind `auth` and the like.
const METHODS: &[&str] = &[
    "basic",
    "bearer",
    "digest",
    "oauth",
    "oauth2",
    "oidc",
    "ldap",
    "saml",
    "none",
    "mtls",
    "tls",
    "token",
    "password",
    "iam",
    "kerberos",
    "jwt",
    "anonymous",
    "required",
    "optional",
    "default",
    "auto",
    "always",
    "never",
    "lax",
    "strict",
    "scram",
    "scram-sha-256",
    "md5",
    "trust",
    "plain",
    "internal",
    "external",
];

/// Whether a text is no value: empty, true or false, or one whole reference to a variable or an expression.
pub(super) fn is_empty_or_filled_in(text: &str) -> bool {
    let is_variable = |inside: &str| {
        !inside.is_empty()
            && inside.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '_' | '.' | '-'))
    };
    let between = |open: &str, close: &str| text.strip_prefix(open).and_then(|rest| rest.strip_suffix(close));
    matches!(text, "" | "true" | "false" | "null" | "~" | "***" | "True" | "False" | "''" | "\"\"")
        || between("$(", ")").is_some_and(is_variable)
        || between("${", "}").is_some_and(is_variable)
        || between("<", ">").is_some_and(is_variable)
        || between("{{", "}}").is_some_and(|inside| !inside.contains("}}") && !inside.contains(['"', '\'']))
}

/// Whether a text is a path, or a file by its ending.
fn is_path(text: &str) -> bool {
    let is_word = |c: char| c.is_ascii_alphanumeric() || "/._-~$(){}*\\:".contains(c);
    let has_ending = text.rsplit_once('.').is_some_and(|(stem, ending)| {
        !stem.is_empty() && (2..=5).contains(&ending.len()) && ending.chars().all(|c| c.is_ascii_lowercase())
    });
    let begins = ["/", "./", "../", "~/", "file:", "C:\\"].iter().any(|start| text.starts_with(start));
    text.chars().all(is_word) && (begins || has_ending)
}

/// Whether a text can be the name of an object of Kubernetes.
fn is_object_name(text: &str) -> bool {
    let is_end = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit();
    text.len() <= 253
        && text.chars().all(|c| is_end(c) || c == '-' || c == '.')
        && text.starts_with(is_end)
        && text.ends_with(is_end)
}

/// Whether a text looks as if it was made by chance: long, in one piece, of letters and digits.
pub(super) fn looks_random(text: &str) -> bool {
    text.len() >= 16
        && !text.contains(char::is_whitespace)
        && text.contains(|c: char| c.is_ascii_digit())
        && text.contains(|c: char| c.is_ascii_alphabetic())
        && !is_path(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_word_that_says_something_has_a_stem() {
        let single =
            ["key", "keys", "pass", "masterauth", "connection string", "secrets", "id_rsa", "id_dsa"];
        let words = [PARTS, WORDS, LAST_WORDS, KEY_WORDS, &single].concat();
        for word in words {
            for name in [word.to_owned(), word.to_uppercase(), format!("x.{word}2"), format!("é{word}")] {
                assert!(has_stem(&name), "{name}");
            }
        }
        for name in ["", "a", "replicas", "metadata", "image.tag", "nodeSelector", "containers", "labels"] {
            assert!(!has_stem(name), "{name}");
        }
    }
}
