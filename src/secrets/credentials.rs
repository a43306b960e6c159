//! Credentials in plain text, as rule R217 finds them: it stops pipelines, so it errs to stay silent.
//!
//! A name is that of the key or variable that a value stands under. A text gives itself away as a URL with a password,
//! as a private key, or as a line that assigns one. Masking hides more; what the difference is:
//!
//! | | masking hides it | R217 finds it |
//! |---|---|---|
//! | `DB_PASSWORD=hunter2` | yes | yes |
//! | `DB_TOKENS=a1b2` | yes | no, its last word is `TOKENS` |
//! | `DB_PASSWORD=$(OTHER)` | no | no, that is a reference |
//! | `AUTH=hunter2` | yes | no, `auth` says too little |
//! | `postgres://web:hunter2@db/web` | yes | yes |
//!
//! What R217 finds is masked wherever it is shown, in a diff for example: a test holds that masking hides at least that.

use super::forms::has_private_key;

/// Names that end so hold a password, whatever stands before: `PGPASSWORD` has no word of its own.
const PASSWORDS: &[&str] = &["password", "passwd", "passphrase"];
/// Names whose last words are these hold a credential too, if they stand apart: `DB_PASS`, `apiKey`, `TOKEN`.
const CREDENTIAL_WORDS: &[&str] = &["pass", "secret", "token", "apikey", "credentials"];
/// What stands before a last word `key` that is a secret one: a primary key is none.
const SECRET_KEYS: &[&str] = &["api", "secret", "private", "access", "encryption", "signing", "master"];

/// Whether a name ends like that of a password. No other name is as sure.
fn names_password(name: &str) -> bool {
    PASSWORDS.iter().any(|word| ends_with(name, word))
}

/// Whether a name is that of a flag about a credential: a word of it says so.
fn names_flag(name: &str) -> bool {
    let words = name.split(|c: char| !c.is_ascii_alphanumeric());
    words.into_iter().any(|word| FLAG_WORDS.iter().any(|flag| word.eq_ignore_ascii_case(flag)))
}

/// Whether the last word of a name is that of a credential: `GITHUB_TOKEN`, but not `MAX_TOKENS`. Errs to stay silent.
fn names_credential(name: &str) -> bool {
    if CREDENTIAL_WORDS.iter().any(|word| before_last_word(name, word).is_some()) {
        return true;
    }
    let head = before_last_word(name, "key").map(|head| head.trim_end_matches(['_', '-', '.']));
    head.is_some_and(|head| SECRET_KEYS.iter().any(|word| before_last_word(head, word).is_some()))
}

/// What stands before a last word; none if the name does not end with it as a word of its own. A word begins behind
/// anything that is no letter or digit, and in camel case with a capital.
fn before_last_word<'n>(name: &'n str, word: &str) -> Option<&'n str> {
    if !ends_with(name, word) {
        return None;
    }
    let (head, tail) = name.split_at_checked(name.len() - word.len())?;
    // The `Pass` of `dbPass` begins a word. That of `DBPass` is not taken for one: a run of capitals does not say where
    // it ends.
    let is_camel_case = tail.starts_with(|c: char| c.is_ascii_uppercase())
        && head.ends_with(|c: char| c.is_ascii_lowercase());
    (is_camel_case || !head.ends_with(|c: char| c.is_ascii_alphanumeric())).then_some(head)
}

/// Whether a name ends with a word, whatever their case.
fn ends_with(name: &str, word: &str) -> bool {
    // In bytes, as a name may have a character of several bytes where the word would begin. The words are ASCII.
    let tail = name.len().checked_sub(word.len()).and_then(|at| name.as_bytes().get(at..));
    tail.is_some_and(|tail| tail.eq_ignore_ascii_case(word.as_bytes()))
}

