import { type Chart, type RowOf, rows } from '../compose.ts'

const floor = /^The floor/
const asTimes = { scale: 'log', ratio: 'times' } as const

function peers(operation: 'get' | 'set'): RowOf[] {
  return [
    { label: 'MemoryStore', role: 'peer', name: `express-session MemoryStore: ${operation}` },
    { label: 'session-file-store', role: 'peer', name: `session-file-store: ${operation}` },
  ]
}

export const store: Chart = {
  name: 'store',
  suite: 'store',
  title: 'Loading and saving a session',
  better: 'less',
  note: '"x": times the bare calls above, in the same rounds.',
  panels: [
    rows(
      'Load',
      [
        { label: 'fstat alone', role: 'floor', group: floor, name: 'fstat of a kept descriptor' },
        { label: 'untorn', role: 'untorn', name: 'untorn files: load, hot' },
        ...peers('get'),
      ],
      asTimes,
    ),
    rows(
      'Save',
      [
        { label: 'open, append, close', role: 'floor', group: floor, name: 'open + append a change + close' },
        { label: 'untorn', role: 'untorn', name: 'untorn files: save the token' },
        ...peers('set'),
      ],
      asTimes,
    ),
  ],
}

function synced(heading: string, suffix: { floor: string; untorn: string }) {
  return rows(
    heading,
    [
      { label: 'append, fdatasync', role: 'floor', name: `append + fdatasync${suffix.floor}` },
      {
        label: "untorn, 'disk'",
        role: 'untorn',
        name: `untorn files, disk: save, 400 bytes${suffix.untorn}`,
      },
    ],
    { ratio: 'times' },
  )
}

export const disk: Chart = {
  name: 'disk',
  suite: 'store',
  title: 'A save that waits until the disk has it',
  better: 'less',
  note: '"x": times one append with its fdatasync, in the same rounds.',
  panels: [
    synced('One after the other', { floor: '', untorn: '' }),
    synced('64 sessions at once, each save', {
      floor: ', 64 files at once',
      untorn: ', 64 sessions at once',
    }),
  ],
}
