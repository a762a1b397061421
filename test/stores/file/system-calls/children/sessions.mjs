// Uses a store, and notes what it asked and what was answered: directory, durability, scenario, keys.
import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { setImmediate as nextTurn } from 'node:timers/promises'
import { fileStore } from 'untorn/file'
import { answers, asks } from './notes.mjs'

const [directory, durability, scenario, ...keys] = process.argv.slice(2)

const store = fileStore(directory, { durability, sweepEvery: 0 })

async function create(step, key, sets) {
  const now = Date.now()
  asks(step, { key, sets })
  const values = new Map(Object.entries(sets))
  const created = await store.create(key, { values, createdAt: now, expiresAt: now + 3_600_000 })
  if (!created) throw new Error(`${step}: the key is taken.`)
  answers(step)
}

async function save(step, key, sets, options, by = store) {
  asks(step, { key, sets })
  const { outcome } = await by.save(key, { set: new Map(Object.entries(sets)) }, options)
  if (outcome !== 'saved') throw new Error(`${step}: ${outcome}.`)
  answers(step)
}

function load(step, key) {
  asks(step, { key })
  if (store.load(key) === undefined) throw new Error(`${step}: there is no such session.`)
  answers(step)
}

async function end(step, key) {
  asks(step, { key, ends: true })
  if (!(await store.delete(key))) throw new Error(`${step}: there was no such session.`)
  answers(step)
}

/** Four overlapping saves. */
function saveFour(step, key) {
  const text = JSON.stringify('x'.repeat(2000))
  return Promise.all(
    [1, 2, 3, 4].map((n) =>
      save(`${step}-${n}`, key, { [`text${n}`]: text, [`step${n}`]: JSON.stringify(step) }),
    ),
  )
}

/** Goes on saving while the journal is folded. */
async function saveDuringFold(step, key) {
  const { folds } = store.stats
  for (let n = 0; store.stats.folds === folds; n++) {
    if (n < 30) await saveFour(`${step}-${n}`, key)
    await nextTurn()
  }
}

/** Stops saving when a fold has begun, and returns at its rename. */
async function saveUntilRename(step, key) {
  const { folds } = store.stats
  const shard = join(directory, key.slice(0, 2))
  const hasBegun = () =>
    store.stats.folds > folds || readdirSync(shard).some((name) => name.startsWith('new-'))
  for (let n = 0; !hasBegun(); n++) await saveFour(`${step}-${n}`, key)
  while (store.stats.folds === folds) await nextTurn()
}

const scenarios = {
  /** One session after the other through its life. */
  async life([first, second, third, fourth, fifth, sixth]) {
    await create('create', first, { user: '"Ada"' })
    await save('save', first, { cart: '["tea"]' })
    load('load', first)
    await Promise.all(
      [1, 2, 3, 4, 5, 6, 7, 8].map((n) => save(`overlapping-${n}`, first, { [`k${n}`]: `${n}` })),
    )
    await create('create-beside', second, { user: '"Bob"' })
    await saveDuringFold('folding', second)
    await save('save-folded', second, { cart: '["coffee"]' })
    await create('create-third', third, { user: '"Eve"' })
    await saveUntilRename('folding-third', third)
    await end('delete-folded', third)
    await Promise.all([
      create('create-both-1', fourth, { n: '1' }),
      create('create-both-2', fifth, { n: '2' }),
    ])
    await end('delete', first)
    await create('create-after-delete', sixth, { user: '"Zoe"' })
  },

  /** Sessions that another process made: one to save to, one to delete, one to save to twice at once. */
  async inherit([saved, deleted, overlapping]) {
    const { values } = store.load(saved)
    await save('save', saved, { ...Object.fromEntries(values), cart: '["tea"]' })
    await save('save-again', saved, { cart: '[]' })
    await end('delete', deleted)
    await Promise.all([1, 2].map((n) => save(`save-both-${n}`, overlapping, { [`k${n}`]: `${n}` })))
  },

  /** The sync of the second save fails. */
  async fail([key]) {
    await create('create', key, { user: '"Ada"' })
    const failed = await save('save-failing', key, { cart: '["tea"]' }).catch(({ code }) => code)
    if (failed !== 'UNTORN_STORE_UNAVAILABLE') throw new Error(`The failing save: ${failed}.`)
    // It is in the file all the same, for as long as the power lasts: the next one may depend on it.
    await save('save', key, { cart: '["coffee"]' }, { ifVersion: 1 })
    await save('save-again', key, { cart: '[]' })
    await end('delete', key)
  },

  /** The sync of the second save fails, and another store goes on, which the system tells nothing of it. */
  async 'fail-elsewhere'([key]) {
    await create('create', key, { user: '"Ada"' })
    const failed = await save('save-failing', key, { cart: '["tea"]' }).catch(({ code }) => code)
    if (failed !== 'UNTORN_STORE_UNAVAILABLE') throw new Error(`The failing save: ${failed}.`)
    const other = fileStore(directory, { durability, sweepEvery: 0 })
    await save('save', key, { cart: '["coffee"]' }, { ifVersion: 1 }, other)
    await save('save-again', key, { cart: '[]' }, {}, other)
    await save('save-back', key, { seen: 'true' })
    await other.close()
  },

  /** The same again and again, so that nothing is done for the first time. */
  async repeat([key]) {
    await create('create', key, { user: '"Ada"' })
    for (let n = 0; n < 20; n++) {
      load(`load-${n}`, key)
      asks(`save-${n}`, { key })
      const saved = store.save(key, { set: new Map([['n', `${n}`]]) })
      if (saved.outcome !== 'saved') throw new Error('Not saved, or not at once.')
      answers(`save-${n}`)
    }
  },
}

answers('start')
await scenarios[scenario](keys)
answers('end')
await store.close()
