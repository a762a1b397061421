import { withoutSecrets } from '../../stores/server/cause.ts'

/** A shorter one is part of many words: to take it out would show it. */
const SHORTEST = 4

/** A message of others without the passwords of these locations, in whatever form it may quote them. */
export function hide(message: string, secrets: readonly string[]): string {
  let text = withoutSecrets(message)
  for (const secret of secrets) if (secret.length >= SHORTEST) text = text.replaceAll(secret, '***')
  return text
}
