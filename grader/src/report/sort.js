// A click on the head of a column sorts its table: numbers and dates as such, names as the
// language has them.
for (const table of document.querySelectorAll("table.sort")) {
  const heads = [...table.tHead.rows[0].cells];
  heads.forEach((head, column) => {
    const button = document.createElement("button");
    button.type = "button";
    button.append(...head.childNodes);
    head.append(button);
    button.addEventListener("click", () => {
      // Points first from the highest, names from the first letter.
      const first = head.classList.contains("number") ? "descending" : "ascending";
      const other = first === "ascending" ? "descending" : "ascending";
      const order = head.getAttribute("aria-sort") === first ? other : first;
      heads.forEach((head) => head.removeAttribute("aria-sort"));
      head.setAttribute("aria-sort", order);
      // Who has no points has one wide cell in the place of many.
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
