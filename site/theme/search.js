// Search in English and Chinese. mdBook cuts what is typed at spaces, and Chinese has none:
// here it is cut as book/src/search.rs cuts the chapters.
"use strict";

(() => {
    const chinese = "\\u3400-\\u9fff\\uf900-\\ufaff";
    const letter = `(?:(?![${chinese}])[\\p{L}\\p{N}_])`;
    const pieces = new RegExp(`[${chinese}]+|${letter}+(?:\\.${letter}+)*`, "gu");

    elasticlunr.tokenizer = typed =>
        (String(typed ?? "").toLowerCase().match(pieces) ?? []).flatMap(piece => {
            if (piece.length < 2 || !new RegExp(`[${chinese}]`).test(piece)) return [piece];
            return Array.from({ length: piece.length - 1 }, (_, at) => piece.slice(at, at + 2));
        });

    // How much of a section is shown, before and behind the first thing found.
    const before = 50;
    const behind = 150;

    // mdBook puts the whole text of a section under each result. This cuts it.
    const cut = teaser => {
        const text = teaser.textContent.replace(/\s+/g, " ");
        const typed = document.getElementById("mdbook-searchbar").value.trim();
        const words = typed.split(/\s+/).map(word => word.replace(/[.*+?^${}()|[\]\\]/g, "\\$&"));
        const found = new RegExp(words.join("|"), "giu");
        const start = Math.max(0, text.search(found) - before);
        const shown = text.slice(start, start + before + behind);
        teaser.textContent = start > 0 ? "…" : "";
        let done = 0;
        for (const match of shown.matchAll(found)) {
            const mark = document.createElement("em");
            mark.textContent = match[0];
            teaser.append(shown.slice(done, match.index), mark);
            done = match.index + match[0].length;
        }
        teaser.append(shown.slice(done), start + before + behind < text.length ? "…" : "");
    };

    const results = document.getElementById("mdbook-searchresults");
    const header = document.getElementById("mdbook-searchresults-header");
    new MutationObserver(changes => {
        for (const result of changes.flatMap(change => [...change.addedNodes])) {
            result.querySelectorAll(".teaser").forEach(cut);
        }
        if (document.documentElement.lang.startsWith("zh")) {
            header.textContent = `找到 ${results.children.length} 处：`;
        }
    }).observe(results, { childList: true });
})();
