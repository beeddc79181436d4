// The comfort of the page: drawn diffs, search, theme. Everything is readable without it.
(() => {
  "use strict";

  /** Above this many lines a diff stays plain text: drawing it would make the page wait. */
  const DRAWN_LINES = 3000;

  const root = document.documentElement;
  const find = (selector, from = document) => from.querySelector(selector);
  const findAll = (selector, from = document) => [...from.querySelectorAll(selector)];

  // A page opened from a file may have no storage at all.
  const remember = (key, value) => {
    try {
      localStorage.setItem(`drydock.${key}`, value);
    } catch {
      /* the choice holds for this page only */
    }
  };
  const recall = (key) => {
    try {
      return localStorage.getItem(`drydock.${key}`);
    } catch {
      return null;
    }
  };

  // --- Diffs -------------------------------------------------------------------------------------------------------

  let view = recall("view") === "side-by-side" ? "side-by-side" : "line-by-line";
  const narrow = matchMedia("(max-width: 720px)");

  const drawDiff = (holder) => {
    const plain = find("pre", holder);
    const text = plain.textContent;
    if (holder.classList.contains("is-drawn") || text.split("\n", DRAWN_LINES + 1).length > DRAWN_LINES) return;
    const drawn = document.createElement("div");
    drawn.className = "drawn";
    drawn.innerHTML = Diff2Html.html(`--- resource\n+++ resource\n${text}\n`, {
      outputFormat: narrow.matches ? "line-by-line" : view,
      drawFileList: false,
      matching: "lines",
      matchingMaxComparisons: 500,
      diffStyle: "word",
    });
    if (find("tr", drawn) === null) return;
    for (const table of findAll(".d2h-file-diff, .d2h-file-side-diff", drawn)) table.tabIndex = 0;
    holder.append(drawn);
    holder.classList.add("is-drawn");
  };

  const observer = new IntersectionObserver(
    (entries) => {
      for (const entry of entries) if (entry.isIntersecting) drawDiff(entry.target);
    },
    { rootMargin: "600px" },
  );
  const holders = findAll(".diff");

  const drawAgain = () => {
    for (const holder of holders) {
      observer.unobserve(holder);
      holder.classList.remove("is-drawn");
      find(".drawn", holder)?.remove();
      observer.observe(holder);
    }
  };

  const showView = () => {
    for (const button of findAll("[data-view]"))
      button.setAttribute("aria-pressed", String(button.dataset.view === view));
    drawAgain();
  };

  for (const button of findAll("[data-view]")) {
    button.addEventListener("click", () => {
      view = button.dataset.view;
      remember("view", view);
      showView();
    });
  }
  narrow.addEventListener("change", drawAgain);

  // --- Folds -------------------------------------------------------------------------------------------------------

  const changes = findAll(".change");
  const fold = find("#fold");
  const showFold = () => {
    const isOpen = changes.length > 0 && changes.every((change) => change.open);
    fold.textContent = isOpen ? "Close all" : "Open all";
    fold.setAttribute("aria-pressed", String(isOpen));
  };
  fold.hidden = changes.length === 0;
  fold.addEventListener("click", () => {
    const open = fold.getAttribute("aria-pressed") !== "true";
    for (const change of changes) change.open = open;
    showFold();
  });
  document.addEventListener("toggle", showFold, true);

  /** A link to something inside a fold opens the fold. */
  const openTarget = () => {
    const target = location.hash.length > 1 ? document.getElementById(location.hash.slice(1)) : null;
    for (let fold = target?.closest("details"); fold; fold = fold.parentElement?.closest("details")) fold.open = true;
    for (const inner of target?.id === "known" ? findAll(":scope > details", target) : []) inner.open = true;
    target?.scrollIntoView();
  };
  addEventListener("hashchange", openTarget);
  // A link that was followed before changes nothing in the address, and still leads somewhere.
  document.addEventListener("click", (event) => {
    if (event.target.closest("a[href^='#']")?.hash === location.hash) openTarget();
  });

  // --- Search ------------------------------------------------------------------------------------------------------

  const search = find("#search");
  const state = find("#search-state");
  const entries = findAll("[data-find]");
  let texts;

  const runSearch = () => {
    const words = search.value.toLowerCase().split(/\s+/u).filter(Boolean);
    texts ??= entries.map((entry) => {
      const cluster = entry.closest(".cluster");
      const heading = cluster
        ? findAll(":scope > h3, :scope > .apps", cluster)
            .map((part) => part.textContent)
            .join(" ")
        : "";
      const plain = findAll(".diff > pre", entry).map((pre) => pre.textContent);
      const rest = findAll(":scope > *:not(.diff)", entry).map((part) => part.textContent);
      return [heading, ...rest, ...plain, entry.matches("tr, li") ? entry.textContent : ""].join(" ").toLowerCase();
    });
    let shown = 0;
    entries.forEach((entry, index) => {
      const isHit = words.every((word) => texts[index].includes(word));
      entry.hidden = !isHit;
      if (isHit) shown++;
      const leaf = entry.id && find(`[data-leaf="${entry.id}"]`);
      if (leaf) leaf.hidden = !isHit;
    });
    for (const group of findAll(".cluster, main > section, .tree > li")) {
      const inner = findAll("[data-find], [data-leaf]", group);
      group.hidden = words.length > 0 && (inner.length === 0 || inner.every((entry) => entry.hidden));
    }
    for (const known of findAll(".folded")) if (words.length > 0) known.open = true;
    state.textContent = words.length === 0 ? "" : `${shown} of ${entries.length} entries match`;
  };

  let pending;
  search.addEventListener("input", () => {
    clearTimeout(pending);
    pending = setTimeout(runSearch, 120);
  });

  document.addEventListener("keydown", (event) => {
    const isTyping = event.target instanceof HTMLInputElement;
    if (event.key === "/" && !isTyping && !event.ctrlKey && !event.metaKey) {
      event.preventDefault();
      search.focus();
    }
    if (event.key === "Escape" && event.target === search) {
      search.value = "";
      runSearch();
      search.blur();
    }
  });

  // --- Theme -------------------------------------------------------------------------------------------------------

  const THEMES = ["system", "light", "dark"];
  const themeButton = find("#theme");
  let theme = THEMES.includes(recall("theme")) ? recall("theme") : "system";
  const showTheme = () => {
    root.dataset.theme = theme;
    themeButton.textContent = `Theme: ${theme}`;
  };
  themeButton.addEventListener("click", () => {
    theme = THEMES[(THEMES.indexOf(theme) + 1) % THEMES.length];
    remember("theme", theme);
    showTheme();
  });

  find(".controls").hidden = false;
  if (narrow.matches) find(".contents > details").open = false;
  showTheme();
  showFold();
  showView();
  openTarget();
})();
