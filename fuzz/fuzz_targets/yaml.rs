//! See `plimsoll_fuzz::yaml`.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &str| plimsoll_fuzz::yaml(data));
