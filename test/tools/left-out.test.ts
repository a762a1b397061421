import { symlinkSync, writeFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import type { SessionKey } from '../../src/contract/key.ts'
import { fileStore } from '../../src/file.ts'
import { temporaryDirectory } from '../support/directory.ts'
import { newKey } from '../support/records.ts'
import { untorn } from './command.ts'
import { fill } from './sessions.ts'

const SESSIONS = 20

/** A session directory in which somebody has put a link, and of which one journal is damaged; and where to copy it. */
async function damagedDirectory() {
  const directory = temporaryDirectory()
  const store = fileStore(directory, { sweepEvery: 0, onEvent: () => {} })
  const [one, ...others] = [...(await fill(store, SESSIONS)).keys()] as [SessionKey, ...SessionKey[]]
  const pathOf = (key: string): string => `${directory}/${key.slice(0, 2)}/${key.slice(2)}`
  const planted = `${one.slice(0, 2)}${newKey().slice(2)}`
  symlinkSync('/dev/zero', pathOf(planted))
  writeFileSync(pathOf(others[0]!), '\nrubbish\nrubbish')
  await store.close()
  const labels = [planted, others[0]!].map((key) => `${key.slice(0, 2)}/${key.slice(2, 8)}...`)
  return { from: `file:${directory}`, to: `file:${temporaryDirectory()}`, labels }
}

describe('what lies among the sessions and can not be read as one', () => {
  test('is left out by `untorn copy`, which takes the others, names it at the end and fails', async () => {
    const { from, to, labels } = await damagedDirectory()
    const { code, stdout } = await untorn(['copy', '--from', from, '--to', to])
    expect(code).toBe(1)
    expect(stdout).toContain(`${SESSIONS - 1} sessions came from`)
    expect(stdout).toMatch(/2 LEFT OUT, as .* can't read them:/)
    for (const label of labels) expect(stdout).toContain(label)
    expect(stdout).toMatch(/look at it and move it away/)
    expect(stdout).toMatch(/put it back from a backup, or remove it/)
  })

  test('is in the JSON of it', async () => {
    const { from, to, labels } = await damagedDirectory()
    const { code, stdout } = await untorn(['copy', '--from', from, '--to', to, '--json'])
    const said = JSON.parse(stdout)
    expect(code).toBe(1)
    expect(said).toMatchObject({ done: { copied: SESSIONS - 1, unreadable: 2 }, verified: { ok: true } })
    for (const label of labels) expect(said.done.notRead.join()).toContain(label)
  })

  test('is left where it is by `untorn move`, which says so', async () => {
    const { from, to, labels } = await damagedDirectory()
    const { code, stdout } = await untorn(['move', '--from', from, '--to', to, '--json'])
    const said = JSON.parse(stdout)
    expect(code).toBe(1)
    expect(said.done).toMatchObject({ moved: SESSIONS - 1, left: 0, unreadable: 2 })
    expect(said.done.notRead).toHaveLength(2)
    for (const label of labels) expect(said.done.notRead.join()).toContain(label)
    const shown = await untorn(['move', '--from', from, '--to', to])
    expect(shown.stdout).not.toContain('Nothing is left')
    expect(shown.stdout).toMatch(/2 LEFT OUT, as .* can't read them:/)
  })
})
