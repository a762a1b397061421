import type { PlantedFault } from '../../support/planted.ts'

/** A step of what one request does for all, taken away, and the race that finds it. */
export interface Step extends PlantedFault {
  foundBy: string
}

const TOGETHER = 'ten requests find it too old at the same moment: one fetches, all have the new one'
const TOO_LONG = 'a fetch that takes too long is replaced: all have the token of the one that was first'

export const STEPS: readonly Step[] = [
  {
    name: 'nobody looks whether the value is another one by now',
    file: 'session/once-look.ts',
    replace: '    if (!values.isSame(name, call.seen, text)) return without({ text })\n',
    by: '',
    foundBy: 'a slow request that had read the old one gets the new one, and fetches none',
  },
  {
    name: 'a run begins whatever has been saved since the look',
    file: 'session/decided.ts',
    replace: '{ ifVersion: record.version }',
    by: 'record.version < 0 ? { ifVersion: record.version } : {}',
    also: { replace: 'if (isNewer(turn.newest, stored.record)) stored.record = turn.newest', by: '' },
    foundBy: TOGETHER,
  },
  {
    name: 'the ticket of another run keeps nobody from beginning one',
    file: 'session/once-look.ts',
    replace: 'return isLate(ticket, watched, now) ? undefined : { running: ticket }',
    by: 'return undefined',
    foundBy: TOGETHER,
  },
  {
    name: 'a run that was replaced saves what it found over what the other one found',
    file: 'session/once-run.ts',
    replace: 'const isOther = !state.values.isSame(name, seen, current)',
    by: 'const isOther = false',
    foundBy: TOO_LONG,
  },
  {
    name: 'a run whose value is not the one that stands leaves its ticket',
    file: 'session/once-run.ts',
    replace: 'isMine ? { delete: [onceKey(name)] } : undefined',
    by: 'isMine ? { delete: [] } : undefined',
    foundBy: 'one is set by hand while it is fetched: that stands, and the next one to ask fetches at once',
  },
  {
    name: 'a run is never late',
    file: 'session/once-ticket.ts',
    replace: 'if (now >= ticket.until) return true',
    by: '',
    also: { replace: 'performance.now() - watched.since >= ticket.patience', by: 'false' },
    foundBy: TOO_LONG,
  },
  {
    name: 'a message is added to what this request had read',
    file: 'values/values.ts',
    replace:
      '    this.update(key, (list) => [...(Array.isArray(list) ? list : []), codec.parse(key, text)])\n',
    by: '    const list = this.get(key)\n    this.set(key, [...(Array.isArray(list) ? list : []), codec.parse(key, text)])\n',
    foundBy: 'five requests flash and five show at the same moment: each message is shown once',
  },
]
