//! The values of the database.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::profiles::availability::Budget;
use crate::profiles::common::Backup;
use crate::profiles::forms::{ObjectName, Size};
use crate::profiles::network::InsideService;
use crate::profiles::pod::{AntiAffinity, Image, TimedProbes, Workload};
use crate::profiles::rule::{Message, forbid};
use crate::profiles::scalar::{NAME, Secret, URL_SAFE};

/// What the vendor's manual writes for the reader to replace.
pub(super) const PLACEHOLDER: &str = "://[.]{3}|<[a-z]+>|<generate:|^[.]{3}$";

/// The database: one of your own by its address, or the bundled replica set.
#[derive(Clone, Debug, Default, Deserialize, Serialize, JsonSchema, PartialEq)]
#[serde(rename_all = "camelCase")]
pub struct Mongodb {
    /// Whether the bundled replica set is rendered. If not, `uri` or a Secret says where the database is.
    pub enabled: Option<bool>,
    /// The address of a database of your own, `mongodb://…` or `mongodb+srv://…`; becomes `MONGODB_URI`.
    #[schemars(extend("allOf" = uri_rules()))]
    pub uri: Option<Secret>,
    /// The database's name; becomes `MONGODB_DB`. Empty means that of the address, and `flow8` for the bundled one.
    #[schemars(extend("pattern" = URL_SAFE, "x-pattern-help" = "use letters, digits and `.`, `_`, `~`, `-`"))]
    pub database: Option<String>,
    /// A Secret that exists. For a database of your own it holds `MONGODB_URI`; for the bundled one `password` and `keyfile`.
    pub existing_secret: Option<ObjectName>,
    // The job that forms the replica set is called by this name, `-init-` and eight digits: 49 and 14 are 63.
    /// The name of the bundled database's objects. Empty means the release's name and `-mongodb`.
    #[schemars(extend("pattern" = NAME), length(max = 49))]
    pub name: Option<String>,
    /// The bundled database's image.
    pub image: Option<Image>,
    // The vendor's manifest runs three databases without `--replSet`, which do not know of each other, behind one name:
    // what is read depends on the pod that answers.
    /// How many members the bundled replica set has: an odd number, so that a majority can elect a primary.
    #[schemars(extend("enum" = [1, 3, 5, 7]))]
    pub replicas: Option<i32>,
    /// The name of the bundled replica set.
    #[schemars(extend("pattern" = "^[A-Za-z][A-Za-z0-9_-]*$", "x-pattern-help" = "begin with a letter"))]
    pub replica_set: Option<String>,
    /// The name of the bundled database's root user.
    #[schemars(length(min = 1), extend("pattern" = URL_SAFE, "x-pattern-help" = "use letters, digits and `.`, `_`, `~`, `-`"))]
    pub root_username: Option<String>,
    /// The root user's password. It becomes part of an address as it is.
    #[schemars(extend(
        "pattern" = URL_SAFE,
        "x-pattern-help" = "use letters, digits and `.`, `_`, `~`, `-`: the password becomes part of an address as it is",
        "x-generate" = json!({ "length": 32, "as": "alphanumeric" }),
    ))]
    pub root_password: Option<Secret>,
    // MongoDB wants a key file of 6 to 1024 base64 characters as soon as members authenticate.
    /// The key that the members of the replica set know each other by.
    #[schemars(extend(
        "pattern" = "^$|^[A-Za-z0-9+/=]{6,1024}$",
        "x-pattern-help" = "write 6 to 1024 characters of base64, as `openssl rand -base64 756` prints them, in one line",
        "x-generate" = json!({ "length": 512, "as": "alphanumeric" }),
    ))]
    pub key_file: Option<Secret>,
    /// The disk of each member.
    pub storage: Option<DataDisk>,
    /// How many members may be away while nodes are drained: one, if neither bound is set. A majority must stay.
    pub pod_disruption_budget: Option<Budget>,
    /// Whether members keep away from each other's nodes, unless `affinity` says more.
    pub anti_affinity: Option<AntiAffinity>,
    /// The headless Service of the members.
    pub service: Option<InsideService>,
    /// Copies of the bundled database, by `mongodump`.
    pub backup: Option<Backup>,
    /// When it has started, lives, and gets traffic.
    #[serde(flatten)]
    pub probes: TimedProbes,
    /// What all workloads have. A `command` replaces the start of a member of the replica set.
    #[serde(flatten)]
    pub workload: Workload,
}

/// The disk of each member of the bundled replica set.
#[derive(Clone, Debug, Default, Deserialize, Serialize, JsonSchema, PartialEq)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct DataDisk {
    /// A claim that exists, instead of a rendered one, for a single member.
    pub existing_claim: Option<ObjectName>,
    /// How much room is claimed.
    pub size: Option<Size>,
    /// The class of the claimed disk. Empty means the cluster's default.
    pub storage_class: Option<ObjectName>,
}

fn uri_rules() -> Vec<Value> {
    let scheme = Message {
        text: "this is not a MongoDB address",
        help: "write `mongodb+srv://user:password@host/database`, or `mongodb://…`",
        at: "",
    };
    let credentials = Message {
        text: "the password in this address is not percent-encoded",
        help: "write `@` as `%40`, `:` as `%3A`, `/` as `%2F` and `%` as `%25` inside user and password",
        at: "",
    };
    vec![
        forbid(scheme, json!({ "type": "string", "not": { "pattern": "^$|^mongodb([+]srv)?://" } })),
        // Either a second `@` before the path, or a `/` between the colon of the password and its `@`.
        forbid(
            credentials,
            json!({ "type": "string", "pattern": "^mongodb([+]srv)?://[^/?]*@[^/?]*@|^mongodb([+]srv)?://[^@/?]*:[^@/?]*/[^?]*@" }),
        ),
    ]
}
