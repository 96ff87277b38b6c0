// What makes the pages more comfortable. Every page does its work without this file.
"use strict";

(() => {
  // --- Quick Find filters the tree while one types ----------------------------------------------------------
  const found = document.getElementById("quick-find-found");
  const box = document.getElementById("quick-find");
  const tree = document.querySelector(".co-tree__body");

  function filterTree() {
    const words = box.value.toLowerCase().split(/\s+/).filter(Boolean);
    let count = 0;
    for (const page of tree.querySelectorAll("[data-find]")) {
      const fits = words.every((word) => page.dataset.find.includes(word));
      page.hidden = !fits;
      count += fits ? 1 : 0;
    }
    for (const branch of tree.querySelectorAll(".co-tree__branch, .co-tree__part")) {
      branch.hidden = !branch.querySelector("[data-find]:not([hidden])");
      const details = branch.querySelector(":scope > details");
      if (!details) continue;
      if (!("before" in details.dataset)) details.dataset.before = details.open ? "open" : "";
      details.open = words.length > 0 || details.dataset.before === "open";
    }
    if (words.length === 0) {
      for (const details of tree.querySelectorAll("details")) delete details.dataset.before;
    }
    tree.querySelector(".co-tree__none").hidden = count > 0;
    found.textContent = words.length === 0 ? "" : count === 1 ? "1 page found" : `${count} pages found`;
  }

  if (box && tree) {
    box.addEventListener("input", filterTree);
    if (box.value) filterTree();
  }

  // --- menus close when one leaves them ----------------------------------------------------------------------
  document.addEventListener("click", (event) => {
    for (const menu of document.querySelectorAll("details.co-menu[open]")) {
      if (!menu.contains(event.target)) menu.open = false;
    }
  });
  document.addEventListener("focusin", (event) => {
    for (const menu of document.querySelectorAll("details.co-menu[open]")) {
      if (!menu.contains(event.target)) menu.open = false;
    }
  });
  document.addEventListener("keydown", (event) => {
    if (event.key !== "Escape") return;
    const menu = event.target.closest && event.target.closest("details.co-menu[open]");
    if (menu) {
      menu.open = false;
      menu.querySelector("summary").focus();
    } else if (location.hash === "#setup-tree") {
      location.hash = "#main";
    }
  });

  // --- a dialog opens in the page; without script the same address is a page of its own -------------------------
  const dialog = document.getElementById("dialog");
  if (dialog) {
    let opener = null;
    document.addEventListener("htmx:before:request", (event) => {
      if (event.target.getAttribute && event.target.getAttribute("hx-target") === "#dialog") opener = event.target;
    });
    document.addEventListener("htmx:after:swap", () => {
      if (!dialog.hasChildNodes() || dialog.open) return;
      dialog.showModal();
      const title = dialog.querySelector("#dialog-title");
      if (title) title.focus();
    });
    dialog.addEventListener("click", (event) => {
      const close = event.target.closest("[data-close]");
      if (close) {
        event.preventDefault();
        dialog.close();
      }
    });
    dialog.addEventListener("close", () => {
      dialog.replaceChildren();
      if (opener) opener.focus();
      opener = null;
    });
  }

  // A server that does not answer is told of by the browser, as with any link.
  document.addEventListener("htmx:error", (event) => {
    const link = event.target.closest && event.target.closest('a[hx-target="#dialog"]');
    if (link) location.href = link.href;
  });

  // --- what is sent is sent once, however often one presses ------------------------------------------------------
  document.addEventListener("submit", (event) => {
    const form = event.target;
    if (form.method !== "post" || event.defaultPrevented) return;
    if (form.dataset.sent) {
      event.preventDefault();
      return;
    }
    form.dataset.sent = "sent";
    // Who has stopped the browser from loading may send it again.
    setTimeout(() => delete form.dataset.sent, 10000);
  });
  window.addEventListener("pageshow", () => {
    for (const form of document.querySelectorAll("form[data-sent]")) delete form.dataset.sent;
  });

  // --- a window that the page opens with: it stands in the page without script, and above it with ------------------
  for (const open of document.querySelectorAll("dialog[data-modal]")) {
    open.close();
    open.showModal();
    open.addEventListener("click", (event) => {
      if (!event.target.closest("[data-close]")) return;
      event.preventDefault();
      open.close();
    });
  }

  // --- the message about a refusal is where one looks first ------------------------------------------------------
  const message = document.querySelector("[data-focus]");
  if (message) message.focus();

  // --- "select all" in a table --------------------------------------------------------------------------------------
  document.addEventListener("change", (event) => {
    const all = event.target.closest("[data-select-all]");
    if (!all) return;
    for (const one of all.closest("form").querySelectorAll(`input[name="${all.dataset.selectAll}"]:not(:disabled)`)) {
      one.checked = all.checked;
    }
  });
  for (const label of document.querySelectorAll("[data-select-all-label]")) label.hidden = false;

  // --- another row in a list of a form: the last one is always empty, a copy of it is the next ------------------------
  document.addEventListener("click", (event) => {
    const button = event.target.closest("[data-add-row]");
    if (!button) return;
    const rows = button.closest("fieldset").querySelectorAll(".co-row");
    const last = rows[rows.length - 1];
    const next = last.cloneNode(true);
    const number = rows.length + 1;
    for (const field of next.querySelectorAll("[name]")) {
      field.name = field.name.replace(/\[\d+\](?!.*\[\d+\])/, `[${number}]`);
      field.value = "";
      const label = next.querySelector(`label[for="${field.id}"]`);
      field.id = field.id.replace(/-\d+-(?=[^-]*$)/, `-${number}-`);
      if (label) label.htmlFor = field.id;
    }
    last.after(next);
    next.querySelector("[name]").focus();
  });
  for (const button of document.querySelectorAll("[data-add-row]")) button.hidden = false;
})();
