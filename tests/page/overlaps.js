// What of the page's text lies on other text, or is cut off: a list of sentences, empty if nothing.
() => {
  const seen = (element) => {
    for (let at = element; at && at !== document.body; at = at.parentElement) {
      const style = getComputedStyle(at);
      if (style.visibility === "hidden" || style.display === "none" || style.clipPath !== "none") return false;
      if (style.position === "absolute" && at.clientWidth <= 1) return false; // for screen readers
      if (at.tagName === "DETAILS" && !at.open && !at.querySelector(":scope > summary")?.contains(element)) return false;
    }
    return true;
  };
  // What a reader sees of a box: the rest of a list that scrolls lies on nothing.
  const within = (element, { left, right, top, bottom }) => {
    for (let at = element; at && at !== document.body; at = at.parentElement) {
      if (!/auto|scroll/.test(getComputedStyle(at).overflowY)) continue;
      const room = at.getBoundingClientRect();
      [top, bottom] = [Math.max(top, room.top), Math.min(bottom, room.bottom)];
    }
    return { left, right, top, bottom, width: right - left, height: bottom - top };
  };
  const found = [];
  const boxes = [];
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) {
    const node = walker.currentNode;
    const parent = node.parentElement;
    if (!node.textContent.trim() || /^(SCRIPT|STYLE|NOSCRIPT|OPTION|TEXTAREA)$/.test(parent.tagName) || !seen(parent)) continue;
    const range = document.createRange();
    range.selectNodeContents(node);
    for (const whole of range.getClientRects()) {
      const box = within(parent, whole);
      if (box.width < 2 || box.height < 2) continue;
      boxes.push({ node, box, text: node.textContent.trim().slice(0, 40) });
    }
  }
  const width = document.documentElement.clientWidth;
  if (document.documentElement.scrollWidth > width + 1) found.push(`the page is wider than the window by ${document.documentElement.scrollWidth - width}`);
  for (const { node, box, text } of boxes) {
    const scroller = node.parentElement.closest(".scroll, [data-scroll], .table");
    if (!scroller && (box.left < -1 || box.right > width + 1)) found.push(`out of the window: ${text}`);
    for (let at = node.parentElement; at && at !== document.body; at = at.parentElement) {
      const style = getComputedStyle(at);
      if (style.overflowX !== "hidden" && style.overflowX !== "clip") continue;
      const room = at.getBoundingClientRect();
      if (box.left < room.left - 1 || box.right > room.right + 1) found.push(`cut off: ${text}`);
      break;
    }
  }
  boxes.sort((one, other) => one.box.top - other.box.top);
  for (let i = 0; i < boxes.length; i++) {
    for (let j = i + 1; j < boxes.length && boxes[j].box.top < boxes[i].box.bottom; j++) {
      if (boxes[i].node === boxes[j].node) continue;
      const [one, other] = [boxes[i].box, boxes[j].box];
      const across = Math.min(one.right, other.right) - Math.max(one.left, other.left);
      const down = Math.min(one.bottom, other.bottom) - Math.max(one.top, other.top);
      // Lines of letters are taller than what is seen of them: a third of the height may lie on each other.
      if (across > 2 && down > 0.35 * Math.min(one.height, other.height)) found.push(`“${boxes[i].text}” lies on “${boxes[j].text}”`);
    }
  }
  const canvas = document.createElement("canvas").getContext("2d");
  for (const select of document.querySelectorAll("select")) {
    if (!select.clientWidth || !seen(select)) continue;
    canvas.font = getComputedStyle(select).font;
    const text = select.selectedOptions[0]?.textContent ?? "";
    if (canvas.measureText(text).width > select.clientWidth - 24) found.push(`cut off in its list: ${text}`);
  }
  return [...new Set(found)];
}
