import { randomBytes } from 'node:crypto'
import type { NewRecord, SessionChange, SessionKey } from 'untorn'
import { sessionKey } from './untorn.ts'

/** The session that every candidate keeps: about 400 bytes as JSON, three values. */
export const values = {
  user: { id: 4711, name: 'Ada Lovelace', role: 'customer' },
  cart: Array.from({ length: 12 }, (_, line) => ({ item: `A${100 + line}`, n: (line % 3) + 1 })),
  token: randomBytes(32).toString('base64url'),
}

/** Set in turn, so that each save is a change. */
export const tokens = [randomBytes(32).toString('base64url'), values.token] as const

export const tokenChanges = tokens.map((token) => changeOf('token', token))
export const cartChanges = [2, 1].map((n) =>
  changeOf(
    'cart',
    values.cart.map((line) => ({ ...line, n })),
  ),
)

export function newRecord(): NewRecord {
  return recordWith(Object.entries(values).map(([key, value]) => [key, JSON.stringify(value)]))
}

/** The sample with as many lines in the cart as make about so many bytes of JSON; under 250 without a cart. */
export function recordOfBytes(bytes: number): NewRecord {
  const { user, token } = values
  const lines = Math.max(0, Math.round((bytes - 150) / 21))
  const cart = Array.from({ length: lines }, (_, line) => ({ item: `A${100 + line}`, n: (line % 3) + 1 }))
  const chosen = Object.entries(lines === 0 ? { user: user.id, token } : { user, cart, token })
  return recordWith(chosen.map(([key, value]) => [key, JSON.stringify(value)]))
}

function recordWith(texts: [key: string, text: string][]): NewRecord {
  const now = Date.now()
  return { values: new Map(texts), createdAt: now, expiresAt: now + 30 * 60_000 }
}

export function newKey(): SessionKey {
  return sessionKey(randomBytes(32).toString('base64url'))
}

function changeOf(key: string, value: unknown): SessionChange {
  return { set: new Map([[key, JSON.stringify(value)]]) }
}
