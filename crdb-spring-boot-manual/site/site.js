"use strict";
(() => {
  const input = document.getElementById("search");
  const results = document.getElementById("results");
  const index = MiniSearch.loadJSON(window.searchIndex,
    { fields: ["title", "page", "text"], storeFields: ["title", "page", "text"] });

  function excerpt(text, query, terms) {
    const lower = text.toLowerCase();
    const places = lower.includes(query) ? [lower.indexOf(query)] : terms.map((term) => lower.indexOf(term));
    const at = Math.max(0, Math.min(...places.filter((found) => found >= 0), text.length) - 40);
    return (at > 0 && at < text.length ? "… " : "") + text.substring(at < text.length ? at : 0).substring(0, 140) + " …";
  }

  function show() {
    const query = input.value.trim().toLowerCase();
    results.replaceChildren();
    results.hidden = query.length < 2;
    if (results.hidden) {
      return;
    }
    const found = index.search(query, {
      prefix: true, fuzzy: 0.15, combineWith: "AND", boost: { title: 4, page: 2 },
      // What has it word for word comes first, and of that where each property has its row
      boostDocument: (id, term, { page, text }) => !text.toLowerCase().includes(query) ? 1 : page === "Properties" ? 20 : 3
    }).slice(0, 12);
    for (const each of found) {
      const link = document.createElement("a");
      link.href = each.id;
      link.append(Object.assign(document.createElement("strong"),
        { textContent: each.title === each.page ? each.title : `${each.page}: ${each.title}` }));
      link.append(Object.assign(document.createElement("span"), { textContent: excerpt(each.text, query, each.terms) }));
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
