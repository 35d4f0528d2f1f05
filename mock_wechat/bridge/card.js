// The card that a friend would get, before it is sent.

/** Shows a share in a dialog of `root`: "Send" finishes it as ok, everything else as cancel. */
function showCard(root, { card, finish }) {
  const close = () => {
    finish(dialog.returnValue || "cancel");
    dialog.remove();
  };
  const dialog = make(
    "dialog",
    { class: "card", "aria-label": say("share"), close },
    make("h2", {}, card.title || say("untitled")),
    make("div", { class: "face" }, make("p", { class: "desc" }, card.desc || ""), image(card.imgUrl)),
    make("p", { class: "link" }, card.link || ""),
    ...(leadsElsewhere(card.link) ? [make("p", { class: "note" }, say("elsewhere"))] : []),
    make(
      "p",
      { class: "choice" },
      button(say("cancel"), {}, () => dialog.close("cancel")),
      button(say("send"), { class: "main", autofocus: true }, () => dialog.close("ok")),
    ),
  );
  root.append(dialog);
  dialog.showModal();
}

function image(address) {
  if (!address) return make("span", { class: "image" });
  if (isOnThisMachine(address)) return make("img", { class: "image", src: address, alt: "" });
  return make("span", { class: "image note" }, say("image"));
}

function leadsElsewhere(link) {
  try {
    return new URL(link, location.href).host !== location.host;
  } catch {
    return true;
  }
}
