// The packets in a frame follow the theme that the reader chose. They do so by themselves where they
// may look at the page around them; of files they may not, so they are told.
"use strict";

(() => {
    const page = document.documentElement;
    const frames = document.querySelectorAll(".packets iframe");
    const tell = () => {
        const theme = page.classList.contains("navy") ? "dark" : "light";
        frames.forEach(frame => frame.contentWindow.postMessage({ theme }, "*"));
    };
    frames.forEach(frame => frame.addEventListener("load", tell));
    new MutationObserver(tell).observe(page, { attributes: true, attributeFilter: ["class"] });
})();
