import { expect } from 'vitest'
import { essence, messages, runs, stored, thrown, told } from './support/application.ts'
import type { Anything, Req } from './support/implementation.ts'
import { passes, type Subject, same, sameEach } from './support/subjects.ts'

type Step = (req: Req) => unknown

const show = (req: Req) => JSON.stringify([req.sessionID, req.session ?? null])

/** An application whose handler does one of these, by the path. */
async function doing(at: Subject, steps: Record<string, Step>, options: Record<string, Anything> = {}) {
  const all: Record<string, Step> = {
    '/': () => {},
    '/a': (req) => {
      req.session.a = 1
    },
    ...steps,
  }
  return runs(at, options, async (req, res) => {
    const said = await all[req.url!]!(req)
    res.end(said === undefined ? show(req) : JSON.stringify(said))
  })
}

/** What visitors see of the paths, and what is stored then. */
async function goes(
  at: Subject,
  steps: Record<string, Step>,
  paths: string[],
  options?: Record<string, Anything>,
) {
  const app = await doing(at, steps, options)
  const visitor = app.visitor()
  const seen = []
  for (const path of paths) {
    const answer = essence(await visitor.get(path))
    const kept = []
    for (const id of ['id-1', 'id-2', 'id-3']) kept.push(await stored(app.store, id))
    seen.push([path, answer, kept])
  }
  return [seen, messages(app.errors)]
}

const calls =
  (name: string, ...more: Step[]) =>
  (req: Req) =>
    new Promise((resolve) => {
      req.session[name]((error: Anything) => {
        for (const step of more) step(req)
        resolve(error ? { error: error.message } : undefined)
      })
    })

same('a new session has a cookie and nothing else, and its methods are not among its values', async (at) => {
  const app = await runs(at, {}, (req, res) => {
    const { session } = req
    const inherited = []
    for (const name in session) inherited.push(name)
    res.end(
      JSON.stringify({
        keys: Object.keys(session),
        inherited,
        id: session.id === req.sessionID,
        isSession: session instanceof at.session.Session,
        isCookie: session.cookie instanceof at.session.Cookie,
        isStore: req.sessionStore === app.store,
        req: session.req === req,
        methods: ['touch', 'resetMaxAge', 'save', 'reload', 'destroy', 'regenerate'].map(
          (name) => typeof session[name],
        ),
        spread: { ...session },
        json: session,
      }),
    )
  })
  return essence(await app.ask())
})

sameEach<[Record<string, Step>, string[], Record<string, Anything>?]>(
  'values',
  {
    'set, changed and deleted': [
      {
        '/change': (req) => {
          req.session.a = 2
        },
        '/deep': (req) => {
          req.session.o = { list: [1] }
        },
        '/deeper': (req) => void req.session.o.list.push(2),
        '/delete': (req) => void delete req.session.a,
      },
      ['/a', '/change', '/deep', '/deeper', '/delete', '/'],
    ],
    'set to what they are already': [{}, ['/a', '/a', '/a']],
    'that JSON has no word for': [
      {
        '/odd': (req) =>
          void Object.assign(req.session, {
            undefined: undefined,
            function: () => {},
            nan: Number.NaN,
            date: new Date(0),
            map: new Map([[1, 2]]),
            own: { toJSON: () => 'said otherwise' },
            list: [undefined, () => {}],
            empty: '',
            zero: -0,
          }),
      },
      ['/odd', '/'],
    ],
    'called almost as methods are': [
      { '/named': (req) => void Object.assign(req.session, { saved: 1, reloaded: 2, ids: 3 }) },
      ['/named', '/'],
    ],
    'a cookie in a value of its own': [
      {
        '/nested': (req) => {
          req.session.user = { cookie: (req.session.user?.cookie ?? 0) + 1 }
        },
      },
      ['/nested', '/nested', '/'],
    ],
    'put back as they were within a request': [
      {
        '/back': (req) => {
          req.session.a = 2
          req.session.a = 1
        },
      },
      ['/a', '/back'],
      { cookie: { maxAge: 60_000 } },
    ],
    'of text of any kind': [
      { '/text': (req) => void Object.assign(req.session, { 'näme 😀': 'ü\u0000\n"\\😀', '': 'no name' }) },
      ['/text', '/'],
    ],
  },
  (at, [steps, paths, options]) => goes(at, steps, paths, options),
)

