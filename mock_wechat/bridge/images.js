// Images of the phone's album: drawn here, with each platform's names (WECHAT.md 8.7.7).

const album = new Map(); // local id in lower case -> data URL

/** The local ids of `count` new images. */
function drawImages(count) {
  return Array.from({ length: count }, () => {
    const number = String(1000000000 + album.size);
    const localId = isIos ? `wxLocalResource://imageid${number}` : `weixin://resourceid/${number}`;
    album.set(localId.toLowerCase(), draw(album.size));
    return localId;
  });
}

/** A coloured square that says which one it is. */
function draw(number) {
  const canvas = document.createElement("canvas");
  canvas.width = canvas.height = 240;
  const pen = canvas.getContext("2d");
  pen.fillStyle = `hsl(${(number * 67 + 145) % 360} 45% 45%)`;
  pen.fillRect(0, 0, 240, 240);
  pen.fillStyle = "#fff";
  pen.font = "600 96px sans-serif";
  pen.textAlign = "center";
  pen.textBaseline = "middle";
  pen.fillText(String(number + 1), 120, 126);
  return canvas.toDataURL("image/jpeg");
}

/** An image in the form of iPhones (with their "jgp"); Android omits the prefix of the data. */
function localData(localId) {
  const data = album.get(String(localId).toLowerCase());
  if (!data) return null;
  return isIos ? data.replace("image/jpeg", "image/jgp") : data.slice(data.indexOf(",") + 1);
}

/** Shows local ids in images. On iPhones the SDK does so; elsewhere a local id works as an address. */
function showLocalImages() {
  if (isIos) return;
  const show = (event) => {
    const data = event.target instanceof HTMLImageElement && album.get(event.target.src.toLowerCase());
    if (!data) return;
    event.stopImmediatePropagation();
    event.target.src = data;
  };
  window.addEventListener("error", show, true);
}
