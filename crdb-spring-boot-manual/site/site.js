"use strict";
(() => {
  const input = document.getElementById("search");
  const results = document.getElementById("results");
  const index = MiniSearch.loadJSON(window.searchIndex,
    { fields: ["title", "page", "text"], storeFields: ["title", "page", "text"] });

  function excerpt(text, terms) {
    const lower = text.toLowerCase();
    const at = Math.max(0, Math.min(...terms.map((term) => lower.indexOf(term)).filter((found) => found >= 0), text.length) - 40);
    return (at > 0 && at < text.length ? "… " : "") + text.substring(at < text.length ? at : 0).substring(0, 140) + " …";
  }

  function show() {
    const query = input.value.trim();
    results.replaceChildren();
    results.hidden = query.length < 2;
    if (results.hidden) {
      return;
    }
    const found = index.search(query, { prefix: true, fuzzy: 0.15, combineWith: "AND", boost: { title: 4, page: 2 } }).slice(0, 12);
    for (const each of found) {
      const link = document.createElement("a");
      link.href = each.id;
      link.append(Object.assign(document.createElement("strong"),
        { textContent: each.title === each.page ? each.title : `${each.page}: ${each.title}` }));
      link.append(Object.assign(document.createElement("span"), { textContent: excerpt(each.text, each.terms) }));
      const item = document.createElement("li");
      item.append(link);
      results.append(item);
    }
    if (found.length === 0) {
      results.append(Object.assign(document.createElement("li"), { textContent: "Nothing found" }));
    }
  }

  input.addEventListener("input", show);
  document.getElementById("search-form").addEventListener("submit", (event) => {
    event.preventDefault();
    results.querySelector("a")?.click();
  });
  document.addEventListener("keydown", (event) => {
    if (event.key === "Escape") {
      results.hidden = true;
    }
    else if (event.key === "/" && !/^(INPUT|SELECT|TEXTAREA)$/.test(document.activeElement.tagName)) {
      event.preventDefault();
      input.focus();
    }
  });
  results.addEventListener("click", () => {
    results.hidden = true;
  });

  document.getElementById("version").addEventListener("change", (event) => {
    location.href = `../${event.target.value}/index.html`;
  });

  if (matchMedia("(max-width: 50rem)").matches) {
    document.querySelector("nav details").open = false;
  }
})();
