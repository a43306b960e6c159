//! What every chart refuses, and that the words name the setting and the way out.
//!
//! `tests/spec/profiles/` has whole diagnostics, with their places.

use crate::PROFILES;
use crate::harness::{Contradictions, case, preset};

#[test]
fn nothing_given_names_all_that_is_missing() {
    for profile in PROFILES {
        let found = profile.errors(case("defaults", &[]), &[]);
        assert_eq!(found, profile.refusals.nothing_given, "{}", profile.name);
    }
}

#[test]
fn production_names_all_that_nobody_can_guess() {
    for profile in PROFILES {
        let found = profile.errors(preset("production", &["production"], &[]), &[]);
        assert_eq!(found, profile.refusals.production_alone, "{}", profile.name);
    }
}

#[test]
fn each_contradiction_is_one_sentence() {
    for profile in PROFILES {
        for Contradictions { beside, table } in profile.refusals.contradictions {
            for (set, sentence) in *table {
                let sets: Vec<&str> = beside.iter().chain([set]).copied().collect();
                let found = profile.errors(profile.find(profile.objects.base), &sets);
                assert_eq!(found, [*sentence], "{}: {set}", profile.name);
            }
        }
    }
}

#[test]
fn a_secret_is_named_and_never_shown() {
    for profile in PROFILES {
        for (set, says, secret) in profile.refusals.secrets {
            let (_, findings) = profile.run(&profile.request(profile.find(profile.objects.base), &[set]));
            assert!(findings.contains(says), "{}: {findings}", profile.name);
            assert!(!findings.contains(secret), "{}: {findings}", profile.name);
        }
    }
}
