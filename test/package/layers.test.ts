import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { describe, expect, test } from 'vitest'
import * as imports from './imports.ts'

const manifest: { exports: Record<string, string | { import: string }> } = JSON.parse(
  readFileSync(fileURLToPath(new URL('../../package.json', import.meta.url)), 'utf8'),
)

/** The source of an entry; `undefined` for one that is no code. */
function sourceOf(entry: string | { import: string }): string | undefined {
  if (typeof entry === 'string') return undefined
  return entry.import.replace('./dist/', '').replace(/\.js$/, '.ts')
}

const SRC = fileURLToPath(new URL('../../src', import.meta.url))

/** From the ground up; a file may import from its own layer and from those below it. */
const LAYERS = [
  ['across-copies.ts', 'errors.ts'],
  ['contract'],
  ['options', 'events'],
  ['stores', 'testing', 'values', 'cookie'],
  ['owners'],
  ['session'],
  ['sessions'],
  ['adapters'],
  // What tests of applications take from `untorn/testing`: made of what an application has. The suites beside it, in `testing`,
  // know no more than the contract that they check.
  ['in-tests'],
  // The entries: each takes from the layers and from nothing else.
  [
    'adonisjs.ts',
    'astro.ts',
    'better-auth.ts',
    'copy.ts',
    'elysia.ts',
    'express-session.ts',
    'express.ts',
    'fastify.ts',
    'fetch.ts',
    'file.ts',
    'formats.ts',
    'h3.ts',
    'hono.ts',
    'index.ts',
    'koa-session.ts',
    'koa.ts',
    'memory.ts',
    'moving.ts',
    'next.ts',
    'nextjs-auth0.ts',
    'node.ts',
    'postgres.ts',
    'react-router.ts',
    'redis.ts',
    'remix.ts',
    'sveltekit.ts',
    'tanstack-start.ts',
    'testing.ts',
    'unstorage.ts',
    'websocket.ts',
  ],
  ['tools'],
  ['cli.ts'],
]

/** Outside of these folders nothing imports from within them; each is one thing. */
const CLOSED = [
  'cookie',
  'owners',
  'session',
  'stores/file',
  'stores/foreign',
  'stores/memory',
  'stores/over',
  'stores/postgres',
  'stores/redis',
  'testing',
  'values',
]

/** What adapters stand on. Of all others each is closed to the rest. */
const ADAPTERS_GROUND = ['fetch', 'kept', 'node', 'request'].map((name) => `adapters/${name}`)

/** What a closed folder lends to others: how a server is talked to that both know, what a host has in common with another one. */
const LENT: Record<string, string[]> = {
  'adapters/astro': ['adapters/unstorage/items.ts', 'adapters/unstorage/options.ts'],
  'adapters/express-session': ['adapters/express/share-hidden-class.ts'],
  'stores/foreign': [
    'stores/redis/clients/',
    'stores/redis/key-names.ts',
    'stores/redis/meaning.ts',
    'stores/redis/seen-keys.ts',
    'stores/postgres/database.ts',
    'stores/postgres/drivers/',
    'stores/postgres/meaning.ts',
  ],
}

function isLent(imported: string, file: string): boolean {
  const folder = Object.keys(LENT).find((each) => file.startsWith(`${each}/`))
  return folder !== undefined && LENT[folder]!.some((place) => imported.startsWith(place))
}

/** Of these nothing imports one of the others: what they have in common stands below them. */
const STRANGERS = ['stores', 'testing', 'values', 'cookie']

/** Who may know what is not in the package: cookie syntax, header syntax and terminals are other people's
 * business. */
const FROM_NPM: Record<string, string[]> = {
  cookie: ['cookie'],
  // Next.js is asked on use, where it is the application's.
  adapters: ['vary', 'cookie', 'next/headers.js', 'next/server.js'],
  tools: ['commander', 'cli-progress'],
}

const files = imports.sourcesIn(SRC)

const importsOf = (file: string): string[] => imports.importsOf(SRC, file)
const localImportsOf = (file: string): string[] => imports.localImportsOf(SRC, file)

function layerOf(file: string): number {
  return LAYERS.findIndex((names) => names.includes(file.split('/')[0]!))
}

describe('the layers', () => {
  test('every file has one', () => {
    expect(files.filter((file) => layerOf(file) === -1)).toEqual([])
    expect(files.length).toBeGreaterThan(30)
  })

  test('no import runs upward', () => {
    const upward = files.flatMap((file) =>
      localImportsOf(file)
        .filter((imported) => layerOf(imported) > layerOf(file))
        .map((imported) => `${file} imports ${imported}`),
    )
    expect(upward).toEqual([])
  })

  test('the stores, the testing suite, the values and the cookie know nothing of each other', () => {
    const inside = (file: string, folder: string): boolean => file.startsWith(`${folder}/`)
    const strangers = files.flatMap((file) =>
      localImportsOf(file)
        .filter((imported) => CLOSED.some((folder) => inside(imported, folder) && !inside(file, folder)))
        .filter((imported) => STRANGERS.includes(file.split('/')[0]!) && !isLent(imported, file))
        .map((imported) => `${file} imports ${imported}`),
    )
    expect(strangers).toEqual([])
  })

  test('no adapter knows another one, but for what they stand on', () => {
    const folderOf = (file: string): string => file.split('/').slice(0, 2).join('/')
    const adapters = files.filter((file) => file.startsWith('adapters/'))
    const known = adapters.flatMap((file) =>
      localImportsOf(file)
        .filter((imported) => imported.startsWith('adapters/') && folderOf(imported) !== folderOf(file))
        .filter((imported) => !ADAPTERS_GROUND.includes(folderOf(imported)) && !isLent(imported, file))
        .map((imported) => `${file} imports ${imported}`),
    )
    expect(known).toEqual([])
    expect(new Set(adapters.map(folderOf)).size).toBeGreaterThan(20)
  })

  test('tools are made of what any application can import', () => {
    const entries = Object.values(manifest.exports).flatMap((entry) => sourceOf(entry) ?? [])
    const inside = files.flatMap((file) =>
      localImportsOf(file)
        .filter(() => file.startsWith('tools/'))
        .filter((imported) => !imported.startsWith('tools/') && !entries.includes(imported))
        .map((imported) => `${file} imports ${imported}`),
    )
    expect(entries).toContain('copy.ts')
    expect(inside).toEqual([])
  })

  test('what is imported from npm is known, and its place too', () => {
    const foreign = files.flatMap((file) =>
      importsOf(file)
        .filter((from) => !from.startsWith('.') && !from.startsWith('node:'))
        .filter((from) => !FROM_NPM[file.split('/')[0]!]?.includes(from))
        .map((from) => `${file} imports ${from}`),
    )
    expect(foreign).toEqual([])
  })
})
