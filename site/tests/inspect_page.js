(() => {
    // The contrast ratio of WCAG 2, success criterion 1.4.3.
    const channels = colour => colour.match(/[\d.]+/g)?.map(Number) ?? [0, 0, 0];
    const luminance = colour => {
        const [r, g, b] = channels(colour)
            .map(c => c / 255)
            .map(c => (c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4));
        return 0.2126 * r + 0.7152 * g + 0.0722 * b;
    };
    const background = element => {
        for (; element; element = element.parentElement) {
            const colour = getComputedStyle(element).backgroundColor;
            if ((channels(colour)[3] ?? 1) > 0.99) return colour;
        }
        return "rgb(255, 255, 255)";
    };
    const contrast = element => {
        const style = getComputedStyle(element);
        const colour = element.closest("svg text") ? style.fill : style.color;
        const [a, b] = [colour, background(element)].map(luminance);
        return (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
    };
    const all = selector => [...document.querySelectorAll(selector)];
    const hasText = element =>
        [...element.childNodes].some(node => node.nodeType === 3 && node.textContent.trim());
    const describe = element =>
        `${element.tagName} ${element.className} ${element.textContent.trim().slice(0, 30)}`;

    return {
        links: all("[href], iframe[src]").map(element => element.href || element.src),
        ids: all("[id]").map(element => element.id),
        hasMermaidSource: /sequenceDiagram|flowchart (LR|TB)|->>/.test(document.body.innerText)
            || all(".language-mermaid").length > 0,
        diagrams: all("figure.diagram").map(figure => ({
            description: figure.getAttribute("aria-label") ?? "",
            width: figure.querySelector("svg").getBoundingClientRect().width,
            labelColours: [...figure.querySelectorAll("text, foreignObject p")].map(label => {
                const style = getComputedStyle(label);
                return label.tagName === "P" ? style.color : style.fill;
            }),
        })),
        background: getComputedStyle(document.documentElement).backgroundColor,
        // Code and tables may scroll. Their ancestors may not: what sticks out of these is cut off.
        tooWide: all("html, body, .page-wrapper, .page, .content, main, main > *")
            .filter(element => !element.matches(".table-wrapper, pre"))
            .filter(element => getComputedStyle(element).display !== "inline")
            .filter(element => element.scrollWidth > Math.min(element.clientWidth, innerWidth) + 1)
            .map(describe),
        lowContrast: all("body *")
            .filter(element => !element.matches("script, style, noscript, .spoken") && hasText(element))
            .filter(element => contrast(element) < 4.5)
            .map(element => `${describe(element)}: ${contrast(element).toFixed(2)}`),
    };
})()
