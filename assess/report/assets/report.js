"use strict";
(() => {
  // Without this script every table stands complete and in order; it only narrows and sorts what is there.
  const collator = new Intl.Collator(document.documentElement.lang);
  for (const table of document.querySelectorAll("table[data-sortable]")) {
    const body = table.tBodies[0];
    table.querySelectorAll("thead th[data-sort]").forEach((head) => {
      const button = document.createElement("button");
      button.type = "button";
      while (head.firstChild) button.append(head.firstChild);
      head.append(button);
      button.addEventListener("click", () => {
        const up = head.getAttribute("aria-sort") !== "ascending";
        table.querySelectorAll("th[aria-sort]").forEach((other) => other.removeAttribute("aria-sort"));
        head.setAttribute("aria-sort", up ? "ascending" : "descending");
        const place = head.cellIndex, numeric = head.dataset.sort === "number";
        const key = (row) => {
          const cell = row.cells[place], text = cell.dataset.key ?? cell.textContent.trim();
          return numeric ? Number(text) : text;
        };
        const rows = [...body.rows].map((row) => [key(row), row]);
        rows.sort(([a], [b]) => (numeric ? a - b : collator.compare(a, b)) * (up ? 1 : -1));
        body.append(...rows.map(([, row]) => row));
      });
    });
  }
  const tools = document.querySelector("[data-filter]");
  if (tools) {
    const table = document.getElementById(tools.dataset.filter);
    const [search, group, output] = ["input", "select", "output"].map((name) => tools.querySelector(name));
    const texts = new Map([...table.tBodies[0].rows].map((row) => [row, row.textContent.toLowerCase()]));
    const apply = () => {
      const words = search.value.trim().toLowerCase(), wanted = group ? group.value : "";
      let shown = 0;
      for (const [row, text] of texts) {
        row.hidden = !(text.includes(words) && (!wanted || row.dataset.group === wanted));
        if (!row.hidden) shown += 1;
      }
      output.textContent = `${shown} / ${texts.size}`;
    };
    search.addEventListener("input", apply);
    if (group) group.addEventListener("change", apply);
    tools.hidden = false;
    apply();
  }
  const open = () => {
    const target = location.hash && document.getElementById(decodeURIComponent(location.hash.slice(1)));
    if (!target) return;
    for (let node = target; node; node = node.parentElement) if (node.tagName === "DETAILS") node.open = true;
    target.scrollIntoView();
  };
  addEventListener("hashchange", open);
  open();
  let opened = [];
  addEventListener("beforeprint", () => {
    opened = [...document.querySelectorAll("details:not([open])")];
    opened.forEach((details) => { details.open = true; });
  });
  addEventListener("afterprint", () => opened.forEach((details) => { details.open = false; }));
})();
