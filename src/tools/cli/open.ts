import { randomBytes } from 'node:crypto'
import { existsSync, readdirSync, realpathSync } from 'node:fs'
import { type FileStoreOptions, fileStore } from '../../file.ts'
import {
  type SessionSource,
  type SessionStore,
  StoreConfigError,
  sessionKey,
  UntornError,
} from '../../index.ts'
import { postgresStore } from '../../postgres.ts'
import { redisStore } from '../../redis.ts'
import { UsageError } from './exit.ts'
import { labelled, labelledSource, withLabel } from './labelled.ts'
import type { ForeignLocation, Location, StoreLocation } from './locations.ts'
import { type ForeignOptions, openForeign } from './open-foreign.ts'
import { poolOf } from './postgres.ts'
import { connectRedis } from './redis.ts'

export interface OpenOptions extends ForeignOptions {
  /** Makes the table of a store in PostgreSQL that has none. */
  createTable?: boolean
  /** Told what a file store has to tell. Default: a warning of the process. */
  onFileEvent?: FileStoreOptions['onEvent']
}

export interface OpenPair {
  from: SessionSource
  to: SessionStore
  close(): Promise<void>
}

interface Opened {
  store: SessionStore
  close(): Promise<void>
}

/** The one store of a command. */
export interface OpenStore extends Opened {
  kind: StoreLocation['kind']
}

/** Opens a store. A directory that is not there is not made. */
export async function openOne(location: Location, options: OpenOptions): Promise<OpenStore> {
  if (location.kind === 'foreign') throw onlyRead(location, '--store')
  refuseNothing(location, '--store')
  const { store, close } = await named(location, () => open(location, options))
  return { kind: location.kind, store: labelled(store, location.label), close }
}

/**
 * Opens both stores, and has found out that they can be reached, and are two. `createTable` is for the target alone.
 */
export async function openPair(
  { from, to }: { from: Location; to: Location },
  { createTable = false, ...options }: OpenOptions,
): Promise<OpenPair> {
  if (identityOf(from) === identityOf(to)) throw sameStore(from)
  if (createTable && to.kind !== 'postgres') {
    throw new UsageError('--create-table is for a target in PostgreSQL.')
  }
  if (to.kind === 'foreign') throw onlyRead(to, '--to')
  if (from.kind !== 'foreign' && (options.sourceSecrets ?? options.app) !== undefined) {
    throw new UsageError('--secret and --app are for a source that is none of the stores.')
  }
  refuseNothing(from, '--from')
  const ends: (() => Promise<void>)[] = []
  const close = async (): Promise<void> => {
    for (const end of ends.splice(0)) await end().catch(() => {})
  }
  try {
    const source = await openFrom(from, options, ends)
    const opened = await named(to, () => open(to, { ...options, createTable }))
    ends.push(opened.close)
    const target = labelled(opened.store, to.label)
    if (await areOne(source, target)) throw sameStore(from)
    return { from: source, to: target, close }
  } catch (error) {
    await close()
    throw withTableOption(error)
  }
}

/** A store, or what is only read; how it is closed is put to the `ends`. */
async function openFrom(
  from: Location,
  options: OpenOptions,
  ends: (() => Promise<void>)[],
): Promise<SessionSource> {
  if (from.kind !== 'foreign') {
    const { store, close } = await named(from, () => open(from, options))
    ends.push(close)
    return labelled(store, from.label)
  }
  const { source, end } = await named(from, () => openForeign(from, options))
  ends.push(() => closing(source, end))
  return labelledSource(source, from.label)
}

function onlyRead({ label }: ForeignLocation, option: string): UsageError {
  return new UsageError(
    `${option}: ${label} is only read: it is a source, for --from of "untorn copy" and "untorn move".`,
  )
}

/**
 * A file store would make a directory where there is none, and one of sessions of what counts as empty: that of a volume
 * that is mounted for the first time has a name or two in it.
 */
function refuseNothing(location: Location, option: string): void {
  if (location.kind !== 'file') return
  const { directory } = location
  if (existsSync(directory) && !readdirSync(directory).every((name) => OF_NOBODY.test(name))) return
  throw new StoreConfigError(`There is no session directory "${directory}": see to the path after ${option}.`)
}

/** Hidden files, and what a file system makes for itself. */
const OF_NOBODY = /^(\..*|lost\+found)$/

function withTableOption(error: unknown): unknown {
  if (!(error instanceof UntornError) || !error.message.includes('no such table')) return error
  return new UntornError(error.code, `${error.message} For the target, --create-table does it.`, {
    cause: error.cause,
  })
}

/** An error of opening a store, which may be one of two of a kind, says of which. */
async function named<T>({ label }: Location, opening: () => Promise<T>): Promise<T> {
  try {
    return await opening()
  } catch (error) {
    throw withLabel(error, label)
  }
}

function sameStore({ label }: Location): UsageError {
  return new UsageError(`--from and --to are the same store: ${label}.`)
}

function identityOf(location: Location): string {
  if (location.kind !== 'file' || !existsSync(location.directory)) return location.identity
  return `file:${realpathSync(location.directory)}`
}

const silent = (): void => {}

async function open(location: StoreLocation, options: OpenOptions): Promise<Opened> {
  if (location.kind === 'file') {
    const { onFileEvent: onEvent } = options
    const store = fileStore(location.directory, { sweepEvery: 0, ...(onEvent && { onEvent }) })
    return { store, close: async () => store.close() }
  }
  const deadline = `${options.deadline}ms` as const
  if (location.kind === 'redis') {
    const { client, end } = await connectRedis(location, options)
    const { prefix } = location
    const store = redisStore({ client, deadline, onEvent: silent, ...(prefix !== undefined && { prefix }) })
    return { store, close: () => closing(store, end) }
  }
  const { client: pool, end } = poolOf(location, options)
  const { table } = location
  const chosen = table === undefined ? {} : { table }
  const store = postgresStore({ pool, deadline, sweepEvery: 0, onEvent: silent, ...chosen })
  const opened = { store, close: () => closing(store, end) }
  try {
    if (options.createTable) await store.createTable()
  } catch (error) {
    await opened.close()
    throw error
  }
  return opened
}

/**
 * Milliseconds that a store and its connections have to end: those to a server that hangs would take as long as that
 * does. No change is under way then, at most a count that nobody waits for any more.
 */
const TO_END = 2000

async function closing(store: SessionSource, end: () => Promise<void> | void): Promise<void> {
  const closed = Promise.resolve(store.close()).then(end)
  await Promise.race([closed, new Promise((resolve) => setTimeout(resolve, TO_END).unref())])
}

/** Milliseconds that a session lives which is there to be looked for. */
const A_MOMENT = 60_000

/**
 * Whether what is created in one is found in the other: one server has many names. It shows too that the source can be
 * read and the target written, before anything is begun.
 */
async function areOne(from: SessionSource, to: SessionStore): Promise<boolean> {
  const key = sessionKey(randomBytes(32).toString('base64url'))
  // What is only read is no store of untorn, wherever it is; a server that it is on is asked for something.
  const looked = 'exists' in from ? (from as SessionStore) : undefined
  if (looked) await looked.exists(key)
  else await from.now?.()
  const now = (await to.now?.()) ?? Date.now()
  await to.create(key, { values: new Map(), createdAt: now, expiresAt: now + A_MOMENT })
  try {
    return (await looked?.exists(key)) ?? false
  } finally {
    await to.delete(key)
  }
}
