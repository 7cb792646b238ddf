//! Replaces the Mermaid diagrams of the notes with SVG, so that pages need no script to draw them.

use std::collections::BTreeMap;

use anyhow::{Context, Result, anyhow, bail};
use mdbook_markdown::pulldown_cmark::{CodeBlockKind, Event, Tag, TagEnd};
use merman::{OperationControl, RenderOutput, RenderRequest, Renderer, SvgRequest};

use crate::editions::Edition;
use crate::markdown_edits;

/// Replaces each Mermaid block of a chapter with a figure.
pub(crate) fn draw(edition: &Edition, chapter: &str, text: &str) -> Result<String> {
    let mut replacements = Vec::new();
    let mut source = None;
    for (event, range) in markdown_edits::parse_with_ranges(text) {
        match event {
            Event::Start(Tag::CodeBlock(CodeBlockKind::Fenced(kind))) if &*kind == "mermaid" => {
                source = Some(String::new());
            }
            Event::Text(line) => source.iter_mut().for_each(|source| *source += &line),
            Event::End(TagEnd::CodeBlock) => {
                if let Some(source) = source.take() {
                    // Unique, because the page for printing contains all chapters.
                    let id = format!("diagram-{chapter}-{}", replacements.len() + 1);
                    let figure = figure(edition, &id, &source)
                        .with_context(|| format!("can't draw a diagram in section {chapter}"))?;
                    replacements.push((range, figure));
                }
            }
            _ => {}
        }
    }
    Ok(markdown_edits::replace(text, &replacements))
}

fn figure(edition: &Edition, id: &str, source: &str) -> Result<String> {
    // A phone is taller than wide.
    let svg = svg(id, &source.replace("flowchart LR", "flowchart TB"))?;
    let description = format!("{}{}", edition.diagram, describe(source));
    let description = description.replace('&', "&amp;").replace('"', "&quot;").replace('<', "&lt;");
    // theme/site.css sets the colours, for light and dark.
    let svg = match (svg.split_once("<style>"), svg.split_once("</style>")) {
        (Some((before, _)), Some((_, after))) => format!("{before}{after}"),
        _ => svg,
    };
    // In Markdown, an empty line ends a block of HTML.
    let svg: Vec<&str> = svg.lines().filter(|line| !line.trim().is_empty()).collect();
    Ok(format!(
        "<figure class=\"diagram\" role=\"img\" aria-label=\"{description}\">{}</figure>\n",
        svg.join("\n")
    ))
}

fn svg(id: &str, source: &str) -> Result<String> {
    let mut request = SvgRequest::default();
    request.options.diagram_id = Some(id.to_owned());
    let request = RenderRequest::svg(source, OperationControl::new(), request);
    match Renderer::new().render(request).map_err(|error| anyhow!("{error}"))? {
        RenderOutput::Svg(Some(output)) => Ok(output.svg().to_owned()),
        _ => bail!("merman returned no SVG"),
    }
}

/// Describes a diagram for screen readers: `client → server: SYN`, or its labels in order.
fn describe(source: &str) -> String {
    let mut names: BTreeMap<&str, &str> = BTreeMap::new();
    let mut parts = Vec::new();
    for line in source.lines().map(str::trim) {
        let line = line.trim_start_matches("Note over ").trim_start_matches("loop ");
        if let Some((id, name)) =
            line.strip_prefix("participant ").and_then(|rest| rest.split_once(" as "))
        {
            names.insert(id, name);
        } else if let Some((ends, text)) = line.split_once(": ")
            && !line.contains('[')
        {
            let name = |id| names.get(id).copied().unwrap_or(id);
            let ends = match ends.split_once("->>") {
                Some((from, to)) if from == to => name(from).to_owned(),
                Some((from, to)) => format!("{} → {}", name(from), name(to)),
                None => ends.split(',').map(name).collect::<Vec<_>>().join(", "),
            };
            parts.push(format!("{ends}: {text}"));
        } else {
            // The quoted parts of the line.
            parts.extend(line.split('"').skip(1).step_by(2).map(str::to_owned));
        }
    }
    parts.join("; ")
}

#[cfg(test)]
mod tests {
    use super::describe;

    #[test]
    fn diagrams_are_described() {
        let sequence = "sequenceDiagram\n participant C as client\n participant S as server\n \
            Note over C,S: TCP: hello\n C->>S: 1. SYN: may I?\n S->>S: bind\n";
        assert_eq!(
            describe(sequence),
            "client, server: TCP: hello; client → server: 1. SYN: may I?; server: bind"
        );
        let flow =
            "flowchart LR\n A1[\"application: hello\"] --> T1[\"TCP\"]\n T1 --> R[\"nodes\"]";
        assert_eq!(describe(flow), "application: hello; TCP; nodes");
    }
}
