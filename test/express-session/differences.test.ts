import type { ServerResponse } from 'node:http'
import { setTimeout as delay } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { headLines } from '../adapters/support/server.ts'
import { aWhile } from '../support/a-while.ts'
import { messages, runs, stored, thrown, told } from './support/application.ts'
import type { Anything, Middleware, Req } from './support/implementation.ts'
import { dropIns, original, overUntornStores, passes, runOn, type Subject } from './support/subjects.ts'

/** Where the drop-in does otherwise on purpose. */
interface Difference {
  readonly why: string
  readonly run: (at: Subject) => unknown
  readonly theirs: unknown
  readonly ours: unknown
  /** Default: over each store. */
  readonly over?: readonly Subject[]
}

const counts = (req: Req, res: ServerResponse) => {
  req.session.visits = (req.session.visits ?? 0) + 1
  res.end(String(req.session.visits))
}

/** Requests that wait in their handler until the test lets them go on. */
function held() {
  const waiting: (() => void)[] = []
  return {
    here: () => new Promise<void>((goOn) => void waiting.push(goOn)),
    async arrived(count: number) {
      while (waiting.length < count) await delay(1)
      return waiting
    },
  }
}

/** Whether anything of the answer has left before the store has answered. */
async function wasWritten(at: Subject, handler: typeof counts): Promise<boolean> {
  const one = held()
  let written = () => 0
  const app = await runs(at, {}, (req, res) => {
    const socket = res.socket!
    const { bytesWritten } = socket
    written = () => socket.bytesWritten - bytesWritten
    handler(req, res)
  })
  const { set } = app.store
  app.store.set = (...all) => void one.here().then(() => Reflect.apply(set, app.store, all))
  const answer = app.ask()
  const [goOn] = await one.arrived(1)
  await aWhile(5)
  const before = written() > 0
  goOn!()
  await answer
  return before
}

/** An error handler that answers, and without an answer hangs up. */
const answeredBy =
  (status: number) =>
  (session: Middleware): Middleware =>
  (req, res, next) => {
    const failed = () => {
      try {
        res.writeHead(status).end()
      } catch {
        res.destroy()
      }
    }
    try {
      session(req, res, (error) => (error ? failed() : next()))
    } catch {
      failed()
    }
  }

