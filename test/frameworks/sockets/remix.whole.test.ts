import { createSession } from '@remix-run/session'
import { describe, expect, test } from 'vitest'
import { memoryStore } from '../../../src/memory.ts'
import { sessionStorage } from '../../../src/remix.ts'
import { STORES } from '../../sockets/stores.ts'

describe.each(Object.entries(STORES))("Remix' session over %s", (_, make) => {
  const open = () => sessionStorage(createSession, make())

  test('no cookie, and one that nobody gave out, begin a session under a new id', async () => {
    const storage = open()
    for (const cookie of [null, '', 'planted']) {
      const session = await storage.read(cookie)
      expect(session.id).not.toBe(cookie)
      expect(session.size).toBe(0)
    }
  })

  test('a session that was not changed is not saved, and gets no cookie', async () => {
    const storage = open()
    const session = await storage.read(null)
    expect(await storage.save(session)).toBeNull()
    expect((await storage.read(session.id)).id).not.toBe(session.id)
  })

  test('values come back, are changed, are taken out', async () => {
    const storage = open()
    const first = await storage.read(null)
    first.set('a', 1)
    first.set('b', { deep: [1] })
    expect(await storage.save(first)).toBe(first.id)
    const second = await storage.read(first.id)
    expect([second.get('a'), second.get('b')]).toEqual([1, { deep: [1] }])
    second.unset('a')
    second.set('c', 2)
    expect(await storage.save(second)).toBe(first.id)
    second.set('d', 3)
    await storage.save(second)
    expect((await storage.read(first.id)).data[0]).toEqual({ b: { deep: [1] }, c: 2, d: 3 })
  })

  test('a flash is shown in the next request alone', async () => {
    const storage = open()
    const first = await storage.read(null)
    first.flash('message', 'saved')
    const cookie = await storage.save(first)
    const second = await storage.read(cookie)
    expect(second.get('message')).toBe('saved')
    await storage.save(second)
    expect((await storage.read(cookie)).get('message')).toBeUndefined()
  })

  test('a destroyed session is gone, and its cookie is to go', async () => {
    const storage = open()
    const first = await storage.read(null)
    first.set('a', 1)
    const cookie = await storage.save(first)
    const second = await storage.read(cookie)
    second.destroy()
    expect(await storage.save(second)).toBe('')
    expect((await storage.read(cookie)).size).toBe(0)
  })

  test.each([true, false])('a new id has the values; the old session is deleted: %s', async (deletes) => {
    const storage = open()
    const first = await storage.read(null)
    first.set('a', 1)
    const cookie = await storage.save(first)
    const second = await storage.read(cookie)
    second.regenerateId(deletes)
    second.set('user', 'ann')
    expect(await storage.save(second)).toBe(second.id)
    expect((await storage.read(second.id)).data[0]).toEqual({ a: 1, user: 'ann' })
    expect((await storage.read(cookie)).get('a')).toBe(deletes ? undefined : 1)
  })

  test('two requests that set different values keep both', async () => {
    const storage = open()
    const first = await storage.read(null)
    first.set('a', 0)
    const cookie = await storage.save(first)
    const [one, other] = await Promise.all([storage.read(cookie), storage.read(cookie)])
    one!.set('a', 1)
    other!.set('b', 1)
    await Promise.all([storage.save(one!), storage.save(other!)])
    expect((await storage.read(cookie)).data[0]).toEqual({ a: 1, b: 1 })
  })

  test('a sign-out under a slow request stays, and the slow one gets no cookie', async () => {
    const storage = open()
    const first = await storage.read(null)
    first.set('a', 1)
    const cookie = await storage.save(first)
    const [slow, out] = await Promise.all([storage.read(cookie), storage.read(cookie)])
    slow!.set('late', 1)
    out!.destroy()
    await storage.save(out!)
    expect(await storage.save(slow!)).toBeNull()
    expect((await storage.read(cookie)).size).toBe(0)
  })
})

test('a name of its own is refused, and what is no function', async () => {
  const storage = sessionStorage(createSession, memoryStore())
  const session = await storage.read(null)
  session.set('untorn:moved', 1)
  await expect(storage.save(session)).rejects.toMatchObject({ code: 'UNTORN_MISUSE' })
  expect(() => sessionStorage(undefined as never)).toThrow(
    expect.objectContaining({ code: 'UNTORN_INVALID_OPTION' }),
  )
})
