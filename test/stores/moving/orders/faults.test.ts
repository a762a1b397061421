import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { describe, expect, it, onTestFinished } from 'vitest'
import { explore } from './explore.ts'
import { FAULTS, type Fault } from './faults.ts'
import { manyFrom, PAIRS } from './plans.ts'
import { playSeed } from './random.ts'
import type { Verbs } from './scripts.ts'

const SOURCES = fileURLToPath(new URL('../../../../src/', import.meta.url))

/** Most faults show early; then pairs go so far each. */
const FIRST_SEEDS = 4000
const MOST_STATES = 3000
const MOST_SEEDS = 60_000

describe('the orders show that', () => {
  it.each(FAULTS)(
    '$name',
    async (fault) => {
      const verbs = await withFault(fault)
      expect(() => hunt(verbs)).toThrow(/No order explains|left unfinished|could not be moved/)
    },
    300_000,
  )
})

function hunt(verbs: Verbs): void {
  for (let seed = 1; seed <= FIRST_SEEDS; seed++) playSeed(seed, manyFrom(seed), verbs)
  for (const { plan } of PAIRS) explore(plan, verbs, MOST_STATES)
  for (let seed = FIRST_SEEDS + 1; seed <= MOST_SEEDS; seed++) playSeed(seed, manyFrom(seed), verbs)
}

/** What the store is made of, with a fault in a copy of its sources. */
async function withFault({ name, file, replace, by }: Fault): Promise<Verbs> {
  const copy = mkdtempSync(join(tmpdir(), 'untorn-fault-'))
  onTestFinished(() => rmSync(copy, { recursive: true, force: true }))
  for (const part of ['errors.ts', 'store.ts', 'record', 'stores/moving']) {
    cpSync(join(SOURCES, part), join(copy, part), { recursive: true })
  }
  // The nearest package says that these are modules.
  writeFileSync(join(copy, 'package.json'), '{ "type": "module" }')
  const path = join(copy, 'stores/moving', file)
  const source = readFileSync(path, 'utf8')
  if (source.split(replace).length !== 2) {
    throw new Error(`"${name}" has no place in ${file} any more: "${replace}" has to stand there once.`)
  }
  writeFileSync(
    path,
    source.replace(replace, () => by),
  )
  const modules = ['load', 'save', 'delete', 'move'].map(
    (each) => import(/* @vite-ignore */ pathToFileURL(join(copy, `stores/moving/${each}.ts`)).href),
  )
  return Object.assign({}, ...(await Promise.all(modules)))
}
