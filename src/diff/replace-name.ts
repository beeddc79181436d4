/** Replaces `name` in `text` where it stands as a word of its own: `web` in `web-db` and `web.shop`, not in `webhook`. */
export function replaceName(text: string, name: string, stand: string): string {
  if (name === "" || !text.includes(name)) return text;
  const parts = text.split(name);
  let replaced = parts[0] ?? "";
  for (let index = 1; index < parts.length; index += 1) {
    const [left, right] = [parts[index - 1] ?? "", parts[index] ?? ""];
    const isWord = !isWordEnd(left.at(-1)) && !isWordEnd(right[0]);
    replaced += (isWord ? stand : name) + right;
  }
  return replaced;
}

function isWordEnd(character: string | undefined): boolean {
  return character !== undefined && /[A-Za-z0-9]/u.test(character);
}
