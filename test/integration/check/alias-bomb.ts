/** Ten mappings, each nine times the one before: two hundred bytes that stand for billions of values. */
export function aliasBomb(indent: string): string {
  const names = "abcdefghij".split("");
  return names
    .map((name, index) => {
      const item = index === 0 ? "x" : `*${names[index - 1] ?? ""}`;
      return `${indent}${name}: &${name} [${Array(9).fill(item).join(", ")}]\n`;
    })
    .join("");
}
