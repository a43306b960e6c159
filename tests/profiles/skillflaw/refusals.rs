//! What is refused, and in which words.
//!
//! The contradictions are in `tests/spec/profiles/skillflaw.md`, all with their places.

use crate::harness::Refusals;

pub const REFUSALS: Refusals = Refusals {
    nothing_given: &[
        "`secretKey.value` is not set, and no existing Secret is named",
        "nothing says where the database is",
        "the cache is in Redis, and nothing says where Redis is",
    ],
    production_alone: &[
        "`clusterIssuer` is to make certificates, and `tls` names no host to make them for",
        "`networkPolicy.databaseCIDR` is not set: the backend could not reach PostgreSQL",
        "`networkPolicy.redisCIDR` is not set: the backend could not reach Redis",
        "the Ingress is enabled and has no host",
    ],
    contradictions: &[],
    secrets: &[(
        "database.url=mysql://user:hush-hush@host/d",
        "does not know this database scheme",
        "hush-hush",
    )],
};