const differences: Record<string, Difference> = {
  'an answer with a cookie of a session says that it is for nobody else': {
    why: 'a cache that gave it to others would sign them in',
    run: async (at) => {
      const app = await runs(at, {}, counts)
      return headLines(await app.ask()).filter((line) => /^(vary|cache-control)/i.test(line))
    },
    theirs: [],
    ours: ['Cache-Control: private', 'Vary: Cookie'],
  },

  'the head of an answer waits for what is stored': {
    why: 'who has seen a redirect may be back before it is stored, and an error of the store comes too late for the status',
    run: (at) => wasWritten(at, counts),
    theirs: true,
    ours: false,
  },

  'the head of an answer waits for a save that nobody awaits': {
    why: '`session.save(); res.redirect()` is written often, and means that it is stored then',
    run: (at) =>
      wasWritten(at, (req, res) => {
        req.session.a = 1
        req.session.save()
        res.end()
      }),
    theirs: true,
    ours: false,
  },

  'an answer that is whole says how long it is': {
    why: 'as it would without sessions: the head leaves behind the store, when the body is there',
    run: async (at) => {
      const { headers } = await (await runs(at, {}, counts)).ask()
      return [headers['content-length'], headers['transfer-encoding']]
    },
    theirs: [undefined, 'chunked'],
    ours: ['1', undefined],
  },

  'the callback of end is called': {
    why: 'it is one of Node.js, and applications wait for it',
    run: async (at) => {
      const called: string[] = []
      const app = await runs(at, {}, (req, res) => {
        req.session.visits = (req.session.visits ?? 0) + 1
        res.end('text', 'utf8', () => void called.push('called'))
      })
      await app.ask()
      await aWhile()
      return called
    },
    theirs: [],
    ours: ['called'],
  },

  'what is written behind the end is no part of the answer': {
    why: 'as it would be without sessions',
    run: async (at) => {
      const app = await runs(at, {}, (req, res) => {
        req.session.a = 1
        res.on('error', () => {})
        res.end('text')
        res.write('more', () => {})
      })
      return (await app.ask()).text
    },
    theirs: 'textmore',
    ours: 'text',
  },

  'save and reload give back the session, as the other methods do': {
    why: 'express-session means to, but wraps them in functions that give back nothing',
    run: async (at) => {
      const app = await runs(at, {}, async (req, res) => {
        const { session } = req
        if (req.url === '/set') req.session.a = 1
        const nothing = () => {}
        const all = [session.save(nothing) === session, session.reload(nothing) === session]
        await aWhile(4)
        res.end(JSON.stringify(all))
      })
      return JSON.parse((await app.ask('/set')).text)
    },
    theirs: [false, false],
    ours: [true, true],
  },

  'a cookie is sent again by the end that it will have': {
    why: 'each use moves it; there it depends on whether `end` or `write` comes first',
    run: async (at) => {
      const app = await runs(at, {}, (req, res) => {
        req.session.visits = (req.session.visits ?? 0) + 1
        if (req.url === '/age') req.session.cookie.originalMaxAge = 60_000
        res.writeHead(200).end()
      })
      const visitor = app.visitor()
      await visitor.get()
      return (await visitor.get('/age')).setCookies.length
    },
    theirs: 0,
    ours: 1,
  },

  'another order of the names is no change': {
    why: 'values are compared each by its name',
    run: async (at) => {
      const app = await runs(at, { cookie: { maxAge: 60_000 } }, (req, res) => {
        const { x } = req.session
        if (x === undefined) Object.assign(req.session, { x: 1, y: 2 })
        else {
          delete req.session.x
          req.session.x = x
        }
        res.end()
      })
      const visitor = app.visitor()
      await visitor.get()
      return (await visitor.get()).setCookies.length
    },
    theirs: 1,
    ours: 0,
  },

  'what is set in a new session once the head has left is not stored': {
    why: 'its cookie can no more be sent, so nobody would find it: it would fill the store',
    run: async (at) => {
      const app = await runs(at, {}, (req, res) => {
        res.write('one')
        req.session.late = 1
        res.end()
      })
      const { setCookies } = await app.ask()
      return [setCookies, (await stored(app.store))?.late]
    },
    theirs: [[], 1],
    ours: [[], undefined],
  },

  'a request whose cookie can not be made is answered': {
    why: 'express-session leaves half a session on it, with which no error handler can answer: the client waits in vain',
    run: async (at) => {
      const app = await runs(at, { cookie: { maxAge: 'a minute' } }, undefined, {
        middleware: answeredBy(500),
      })
      const answer = await app.ask().catch(() => undefined)
      return answer?.status
    },
    theirs: undefined,
    ours: 500,
  },

  'options of the cookie by a function may say auto': {
    why: 'its documentation says that the function gives cookie options; there `auto` is sent as it is, and refused',
    run: async (at) => {
      const cookie = () => ({ secure: 'auto', sameSite: 'auto' })
      const app = await runs(at, { cookie, proxy: true, saveUninitialized: true })
      const seen = []
      for (const protocol of ['http', 'https']) {
        const { setCookies } = await app.ask('/', { headers: { 'x-forwarded-proto': protocol } })
        seen.push(setCookies.map((line) => line.replace(/^[^;]*; /, '')))
      }
      return seen
    },
    theirs: [[], []],
    ours: [['Path=/; HttpOnly; SameSite=Lax'], ['Path=/; HttpOnly; Secure; SameSite=None']],
  },

  'a value that JSON has no text for is told, and the request is answered': {
    why: 'there it is thrown out of res.end, which does nothing any more when an error handler calls it',
    run: async (at) => {
      const app = await runs(at, {}, (req, res) => {
        req.session.large = 1n
        void aWhile(100).then(() => res.destroy())
        res.end('answered')
      })
      const answer = await app.ask().catch(() => undefined)
      return [answer?.status, app.errors.map(({ name }) => name)]
    },
    theirs: [undefined, ['TypeError']],
    ours: [500, ['TypeError']],
  },

  'a new session that could not be stored sends no cookie': {
    why: 'it would lead nowhere',
    run: async (at) => {
      const app = await runs(at, {}, counts)
      app.store.set = (_sid, _session, callback) => callback!(new Error('out of reach'))
      const { text, setCookies } = await app.ask()
      return [text, setCookies.length, (await app.failed()).message]
    },
    theirs: ['1', 1, 'out of reach'],
    ours: ['1', 0, 'out of reach'],
  },

  'a store that throws is an error that is told, as one that it answers': {
    why: 'there it is thrown out of res.end, and ends the process',
    run: async (at) => {
      const app = await runs(at, {}, (req, res) => {
        req.session.a = 1
        try {
          res.end('answered')
        } catch (error) {
          res.destroy()
          return (error as Error).message
        }
        return undefined
      })
      app.store.set = () => {
        throw new Error('out of reach')
      }
      const answer = await app.ask().catch(() => undefined)
      await aWhile(4)
      return [answer?.text, messages(app.errors)]
    },
    theirs: [undefined, []],
    ours: ['answered', ['out of reach']],
  },

  'a store that is none is refused when it is given': {
    why: 'it says which option it is',
    run: (at) => {
      const error = thrown(() =>
        at.session({ secret: 'x', resave: false, saveUninitialized: false, store: {} }),
      )
      return error?.name
    },
    theirs: 'TypeError',
    ours: 'InvalidOptionError',
  },

  'requests that overlap keep what the other has set': {
    why: 'only the difference is sent, value by value',
    over: overUntornStores,
    run: async (at) => {
      const both = held()
      const app = await runs(at, {}, async (req, res) => {
        req.session.start ??= true
        const name = req.url!.slice(1)
        if (name) {
          await both.here()
          req.session[name] = true
        }
        res.end(JSON.stringify(Object.keys(req.session).sort()))
      })
      const visitor = app.visitor()
      await visitor.get()
      const answers = [visitor.get('/a'), visitor.get('/b')]
      const [first, second] = await both.arrived(2)
      first!()
      await Promise.race(answers)
      second!()
      await Promise.all(answers)
      return JSON.parse((await visitor.get()).text).length
    },
    theirs: 3,
    ours: 4,
  },

  'a session that was ended meanwhile is not brought back': {
    why: 'who signs out is signed out, whatever else is under way',
    over: overUntornStores,
    run: async (at) => {
      const one = held()
      const app = await runs(at, {}, async (req, res) => {
        if (req.url === '/end') await told((callback) => req.session.destroy(callback))
        else {
          req.session.user ??= 'ada'
          if (req.url === '/slow') {
            await one.here()
            req.session.last = 'slow'
          }
        }
        res.end()
      })
      const visitor = app.visitor()
      await visitor.get()
      const slow = visitor.get('/slow')
      const [goOn] = await one.arrived(1)
      await visitor.get('/end')
      goOn!()
      const { setCookies } = await slow
      return [setCookies, (await stored(app.store))?.user, messages(app.errors)]
    },
    theirs: [[], 'ada', []],
    ours: [[], undefined, []],
  },

  'saving a session that was ended meanwhile is an error of its callback': {
    why: 'who awaits it learns that it is not stored',
    over: overUntornStores,
    run: async (at) => {
      const app = await runs(at, {}, async (req, res) => {
        if (req.url === '/') {
          req.session.user = 'ada'
          return res.end()
        }
        await told((callback) => req.sessionStore.destroy(req.sessionID, callback))
        req.session.user = 'eve'
        const error: Anything = await new Promise((resolve) => void req.session.save(resolve))
        return res.end(error?.code ?? 'saved')
      })
      const visitor = app.visitor()
      await visitor.get()
      return (await visitor.get('/save')).text
    },
    theirs: 'saved',
    ours: 'UNTORN_SESSION_GONE',
  },

  'resave writes nothing that has not changed': {
    why: 'it would undo what others have changed, and is there for stores that can not touch',
    over: overUntornStores,
    run: async (at) => {
      const one = held()
      const app = await runs(at, { resave: true }, async (req, res) => {
        req.session.value ??= 'old'
        if (req.url === '/read') await one.here()
        if (req.url === '/set') req.session.value = 'new'
        res.end(req.session.value)
      })
      const visitor = app.visitor()
      await visitor.get()
      const reading = visitor.get('/read')
      const [goOn] = await one.arrived(1)
      await visitor.get('/set')
      goOn!()
      await reading
      return (await visitor.get()).text
    },
    theirs: 'old',
    ours: 'new',
  },

  'a session may live a tenth longer than its age': {
    why: 'so that the store hears of its use at most each tenth of that, and not with every request',
    over: overUntornStores,
    run: async (at) => {
      const app = await runs(at, { cookie: { maxAge: 60_000 } }, counts)
      const visitor = app.visitor()
      const texts = [(await visitor.get()).text]
      for (const ms of [65_000, 67_000]) {
        passes(ms)
        texts.push((await visitor.get()).text)
      }
      return texts
    },
    theirs: ['1', '1', '1'],
    ours: ['1', '2', '1'],
  },

  'a request that was late does not take the new session of its visitor away': {
    why: 'its answer would bring a cookie of another, empty session, and with it take away the one of the sign-in',
    over: overUntornStores,
    run: async (at) => {
      const app = await runs(at, { saveUninitialized: true }, async (req, res) => {
        if (req.url === '/new') await told((callback) => req.session.regenerate(callback))
        res.end(typeof req.session)
      })
      const visitor = app.visitor()
      await visitor.get()
      const old = [...visitor.cookies].map(([name, value]) => `${name}=${value}`).join('; ')
      await visitor.get('/new')
      const late = await app.ask('/', { headers: { cookie: old } })
      return [late.text, late.setCookies.length]
    },
    theirs: ['object', 1],
    ours: ['object', 0],
  },

  'a store of untorn lists sessions by their keys': {
    why: 'it knows the hash of an id alone: who reads the store can not sign in with what is there',
    over: overUntornStores,
    run: async (at) => {
      const app = await runs(at, {}, counts)
      await app.ask()
      const [name] = Object.keys(await told((callback) => app.store.all!(callback)))
      return /^[0-9a-f]{64}$/.test(name!) ? 'a key' : name
    },
    theirs: 'id-1',
    ours: 'a key',
  },

  "names that begin as untorn's own are refused": {
    why: 'untorn keeps what it needs under them',
    over: overUntornStores,
    run: async (at) => {
      const app = await runs(at, {}, (req, res) => {
        req.session['untorn:cookie'] = 1
        res.end('answered')
      })
      const { text } = await app.ask()
      await aWhile(4)
      return [text, app.errors.map(({ code }) => code)]
    },
    theirs: ['answered', []],
    ours: ['answered', ['UNTORN_MISUSE']],
  },
}

for (const [what, { why, run, theirs, ours, over = dropIns }] of Object.entries(differences)) {
  test(`${what}: ${why}`, async () => {
    expect(await runOn(original, run), original.name).toEqual(theirs)
    for (const subject of over) expect(await runOn(subject, run), subject.name).toEqual(ours)
  })
}
