import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto'
import { deserialize, serialize } from 'node:v8'
import type { Serializer } from '../../src/index.ts'

/** Values are encrypted, with another nonce each time: no value ever has the same text twice. */
export function encrypting(inner: Serializer = JSON): Serializer {
  const key = randomBytes(32)
  return {
    stringify(value) {
      const nonce = randomBytes(12)
      const cipher = createCipheriv('aes-256-gcm', key, nonce)
      const sealed = Buffer.concat([cipher.update(inner.stringify(value)), cipher.final()])
      return Buffer.concat([nonce, cipher.getAuthTag(), sealed]).toString('base64url')
    },
    parse(text) {
      const bytes = Buffer.from(text, 'base64url')
      const cipher = createDecipheriv('aes-256-gcm', key, bytes.subarray(0, 12))
      cipher.setAuthTag(bytes.subarray(12, 28))
      return inner.parse(`${cipher.update(bytes.subarray(28))}${cipher.final()}`)
    },
  }
}

/** Keeps Dates, Maps and all else that `structuredClone` takes. */
export const cloning: Serializer = {
  stringify: (value) => serialize(value).toString('base64'),
  parse: (text) => deserialize(Buffer.from(text, 'base64')),
}
