(() => {
    // How far the colour of a text is from what is behind it, as the WCAG has it.
    const channels = colour => colour.match(/[\d.]+/g).map(Number);
    const luminance = colour => {
        const [r, g, b] = channels(colour)
            .map(c => c / 255)
            .map(c => (c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4));
        return 0.2126 * r + 0.7152 * g + 0.0722 * b;
    };
    const behind = element => {
        for (; element; element = element.parentElement) {
            const colour = getComputedStyle(element).backgroundColor;
            if ((channels(colour)[3] ?? 1) > 0) return colour;
        }
        return "rgb(255, 255, 255)";
    };
    const contrast = element => {
        const [a, b] = [getComputedStyle(element).color, behind(element)].map(luminance);
        return (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
    };
    const all = selector => [...document.querySelectorAll(selector)];
    const named = element =>
        `${element.tagName} ${element.className} ${element.textContent.trim().slice(0, 30)}`;

    return {
        links: all("[href], iframe[src]").map(element => element.href || element.src),
        ids: all("[id]").map(element => element.id),
        source: /sequenceDiagram|flowchart (LR|TB)|->>/.test(document.body.innerText)
            || all(".language-mermaid").length > 0,
        diagrams: all("figure.diagram").map(figure => ({
            words: figure.getAttribute("aria-label") ?? "",
            width: figure.querySelector("svg").getBoundingClientRect().width,
            shown: [...figure.querySelectorAll("text, foreignObject p")].map(label => {
                const style = getComputedStyle(label);
                return label.tagName === "P" ? style.color : style.fill;
            }),
        })),
        paper: getComputedStyle(document.documentElement).backgroundColor,
        // Code and tables scroll in themselves. What is around them does not, and what is cut off at
        // the side of any of these cannot be read.
        wide: all("html, body, .page-wrapper, .page, .content, main, main > *")
            .filter(element => !element.matches(".table-wrapper, pre"))
            .filter(element => getComputedStyle(element).display !== "inline")
            .filter(element => element.scrollWidth > Math.min(element.clientWidth, innerWidth) + 1)
            .map(named),
        faint: all("main :is(p, li, a, td, th, h1, h2, strong, code, code span)")
            .concat(all(".chapter a, .menu-title, a.language"))
            .filter(element => element.textContent.trim() && contrast(element) < 4.5)
            .map(named),
    };
})()
