//! See `plimsoll_fuzz::render`.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &str| plimsoll_fuzz::render(data));
