(() => {
  // Adds up what mending a choice of rules would bring. Whole numbers throughout, as the assessment reckons; where this
  // comes to anything else than the assessment says of a known choice, the page says "about" instead.
  const panel = document.querySelector("[data-whatif]");
  if (!panel) return;
  const data = JSON.parse(panel.dataset.whatif), boxes = [...panel.querySelectorAll("input[type=checkbox][data-rule]")];
  const lang = document.documentElement.lang;
  const gcd = (a, b) => { while (b) [a, b] = [b, a % b]; return a < 0n ? -a : a; };
  const ratio = (n, d) => { if (d < 0n) [n, d] = [-n, -d]; const g = gcd(n, d) || 1n; return [n / g, d / g]; };
  const read = ([n, d]) => [BigInt(n), BigInt(d)];
  const add = (a, b) => ratio(a[0] * b[1] + b[0] * a[1], a[1] * b[1]);
  const sub = (a, b) => add(a, [-b[0], b[1]]);
  const mul = (a, b) => ratio(a[0] * b[0], a[1] * b[1]);
  const div = (a, b) => ratio(a[0] * b[1], a[1] * b[0]);
  const less = (a, b) => a[0] * b[1] < b[0] * a[1];
  const low = (a, b) => (less(a, b) ? a : b);
  const zero = [0n, 1n], one = [1n, 1n];
  const clamp = (a) => (less(a, zero) ? zero : low(a, one));
  const floor = (a) => { const q = a[0] / a[1]; return a[0] < 0n && q * a[1] !== a[0] ? q - 1n : q; };
  // The nearest whole number, half to even.
  const nearest = ([n, d]) => {
    const q = floor([n, d]), twice = 2n * (n - q * d);
    return q + (twice > d || (twice === d && q % 2n) ? 1n : 0n);
  };
  const forms = {
    line: (rate, [from, to]) => clamp(div(sub(rate, read(from)), sub(read(to), read(from)))),
    self: (rate, [target]) => (less(rate, read(target)) ? clamp(rate) : one),
    steps: (rate, [steps]) => steps.reduce((share, [a, b, c, d]) => (less(rate, read([a, b])) ? share : read([c, d])), zero),
    down: (rate, [start, every, costs, most, base, begun]) => {
      const short = sub(read(start), rate);
      if (!less(zero, short)) return one;
      const steps = div(short, read(every)), whole = floor(steps);
      const counted = begun && less([whole, 1n], steps) ? whole + 1n : whole;
      return sub(one, div(low(read(most), mul(read(costs), [counted, 1n])), read(base)));
    },
  };
  const given = (part, chosen) => {
    if (!part.f) return null;
    const [form, ...terms] = part.f;
    if (part.v) {
      const left = part.v.reduce((sum, [rule, number]) => sum + (chosen.has(rule) ? 0 : number), 0);
      if (left === part.v.reduce((sum, [, number]) => sum + number, 0)) return BigInt(part.g);
      const [each, most, base] = terms;
      if (form === "each") {
        const taken = low(read(most), mul(read(each), [BigInt(left), 1n]));
        return nearest(mul([BigInt(part.p), 1n], sub(one, div(taken, read(base)))));
      }
      return nearest(mul([BigInt(part.p), 1n], forms[form](one, terms)));
    }
    let above = read(part.n), below = part.d ? read(part.d) : one, moved = false;
    for (const [rules, counts, n, d] of part.m) {
      if (!rules.every((rule) => chosen.has(rule))) continue;
      moved = true;
      if (counts) above = add(above, read([n, d])); else below = sub(below, read([n, d]));
    }
    if (!moved || !less(zero, below)) return BigInt(part.g);
    let rate = div(above, below);
    if (part.c) rate = low(rate, read(part.c));
    return nearest(mul([BigInt(part.p), 1n], forms[form](rate, terms)));
  };
  const score = (chosen) => {
    let total = BigInt(data.base);
    for (const part of data.parts) {
      const points = given(part, chosen);
      if (points === null) return null;
      total += points - BigInt(part.g);
    }
    for (const [rule, cap] of data.vetoes) if (!chosen.has(rule) && cap !== null && total > cap) total = BigInt(cap);
    return Number(total);
  };
  const money = (points) => {
    if (!data.pools) return null;
    const quality = points / data.full;
    let sum = 0;
    for (const pool of data.pools) {
      const [method, terms] = pool.factor;
      let factor = quality;
      if (method === "none") factor = 1;
      if (method === "cliff") factor = quality >= terms ? 1 : quality;
      if (method === "bands") factor = terms.reduce((found, [from, value]) => (quality >= from ? value : found), 0);
      const weight = Math.max(0, pool.score ? points / 1e4 : pool.basis) * factor;
      const whole = pool.kept ? pool.of : pool.of - pool.weight + weight;
      sum += whole ? Math.round((pool.pool * weight) / whole) - pool.now : 0;
    }
    return sum;
  };
  const known = data.known.map(([rules, points, gained]) => ({ rules: new Set(rules), points, gained }));
  const exactPoints = known.every(({ rules, points }) => score(rules) === points);
  const exactMoney = exactPoints && known.every(({ points, gained }) => gained === null || (data.pools && Math.abs(money(points) - gained) <= 1));
  const same = (a, b) => a.size === b.size && [...a].every((each) => b.has(each));
  const outcome = (chosen) => {
    if (!chosen.size) return { points: data.now, gained: 0, aboutPoints: false, aboutMoney: false };
    const told = known.find(({ rules }) => same(rules, chosen));
    if (told) return { points: told.points, gained: told.gained, aboutPoints: false, aboutMoney: false };
    const all = known[known.length - 1];
    let points = exactPoints ? score(chosen) : null;
    // No more than all together, and no less than the best of them alone.
    if (points === null) {
      const alone = known.filter(({ rules }) => rules.size === 1 && chosen.has([...rules][0])).map((each) => each.points - data.now);
      points = data.now + Math.max(Math.max(...alone), Math.min(alone.reduce((a, b) => a + b, 0), all.points - data.now));
    }
    if (exactMoney && data.pools) return { points, gained: money(points), aboutPoints: false, aboutMoney: false };
    if (all.gained === null) return { points, gained: null, aboutPoints: !exactPoints, aboutMoney: false };
    // Money follows the score: between two choices that are known it lies between theirs.
    const curve = [{ points: data.now, gained: 0 }, ...known].sort((a, b) => a.points - b.points);
    const right = curve.find((each) => each.points >= points) ?? all;
    const left = curve.filter((each) => each.points <= points).pop() ?? curve[0];
    const share = right.points > left.points ? (points - left.points) / (right.points - left.points) : 0;
    return { points, gained: Math.round(left.gained + share * (right.gained - left.gained)), aboutPoints: !exactPoints, aboutMoney: true };
  };
  const figure = (value, places) => new Intl.NumberFormat(lang, { minimumFractionDigits: places, maximumFractionDigits: places }).format(value);
  const signed = (value, text, about) => (about ? panel.dataset.about + " " : "") + (value > 0 ? "+" : "") + text;
  const put = (name, text) => { const place = panel.querySelector(`[data-out=${name}]`); if (place) place.textContent = text; };
  const everything = panel.querySelector("input[data-all]");
  const apply = () => {
    const chosen = new Set(boxes.filter((box) => box.checked).map((box) => Number(box.dataset.rule)));
    const { points, gained, aboutPoints, aboutMoney } = outcome(chosen);
    const more = (points - data.now) / 1e4;
    put("count", `${chosen.size} / ${boxes.length}`);
    put("points", signed(more, figure(more, 2), aboutPoints));
    put("score", figure(points / 1e4, 2));
    if (gained !== null) put("money", signed(gained, panel.dataset.symbol + "\u202f" + figure(gained / 100, 2), aboutMoney));
    put("grade", (data.grades.find(([least]) => points / 1e4 >= Number(least)) ?? ["", ""])[1]);
    everything.checked = chosen.size === boxes.length;
    everything.indeterminate = chosen.size > 0 && chosen.size < boxes.length;
  };
  everything.addEventListener("change", () => { boxes.forEach((box) => { box.checked = everything.checked; }); apply(); });
  boxes.forEach((box) => box.addEventListener("change", apply));
  panel.querySelectorAll("[hidden]").forEach((each) => { each.hidden = false; });
  apply();
})();
