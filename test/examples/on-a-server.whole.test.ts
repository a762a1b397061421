import { expect, test } from 'vitest'
import { describeWith } from '../support/servers/needed.ts'
import { startPostgres } from '../support/servers/postgres.ts'
import { startRedis } from '../support/servers/redis.ts'
import { startShop, temporaryFolder } from './running-shop.ts'

/** Posts a form as the shop's own page does; the cookie that came back. */
async function post(
  address: string,
  path: string,
  form: Record<string, string>,
  cookie = '',
): Promise<string> {
  const answer = await fetch(address + path, {
    method: 'POST',
    headers: { cookie, origin: address },
    body: new URLSearchParams(form),
    redirect: 'manual',
  })
  expect(answer.status).toBe(303)
  return answer.headers.getSetCookie()[0]?.split(';')[0] ?? cookie
}

for (const [name, start] of Object.entries({ Redis: startRedis, PostgreSQL: startPostgres })) {
  await describeWith(`the shop on ${name}`, start, ({ url }) => {
    test('two of its processes share who is signed in and the cart, one after a restart of the other', async () => {
      const folder = temporaryFolder()
      const [one, other] = await Promise.all([
        startShop(folder.path, { url }),
        startShop(folder.path, { url }),
      ])
      try {
        const cookie = await post(one.address, '/sign-in', { name: 'Ada' })
        await post(other.address, '/cart/lantern/add', {}, cookie)
        expect(await one.stop()).toBe(0)
        const again = await startShop(folder.path, { url })
        const page = await (await fetch(again.address, { headers: { cookie } })).text()
        await again.stop()
        expect(page).toContain('Signed in as <bdi>Ada<')
        expect(page).toContain('added to your cart')
      } finally {
        await Promise.all([one.stop(), other.stop()])
        folder.remove()
      }
    })
  })
}
