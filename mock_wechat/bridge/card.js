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
    make("div", { class: "face" }, make("p", { class: "desc" }, card.desc || ""), picture(card.imgUrl)),
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

function picture(address) {
  if (!address) return make("span", { class: "picture" });
  if (isOnThisMachine(address)) return make("img", { class: "picture", src: address, alt: "" });
  return make("span", { class: "picture note" }, say("picture"));
}

function leadsElsewhere(link) {
  try {
    return new URL(link, location.href).host !== location.host;
  } catch {
    return true;
  }
}
