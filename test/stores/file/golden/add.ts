// Writes the samples that have no file yet, with what the code of today reads in them: look at that before you commit
// it. What is there already is left as it is. Run it from the root: npx tsx test/stores/file/golden/add.ts
import { existsSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { decodeLines } from '../../../../src/stores/file/journal/line.ts'
import { BLANK, replay } from '../../../../src/stores/file/journal/replay.ts'
import { type Expected, sha256 } from './expected.ts'
import { READ_AT, SAMPLES } from './samples.ts'

for (const [name, { says, at = READ_AT, key, bytes }] of Object.entries(SAMPLES)) {
  const path = fileURLToPath(new URL(`journals/${name}`, import.meta.url))
  if (existsSync(`${path}.journal`)) continue
  const { lines } = decodeLines(bytes)
  const state = replay(BLANK, lines, key)
  const said = state.phase === 'open' || state.phase === 'sealed' ? state.record : undefined
  const record = said && said.expiresAt > at ? { ...said, values: [...said.values] } : null
  const skipped = lines.filter(({ kind }) => kind === 'damaged').length
  const whole = state.phase === 'void'
  const damage = skipped > 0 || whole ? { lines: skipped, whole } : null
  const expected: Expected = { says, at, ...(key && { key }), sha256: sha256(bytes), record, damage }
  writeFileSync(`${path}.journal`, bytes, { flag: 'wx' })
  writeFileSync(`${path}.json`, `${JSON.stringify(expected, null, 2)}\n`, { flag: 'wx' })
  console.log(`${name}: ${JSON.stringify(record)}`)
}
