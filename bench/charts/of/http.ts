import { type Chart, type PanelOf, type RowOf, type RowsOptions, rows } from '../compose.ts'

const none: RowOf = { label: 'no sessions', role: 'floor', name: 'Express: no sessions' }

const sessions: readonly RowOf[] = [
  { label: 'untorn', role: 'untorn', name: 'Express: untorn' },
  { label: "untorn, 'disk'", role: 'untorn', name: "Express: untorn, durability 'disk'" },
  peer('MemoryStore'),
  { ...peer('connect-redis'), unless: /^connect-redis/ },
  { ...peer('connect-pg-simple'), unless: /^connect-pg-simple/ },
  peer('session-file-store'),
]

function peer(name: string): RowOf {
  return { label: name, role: 'peer', name: `Express: ${name}` }
}

/** All candidates, by one figure of one kind of request. */
function panel(heading: string, group: string, picked: readonly RowOf[], options?: RowsOptions): PanelOf {
  const inGroup = picked.map((one) => ({ ...one, group }))
  return rows(heading, inGroup, options)
}

const all = [none, ...sessions]
const own = 'Grey: express-session with these stores.'

export const requests: Chart = {
  name: 'http',
  suite: 'http',
  title: 'Requests that Express answers',
  better: 'more',
  note: `${own} "%": of what Express answers without sessions, in the same rounds.`,
  panels: [
    panel('Reading a session', 'Read a session: requests', all, { ratio: 'percent' }),
    panel('Changing a session', 'Change a session: requests', all, { ratio: 'percent' }),
  ],
}

const beyond = "the server's CPU for a request, beyond that without sessions"

export const cpu: Chart = {
  name: 'http-cpu',
  suite: 'http',
  title: 'CPU time that sessions add to a request',
  better: 'less',
  note: `${own} Beyond the same request to Express without sessions; the process of Node.js alone.`,
  panels: [
    panel('Reading a session', `Read a session: ${beyond}`, sessions),
    panel('Changing a session', `Change a session: ${beyond}`, sessions),
  ],
}

export const latency: Chart = {
  name: 'http-latency',
  suite: 'http',
  title: 'Time until a change of a session is answered',
  better: 'less',
  note: `${own} 16 requests at a time, as many as are answered.`,
  panels: [
    panel('Half of the answers, within', 'Change a session: time until the answer, p50', all),
    panel('99 of 100 answers, within', 'Change a session: time until the answer, p99', all),
    panel('Delay of the event loop, p99', 'Change a session: delay of the event loop, p99', all),
  ],
}
