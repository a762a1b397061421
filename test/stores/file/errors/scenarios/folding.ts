import { renameSync, writeFileSync } from 'node:fs'
import { encodeLine } from '../../../../../src/stores/file/journal/line.ts'
import { baseLine } from '../../../../../src/stores/file/journal/write.ts'
import { systemError } from '../../../../support/faulty-files.ts'
import { texts } from '../../../../support/records.ts'
import { DISK, inBothDurabilities, type Scenario } from '../scenario.ts'
import { BYSTANDER, DEAD, MAIN, record, type Stage } from '../stage.ts'

export const FOLD_BYTES = 600
const text = 'x'.repeat(100)
const save = ({ store }: Stage) => store.save(MAIN, { set: texts({ text, mine: 1 }) })
const isSeal = (bytes: unknown) => String(bytes).includes('"kind":"seal"')

/** A journal that the next save makes long enough for a fold. */
async function almostLong(stage: Stage) {
  const { store } = stage
  await store.create(BYSTANDER, record())
  await store.create(MAIN, record({ user: 'Ada' }))
  for (let n = 0; n < 3; n++) await store.save(MAIN, { set: texts({ text, n }) })
}

async function sealedByTheDead(stage: Stage) {
  await almostLong(stage)
  stage.append(MAIN, { kind: 'seal', id: 'dead.1', holder: DEAD })
}

/** The store's own fold has failed behind its seal. */
export async function unfinished(stage: Stage) {
  await almostLong(stage)
  stage.port.listen()
  let failures = 1
  stage.port.before = (call) => {
    if (call === 'rename' && failures-- > 0) throw systemError('EIO')
  }
  await save(stage)
  await stage.port.quiet()
  stage.port.heal()
  stage.port.course.length = 0
}

/** A sync has failed: what stands in the file can't be trusted. */
async function doubtful(stage: Stage) {
  await almostLong(stage)
  stage.port.listen()
  stage.port.before = (call) => {
    if (call === 'sync') throw systemError('EIO')
  }
  const saving = (async () => stage.store.save(MAIN, { set: texts({ doubtful: 1 }) }))()
  await saving.catch(() => {})
  await stage.port.quiet()
  stage.port.heal()
  stage.port.course.length = 0
}

export const folding: Scenario[] = [
  ...inBothDurabilities([
    { name: 'save that folds', foldBytes: FOLD_BYTES, prepare: almostLong, act: save },
    {
      name: 'save that folds, while another process saves between the new file and the seal',
      partly: true,
      foldBytes: FOLD_BYTES,
      prepare: almostLong,
      before: (stage) => {
        let saved = false
        return (call, [, bytes]) => {
          if (call !== 'append' || saved || !isSeal(bytes)) return
          saved = true
          stage.append(MAIN, { kind: 'change', id: 'other.1', at: 0, set: ['other', '1'] })
        }
      },
      act: save,
    },
    {
      name: 'save that folds, with a cache that is full',
      foldBytes: FOLD_BYTES,
      options: { maxOpen: 1 },
      prepare: almostLong,
      act: save,
    },
    {
      name: 'save, to a fold of its own that failed behind its seal',
      foldBytes: FOLD_BYTES,
      prepare: unfinished,
      act: save,
    },
    {
      name: 'the next try of a fold that failed behind its seal',
      foldBytes: FOLD_BYTES,
      inBackground: true,
      prepare: unfinished,
      act: (stage) => stage.callBack(),
    },
    { name: 'save, to a journal that a dead process has sealed', prepare: sealedByTheDead, act: save },
    {
      name: 'delete, of a session that a dead process has sealed',
      prepare: sealedByTheDead,
      act: ({ store }) => store.delete(MAIN),
    },
    {
      name: 'save, to a journal whose holder renamed, and then died',
      partly: true,
      prepare: sealedByTheDead,
      before: (stage) => {
        let renamed = false
        return (call, [, bytes]) => {
          if (call !== 'append' || renamed || !isSeal(bytes)) return
          renamed = true
          putSuccessor(stage)
        }
      },
      act: save,
    },
  ]),
  { name: "save, after a sync that failed, 'disk'", options: DISK, prepare: doubtful, act: save },
  {
    name: "delete, after a sync that failed, 'disk'",
    options: DISK,
    prepare: doubtful,
    act: ({ store }) => store.delete(MAIN),
  },
]

/** What the holder put in the journal's place, and somebody else saved to since. */
function putSuccessor(stage: Stage): void {
  const path = stage.pathOf(MAIN)
  const base = encodeLine(baseLine(MAIN, stage.other().load(MAIN)!))
  const change = encodeLine({ kind: 'change', id: 'third.1', at: 0, set: ['third', '1'] })
  writeFileSync(`${path}.successor`, Buffer.concat([base, change]), { mode: 0o600 })
  renameSync(`${path}.successor`, path)
}
