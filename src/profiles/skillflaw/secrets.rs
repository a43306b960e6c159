//! The values of the secrets: the key file and the first user.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::profiles::rule::{Message, filled, forbid, if_present, rule};
use crate::profiles::scalar::Secret;

/// The key that encrypts what is stored. Without it, stored credentials can't be read again.
#[derive(Clone, Debug, Default, Deserialize, Serialize, JsonSchema, PartialEq)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
#[schemars(extend("allOf" = [one_key()]))]
pub struct SecretKey {
    /// The key itself, of 32 characters or more.
    #[schemars(extend(
        "pattern" = "^$|^.{32}",
        "x-pattern-help" = "make one with `plimsoll secrets skillflaw > secrets.yaml`",
        "x-generate" = json!({ "length": 43, "as": "alphanumeric" }),
    ))]
    pub value: Option<Secret>,
    /// A Secret that holds the key, instead of a rendered one.
    pub existing_secret: Option<String>,
    /// The key's name in the Secret, and the name of the file.
    #[schemars(extend("pattern" = "^[-._A-Za-z0-9]+$", "x-pattern-help" = "use letters, digits, `-`, `_` and `.`"))]
    pub key: Option<String>,
    /// The folder that the Secret is mounted at; `SKILLFLAW_SECRET_KEY_FILE` is the file in it.
    #[schemars(extend("pattern" = "^/[^:]*[^:/]$", "x-pattern-help" = "write an absolute path without a slash at its end", "allOf" = [folder_of_its_own()]))]
    pub mount_path: Option<String>,
}

/// The first user, who may do everything.
#[derive(Clone, Debug, Default, Deserialize, Serialize, JsonSchema, PartialEq)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
#[schemars(extend("allOf" = superuser_rules()))]
pub struct Superuser {
    /// The user's name; becomes `SKILLFLAW_SUPERUSER`, once there is a password.
    pub username: Option<String>,
    /// The user's password; becomes `SKILLFLAW_SUPERUSER_PASSWORD`.
    #[schemars(extend("x-generate" = json!({ "length": 24, "as": "alphanumeric" })))]
    pub password: Option<Secret>,
    /// A Secret that holds `SKILLFLAW_SUPERUSER` and `SKILLFLAW_SUPERUSER_PASSWORD`, instead of a rendered one.
    pub existing_secret: Option<String>,
}

fn one_key() -> Value {
    let message = Message {
        text: "the secret key is given inline and as an existing Secret",
        help: "keep `value`, or keep `existingSecret`; the empty string takes one back",
        at: "/existingSecret",
    };
    rule(message, filled("value"), if_present("existingSecret", json!({ "maxLength": 0 })))
}

/// A mount at a folder hides what else is in it; Kubernetes itself puts the pod's token under `/run/secrets`.
fn folder_of_its_own() -> Value {
    let message = Message {
        text: "a mount here would hide other files of the container",
        help: "name a folder of its own below it, such as `/run/secrets/skillflaw`",
        at: "",
    };
    let taken =
        "^(/var)?/run(/secrets(/kubernetes[.]io(/.*)?)?)?$|^/(etc|tmp|usr|var|app|bin|lib|dev|proc|sys)$";
    forbid(message, json!({ "type": "string", "pattern": taken }))
}

fn superuser_rules() -> Vec<Value> {
    let either = Message {
        text: "the superuser's password is given inline and as an existing Secret",
        help: "keep `password`, or keep `existingSecret`; the empty string takes one back",
        at: "/existingSecret",
    };
    let named =
        Message { text: "the superuser has a password and no name", help: "set `username`", at: "/username" };
    vec![
        rule(either, filled("password"), if_present("existingSecret", json!({ "maxLength": 0 }))),
        rule(named, filled("password"), if_present("username", json!({ "minLength": 1 }))),
    ]
}
