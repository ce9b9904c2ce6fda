"use strict";
(() => {
  const all = [...document.querySelectorAll(".finding")];
  const text = document.getElementById("text"), path = document.getElementById("path"), known = document.getElementById("known");
  const shown = document.getElementById("shown"), none = document.getElementById("none");
  const boxes = [...document.querySelectorAll("input[name=verdict]")];

  // The filters stand in the address, so that what one sees can be passed on.
  const read = () => {
    const wanted = new URLSearchParams(location.hash.slice(1));
    text.value = wanted.get("text") || "";
    path.value = wanted.get("path") || "";
    if (path.selectedIndex < 0) path.value = "";
    if (known) known.checked = wanted.has("known");
    const without = (wanted.get("without") || "").split(",");
    for (const box of boxes) box.checked = !without.includes(box.value);
  };
  const write = () => {
    const now = new URLSearchParams();
    if (text.value) now.set("text", text.value);
    if (path.value) now.set("path", path.value);
    if (known && known.checked) now.set("known", "");
    const without = boxes.filter((box) => !box.checked).map((box) => box.value);
    if (without.length) now.set("without", without.join(","));
    history.replaceState(null, "", now.size ? "#" + now : location.pathname + location.search);
  };
  const apply = () => {
    const words = text.value.toLowerCase().split(/\s+/).filter(Boolean);
    const verdicts = new Set(boxes.filter((box) => box.checked).map((box) => box.value));
    let count = 0;
    for (const one of all) {
      const { verdict, path: at, text: hay } = one.dataset;
      const fits = verdicts.has(verdict) && (!path.value || at === path.value) && (!("known" in one.dataset) || (known && known.checked)) && words.every((word) => hay.includes(word));
      one.hidden = !fits;
      count += fits;
    }
    shown.value = count + (count === 1 ? " finding" : " findings");
    if (none) none.hidden = count > 0;
  };
  const step = (by) => {
    const seen = all.filter((one) => !one.hidden);
    if (!seen.length) return;
    const at = seen.findIndex((one) => one.contains(document.activeElement));
    const next = seen[Math.min(seen.length - 1, Math.max(0, at < 0 ? (by > 0 ? 0 : seen.length - 1) : at + by))];
    next.querySelector("summary").focus();
    next.scrollIntoView({ block: "start" });
  };

  for (const one of [text, path, known, ...boxes]) if (one) one.addEventListener("input", () => { apply(); write(); });
  document.querySelector(".filters").addEventListener("submit", (event) => event.preventDefault());
  addEventListener("hashchange", () => { read(); apply(); });
  addEventListener("beforeprint", () => { for (const one of all) one.open = true; });
  addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const typing = event.target.matches("input[type=search], select");
    if (event.key === "Escape" && event.target === text) { text.value = ""; apply(); write(); text.blur(); }
    if (typing) return;
    if (event.key === "/") { event.preventDefault(); text.focus(); }
    if (event.key === "j") step(1);
    if (event.key === "k") step(-1);
    if (event.key === "o") { const one = document.activeElement.closest(".finding"); if (one) one.open = !one.open; }
  });
  read();
  apply();
})();
