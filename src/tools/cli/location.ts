import { resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { UsageError } from './exit.ts'
import { foreignLocation, isFormat } from './foreign-location.ts'
import type { Context, FileLocation, Location, PostgresLocation, RedisLocation } from './locations.ts'

const FORMS =
  'file:<directory>, redis://<host>:<port>, rediss:// (TLS), redis+cluster://<host>:<port>,<host>:<port>, ' +
  'postgres://<user>@<host>/<database>, or env:<NAME> for a variable that holds one of these'

const REDIS = /^(?:redis|valkey)(s?)(\+cluster)?$/

/** Takes a location apart. Throws a {@link UsageError} that quotes nothing of it, as it may hold a password. */
export function locationOf(text: string, context: Context): Location {
  const { option, env, cwd } = context
  const [, scheme = '', rest = ''] = /^([a-z][a-z0-9+.-]*):(.*)$/is.exec(text) ?? []
  const kind = scheme.toLowerCase()
  if (kind === 'env') {
    const value = env[rest]
    if (/^\w+$/.test(rest) && value && !/^env:/i.test(value)) {
      // It may be the URL of something else, and is as secret then.
      return locationOf(value, { ...context, option: `${option} (the variable ${rest})` })
    }
    throw new UsageError(
      /^\w+$/.test(rest)
        ? `${option}: the environment has no variable ${rest} with the URL of a store.`
        : `${option}: after "env:" comes the name of a variable.`,
    )
  }
  if (kind === 'file') return fileLocation(text, rest, context, cwd)
  const redis = REDIS.exec(kind)
  if (redis) return redisLocation(rest, { tls: redis[1] === 's', cluster: redis[2] !== undefined }, option)
  if (kind === 'postgres' || kind === 'postgresql') return postgresLocation(rest, option)
  if (isFormat(kind)) return foreignLocation(kind, rest, context, locationOf)
  const isPath = !text.includes(':')
  const hint = isPath ? ' For a directory write file: before it, as in file:./.sessions.' : ''
  throw new UsageError(`${option} is none of the forms of a store: ${FORMS}.${hint}`)
}

function fileLocation(text: string, path: string, { option }: Context, cwd: string): FileLocation {
  const directory = resolve(cwd, path.startsWith('//') ? pathOf(text, option) : path)
  if (path === '') throw new UsageError(`${option}: after "file:" comes a directory, as in file:./.sessions.`)
  return { kind: 'file', label: `file:${path}`, identity: `file:${directory}`, secrets: [], directory }
}

function pathOf(url: string, option: string): string {
  try {
    return fileURLToPath(url)
  } catch {
    throw new UsageError(`${option}: write a directory as file:./directory or file:///the/directory.`)
  }
}

function redisLocation(
  rest: string,
  { tls, cluster }: { tls: boolean; cluster: boolean },
  option: string,
): RedisLocation {
  const scheme = `redis${tls ? 's' : ''}${cluster ? '+cluster' : ''}`
  const parts = partsOf(scheme, rest, option)
  const { username, password, path, query, secrets } = parts
  const nodes = parts.hosts.map(({ host, port = 6379 }) => ({ host, port }))
  if (nodes.length === 0) throw new UsageError(`${option}: the URL names no host.`)
  if (nodes.length > 1 && !cluster) {
    throw new UsageError(`${option}: several nodes are a cluster, which is written ${scheme}+cluster://.`)
  }
  const prefix = query.get('prefix') ?? undefined
  const others = [...query.keys()].filter((name) => name !== 'prefix')
  if (others.length > 0) {
    throw new UsageError(`${option}: of the parameters of the URL only \`prefix\` is known here.`)
  }
  const database = path === '' || path === '/' ? undefined : Number(path.slice(1))
  if (database !== undefined && (cluster || !/^\/\d+$/.test(path))) {
    throw new UsageError(
      `${option}: after the host comes at most the number of a database, and a cluster has none.`,
    )
  }
  const hosts = nodes.map(({ host, port }) => `${host}:${port}`)
  const place = database === undefined ? '' : `/${database}`
  return {
    kind: 'redis',
    label: `${scheme}://${hosts.join(',')}${place}${prefix === undefined ? '' : ` (prefix ${prefix})`}`,
    identity: `redis:${hosts.sort().join(',').toLowerCase()}/${database ?? 0} ${prefix ?? ''}`,
    secrets,
    tls,
    cluster,
    nodes,
    ...(username !== undefined && { username }),
    ...(password !== undefined && { password }),
    ...(database !== undefined && { database }),
    ...(prefix !== undefined && { prefix }),
  }
}

function postgresLocation(rest: string, option: string): PostgresLocation {
  const { hosts, path, query, rawQuery, secrets } = partsOf('postgres', rest, option)
  const table = query.get('table') ?? undefined
  if (query.has('prefix')) throw new UsageError(`${option}: PostgreSQL has a \`table\`, and no \`prefix\`.`)
  const left = rawQuery.split('&').filter((part) => part !== '' && part.split('=')[0] !== 'table')
  const base = `postgres:${rest.split('?')[0]}`
  const where = hosts.map(({ host, port = 5432 }) => `${host}:${port}`).join(',')
  return {
    kind: 'postgres',
    label: `postgres://${where}${path}${table === undefined ? '' : ` (table ${table})`}`,
    identity: `postgres:${where.toLowerCase()}${path}?${query.get('host') ?? ''} ${table ?? ''}`,
    secrets,
    url: left.length === 0 ? base : `${base}?${left.join('&')}`,
    ...(table !== undefined && { table }),
  }
}

interface Parts {
  username: string | undefined
  password: string | undefined
  hosts: { host: string; port?: number }[]
  path: string
  rawQuery: string
  query: URLSearchParams
  secrets: string[]
}

/** By hand: several hosts are no URL for `new URL()`, whose errors quote what they were given, too. */
const PARTS = /^\/\/(?:([^/?#]*)@)?([^/?#@]*)(\/[^?#@]*)?(?:\?([^#]*))?$/

const HOST = /^(\[[0-9a-f:.]+\]|[^:[\]\s]+)(?::(\d{1,5}))?$/i

function partsOf(scheme: string, rest: string, option: string): Parts {
  const malformed = new UsageError(
    `${option} is not a URL of the form ${scheme}://[user:password@]host[:port][/database]. Characters of a password ` +
      'that are special in a URL are written as % and two digits: %2F for /, %23 for #, %3F for ?, %25 for %.',
  )
  const found = PARTS.exec(rest)
  if (!found) throw malformed
  const [, user = '', all = '', path = '', rawQuery = ''] = found
  const hosts = (all === '' ? [] : all.split(',')).map((each) => {
    const [, host, port] = HOST.exec(each) ?? []
    if (host === undefined || Number(port ?? 1) > 65535) throw malformed
    const bare = host.replace(/^\[|\]$/g, '')
    return port === undefined ? { host: bare } : { host: bare, port: Number(port) }
  })
  const colon = user.indexOf(':')
  const raw = colon === -1 ? [user, ''] : [user.slice(0, colon), user.slice(colon + 1)]
  let decoded: string[]
  try {
    decoded = raw.map(decodeURIComponent)
  } catch {
    throw malformed
  }
  const query = new URLSearchParams(rawQuery)
  const inQuery = [...query].filter(([name]) => /pass|pwd|key|secret|token/i.test(name))
  return {
    username: decoded[0] || undefined,
    password: decoded[1] || undefined,
    hosts,
    path,
    rawQuery,
    query,
    secrets: [raw[1]!, decoded[1]!, ...inQuery.map(([, value]) => value)].filter((text) => text !== ''),
  }
}
