(() => {
  // Without this script every table stands complete and in order; it only narrows and sorts what is there.
  const collator = new Intl.Collator(document.documentElement.lang);
  // A long table lays out its first rows, and more as they are scrolled or tabbed to, so that sorting stays quick.
  const FIRST = 150, MORE = 300;
  for (const table of document.querySelectorAll("table[data-sortable]")) {
    const body = table.tBodies[0], tools = document.querySelector(`[data-filter="${table.id}"]`);
    const search = tools?.querySelector("input"), choices = tools ? [...tools.querySelectorAll("select")] : [];
    const output = tools?.querySelector("output");
    let limit = body.rows.length > 2 * FIRST ? FIRST : Infinity, matches = 0;
    let lines = [...body.rows].map((row) => {
      const of = { has: ` ${row.dataset.has ?? "none"} ` };
      for (const cell of row.querySelectorAll("[data-by]")) of[cell.dataset.by] = ` ${cell.textContent} `;
      return { row, of, text: tools ? row.textContent.toLowerCase() : "" };
    });
    const show = () => {
      const words = search ? search.value.trim().toLowerCase().split(/\s+/) : [];
      const wanted = choices.filter((choice) => choice.value).map((choice) => [choice.dataset.by, ` ${choice.value} `]);
      matches = 0;
      for (const { row, of, text } of lines) {
        const fits = words.every((word) => text.includes(word)) && wanted.every(([by, value]) => of[by]?.includes(value));
        matches += fits;
        const hide = !fits || matches > limit;
        if (row.hidden !== hide) row.hidden = hide;
      }
      if (output) output.textContent = tools.dataset.shown.replace("{shown}", matches).replace("{all}", lines.length);
    };
    const more = () => { if (matches > limit) { limit += MORE; show(); } };
    const again = () => { if (limit < Infinity) limit = FIRST; show(); };
    if (limit < Infinity) {
      const frame = table.closest(".frame");
      frame.addEventListener("scroll", () => { if (frame.scrollTop + frame.clientHeight > frame.scrollHeight - 600) more(); });
      body.addEventListener("focusin", ({ target }) => { if (target.closest("tr").nextElementSibling?.hidden) more(); });
    }
    table.querySelectorAll("thead th[data-sort]").forEach((head) => {
      const button = document.createElement("button");
      button.type = "button";
      while (head.firstChild) button.append(head.firstChild);
      head.append(button);
      button.addEventListener("click", () => {
        const place = head.cellIndex, numeric = head.dataset.sort === "number";
        // Figures begin with the largest, ranks and names with the first; the second click turns the order.
        const [first, other] = numeric && !("rising" in head.dataset) ? ["descending", "ascending"] : ["ascending", "descending"];
        const order = head.getAttribute("aria-sort") === first ? other : first, way = order === "ascending" ? 1 : -1;
        table.querySelectorAll("th[aria-sort]").forEach((each) => each.removeAttribute("aria-sort"));
        head.setAttribute("aria-sort", order);
        const keyed = lines.map((line) => {
          const cell = line.row.cells[place], text = cell.dataset.key ?? cell.textContent.trim();
          return [numeric ? Number(text) : text, line];
        });
        keyed.sort(([a], [b]) => (numeric ? a - b : collator.compare(a, b)) * way);
        lines = keyed.map(([, line]) => line);
        again();
        const sorted = document.createDocumentFragment();
        for (const { row } of lines) sorted.append(row);
        body.append(sorted);
      });
    });
    if (tools) {
      let waiting = 0;
      search.addEventListener("input", () => { cancelAnimationFrame(waiting); waiting = requestAnimationFrame(again); });
      choices.forEach((choice) => choice.addEventListener("change", again));
      tools.hidden = false;
    }
    show();
  }
})();
