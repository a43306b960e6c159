//! The `--set` family: five flags whose order among each other counts.
//!
//! `--set a=1 --set-file a=x --set a=2` sets `a` three times, and the last one wins. A derived clap struct would give
//! each flag a list of its own, and the order between the lists would be lost. So these flags are defined by hand, and
//! put back into the order of the command line by the positions that clap keeps.

use clap::{Arg, ArgAction, ArgMatches, Args, Command, Error, FromArgMatches};
use plimsoll::request::{SetFlag, SetFlagKind};
use plimsoll::values::SetKind;

/// All flags of the family, in the order of the command line.
#[derive(Clone, Debug, Default)]
pub struct SetFlags(pub Vec<SetFlag>);

/// One flag of the family.
struct Definition {
    kind: SetFlagKind,
    /// The flag without its dashes.
    name: &'static str,
    value_name: &'static str,
    help: &'static str,
}

const DEFINITIONS: &[Definition] = &[
    Definition {
        kind: SetFlagKind::Text(SetKind::Set),
        name: "set",
        value_name: "PATH=VALUE",
        help: "Set a value; the chart's schema decides its type [example: --set engine.replicas=3]",
    },
    Definition {
        kind: SetFlagKind::Text(SetKind::String),
        name: "set-string",
        value_name: "PATH=TEXT",
        help: "Set a value that is a string, whatever it looks like [example: --set-string image.tag=1.10]",
    },
    Definition {
        kind: SetFlagKind::File,
        name: "set-file",
        value_name: "PATH=FILE",
        help: "Set a value to the text of a file",
    },
    Definition {
        kind: SetFlagKind::Text(SetKind::Json),
        name: "set-json",
        value_name: "PATH=JSON",
        help: r#"Set a value to a piece of JSON [example: --set-json 'engine.tolerations=[{"operator":"Exists"}]']"#,
    },
    Definition {
        kind: SetFlagKind::Text(SetKind::Literal),
        name: "set-literal",
        value_name: "PATH=TEXT",
        help: r"Set a value to everything after the first `=` [example: --set-literal 'pattern=^[a-z,]+\.log$']",
    },
];

impl FromArgMatches for SetFlags {
    /// All flags of the family, sorted by their positions. A flag that was given three times has three texts and three
    /// positions, in the same order.
    fn from_arg_matches(matches: &ArgMatches) -> Result<Self, Error> {
        let mut found: Vec<(usize, SetFlag)> = Vec::new();
        for flag in DEFINITIONS {
            let texts = matches.get_many::<String>(flag.name).into_iter().flatten();
            let positions = matches.indices_of(flag.name).into_iter().flatten();
            for (position, text) in positions.zip(texts) {
                found.push((position, SetFlag { kind: flag.kind, text: text.clone() }));
            }
        }
        found.sort_by_key(|(position, _)| *position);
        Ok(SetFlags(found.into_iter().map(|(_, flag)| flag).collect()))
    }

    fn update_from_arg_matches(&mut self, matches: &ArgMatches) -> Result<(), Error> {
        *self = Self::from_arg_matches(matches)?;
        Ok(())
    }
}

impl Args for SetFlags {
    fn augment_args(command: Command) -> Command {
        command.args(DEFINITIONS.iter().map(|flag| {
            Arg::new(flag.name)
                .long(flag.name)
                .value_name(flag.value_name)
                .help(flag.help)
                .help_heading("Values")
                .action(ArgAction::Append)
                // A value may begin with a dash: `--set-string args=-v`.
                .allow_hyphen_values(true)
        }))
    }

    fn augment_args_for_update(command: Command) -> Command {
        Self::augment_args(command)
    }
}
