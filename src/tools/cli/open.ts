import { randomBytes } from 'node:crypto'
import { existsSync, readdirSync, realpathSync } from 'node:fs'
import { fileStore } from '../../file.ts'
import { type SessionStore, StoreConfigError, sessionKey } from '../../index.ts'
import { postgresStore } from '../../postgres.ts'
import { redisStore } from '../../redis.ts'
import { UsageError } from './exit.ts'
import { labelled, withLabel } from './labelled.ts'
import type { Location } from './location.ts'
import { poolOf } from './postgres.ts'
import { connectRedis } from './redis.ts'

export interface OpenOptions {
  cwd: string
  concurrency: number
  /** Milliseconds in which a server has to answer. */
  deadline: number
}

export interface OpenPair {
  from: SessionStore
  to: SessionStore
  close(): Promise<void>
}

interface Opened {
  store: SessionStore
  close(): Promise<void>
}

/**
 * Opens both stores, and has found out that they can be reached, and are two. `createTable`: makes the table of a target
 * in PostgreSQL.
 */
export async function openPair(
  from: Location,
  to: Location,
  createTable: boolean,
  options: OpenOptions,
): Promise<OpenPair> {
  if (identityOf(from) === identityOf(to)) throw sameStore(from)
  if (createTable && to.kind !== 'postgres') {
    throw new UsageError('--create-table is for a target in PostgreSQL.')
  }
  // A file store would make one there.
  if (from.kind === 'file' && isNothing(from.directory)) {
    throw new StoreConfigError(
      `There is no session directory "${from.directory}": see to the path after --from.`,
    )
  }
  const opened: Opened[] = []
  const close = async (): Promise<void> => {
    for (const each of opened.splice(0)) await each.close().catch(() => {})
  }
  try {
    for (const location of [from, to]) {
      opened.push(await named(location, () => open(location, createTable && location === to, options)))
    }
    const [source, target] = [from, to].map((each, n) => labelled(opened[n]!.store, each.label)) as [
      SessionStore,
      SessionStore,
    ]
    if (await areOne(source, target)) throw sameStore(from)
    return { from: source, to: target, close }
  } catch (error) {
    await close()
    throw error
  }
}

function isNothing(directory: string): boolean {
  return !existsSync(directory) || readdirSync(directory).length === 0
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

async function open(location: Location, createTable: boolean, options: OpenOptions): Promise<Opened> {
  if (location.kind === 'file') {
    const store = fileStore(location.directory, { sweepEvery: 0 })
    return { store, close: async () => store.close() }
  }
  const { deadline } = options
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
    if (createTable) await store.createTable()
  } catch (error) {
    await opened.close()
    throw error
  }
  return opened
}

/** Milliseconds that connections have to end: one to a server that hangs would take as long as that does. */
const TO_END = 2000

async function closing(store: SessionStore, end: () => Promise<void> | void): Promise<void> {
  await store.close()
  await Promise.race([end(), new Promise((resolve) => setTimeout(resolve, TO_END).unref())])
}

/** Milliseconds that a session lives which is there to be looked for. */
const A_MOMENT = 60_000

/**
 * Whether what is created in one is found in the other: one server has many names. It shows too that the source can be
 * read and the target written, before anything is begun.
 */
async function areOne(from: SessionStore, to: SessionStore): Promise<boolean> {
  const key = sessionKey(randomBytes(32).toString('base64url'))
  await from.exists(key)
  const now = Date.now()
  await to.create(key, { values: new Map(), createdAt: now, expiresAt: now + A_MOMENT })
  try {
    return await from.exists(key)
  } finally {
    await to.delete(key)
  }
}
