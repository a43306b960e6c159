//! See `plimsoll_fuzz::split`.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &str| plimsoll_fuzz::split(data));
