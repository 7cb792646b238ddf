// Switches to the same section in the other language. Headings have the same ids in both.
"use strict";

document.querySelector("a.language").addEventListener("click", event => {
    const headings = [...document.querySelectorAll("main h2[id]")];
    const above = headings.filter(heading => heading.getBoundingClientRect().top < innerHeight / 3);
    event.currentTarget.hash = above.at(-1)?.id ?? "";
});