same('a value that JSON refuses is an error where it is compared or saved', async (at) => {
  const app = await doing(at, {
    '/circle': (req) => {
      const circle: Anything = {}
      circle.circle = circle
      req.session.circle = circle
      const error = thrown(() => req.session.save(() => {}))
      delete req.session.circle
      return [error?.name, req.session]
    },
  })
  const { text } = await app.ask('/circle')
  expect(text).toMatch(/^\["TypeError",/)
})

sameEach<[Record<string, Step>, string[], Record<string, Anything>?]>(
  'regenerate',
  {
    'empties, with another id, and the old one is gone': [
      { '/new': calls('regenerate') },
      ['/a', '/new', '/'],
    ],
    'and what is set then is stored': [
      {
        '/new': calls('regenerate', (req) => {
          req.session.b = 2
        }),
      },
      ['/a', '/new', '/'],
    ],
    'of a session that was never stored': [
      {
        '/new': calls('regenerate', (req) => {
          req.session.b = 2
        }),
      },
      ['/new', '/'],
    ],
    'twice in a request': [
      {
        '/twice': async (req) => {
          await calls('regenerate')(req)
          req.session.b = 2
          await calls('regenerate')(req)
          req.session.c = 3
        },
      },
      ['/a', '/twice', '/'],
    ],
    'and destroy': [
      {
        '/both': async (req) => {
          await calls('regenerate')(req)
          await calls('destroy')(req)
        },
      },
      ['/a', '/both', '/'],
    ],
    'and save': [
      {
        '/both': async (req) => {
          await calls('regenerate')(req)
          req.session.b = 2
          await calls('save')(req)
        },
      },
      ['/a', '/both', '/'],
    ],
    'by the store': [
      {
        '/new': (req) => told((callback) => req.sessionStore.regenerate(req, callback)),
      },
      ['/a', '/new', '/'],
    ],
    'where sessions are stored from the start': [
      { '/new': calls('regenerate') },
      ['/', '/new', '/'],
      { saveUninitialized: true },
    ],
    'keeps what the handler takes along': [
      {
        '/new': (req) => {
          const { a } = req.session
          return calls('regenerate', (later) => {
            later.session.a = a
          })(req)
        },
      },
      ['/a', '/new', '/'],
      { cookie: { maxAge: 60_000 } },
    ],
  },
  (at, [steps, paths, options]) => goes(at, steps, paths, options),
)

sameEach<[Record<string, Step>, string[], Record<string, Anything>?]>(
  'destroy',
  {
    'ends it, takes it from the request, and sends no cookie': [
      { '/end': calls('destroy') },
      ['/a', '/end', '/', '/a'],
    ],
    'without a callback': [{ '/end': (req) => void req.session.destroy() }, ['/a', '/end', '/']],
    'of a session that was never stored': [{ '/end': calls('destroy') }, ['/end', '/']],
    'and a new one by generate': [
      {
        '/end': async (req) => {
          const store = req.sessionStore
          await calls('destroy')(req)
          store.generate(req)
          req.session.b = 2
        },
      },
      ['/a', '/end', '/'],
    ],
    'with unset of destroy': [{ '/end': calls('destroy') }, ['/a', '/end', '/'], { unset: 'destroy' }],
    'by the store, of one that the request does not use': [
      {
        '/end': (req) => {
          delete (req as { session?: unknown }).session
          return told((callback) => req.sessionStore.destroy(req.sessionID, callback))
        },
      },
      ['/a', '/end', '/'],
    ],
  },
  (at, [steps, paths, options]) => goes(at, steps, paths, options),
)

sameEach<[Record<string, Step>, string[], Record<string, Anything>?]>(
  'save',
  {
    'stores at once, and nothing more with the answer': [
      {
        '/save': (req) => {
          req.session.b = 2
          return calls('save')(req)
        },
      },
      ['/a', '/save', '/'],
    ],
    'of a new one': [
      {
        '/save': (req) => {
          req.session.b = 2
          return calls('save')(req)
        },
      },
      ['/save', '/'],
    ],
    'of a new one that nothing was set in': [{ '/save': calls('save') }, ['/save', '/']],
    'without a callback': [
      {
        '/save': (req) => {
          req.session.b = 2
          req.session.save()
        },
      },
      ['/a', '/save', '/'],
    ],
    'what is changed behind it is stored with the answer': [
      {
        '/save': (req) => {
          req.session.b = 2
          return calls('save', (later) => {
            later.session.c = 3
          })(req)
        },
      },
      ['/a', '/save', '/'],
    ],
    twice: [
      {
        '/save': async (req) => {
          req.session.b = 2
          await calls('save')(req)
          req.session.b = 3
          await calls('save')(req)
        },
      },
      ['/a', '/save', '/'],
    ],
    'and deleted behind it': [
      {
        '/save': (req) => {
          req.session.b = 2
          return calls('save', (later) => void delete later.session.b)(req)
        },
      },
      ['/a', '/save', '/'],
    ],
    'and null behind it': [
      {
        '/save': (req) => {
          req.session.b = 2
          return calls('save', (later) => {
            later.session = null
          })(req)
        },
      },
      ['/a', '/save', '/'],
    ],
  },
  (at, [steps, paths, options]) => goes(at, steps, paths, options),
)

sameEach<[Record<string, Step>, string[], Record<string, Anything>?]>(
  'reload',
  {
    'forgets what was changed': [
      {
        '/reload': (req) => {
          req.session.a = 9
          req.session.b = 2
          return calls('reload')(req)
        },
      },
      ['/a', '/reload', '/'],
    ],
    'and what is changed then is stored': [
      {
        '/reload': (req) => {
          req.session.a = 9
          return calls('reload', (later) => {
            later.session.b = 2
          })(req)
        },
      },
      ['/a', '/reload', '/'],
    ],
    'of one that was never stored is an error, and it stays': [
      {
        '/reload': (req) => {
          req.session.b = 2
          return calls('reload')(req)
        },
      },
      ['/reload', '/'],
    ],
    'and save': [
      {
        '/both': async (req) => {
          await calls('reload')(req)
          req.session.b = 2
          await calls('save')(req)
        },
      },
      ['/a', '/both', '/'],
    ],
    'behind save': [
      {
        '/both': async (req) => {
          req.session.b = 2
          await calls('save')(req)
          req.session.c = 3
          await calls('reload')(req)
        },
      },
      ['/a', '/both', '/'],
    ],
    'and reload': [
      {
        '/both': async (req) => {
          await calls('reload')(req)
          req.session.c = 3
          await calls('reload')(req)
        },
      },
      ['/a', '/both', '/'],
    ],
    'and regenerate': [
      {
        '/both': async (req) => {
          await calls('reload')(req)
          await calls('regenerate')(req)
          req.session.b = 2
        },
      },
      ['/a', '/both', '/'],
    ],
  },
  (at, [steps, paths, options]) => goes(at, steps, paths, options),
)

same('reload makes another session of the request: the one before is not looked at any more', async (at) => {
  const app = await doing(at, {
    '/reload': async (req) => {
      const before = req.session
      await calls('reload')(req)
      before.lost = 1
      return [before === req.session, before.id === req.session.id, Object.keys(req.session).sort()]
    },
  })
  const visitor = app.visitor()
  await visitor.get('/a')
  const { text } = await visitor.get('/reload')
  expect(JSON.parse(text)).toEqual([false, true, ['a', 'cookie']])
  return [text, await stored(app.store)]
})

same('methods give back the session, so that calls can be chained', async (at) => {
  const app = await doing(at, {
    '/chain': (req) => {
      const { session } = req
      return [session.touch() === session, session.touch().resetMaxAge() === session]
    },
    '/new': (req) => {
      const { session } = req
      return [session.regenerate(() => {}) === session]
    },
    '/end': (req) => {
      const { session } = req
      return [session.destroy(() => {}) === session, req.session === undefined, 'session' in req]
    },
  })
  const visitor = app.visitor()
  await visitor.get('/a')
  expect(JSON.parse((await visitor.get('/chain')).text)).toEqual([true, true])
  expect(JSON.parse((await visitor.get('/new')).text)).toEqual([true])
  expect(JSON.parse((await visitor.get('/end')).text)).toEqual([true, true, false])
})

same('a method with the name of a value: it is the method, and the value is not stored', async (at) => {
  const app = await doing(at, {
    '/own': (req) => {
      req.session.mine = 1
      return [typeof req.session.save, Object.keys(req.session).includes('save')]
    },
  })
  return essence(await app.ask('/own'))
})

same(
  'a method that the application replaces for a request is the one that is called with the answer',
  async (at) => {
    let saves = 0
    const app = await doing(at, {
      '/wrap': (req) => {
        const { save } = req.session
        Object.defineProperty(req.session, 'save', {
          value(this: Anything, ...rest: unknown[]) {
            saves++
            return Reflect.apply(save, this, rest)
          },
        })
        req.session.b = 2
      },
    })
    const visitor = app.visitor()
    await visitor.get('/a')
    const { text } = await visitor.get('/wrap')
    return [saves, text, await stored(app.store)]
  },
)

sameEach<[Step, Record<string, Anything>?]>(
  'what is put on req.session',
  {
    null: [
      (req) => {
        req.session = null
      },
    ],
    undefined: [
      (req) => {
        req.session = undefined
      },
    ],
    'nothing: it is deleted': [(req) => void delete (req as { session?: unknown }).session],
    'null, with unset of destroy': [
      (req) => {
        req.session = null
      },
      { unset: 'destroy' },
    ],
    itself: [
      (req) => {
        const { session } = req
        session.b = 2
        req.session = session
      },
    ],
    'null, and then itself': [
      (req) => {
        const { session } = req
        req.session = null
        session.b = 2
        req.session = session
      },
    ],
    'null, and then a new one by generate': [
      (req) => {
        req.session = null
        req.sessionStore.generate(req)
        req.session.b = 2
      },
    ],
  },
  (at, [step, options]) => goes(at, { '/put': step }, ['/a', '/put', '/', '/a'], options),
)

same('req.sessionID is the id, and is what the answer tells the visitor', async (at) => {
  const app = await doing(at, {
    '/bogus': (req) => {
      req.session.a = 1
      req.sessionID = 7
      return 'set'
    },
    '/none': (req) => {
      req.session.a = 1
      req.sessionID = undefined
      return 'set'
    },
  })
  const seen = []
  for (const path of ['/bogus', '/none']) seen.push(essence(await app.ask(path)))
  expect(await stored(app.store)).toBeUndefined()
  return seen
})

sameEach<(req: Req, at: Subject) => void>(
  'what is set on the cookie of a session',
  {
    'maxAge of a minute': (req) => {
      req.session.cookie.maxAge = 60_000
    },
    'maxAge of null': (req) => {
      req.session.cookie.maxAge = null
    },
    'maxAge of false': (req) => {
      req.session.cookie.maxAge = false
    },
    'expires of a date': (req) => {
      req.session.cookie.expires = new Date(Date.now() + 90_000)
    },
    'expires of null': (req) => {
      req.session.cookie.expires = null
    },
    'expires of false': (req) => {
      req.session.cookie.expires = false
    },
    originalMaxAge: (req) => {
      req.session.cookie.originalMaxAge = 120_000
    },
    'its path': (req) => {
      req.session.cookie.path = '/other'
    },
    'its domain': (req) => {
      req.session.cookie.domain = 'example.com'
    },
    'no httpOnly': (req) => {
      req.session.cookie.httpOnly = false
    },
    sameSite: (req) => {
      req.session.cookie.sameSite = 'lax'
    },
    partitioned: (req) => {
      req.session.cookie.partitioned = true
    },
    priority: (req) => {
      req.session.cookie.priority = 'high'
    },
    secure: (req) => {
      req.session.cookie.secure = true
    },
    'another cookie': (req, { session: { Cookie } }) => {
      req.session.cookie = new Cookie({ maxAge: 60_000 })
    },
  },
  async (at, sets) => {
    const set: Step = (req) => sets(req, at)
    const both: Step = (req) => {
      set(req)
      req.session.b = (req.session.b ?? 0) + 1
    }
    const seen = []
    for (const cookie of [{}, { maxAge: 30_000 }]) {
      const paths = ['/a', '/cookie', '/', '/both', '/', '/a', '/']
      seen.push(await goes(at, { '/cookie': set, '/both': both }, paths, { cookie }))
      seen.push(await goes(at, { '/cookie': set, '/both': both }, ['/both', '/'], { cookie }))
    }
    return seen
  },
)

sameEach<Step>(
  'what ends a session by its cookie',
  {
    'maxAge of 0': (req) => {
      req.session.cookie.maxAge = 0
    },
    'maxAge below 0': (req) => {
      req.session.cookie.maxAge = -1000
    },
    'expires of long ago': (req) => {
      req.session.cookie.expires = new Date(0)
    },
  },
  async (at, end) => {
    const both: Step = (req) => {
      req.session.b = 2
      end(req)
    }
    const app = await doing(at, { '/end': end, '/both': both }, { cookie: { maxAge: 60_000 } })
    const seen = []
    for (const path of ['/end', '/both']) {
      const visitor = app.visitor()
      await visitor.get('/a')
      seen.push(essence(await visitor.get(path)))
      passes(1)
      seen.push(essence(await visitor.get('/')))
    }
    seen.push(essence(await app.ask('/both')))
    return seen
  },
)

same('touch gives it its whole age again, and originalMaxAge stays what it was', async (at) => {
  const app = await doing(
    at,
    {
      '/touch': (req) => {
        const before = req.session.cookie.maxAge
        passes(1000)
        const later = req.session.cookie.maxAge
        req.session.touch()
        return [before, later, req.session.cookie.maxAge, req.session.cookie.originalMaxAge]
      },
    },
    { cookie: { maxAge: 60_000 } },
  )
  const visitor = app.visitor()
  await visitor.get('/a')
  passes(20_000)
  const { text } = await visitor.get('/touch')
  expect(JSON.parse(text).slice(2)).toEqual([60_000, 60_000])
  return (await stored(app.store)).cookie.originalMaxAge
})

same('a session that only reads is not sent a cookie, and lives on', async (at) => {
  const app = await doing(at, {}, { cookie: { maxAge: 60_000 } })
  const visitor = app.visitor()
  await visitor.get('/a')
  for (let visit = 0; visit < 6; visit++) {
    passes(50_000)
    const { text, setCookies } = await visitor.get('/')
    expect(JSON.parse(text)).toMatchObject(['id-1', { a: 1 }])
    expect(setCookies).toEqual([])
  }
})
