//! See `plimsoll_fuzz::print`.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &str| plimsoll_fuzz::print(data));
