// Keeps the page as it is on the server: what changed is put in place, and what people opened stays open.
(() => {
  const live = document.querySelector("#live");
  const ended = document.querySelector("#ended");
  const EVERY = 1000;

  const foldKey = (fold) => {
    const box = fold.closest("[id], article, section");
    const place = box === null ? "" : box.id || box.textContent.slice(0, 40);
    return `${place}|${fold.querySelector("summary")?.textContent ?? ""}`;
  };

  const replace = (html) => {
    const open = new Set([...live.querySelectorAll("details[open]")].map(foldKey));
    const focused = live.contains(document.activeElement) ? document.activeElement.id : "";
    live.replaceChildren(...new DOMParser().parseFromString(html, "text/html").body.childNodes);
    for (const fold of live.querySelectorAll("details")) fold.open = open.has(foldKey(fold));
    if (focused !== "") document.getElementById(focused)?.focus({ preventScroll: true });
  };

  const look = async () => {
    const address = new URL(location.href);
    address.searchParams.set("live", "1");
    const headers = { "If-None-Match": live.dataset.tag };
    const answer = await fetch(address, { headers, cache: "no-store" });
    ended.hidden = true;
    if (answer.status !== 200) return;
    live.dataset.tag = answer.headers.get("etag");
    replace(await answer.text());
  };

  const keepLooking = async () => {
    try {
      if (!document.hidden) await look();
    } catch {
      ended.hidden = false;
    }
    setTimeout(keepLooking, EVERY);
  };
  setTimeout(keepLooking, EVERY);

  // Choosing is enough where scripts run.
  document.querySelector(".person select").addEventListener("change", (event) => event.target.form.submit());
  document.querySelector(".person button").hidden = true;
})();
