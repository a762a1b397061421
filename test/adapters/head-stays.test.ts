import { expect, test } from 'vitest'
import { FetchMount } from '../../src/adapters/fetch/mount.ts'
import { memoryStore } from '../../src/memory.ts'

// As Next.js has it, where handlers of one action follow on each other, and the answer is made in the end.
test('a handler that follows on one that has failed signs in with its cookie', async () => {
  const mount = new FetchMount<{ cart?: string[] }>({ cookie: { secure: false } }, memoryStore)
  const request = new Request('http://shop.example/')
  const session = mount.of(request)
  await session.prepare()
  session.plain.cart = ['tea']
  await session.commitUnanswered()
  session.headStays()
  await session.plain.login('ada')
  expect(await session.commitAnswer()).toBe(true)
  const headers = new Headers()
  session.addTo(headers)
  const [line] = headers.getSetCookie()
  const found = await mount.sessions.open(line?.split(';')[0], { secure: false })
  expect(found.owner).toBe('ada')
})
