import { type Chart, type PanelOf, type RowOf, rows } from '../compose.ts'

/** One driver, with as many calls at a time as a busy process makes. */
const onRedis = { at: 'node-redis, 64 at a time', unless: /^Redis/ }
const onPostgres = { at: 'pg, 16 at a time', unless: /^PostgreSQL/ }

type Bar = [label: string, role: RowOf['role'], what: string]

function panel(heading: string, { at, unless }: typeof onRedis, bars: readonly Bar[]): PanelOf {
  const picked = bars.map(([label, role, what]): RowOf => ({ label, role, unless, name: `${at}: ${what}` }))
  return rows(heading, picked, { ratio: 'percent' })
}

export const servers: Chart = {
  name: 'servers',
  suite: 'servers',
  title: 'Loading and saving a session on a server',
  better: 'more',
  note: '"%": of the bare call (a save on Redis: of the script), in the same rounds. The peers: of GET, SET, SELECT, UPDATE.',
  panels: [
    panel('Redis: load, 64 at a time', onRedis, [
      ['GET', 'floor', 'GET of as long a text'],
      ['HGETALL', 'floor', 'HGETALL of the same values'],
      ['untorn', 'untorn', 'untorn: load'],
      ['connect-redis', 'peer', 'connect-redis: get'],
    ]),
    panel('Redis: save, 64 at a time', onRedis, [
      ['SET', 'floor', 'SET of as long a text'],
      ['SET in a script', 'floor', 'EVALSHA of a script that sets as long a text'],
      ['untorn', 'untorn', 'untorn: save'],
      ['connect-redis', 'peer', 'connect-redis: set'],
    ]),
    panel('PostgreSQL: load, 16 at a time', onPostgres, [
      ['SELECT', 'floor', 'SELECT of as long a text'],
      ['untorn', 'untorn', 'untorn: load'],
      ['connect-pg-simple', 'peer', 'connect-pg-simple: get'],
    ]),
    panel('PostgreSQL: save, 16 at a time', onPostgres, [
      ['UPDATE', 'floor', 'UPDATE to as long a text'],
      ['untorn', 'untorn', 'untorn: save'],
      ['connect-pg-simple', 'peer', 'connect-pg-simple: set'],
    ]),
  ],
}

export const bytes: Chart = {
  name: 'servers-bytes',
  suite: 'servers',
  title: 'What a session takes on a server',
  better: 'less',
  panels: [
    rows('Memory of Redis', [
      {
        label: 'SET with an expiry',
        role: 'floor',
        name: 'Redis: SET of that text, with an expiry',
        unless: /^Redis/,
      },
      { label: 'untorn', role: 'untorn', name: 'Redis: untorn', unless: /^Redis/ },
      {
        label: 'untorn, longer listpacks',
        role: 'untorn',
        name: /^Redis: untorn, hash-max/,
        unless: /^Redis/,
      },
      { label: 'connect-redis', role: 'peer', name: 'Redis: connect-redis', unless: /^Redis/ },
    ]),
    rows('Disk of PostgreSQL', [
      { label: 'a key and a text', role: 'floor', name: /^a key and .*: disk/, unless: /^PostgreSQL/ },
      { label: 'untorn', role: 'untorn', name: 'untorn: disk', unless: /^PostgreSQL/ },
      { label: 'connect-pg-simple', role: 'peer', name: 'connect-pg-simple: disk', unless: /^PostgreSQL/ },
    ]),
  ],
}
