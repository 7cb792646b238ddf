// Passes the theme to frames with packets. Opened as files, frames have no access to this page, so
// it sends them a message.
"use strict";

(() => {
    const page = document.documentElement;
    const frames = document.querySelectorAll(".packets iframe");
    const sendTheme = () => {
        const theme = page.classList.contains("navy") ? "dark" : "light";
        frames.forEach(frame => frame.contentWindow.postMessage({ theme }, "*"));
    };
    frames.forEach(frame => frame.addEventListener("load", sendTheme));
    new MutationObserver(sendTheme).observe(page, { attributes: true, attributeFilter: ["class"] });
})();
