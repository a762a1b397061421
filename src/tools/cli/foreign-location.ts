import { resolve } from 'node:path'
import { UsageError } from './exit.ts'
import type { Context, ForeignLocation, Format, Location } from './locations.ts'

/** Of each format in a directory the parameters that can be told behind its path; `undefined`: it is on a server. */
const FORMATS = {
  'session-file-store': ['ttl', 'extension'],
  django: ['cookie-name', 'cookie-age'],
  php: ['handler', 'max-lifetime'],
  'connect-redis': undefined,
  'connect-pg-simple': undefined,
} as const satisfies Record<Format, readonly string[] | undefined>

export function isFormat(text: string): text is Format {
  return Object.hasOwn(FORMATS, text)
}

/** Takes apart what comes after the format: a path with parameters, or the location of a server. */
export function foreignLocation(
  format: Format,
  rest: string,
  context: Context,
  locationOf: (text: string, context: Context) => Location,
): ForeignLocation {
  const known = FORMATS[format]
  return known === undefined
    ? onServer(format, locationOf(rest, context), context)
    : inDirectory(format, rest, known, context)
}

function inDirectory(
  format: Format,
  rest: string,
  known: readonly string[],
  { option, cwd }: Context,
): ForeignLocation {
  const [path = '', query = ''] = rest.split('?', 2)
  if (path === '') throw new UsageError(`${option}: after "${format}:" comes a directory.`)
  const parameters = new Map(new URLSearchParams(query))
  if ([...parameters.keys()].some((name) => !known.includes(name))) {
    throw new UsageError(`${option}: of the parameters of ${format} there are ${known.join(' and ')}.`)
  }
  // PHP says before it how many directories deep the files are.
  const [, depth = '', directory = ''] = /^((?:\d+;)*)(.*)$/s.exec(path)!
  const place = depth + resolve(cwd, directory)
  const label = `${format}:${path}`
  return {
    kind: 'foreign',
    format,
    label,
    identity: `${format}:${place}`,
    secrets: [],
    path: place,
    parameters,
  }
}

function onServer(format: Format, server: Location, { option }: Context): ForeignLocation {
  const needed = format === 'connect-redis' ? 'redis' : 'postgres'
  if (server.kind !== needed) {
    throw new UsageError(
      `${option}: after "${format}:" comes the URL of its server, ${needed}://..., or env:<NAME> for one.`,
    )
  }
  const { label, identity, secrets } = server
  return {
    kind: 'foreign',
    format,
    label: `${format}:${label}`,
    identity: `${format}:${identity}`,
    secrets,
    path: '',
    parameters: new Map(),
    server,
  }
}
