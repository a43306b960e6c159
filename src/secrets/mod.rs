//! The one judge of secrets: what is secret, how it is kept from being shown, and how a new one is made.
//!
//! Two things say what is secret:
//!
//! | file | knows a secret by | for example |
//! |---|---|---|
//! | `by_schema` | what the values schema says of a place | `writeOnly: true` |
//! | `judge` | the object that it lies in, and all of the following | `stringData` of a Secret |
//! | `names` | the name of the key, variable, flag or header that it stands under | `DB_PASSWORD` |
//! | `commands` | the word before it in a command line, and the program | `mysql -p x` |
//! | `forms` | the text itself | `postgres://web:hunter2@db/web`, a private key |
//! | `texts` | the lines of a text of any format | `{"password": "x"}` in a ConfigMap |
//!
//! The schema is certain: where it names a key, the name itself does not count. All else is a guess, and there are two
//! sets of them, because a wrong guess costs differently:
//!
//! * **Masking errs to hide.** A finding that shows `***` in the place of a harmless text is a nuisance, one that shows
//!   a password is a leak. So [`Secrecy`] asks all of the above, and [`masked_lines`] hides all that follows.
//! * **Rule R217 errs to stay silent.** It is denied by default, so a false alarm stops a pipeline. So
//!   [`is_credential`] (`credentials`) wants a password's name as a word of its own and a value that can be nothing but a
//!   literal.
//!
//! `judgements.txt` has a line for each case that people have met, secret or not; tests hold all of this against it.
//! The judge looks at values only when something is shown: a render without findings asks the schema alone.
//!
//! A key that holds a value, as `PASSWORD:"x"` does for YAML, is shown up to the value (`slips`).
//!
//! What is hidden is taken out of the words of the finding too (`quoted`), whatever form they have it in.
//!
//! A text that could not be read has no values that could be judged: `unread` leaves its keys and its punctuation.
//!
//! What is done with a secret is here too: `masking` keeps it from being shown, in the sources' texts and in trees;
//! `recipe` reads `x-generate` and makes texts of that form; `missing` finds the secrets that a user still has to make.
//! Randomness is handed in by the caller, so the library stays deterministic.
//!
//! This module knows neither charts nor Kubernetes objects: it is told a group and a kind as texts, a place as a path,
//! and what the schema wants there as a [`WantRef`](crate::yaml::WantRef).

mod by_schema;
mod commands;
mod credentials;
mod forms;
mod judge;
mod lines;
mod masking;
mod missing;
mod names;
mod quoted;
mod recipe;
mod slips;
mod texts;
mod unread;

pub use by_schema::is_secret_path;
pub use credentials::{argument_holds_credential, file_holds_credential, is_credential};
pub use judge::{Secrecy, is_secret_content, is_secret_kind};
pub use masking::{
    SecretTexts, ValueMask, hide_assignment, hide_secret_content, hide_tree, hide_values, hides_shown,
    mask_all_keys, mask_comment, mask_keys, masked_text, star_out,
};
pub use missing::{MissingSecrets, missing_secrets};
pub use quoted::{HiddenText, hidden_texts};
pub use recipe::{WrongRecipe, fill_with_dummies, generate, read_recipe};
pub use slips::{shown_key, shown_path};
pub use texts::{masked_lines, shown_sentence};
