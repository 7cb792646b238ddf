//! The diagrams of the notes, drawn: Mermaid becomes SVG here, and no page draws anything itself.

use anyhow::{Context, Result, anyhow, bail};
use mdbook_markdown::pulldown_cmark::{CodeBlockKind, Event, Tag, TagEnd};
use merman::{OperationControl, RenderOutput, RenderRequest, Renderer, SvgRequest};

use crate::edition::Edition;
use crate::markdown;

/// A chapter with pictures in the place of its Mermaid.
pub(crate) fn draw(edition: &Edition, chapter: &str, text: &str) -> Result<String> {
    let mut replacements = Vec::new();
    let mut source = None;
    for (event, range) in markdown::pieces(text) {
        match event {
            Event::Start(Tag::CodeBlock(CodeBlockKind::Fenced(kind))) if &*kind == "mermaid" => {
                source = Some(String::new());
            }
            Event::Text(line) => source.iter_mut().for_each(|source| *source += &line),
            Event::End(TagEnd::CodeBlock) => {
                if let Some(source) = source.take() {
                    // An id of its own on the page that has all chapters, for printing.
                    let id = format!("diagram-{chapter}-{}", replacements.len() + 1);
                    let figure = figure(edition, &id, &source)
                        .with_context(|| format!("cannot draw a diagram of section {chapter}"))?;
                    replacements.push((range, figure));
                }
            }
            _ => {}
        }
    }
    Ok(markdown::replace(text, &replacements))
}

fn figure(edition: &Edition, id: &str, source: &str) -> Result<String> {
    // A page is higher than wide, on a telephone above all.
    let svg = svg(id, &source.replace("flowchart LR", "flowchart TB"))?;
    let words = format!("{}{}", edition.diagram, in_words(source));
    let words = words.replace('&', "&amp;").replace('"', "&quot;").replace('<', "&lt;");
    // The colours are those of the book, by day and by night: theme/book.css.
    let svg = match (svg.split_once("<style>"), svg.split_once("</style>")) {
        (Some((before, _)), Some((_, behind))) => format!("{before}{behind}"),
        _ => svg,
    };
    // An empty line would end the block of HTML that Markdown takes as it is.
    let svg: Vec<&str> = svg.lines().filter(|line| !line.trim().is_empty()).collect();
    Ok(format!(
        "<figure class=\"diagram\" role=\"img\" aria-label=\"{words}\">{}</figure>\n",
        svg.join("\n")
    ))
}

fn svg(id: &str, source: &str) -> Result<String> {
    let mut request = SvgRequest::default();
    request.options.diagram_id = Some(id.to_owned());
    let request = RenderRequest::svg(source, OperationControl::new(), request);
    match Renderer::new().render(request).map_err(|error| anyhow!("{error}"))? {
        RenderOutput::Svg(Some(output)) => Ok(output.svg().to_owned()),
        _ => bail!("Mermaid makes no picture of it"),
    }
}

/// What a diagram says, for those who cannot see it: `client → server: SYN`, or the labels in
/// their order.
fn in_words(source: &str) -> String {
    let mut names: Vec<(&str, &str)> = Vec::new();
    let mut said = Vec::new();
    for line in source.lines().map(str::trim) {
        let line = line.trim_start_matches("Note over ").trim_start_matches("loop ");
        if let Some((id, name)) =
            line.strip_prefix("participant ").and_then(|rest| rest.split_once(" as "))
        {
            names.push((id, name));
        } else if let Some((ends, text)) = line.split_once(": ")
            && !line.contains('[')
        {
            let name = |id: &str| {
                names
                    .iter()
                    .find(|(known, _)| *known == id)
                    .map_or(id.to_owned(), |(_, name)| (*name).to_owned())
            };
            let ends = match ends.split_once("->>") {
                Some((from, to)) if from == to => name(from),
                Some((from, to)) => format!("{} → {}", name(from), name(to)),
                None => ends.split(',').map(name).collect::<Vec<_>>().join(", "),
            };
            said.push(format!("{ends}: {text}"));
        } else {
            said.extend(labels(line).map(str::to_owned));
        }
    }
    said.join("; ")
}

/// What stands between quotes.
fn labels(line: &str) -> impl Iterator<Item = &str> {
    line.split('"').skip(1).step_by(2)
}

#[cfg(test)]
mod tests {
    use super::in_words;

    #[test]
    fn a_diagram_in_words() {
        let sequence = "sequenceDiagram\n participant C as client\n participant S as server\n \
            Note over C,S: TCP: hello\n C->>S: 1. SYN: may I?\n S->>S: bind\n";
        assert_eq!(
            in_words(sequence),
            "client, server: TCP: hello; client → server: 1. SYN: may I?; server: bind"
        );
        let flow =
            "flowchart LR\n A1[\"application: hello\"] --> T1[\"TCP\"]\n T1 --> R[\"nodes\"]";
        assert_eq!(in_words(flow), "application: hello; TCP; nodes");
    }
}
