//! See `plimsoll_fuzz::set`.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &str| plimsoll_fuzz::set(data));