/// Values that say something about a credential and are none. In lower case.
const NO_VALUES: &[&str] = &[
    "true", "false", "yes", "no", "on", "off", "null", "none", "nil", "string", "required", "optional",
    "enabled", "disabled", "auto", "prompt", "default", "1", "0", "t", "f", "y", "n",
];
/// Words of a name that make it the name of a flag about passwords: `MYSQL_ALLOW_EMPTY_PASSWORD`,
/// `MYSQL_RANDOM_ROOT_PASSWORD`. In lower case.
const FLAG_WORDS: &[&str] = &[
    "allow", "disable", "disabled", "empty", "enable", "enabled", "expire", "force", "generate", "no",
    "onetime", "random", "require", "required", "reset", "show", "skip", "use", "without",
];
/// How references to what other tools keep begin: paths, variables of shells and of Windows, placeholders, the
/// notations of AWS, of Vault and its kin, and tags of YAML.
const REFERENCES: &[&str] = &["/", "$", "%", "<", "{", "*", "arn:", "vault:", "ref+", "file:", "env:", "!"];

/// Whether a text under this name is a credential in plain text: the name says so, or the text itself. Errs to stay
/// silent.
pub fn is_credential(name: &str, text: &str) -> bool {
    // `TLS_SECRET: web-tls` is the name of a Secret, and `MAX_TOKEN: 4096` a number.
    // A name that ends with `password` is sure enough to take any literal for one; for the others the text has to look
    // like it.
    let could_be_one = !is_object_name(text) && text.parse::<f64>().is_err();
    let is_named = (names_password(name) || (names_credential(name) && could_be_one)) && !names_flag(name);
    (is_named && is_literal(text) && !is_named_placeholder(name, text)) || shows_credential(text)
}

/// Whether a text is what people call a thing: `web-tls`, `etcd-cluster-k8s`. Words of letters alone, and of the other ones
/// only such as `k8s` and `v2`; keys and UUIDs have more digits.
fn is_object_name(text: &str) -> bool {
    let is_word = |word: &str| word.bytes().all(|byte| byte.is_ascii_lowercase());
    let is_short = |word: &str| {
        word.len() <= 3 && word.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit())
    };
    let words: Vec<&str> = text.split(['-', '.']).collect();
    let plain = words.iter().filter(|word| is_word(word)).count();
    words.len() > 1 && words.iter().all(|word| is_word(word) || is_short(word)) && plain > words.len() - plain
}

/// Whether a text is a list of settings with a path among them, `jwt,priv-key=/opt/jwt.pem`, or the name of a file.
fn names_file(text: &str) -> bool {
    let is_path = |value: &str| ["/", "./", "../", "~/"].iter().any(|start| value.starts_with(start));
    let is_setting = |part: &str| part.split_once(['=', ':']).is_some_and(|(_, value)| is_path(value.trim()));
    let ending = text.rsplit_once('.').map_or("", |(_, ending)| ending);
    is_path(text) || text.split([',', ';']).any(is_setting) || FILE_ENDINGS.contains(&ending)
}

/// The endings of files that keys, certificates and settings are kept in.
const FILE_ENDINGS: &[&str] =
    &["pem", "key", "crt", "cer", "p12", "pfx", "jks", "json", "yaml", "yml", "txt", "conf", "ini", "env"];

/// Whether a text stands where a value is to be put, by the name itself: `API_KEY: YOUR_API_KEY`, `INSERT_API_KEY_HERE`.
fn is_named_placeholder(name: &str, text: &str) -> bool {
    let is_constant = |text: &str| {
        text.contains('_')
            && text.bytes().all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit() || byte == b'_')
    };
    let name = name.replace(['-', '.'], "_").to_ascii_uppercase();
    name.contains('_') && is_constant(text) && text.contains(&name)
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

/// The passwords of all URLs in a text: of `amqp://user:password@host/…` what stands between the first colon and the
/// last `@` before the host ends. `ends_host` says which characters do that.
fn url_passwords(text: &str, ends_host: impl Fn(char) -> bool) -> impl Iterator<Item = &str> {
    text.match_indices("://").filter_map(move |(at, scheme_end)| {
        let rest = &text[at + scheme_end.len()..];
        // The last `@`: one in a password should be written `%40`, and often is not.
        let authority = rest.split(&ends_host).next()?;
        let (user, _host) = authority.rsplit_once('@')?;
        user.split_once(':').map(|(_, password)| password)
    })
}

