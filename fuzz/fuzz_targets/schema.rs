//! See `plimsoll_fuzz::schema`.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &str| plimsoll_fuzz::schema(data));
