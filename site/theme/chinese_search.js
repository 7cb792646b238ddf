// Searches in English and Chinese. mdBook splits queries at spaces, which Chinese doesn't use. Here
// they're split like the chapters in src/search_index.rs.
"use strict";

(() => {
    const chinese = "\\u3400-\\u9fff\\uf900-\\ufaff";
    const letter = `(?:(?![${chinese}])[\\p{L}\\p{N}_])`;
    const pieces = new RegExp(`[${chinese}]+|${letter}+(?:\\.${letter}+)*`, "gu");

    elasticlunr.tokenizer = query =>
        (String(query ?? "").toLowerCase().match(pieces) ?? []).flatMap(piece => {
            if (piece.length < 2 || !new RegExp(`[${chinese}]`).test(piece)) return [piece];
            return Array.from({ length: piece.length - 1 }, (_, at) => piece.slice(at, at + 2));
        });

    // The characters to show before and after the first match.
    const before = 50;
    const after = 150;

    // Shortens the text under each result, where mdBook puts a whole section.
    const shorten = teaser => {
        const text = teaser.textContent.replace(/\s+/g, " ");
        const query = document.getElementById("mdbook-searchbar").value.trim();
        const words = query.split(/\s+/).map(word => word.replace(/[.*+?^${}()|[\]\\]/g, "\\$&"));
        const found = new RegExp(words.join("|"), "giu");
        const start = Math.max(0, text.search(found) - before);
        const shown = text.slice(start, start + before + after);
        teaser.textContent = start > 0 ? "…" : "";
        let end = 0;
        for (const match of shown.matchAll(found)) {
            const mark = document.createElement("em");
            mark.textContent = match[0];
            teaser.append(shown.slice(end, match.index), mark);
            end = match.index + match[0].length;
        }
        teaser.append(shown.slice(end), start + before + after < text.length ? "…" : "");
    };

    const results = document.getElementById("mdbook-searchresults");
    const header = document.getElementById("mdbook-searchresults-header");
    new MutationObserver(changes => {
        for (const result of changes.flatMap(change => [...change.addedNodes])) {
            result.querySelectorAll(".teaser").forEach(shorten);
        }
        if (document.documentElement.lang.startsWith("zh")) {
            header.textContent = `找到 ${results.children.length} 处：`;
        }
    }).observe(results, { childList: true });
})();
