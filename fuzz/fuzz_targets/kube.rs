//! See `plimsoll_fuzz::kube`.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &str| plimsoll_fuzz::kube(data));
