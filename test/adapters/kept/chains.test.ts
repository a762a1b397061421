import { AsyncResource } from 'node:async_hooks'
import { channel } from 'node:diagnostics_channel'
import { expect, test } from 'vitest'
import { Chains } from '../../../src/adapters/kept/chains.ts'
import { type SessionKey, sessionKey } from '../../../src/contract/key.ts'

type Known = { texts: ReadonlyMap<string, string> }

const keys = Array.from({ length: 1001 }, (_, at) => sessionKey(String(at)))
const [a, b] = keys as [SessionKey, SessionKey]
const known: Known = { texts: new Map() }

/** Work as it goes on in a request of a server of Node.js, which tells of it so. */
function inRequest<T>(work: (response: { writableEnded: boolean }) => T): T {
  return new AsyncResource('request').runInAsyncScope(() => {
    const response = { writableEnded: false }
    channel('http.server.request.start').publish({ response })
    return work(response)
  })
}

test('it is certain that something was not asked for in a request, and in what was begun on purpose', () => {
  const chains = new Chains<Known>()
  expect(chains.hasNot(a)).toBe(false)
  inRequest(() => {
    expect(chains.hasNot(a)).toBe(true)
    chains.note(a, undefined)
    expect([chains.hasNot(a), chains.has(a), chains.get(a), chains.hasNot(b)]).toEqual([
      false,
      true,
      undefined,
      true,
    ])
  })
  chains.within(() => {
    expect(chains.hasNot(a)).toBe(true)
    chains.note(a, known)
    expect([chains.hasNot(a), chains.get(a)]).toEqual([false, known])
  })
})

test('not where a request was given more than is remembered of it', () => {
  const chains = new Chains<Known>()
  inRequest(() => {
    for (const key of keys) chains.note(key, known)
    expect([chains.has(a), chains.hasNot(a), chains.has(b)]).toEqual([false, false, true])
  })
  chains.within(() => {
    for (const key of keys) chains.note(key, known)
    expect(chains.has(a)).toBe(true)
  })
})

test('one request knows nothing of another one, nor of the chain that led to it', () => {
  const chains = new Chains<Known>()
  inRequest(() => {
    chains.asked()
    chains.note(a, known)
    inRequest(() => expect([chains.has(a), chains.hasNot(a)]).toEqual([false, true]))
    expect(chains.get(a)).toBe(known)
  })
})

test('what was refused stays known until its request is answered', () => {
  const chains = new Chains<Known>()
  inRequest((response) => {
    chains.note(a, known)
    chains.refused(a)
    expect(chains.get(a)).toBe(known)
    response.writableEnded = true
    chains.refused(a)
    expect([chains.has(a), chains.get(a)]).toEqual([true, undefined])
  })
})
