//! The one judge of secrets: what is secret, how it is kept from being shown, and how a new one is made.
//!
//! There are four ways to know a secret:
//!
//! | file | knows a secret by | for example |
//! |---|---|---|
//! | `by_schema` | what the values schema says of a place | `writeOnly: true` |
//! | `by_kind` | the Kubernetes object that it lies in | `stringData` of a Secret |
//! | `guesses` | the name of the key or variable that it stands under | `DB_PASSWORD` |
//! | `guesses` | the text itself | `postgres://web:hunter2@db/web`, a private key |
//!
//! The schema is certain: where it says something of a place, the name of the key does not count. Names and forms are
//! guesses, and there are two sets of them, because a wrong guess costs differently:
//!
//! * **Masking errs to hide.** A finding that shows `***` in the place of a harmless text is a nuisance, one that shows
//!   a password is a leak. So `suggests_secret` takes every key with `key` or `token` anywhere in it, and
//!   [`masked_lines`] hides all that follows.
//! * **Rule R217 errs to stay silent.** It is denied by default, so a false alarm stops a pipeline. So
//!   [`is_credential`] wants a password's name as a word of its own and a value that can be nothing but a literal.
//!
//! Both stand in one file, so that a change of one is made in sight of the other.
//!
//! What is done with a secret is here too: `masking` keeps it from being shown, in the sources' texts and in trees;
//! `recipe` reads `x-generate` and makes texts of that form; `missing` finds the secrets that a user still has to make.
//! Randomness is handed in by the caller, so the library stays deterministic.
//!
//! This module knows neither charts nor Kubernetes objects: it is told a group and a kind as texts, a place as a path,
//! and what the schema wants there as a [`WantRef`](crate::yaml::WantRef).

mod by_kind;
mod by_schema;
mod guesses;
mod masking;
mod missing;
mod recipe;

pub use by_kind::{Secrecy, hide_secret_content, is_secret_content};
pub use by_schema::{is_secret_key, is_secret_path};
pub use guesses::{argument_holds_credential, file_holds_credential, is_credential, masked_lines};
pub use masking::{SecretTexts, ValueMask, hide_assignment, hide_tree, hide_values, masked_text, star_out};
pub use missing::{MissingSecrets, missing_secrets};
pub use recipe::{WrongRecipe, fill_with_dummies, generate, read_recipe};
