/** A shorter one is part of many words: to take it out would show it. */
const SHORTEST = 4

/**
 * A message of others without the passwords of these locations, in whatever form it may quote them, without the user and
 * the password of any other URL, and without what Redis quotes of a command that it does not know.
 */
export function hide(message: string, secrets: readonly string[] = []): string {
  let text = message
    .replace(/(\b[a-z][a-z0-9+.-]*:\/\/)[^\s'"]*@/gi, '$1***@')
    .replace(/(, with args beginning with:).*/gi, '$1 ***')
  for (const secret of secrets) if (secret.length >= SHORTEST) text = text.replaceAll(secret, '***')
  return text
}
