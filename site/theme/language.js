// The switch between the languages stays on the section: headings have the same ids in both books.
"use strict";

document.querySelector("a.language").addEventListener("click", event => {
    const headings = [...document.querySelectorAll("main h2[id]")];
    const read = headings.filter(heading => heading.getBoundingClientRect().top < innerHeight / 3);
    const section = read.length ? read[read.length - 1].id : "";
    // On the page with all chapters, for printing, a heading is not alone with its id.
    event.currentTarget.hash = section;
});
