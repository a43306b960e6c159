//! See `plimsoll_fuzz::merge`.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &str| plimsoll_fuzz::merge(data));
