//! The `--set` family: four flags whose order among each other counts.

use clap::{Arg, ArgAction, ArgMatches, Args, Command, Error, FromArgMatches};
use plimsoll::request::{SetFlag, SetFlagKind};
use plimsoll::values::SetKind;

/// All flags of the family, in the order of the command line.
#[derive(Clone, Debug, Default)]
pub struct Sets(pub Vec<SetFlag>);

const FLAGS: &[(SetFlagKind, &str, &str, &str)] = &[
    (
        SetFlagKind::Text(SetKind::Set),
        "set",
        "PATH=VALUE",
        "Set a value; the chart's schema decides its type [example: --set engine.replicas=3]",
    ),
    (
        SetFlagKind::Text(SetKind::String),
        "set-string",
        "PATH=TEXT",
        "Set a value that is a string, whatever it looks like [example: --set-string image.tag=1.10]",
    ),
    (SetFlagKind::File, "set-file", "PATH=FILE", "Set a value to the text of a file"),
    (
        SetFlagKind::Text(SetKind::Json),
        "set-json",
        "PATH=JSON",
        r#"Set a value to a piece of JSON [example: --set-json 'engine.tolerations=[{"operator":"Exists"}]']"#,
    ),
];

impl FromArgMatches for Sets {
    fn from_arg_matches(matches: &ArgMatches) -> Result<Self, Error> {
        let mut found: Vec<(usize, SetFlag)> = Vec::new();
        for (kind, name, ..) in FLAGS {
            let texts = matches.get_many::<String>(name).into_iter().flatten();
            let places = matches.indices_of(name).into_iter().flatten();
            found.extend(
                places.zip(texts).map(|(at, text)| (at, SetFlag { kind: *kind, text: text.clone() })),
            );
        }
        found.sort_by_key(|(at, _)| *at);
        Ok(Sets(found.into_iter().map(|(_, flag)| flag).collect()))
    }

    fn update_from_arg_matches(&mut self, matches: &ArgMatches) -> Result<(), Error> {
        *self = Self::from_arg_matches(matches)?;
        Ok(())
    }
}

impl Args for Sets {
    fn augment_args(command: Command) -> Command {
        command.args(FLAGS.iter().map(|(_, name, value, help)| {
            let arg = Arg::new(*name).long(*name).value_name(*value).help(*help);
            arg.action(ArgAction::Append).allow_hyphen_values(true).help_heading("Values")
        }))
    }

    fn augment_args_for_update(command: Command) -> Command {
        Self::augment_args(command)
    }
}
