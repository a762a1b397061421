import { EventEmitter } from 'node:events'
import { expect, test } from 'vitest'
import { alsoOnNode, type FetchRequest, fetchHost } from '../../../src/adapters/fetch/host.ts'

test('where there is a response of Node.js it says of the client what the request does not', () => {
  const response = Object.assign(new EventEmitter(), { destroyed: false })
  const known = new Request('http://shop.example/')
  const host = alsoOnNode<FetchRequest>(fetchHost(false, true), (request) =>
    request === known ? (response as never) : undefined,
  )
  const told: string[] = []
  host.whenOver!(known, () => told.push('over'))
  expect([host.clientIsGone(known), told]).toEqual([false, []])
  response.destroyed = true
  response.emit('close')
  expect([host.clientIsGone(known), told]).toEqual([true, ['over']])
  const hangsUp = new AbortController()
  const elsewhere = new Request('http://shop.example/', { signal: hangsUp.signal })
  host.whenOver!(elsewhere, () => told.push('elsewhere'))
  expect(host.clientIsGone(elsewhere)).toBe(false)
  hangsUp.abort()
  expect([host.clientIsGone(elsewhere), told]).toEqual([true, ['over']])
})
