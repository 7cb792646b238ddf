//! Parses the command line in the reader's language. clap itself only knows English.

use std::collections::BTreeMap;
use std::env;
use std::process::ExitCode;

use anyhow::Result;
use clap::error::{ContextKind, Error, ErrorKind};
use clap::{Command, Parser};

use crate::messages::{Language, Messages, language_of_environment, message};

const TEMPLATE: &str = "{about}\n\n用法：{usage}\n\n{all-args}{after-help}";

/// Runs `main` as [`common::run`] does, with help and errors in the reader's language.
pub fn run<Arguments: Parser>(main: impl FnOnce(Arguments) -> Result<ExitCode>) -> ExitCode {
    if requested_language() == Language::En {
        return common::run(main);
    }
    let matches = in_chinese(Arguments::command()).try_get_matches();
    match matches.and_then(|matches| Arguments::from_arg_matches(&matches)) {
        Ok(arguments) => common::run_parsed(arguments, main),
        Err(help) if !help.use_stderr() => {
            _ = help.print();
            ExitCode::SUCCESS
        }
        Err(error) => {
            common::print_error(&anyhow::Error::msg(describe(&error)));
            ExitCode::from(2)
        }
    }
}

/// The language of `--lang`, or of the environment.
fn requested_language() -> Language {
    let arguments: Vec<String> =
        env::args_os().map(|argument| argument.to_string_lossy().into_owned()).collect();
    let is_asked = |language: &str| {
        arguments.contains(&format!("--lang={language}"))
            || arguments.windows(2).any(|pair| pair == ["--lang", language])
    };
    match (is_asked("en"), is_asked("zh")) {
        (true, _) => Language::En,
        (_, true) => Language::Zh,
        _ => language_of_environment(),
    }
}

fn in_chinese(mut command: Command) -> Command {
    // Adds what clap generates: `--help`, `--version` and `help`.
    command.build();
    let examples = command.get_after_help().map(ToString::to_string).unwrap_or_default();
    let texts = toml::from_str(include_str!("../help.zh.toml")).expect("a test reads this file");
    translate(command, &texts).after_help(examples.replace("Examples:", "示例："))
}

fn translate(command: Command, texts: &BTreeMap<String, String>) -> Command {
    let name = command.get_name().to_owned();
    let names: Vec<String> =
        command.get_subcommands().map(|subcommand| subcommand.get_name().to_owned()).collect();
    let about = texts.get(&name).cloned().unwrap_or_default();
    let mut command = command
        .about(about.clone())
        .long_about(about)
        .help_template(TEMPLATE)
        .subcommand_help_heading("命令")
        .subcommand_value_name("命令")
        .mut_args(|argument| {
            let id = argument.get_id().to_string();
            let text = texts.get(&format!("{name}.{id}")).or(texts.get(&format!(".{id}")));
            let heading = if argument.is_positional() { "参数" } else { "选项" };
            let argument = argument.hide_default_value(true).hide_possible_values(true);
            let text = text.cloned().unwrap_or_default();
            argument.help(text.clone()).long_help(text).help_heading(heading)
        });
    // Those of `help` repeat the others.
    for subcommand in names.iter().filter(|_| name != "help") {
        command = command.mut_subcommand(subcommand, |subcommand| translate(subcommand, texts));
    }
    command
}

/// What is wrong with the command line.
fn describe(error: &Error) -> String {
    let messages = Messages::new(Language::Zh);
    let context = |kind| error.get(kind).map(ToString::to_string).unwrap_or_default();
    let argument = context(ContextKind::InvalidArg);
    messages.show(&match error.kind() {
        ErrorKind::InvalidSubcommand => {
            message!("unknown-subcommand", name = context(ContextKind::InvalidSubcommand))
        }
        ErrorKind::UnknownArgument => message!("unknown-argument", argument),
        ErrorKind::MissingRequiredArgument => message!("missing-argument", argument),
        ErrorKind::InvalidValue | ErrorKind::ValueValidation => {
            message!("invalid-value", argument, value = context(ContextKind::InvalidValue))
        }
        _ => message!("invalid-command-line"),
    })
}
