// Runs under Node's permission model: directory, durability, the key of a session that is sealed, if there is one. Prints
// what came of each verb. Plain JavaScript: a loader would need rights of its own.
import { fileStore } from 'untorn/file'

const [directory, durability, sealed] = process.argv.slice(2)
const key = 'ab'.repeat(32)
const other = 'ab'.padEnd(64, 'c')
const record = (lifetime) => {
  const now = Date.now()
  return { values: new Map([['user', '"Ada"']]), createdAt: now, expiresAt: now + lifetime }
}
const texts = (n) =>
  new Map([
    ['n', String(n)],
    ['text', `"${'x'.repeat(500)}"`],
  ])

const told = {}
try {
  const store = fileStore(directory, { durability, sweepEvery: 0, busyTimeout: '300ms' })
  told.created = await store.create(key, record(3_600_000))
  for (let n = 1; n <= 300; n++) await store.save(key, { set: texts(n) })
  told.loaded = store.load(key).values.get('n')
  told.folds = store.stats.folds
  await store.create(other, record(20))
  await new Promise((resolve) => setTimeout(resolve, 40))
  told.swept = (await store.clearExpired()).removed
  told.deleted = await store.delete(key)
  if (sealed) told.saved = (await store.save(sealed, { set: texts(1) })).outcome
  await store.close()
} catch (error) {
  const { code, message, cause } = error
  told.error = { code, message, cause: cause?.code }
}
console.log(JSON.stringify(told))
