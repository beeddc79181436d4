/** Code points, as GitHub counts: an emoji is one, though JavaScript says two. */
export function countCharacters(text: string): number {
  return Array.from(text).length;
}
