"use strict";
(() => {
  const byId = (id) => document.getElementById(id);
  const form = byId("filter");
  const count = byId("filter-count");
  const unfold = byId("unfold");
  const articles = [...document.querySelectorAll("#statements > article")];
  const groups = [...document.querySelectorAll("[data-group]")];
  const rows = new Map(
    [...document.querySelectorAll("tr[data-row]")].map((row) => [row.dataset.row, row]),
  );
  // "c_FT" is shown with a subscript and may be typed either way.
  const fold = (text) => text.normalize("NFKC").toLowerCase().replaceAll("_", "");
  const texts = new Map(articles.map((article) => [article, fold(article.textContent)]));

  const apply = () => {
    const words = fold(byId("filter-text").value).split(/\s+/).filter(Boolean);
    const verdict = byId("filter-verdict").value;
    const method = byId("filter-method").value;
    const place = byId("filter-place").value;
    let shown = 0;
    for (const article of articles) {
      const data = article.dataset;
      const wanted =
        (!verdict ||
          (verdict === "unexpected" ? "unexpected" in data : data.verdict === verdict)) &&
        (!method || data.methods.split(" ").includes(method)) &&
        (!place || data.places.split(" ").includes(place)) &&
        words.every((word) => texts.get(article).includes(word));
      article.hidden = !wanted;
      const row = rows.get(article.id);
      if (row) row.hidden = !wanted;
      shown += wanted ? 1 : 0;
    }
    for (const group of groups) {
      group.hidden = !group.querySelector("tr[data-row]:not([hidden])");
    }
    count.textContent =
      shown === articles.length
        ? `All ${shown} statements are shown`
        : `${shown} of ${articles.length} statements are shown`;
  };

  const setAll = (open) => {
    for (const check of document.querySelectorAll("details.check")) check.open = open;
  };

  // A link must lead to its statement, even to one that the filter hides.
  const reveal = () => {
    let id = location.hash.slice(1);
    try {
      id = decodeURIComponent(id);
    } catch {
      return;
    }
    const target = id ? byId(id) : null;
    if (target && target.hidden) {
      form.reset();
      target.scrollIntoView();
    }
  };

  // What scrolls sideways must be reachable with the keyboard; what does not, need not be.
  const reachable = () => {
    for (const box of document.querySelectorAll(".formula, .picture, .scroll")) {
      if (box.scrollWidth > box.clientWidth) box.tabIndex = 0;
      else box.removeAttribute("tabindex");
    }
  };

  form.addEventListener("input", apply);
  form.addEventListener("submit", (event) => event.preventDefault());
  form.addEventListener("reset", () => {
    for (const field of form.querySelectorAll("input, select")) field.value = "";
    apply();
  });
  unfold.addEventListener("click", () => {
    const open = unfold.getAttribute("aria-pressed") !== "true";
    unfold.setAttribute("aria-pressed", String(open));
    setAll(open);
  });
  // A count in the summary leads to the statements that it counts.
  for (const link of document.querySelectorAll("a[data-choose]")) {
    link.addEventListener("click", () => {
      form.reset();
      byId("filter-verdict").value = link.dataset.choose;
      apply();
    });
  }
  window.addEventListener("hashchange", reveal);
  // A link to where one is already changes no hash.
  document.addEventListener("click", (event) => {
    const link = event.target.closest("a[href^='#']");
    if (link && link.hash === location.hash) reveal();
  });

  let folded = [];
  window.addEventListener("beforeprint", () => {
    folded = [...document.querySelectorAll("details.check:not([open])")];
    setAll(true);
  });
  window.addEventListener("afterprint", () => {
    for (const check of folded) check.open = false;
  });

  form.hidden = false;
  apply();
  reachable();
  window.addEventListener("resize", reachable);
  reveal();
})();
