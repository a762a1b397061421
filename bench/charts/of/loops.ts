import { type Chart, type RowOf, rows } from '../compose.ts'

const asTimes = { scale: 'log', ratio: 'times' } as const

function peers(load: string, mine: string): RowOf[] {
  const sqlite: RowOf = { label: 'better-sqlite3', role: 'peer', name: `better-sqlite3, NORMAL: ${load}` }
  const php: RowOf = { label: 'PHP, files', role: 'peer', name: `PHP, files handler: ${load}` }
  const django: RowOf = { label: 'Django, files', role: 'peer', name: `Django, file backend: ${load}` }
  return [
    { ...sqlite, unless: /^better-sqlite3/ },
    { ...php, unless: /^PHP/ },
    { ...django, unless: /^Django/ },
    { label: 'session-file-store', role: 'peer', name: `session-file-store: ${mine}` },
  ]
}

export const loops: Chart = {
  name: 'loops',
  suite: 'loops',
  title: 'The same session, kept by others',
  better: 'less',
  note: '"x": times the store of untorn, in the same rounds.',
  panels: [
    rows(
      'Load',
      [
        { label: 'untorn, its store', role: 'untorn', name: 'untorn, store: load' },
        { label: 'untorn, a session', role: 'untorn', name: 'untorn, sessions: open + get + commit' },
        ...peers('load', 'get'),
      ],
      asTimes,
    ),
    rows(
      'Load and save',
      [
        { label: 'untorn, its store', role: 'untorn', name: 'untorn, store: load + save' },
        { label: 'untorn, a session', role: 'untorn', name: 'untorn, sessions: open + set + commit' },
        ...peers('load + save', 'get + set'),
      ],
      asTimes,
    ),
  ],
}
