
"use strict";
// index.html#megc2019/ststnet-03e0b038 leads to that row on its board's page.
function follow() {
  const address = decodeURIComponent(location.hash.slice(1));
  for (const link of document.querySelectorAll("th a")) {
    const place = link.getAttribute("href");
    const board = place.replace(/^boards\//, "").replace(/\.html$/, "");
    if (address === board || address.startsWith(board + "/")) location.replace(place + "#" + address);
  }
}
addEventListener("hashchange", follow);
follow();
