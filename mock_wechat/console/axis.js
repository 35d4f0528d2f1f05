// The timeline's axis: linear, with breaks for long gaps. So a clock that jumped two hours ahead leaves the seconds
// before and after the jump readable.

const SHORTEST_BREAK = 120; // seconds
const SIMILAR = 3; // gaps within this factor belong together
const DOMINANT = 0.4; // the share of the whole above which gaps are worth breaking
const RHYTHM = 8; // more similar gaps than these are a regular pattern, and stay
const MARGIN = 2; // seconds before the first moment and after the last
const [LABEL_WIDTH, LABEL_APART] = [54, 12];
const STEPS = [1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 14400, 21600, 43200, 86400];

/**
 * The axis for these moments (Unix seconds) on the pixels from `left` to `right`, with labels up to `edge`:
 * `x(moment)`, `breaks` as `{left, right, seconds}`, `labels` as `{x, moment}`.
 */
export function axisOf(moments, left, right, edge = right) {
  const sorted = [...new Set(moments)].sort((one, other) => one - other);
  sorted.unshift(sorted[0] - MARGIN);
  sorted.push(sorted.at(-1) + MARGIN);
  const gaps = sorted.slice(1).map((moment, index) => ({ from: sorted[index], to: moment, seconds: moment - sorted[index] }));
  const shortest = shortestBreak(gaps.map(({ seconds }) => seconds));
  const pieces = placed(gaps, shortest, left, right - left);
  return { x: (moment) => xOf(pieces, moment), breaks: pieces.filter((piece) => piece.broken), labels: labelsOf(pieces, edge - LABEL_WIDTH) };
}

/** The length from which gaps become breaks: the longest ones, as long as they would squeeze the rest. */
function shortestBreak(gaps) {
  let rest = gaps.toSorted((one, other) => other - one);
  let shortest = Infinity;
  while (rest[0] >= SHORTEST_BREAK) {
    const similar = rest.filter((gap) => gap * SIMILAR >= rest[0]);
    const [whole, taken] = [rest, similar].map((some) => some.reduce((sum, gap) => sum + gap, 0));
    if (taken < whole * DOMINANT || similar.length > RHYTHM) break;
    shortest = similar.at(-1);
    rest = rest.slice(similar.length);
  }
  return shortest;
}

function placed(gaps, shortest, start, width) {
  const count = gaps.filter(({ seconds }) => seconds >= shortest).length;
  const breakWidth = count ? Math.min(Math.max(40, width * 0.06), (width * 0.5) / count) : 0;
  const linear = gaps.reduce((sum, { seconds }) => (seconds >= shortest ? sum : sum + seconds), 0);
  const scale = (width - count * breakWidth) / linear;
  let left = start;
  return gaps.map((gap) => {
    const broken = gap.seconds >= shortest;
    const right = left + (broken ? breakWidth : gap.seconds * scale);
    const piece = { ...gap, broken, left, right };
    left = right;
    return piece;
  });
}

function xOf(pieces, moment) {
  const piece = pieceAt(pieces, moment);
  const share = Math.min(1, Math.max(0, (moment - piece.from) / piece.seconds));
  return piece.left + share * (piece.right - piece.left);
}

/** The piece that a moment is in, by halving: there may be one for each of a thousand calls. */
function pieceAt(pieces, moment) {
  let [low, high] = [0, pieces.length - 1];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (moment <= pieces[middle].to) high = middle;
    else low = middle + 1;
  }
  return pieces[low];
}

/** A label where each stretch begins, and round times in it as far as there is room. */
function labelsOf(pieces, last) {
  const labels = [];
  const add = (x, moment) => {
    const free = labels.length ? labels.at(-1).x + LABEL_WIDTH + LABEL_APART : -Infinity;
    if (free <= x && x <= last) labels.push({ x, moment }); // others would be cut off
  };
  for (const { from, to, left, right } of stretches(pieces)) {
    add(left, from);
    const step = STEPS.find((seconds) => (seconds * (right - left)) / (to - from) >= LABEL_WIDTH * 1.7);
    if (!step) continue;
    for (let moment = Math.ceil(from / step) * step; moment < to; moment += step) {
      add(left + ((moment - from) / (to - from)) * (right - left), moment);
    }
  }
  return labels;
}

/** The linear parts between breaks. */
function stretches(pieces) {
  const found = [];
  let open;
  for (const piece of pieces) {
    if (piece.broken) open = undefined;
    else if (open) Object.assign(open, { to: piece.to, right: piece.right });
    else found.push((open = { ...piece }));
  }
  return found;
}