/// Whether the text is a credential under any name: a URL with a password, a private key.
fn shows_credential(text: &str) -> bool {
    // In prose and code a URL ends at a quote or a bracket, and what follows is none of its password.
    let ends_host = |c: char| c.is_whitespace() || "/?#\"'`,;<>|\\".contains(c);
    has_private_key(text) || url_passwords(text, ends_host).any(is_literal)
}

/// Whether a value stands for itself: no reference, no path, no placeholder, no prose.
fn is_literal(text: &str) -> bool {
    let text = text.trim();
    let is_reference = ["$(", "${", "{{", "://"].iter().any(|mark| text.contains(mark))
        || REFERENCES.iter().any(|start| text.starts_with(start));
    let first = text.chars().next();
    // `xxxxxxxx`, `........`: what people write where they mean no value. One repeated letter of another kind may be a
    // password.
    let is_filler =
        first.is_some_and(|first| "xX.-".contains(first)) && text.chars().all(|c| Some(c) == first);
    let is_word = NO_VALUES.iter().any(|word| text.eq_ignore_ascii_case(word));
    let is_prose = text.is_empty() || text.contains(char::is_whitespace);
    !(is_prose || is_reference || is_filler || is_word || names_file(text))
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
    !is_comment_or_flag
        && names_password(key)
        && !names_flag(key)
        && is_key
        && !is_mapping
        && !is_code
        && is_literal(value)
}

#[cfg(test)]
mod tests {
    use super::super::texts::masked_lines;
    use super::*;

    #[test]
    fn credentials_are_told_from_what_only_sounds_like_them() {
        for (name, text) in [
            ("DB_PASSWORD", "hunter2"),
            ("PGPASSWORD", "1234"),
            ("apiKey", "abc123def"),
            ("GITHUB_TOKEN", "ghp_abcdef"),
            ("DB_PASSWORD", "MY_PASSWORD"),
            ("AWS_SECRET_ACCESS_KEY", "wJalrXUtnFEMI"),
            ("client-secret", "s3cr3t"),
            ("API_TOKEN", "0b1d4c57-9d1e-4c57-9d40-0e6b1d0a7c11"),
            ("API_TOKEN", "a1b2-c3d4-e5f6"),
            ("API_TOKEN", "kTq2/Zs9a=="),
            ("PGPASSWORD", "web-tls"),
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
            ("DB_PASSWORD", "YOUR_DB_PASSWORD"),
            ("api-key", "INSERT_API_KEY_HERE"),
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
            ("ETCD_INITIAL_CLUSTER_TOKEN", "etcd-cluster-k8s"),
            ("SIGNING_KEY", "kms.eu-west-1.prod"),
            ("ETCD_AUTH_TOKEN", "jwt,priv-key=/opt/etcd/certs/jwt-token.pem,sign-method=RS256,ttl=10m"),
            ("SIGNING_KEY", "file=./keys/jwt;alg=RS256"),
            ("SIGNING_KEY", "keys/jwt.pem"),
            ("PASSWORD", "~/.password"),
            ("MYSQL_ALLOW_EMPTY_PASSWORD", "1"),
            ("MYSQL_ALLOW_EMPTY_PASSWORD", "ok"),
            ("MARIADB_RANDOM_ROOT_PASSWORD", "anything"),
            ("REQUIRE_PASSWORD", "0"),
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

    /// What rule R217 calls a credential, masking must hide.
    #[test]
    fn masking_hides_at_least_what_the_rule_finds() {
        for line in [
            "DB_PASSWORD=hunter2",
            "DB_PASS=hunter2",
            "passphrase: hunter2",
            "apiKey: abc123def",
            "url: postgres://web:hunter2@db/web",
        ] {
            let (name, text) = line.split_once([':', '=']).unwrap();
            assert!(is_credential(name, text.trim()) && masked_lines(line).ends_with("***"), "{line}");
        }
    }
}
