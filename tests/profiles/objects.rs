//! Which objects every chart has: after a first install, and what each toggle adds and takes away.

use crate::PROFILES;
use crate::harness::names;

#[test]
fn a_first_install_has_exactly_its_objects() {
    for profile in PROFILES {
        let found = profile.objects(profile.find(profile.objects.base), profile.objects.sets);
        assert_eq!(found, names(profile.objects.first_install), "{}", profile.name);
        assert_eq!(found.len(), profile.objects.first_install.len(), "{}: a name twice", profile.name);
    }
}

#[test]
fn each_toggle_adds_and_takes_away_exactly_its_objects() {
    for profile in PROFILES {
        for (sets, adds, takes) in profile.objects.toggles {
            let sets: Vec<&str> = profile.objects.sets.iter().chain(*sets).copied().collect();
            let (added, taken) = profile.changes(profile.find(profile.objects.base), &sets);
            assert_eq!(added, *adds, "{}: added by {sets:?}", profile.name);
            assert_eq!(taken, *takes, "{}: taken away by {sets:?}", profile.name);
        }
    }
}
