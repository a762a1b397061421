import type { Row, SuiteResult } from '../../suite.ts'
import { markdownTable } from '../markdown.ts'
import { pickRow, pickUnlessSkipped } from '../pick.ts'
import type { Table } from '../table.ts'

function median(result: SuiteResult, name: string | RegExp): number {
  return pickRow(result, { name }).value.median
}

function perSecond(value: number): string {
  // Three digits: more than two runs agree on.
  return Number(value.toPrecision(3)).toLocaleString('en')
}

function percent({ ratio }: Row): string {
  return `${((ratio?.value.median ?? 1) * 100).toFixed(0)} %`
}

/** What is called, over which driver, by how many at a time; and who of the peers does the same. */
const CALLS: readonly { server: string; at: readonly string[]; load: Call; save: Call }[] = [
  {
    server: 'Redis',
    at: [
      'node-redis, 1 at a time',
      'node-redis, 64 at a time',
      'ioredis, 1 at a time',
      'ioredis, 64 at a time',
      'GLIDE, 1 at a time',
      'GLIDE, 64 at a time',
    ],
    load: { bare: 'GET of as long a text', peer: 'connect-redis: get' },
    save: { bare: 'EVALSHA of a script that sets as long a text', peer: 'connect-redis: set' },
  },
  {
    server: 'PostgreSQL',
    at: ['pg, 1 at a time', 'pg, 16 at a time', 'postgres.js, 1 at a time', 'postgres.js, 16 at a time'],
    load: { bare: 'SELECT of as long a text', peer: 'connect-pg-simple: get' },
    save: { bare: 'UPDATE to as long a text', peer: 'connect-pg-simple: set' },
  },
]

interface Call {
  bare: string
  peer: string
}

/** Each of the peers takes one driver. */
const WITH_A_PEER = /^(node-redis|pg),/

export const throughput: Table = {
  name: 'servers-throughput',
  suite: 'servers',
  markdown(result) {
    const cells = (at: string, own: Row, { bare, peer }: Call): string[] => [
      perSecond(median(result, `${at}: ${bare}`)),
      `**${perSecond(own.value.median)}** (${percent(own)})`,
      WITH_A_PEER.test(at) ? perSecond(median(result, `${at}: ${peer}`)) : '',
    ]
    const rows = CALLS.flatMap(({ server, at, load, save }) =>
      at.flatMap((one) => {
        const loaded = pickUnlessSkipped(result, { name: `${one}: untorn: load` }, /^GLIDE/)
        if (!loaded) return []
        const saved = pickRow(result, { name: `${one}: untorn: save` })
        return [[`${server}, ${one}`, ...cells(one, loaded, load), ...cells(one, saved, save)]]
      }),
    )
    return markdownTable(
      ['operations/s', 'bare read', 'load', 'peer: get', 'bare write', 'save', 'peer: set'],
      rows,
    )
  },
}

const SERVERS = [
  { server: 'Redis', peer: 'connect-redis' },
  { server: 'PostgreSQL', peer: 'connect-pg-simple' },
] as const

const REQUESTS = [
  'a visitor without a session',
  'a session begins',
  'a read',
  'a read, a tenth of the idle timeout later',
  'a change',
  'a sign-in',
  'a sign-out',
]

export const roundTrips: Table = {
  name: 'servers-round-trips',
  suite: 'servers',
  markdown(result) {
    const rows = REQUESTS.map((what) => [
      what,
      ...SERVERS.flatMap(({ server, peer }) =>
        ['untorn', peer].map((who) => `${median(result, `${server}, ${who}: ${what}`)}`),
      ),
    ])
    const head = SERVERS.flatMap(({ server, peer }) => [`untorn, ${server}`, peer])
    return markdownTable(['request', ...head], rows)
  },
}

export const hotSession: Table = {
  name: 'servers-hot-session',
  suite: 'servers',
  markdown(result) {
    const of = (server: string, processes: string): string[] => {
      const name = `${server}: load + conditional save, one session, ${processes}`
      return [perSecond(median(result, name)), median(result, `${name}: conflicts`).toFixed(2)]
    }
    const rows = ['1 process', '2 processes', '4 processes'].map((processes) => [
      processes,
      ...SERVERS.flatMap(({ server }) => of(server, processes)),
    ])
    const head = SERVERS.flatMap(({ server }) => [`${server}, a second`, 'conflicts for each'])
    return markdownTable(['all together', ...head], rows)
  },
}

export const bytes: Table = {
  name: 'servers-size',
  suite: 'servers',
  markdown(result) {
    const whole = (name: string | RegExp): string => Math.round(median(result, name)).toLocaleString('en')
    const redis: [string, string][] = [
      ['the values as one JSON text', 'Redis: the values as one JSON text'],
      ['`SET` of that text, with an expiry', 'Redis: SET of that text, with an expiry'],
      ['**untorn**', 'Redis: untorn'],
      ['**untorn**, `hash-max-listpack-value 1024`', 'Redis: untorn, hash-max-listpack-value 1024'],
      ['connect-redis', 'Redis: connect-redis'],
    ]
    const postgres: [string, string][] = [
      ['a key and the values as one text', 'a key and the values as one JSON text'],
      ['**untorn**', 'untorn'],
      ['**untorn**, unlogged', 'untorn, unlogged table'],
      ['**untorn**, 16 partitions', 'untorn, 16 partitions'],
      ['connect-pg-simple', 'connect-pg-simple'],
    ]
    const hasUse = (name: string): boolean =>
      result.rows?.some((row) => row.name === `${name}: log, use`) ?? false
    return [
      markdownTable(
        ['Redis, for each session', 'bytes of memory'],
        redis.map(([label, name]) => [label, whole(name)]),
      ),
      markdownTable(
        [
          'PostgreSQL, for each session',
          'bytes of disk',
          'log, a save',
          'the first of its page',
          'log, a use',
        ],
        postgres.map(([label, name]) => [
          label,
          ...['disk', 'log', 'log, first'].map((what) => whole(`${name}: ${what}`)),
          hasUse(name) ? whole(`${name}: log, use`) : '',
        ]),
      ),
    ].join('\n\n')
  },
}

export const options: Table = {
  name: 'servers-options',
  suite: 'servers',
  markdown(result) {
    const rows = ['unlogged table', '16 partitions', 'synchronous_commit off'].map((option) => [
      option,
      ...['1 at a time: load', '16 at a time: load', '1 at a time: save', '16 at a time: save'].map((what) =>
        percent(pickRow(result, { name: `${option}, ${what}` })),
      ),
    ])
    const head = ['load, 1 at a time', 'load, 16', 'save, 1', 'save, 16']
    return markdownTable(['PostgreSQL with pg: of the throughput without the option', ...head], rows)
  },
}

export const serverTime: Table = {
  name: 'servers-cpu',
  suite: 'servers',
  markdown(result) {
    const of = (at: string, what: string): string =>
      `${median(result, `${at}: ${what}: CPU of the server`).toFixed(0)}`
    const rows = CALLS.map(({ server, at, load, save }) => {
      const [, busy] = at
      return [
        `${server}, ${busy}`,
        ...[load.bare, 'untorn: load', save.bare, 'untorn: save'].map((what) => of(busy!, what)),
      ]
    })
    return markdownTable(['us of the server for a call', 'bare read', 'load', 'bare write', 'save'], rows)
  },
}
