/** By name, the environments that each comes from. */
type Order = ReadonlyMap<string, readonly string[]>;

/** Environments that would come from themselves, and those between two such: in an order there are none. */
export function findCircular(order: Order): ReadonlySet<string> {
  const earlier = dropEnds(new Set(order.keys()), order);
  return dropEnds(earlier, turnRound(order));
}

function turnRound(ways: Order): ReadonlyMap<string, string[]> {
  const back = new Map<string, string[]>();
  for (const [name, next] of ways) {
    for (const other of new Set(next)) {
      const known = back.get(other);
      if (known === undefined) back.set(other, [name]);
      else known.push(name);
    }
  }
  return back;
}

/** What is left of some names when those that lead to none of them have gone, and then those that led to these alone. */
function dropEnds(names: ReadonlySet<string>, ways: Order): ReadonlySet<string> {
  const left = new Set(names);
  const inside = new Map([...names].map((name) => [name, (ways.get(name) ?? []).filter((other) => names.has(other))]));
  const counts = new Map([...inside].map(([name, next]) => [name, new Set(next).size]));
  const back = turnRound(inside);
  const ends = [...names].filter((name) => counts.get(name) === 0);
  for (const end of ends) {
    left.delete(end);
    for (const name of back.get(end) ?? []) {
      const count = (counts.get(name) ?? 0) - 1;
      counts.set(name, count);
      if (count === 0) ends.push(name);
    }
  }
  return left;
}
