// Clicking the head of a column sorts its table: numbers numerically, names in the order of the language.
for (const table of document.querySelectorAll("table.sort")) {
  const heads = [...table.tHead.rows[0].cells];
  heads.forEach((head, column) => {
    const button = document.createElement("button");
    button.type = "button";
    button.append(...head.childNodes);
    head.append(button);
    button.addEventListener("click", () => {
      // Points are sorted from the highest first.
      const first = head.classList.contains("number") ? "descending" : "ascending";
      const other = first === "ascending" ? "descending" : "ascending";
      const order = head.getAttribute("aria-sort") === first ? other : first;
      heads.forEach((head) => head.removeAttribute("aria-sort"));
      head.setAttribute("aria-sort", order);
      // A row without points has one wide cell.
      const value = (row) => {
        let left = column;
        return [...row.cells].find((cell) => (left -= cell.colSpan) < 0)?.dataset.value ?? "";
      };
      const compare = (one, two) =>
        head.classList.contains("number")
          ? one - two
          : one.localeCompare(two, document.documentElement.lang, { numeric: true });
      const sign = order === "ascending" ? 1 : -1;
      const body = table.tBodies[0];
      body.append(...[...body.rows].sort((a, b) => sign * compare(value(a), value(b))));
    });
  });
}
