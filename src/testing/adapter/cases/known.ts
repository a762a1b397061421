import assert from 'node:assert/strict'
import { type Case, group, overBoth } from '../case.ts'
import { meeting } from '../gate.ts'
import { text } from '../room.ts'
import { attributesOf, sessionCookies } from '../visitor.ts'

export const known: Case[] = [
  ...overBoth('known', {
    'a visitor is known by their cookie, and gets no other one': async (room) => {
      const visitor = await room.known()
      const { id } = visitor
      for (const path of ['/values', '/values', '/begin']) {
        const answer = await visitor.get(path)
        assert.deepEqual([answer.status, sessionCookies(answer)], [200, []])
      }
      assert.equal((await visitor.get('/values')).text, '{"name":"Ada"}')
      assert.equal(visitor.id, id)
    },
    'what is changed inside of a value is stored': async (room) => {
      room.pages({
        '/cart': (session) => {
          session.cart ??= { items: [] }
          session.cart.items.push('tea')
          return text('put in')
        },
      })
      const visitor = room.visitor()
      await visitor.get('/cart')
      await visitor.get('/cart')
      assert.deepEqual(await room.stored(visitor.key), { cart: { items: ['tea', 'tea'] } })
    },
    'what another process has changed since is seen': async (room) => {
      const visitor = await room.known()
      await visitor.get('/values')
      await room.store.behind.save(visitor.key, { set: new Map([['name', '"Grace"']]) })
      assert.equal((await visitor.get('/values')).text, '{"name":"Grace"}')
    },
    'a message is shown once, to one of two who ask at once': async (room) => {
      const allThere = meeting(2)
      room.pages({
        '/sent': (session) => {
          session.flash('notice', 'sent')
          return text('ok')
        },
        '/shown': async (session) => {
          void session.name
          await allThere()
          return text(JSON.stringify(await session.flashes('notice')))
        },
      })
      const visitor = await room.known()
      await visitor.get('/sent')
      const answers = await Promise.all([visitor.get('/shown'), visitor.get('/shown')])
      assert.deepEqual(answers.map((answer) => answer.text).sort(), ['["sent"]', '[]'])
    },
  }),
  ...group('known', {
    'another expiry renews the cookie, under the same id': async (room) => {
      room.pages({
        '/forget': (session) => {
          session.setExpiry('browser')
          return text('ok')
        },
      })
      const visitor = await room.known()
      const { id } = visitor
      const [line, ...others] = sessionCookies(await visitor.get('/forget'))
      assert.ok(line, 'a cookie should be set')
      assert.deepEqual([others, visitor.id], [[], id])
      assert.equal(attributesOf(line).has('max-age'), false, 'it should end with the browser')
    },
    'who comes over one connection with others, as by a proxy, is taken for none of them': async (room) => {
      room.pages({
        '/name': (session, { url }) => {
          session.name = url.split('?')[1]!
          return text('ok')
        },
      })
      const [ada, grace] = [room.visitor(), room.visitor()]
      await ada.get('/name?Ada')
      await grace.get('/name?Grace')
      const cookies = { Ada: ada.cookie, Grace: grace.cookie, nobody: '' }
      const orders = [
        ['Ada', 'Grace', 'nobody', 'Ada'],
        ['nobody', 'Grace', 'Ada', 'nobody'],
      ] as const
      for (const order of orders) {
        // It keeps its connection, whichever cookie it sends.
        const proxy = room.visitor()
        for (const name of order) {
          const { text } = await proxy.get('/values', { cookie: cookies[name] })
          assert.equal(text, name === 'nobody' ? '{}' : `{"name":"${name}"}`)
        }
        await proxy.get('/name?Joan', { cookie: '' })
        assert.equal((await proxy.get('/values', { cookie: '' })).text, '{}')
      }
    },
    'a cookie of the application beside it does no harm': async (room) => {
      const visitor = await room.known()
      const cookie = `theme=dark; ${visitor.cookie}; lang=en`
      assert.equal((await visitor.get('/values', { cookie })).text, '{"name":"Ada"}')
    },
  }),
]
