/** The spellings of a value that a secret must not be found in: as it is, escaped, encoded, at each offset of base64. */
export function spellingsOf(value: string): string[] {
  const escaped = JSON.stringify(value).slice(1, -1);
  return [
    value,
    encodeURIComponent(value),
    escaped,
    JSON.stringify(escaped).slice(1, -1),
    ...['', 'a', 'ab'].flatMap((before) => {
      const bytes = Buffer.from(before + value);
      return [bytes.toString('base64').slice(4, -4), bytes.toString('base64url').slice(4, -4)];
    }),
  ];
}

/** Which spellings of a value a text holds. */
export function occurrencesOf(value: string, text: string): string[] {
  return spellingsOf(value).filter((spelled) => text.includes(spelled));
}
