import { createHmac, timingSafeEqual } from 'node:crypto'

/** A secret, as `createHmac` of Node.js takes it. */
export type Secret = Parameters<typeof createHmac>[1]

/** What express-session and @fastify/session sign: the content, a dot, and its HMAC-SHA256 in base64 without `=`. */
export function withSignature(content: string, secret: Secret): string {
  return `${content}.${signatureOf(content, secret)}`
}

/** The content of a signed text, whichever of the secrets has signed it; `undefined`: none. It is untrusted input. */
export function unsigned(text: string, secrets: readonly Secret[]): string | undefined {
  const dot = text.lastIndexOf('.')
  if (dot === -1) return undefined
  const content = text.slice(0, dot)
  const signature = text.slice(dot + 1)
  return secrets.some((secret) => isSame(signature, signatureOf(content, secret))) ? content : undefined
}

function signatureOf(content: string, secret: Secret): string {
  return createHmac('sha256', secret).update(content).digest('base64').replace(/=+$/, '')
}

/** In a time that says nothing of where they differ. */
function isSame(one: string, other: string): boolean {
  const [a, b] = [Buffer.from(one), Buffer.from(other)]
  return a.length === b.length && timingSafeEqual(a, b)
}
