//! The command line.
#![allow(clippy::print_stdout, clippy::print_stderr)]
use plimsoll::{pipeline, session::Session, emit, diagnostic};
fn main() {
    let session = Session::new();
    let mut request = pipeline::Request { chart: std::env::args().nth(1).unwrap_or_default(), ..Default::default() };
    request.allow_unknown.push("t/T".into());
    for p in std::env::args().skip(2) { if let Some(p) = p.strip_prefix("-p") { request.presets.push(p.into()) } else { request.files.push(pipeline::ValuesFile::Path(p.into())) } }
    match pipeline::render(&session, &request) {
        Ok(docs) => print!("{}", emit::stream(&docs, emit::Format::Yaml)),
        Err(_) => {}
    }
    eprintln!("{}", diagnostic::write_human(&session, diagnostic::Style::Plain));
}
