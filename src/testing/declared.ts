import assert from 'node:assert/strict'
import { CAPABILITIES, type Capability, type Case, group } from './case.ts'
import { longPast, putMany } from './samples.ts'

/** What a store is said to lack, and why. */
export type Lacks = Partial<Record<Capability, string>>

/** That a case is skipped for a stated reason that is true, and for no other. */
export function declared(lacks: Lacks, canReopen: boolean): Case[] {
  return group(
    'declared',
    {
      'each thing the store lacks is one that cases need, and has a reason': async () => {
        for (const [name, reason] of Object.entries(lacks)) {
          assert.ok(
            CAPABILITIES.includes(name),
            `\`without.${name}\` matches no case (${CAPABILITIES.join(', ')} do)`,
          )
          assert.ok(
            typeof reason === 'string' && reason.trim() !== '',
            `\`without.${name}\` should be the reason why the store lacks it, as text`,
          )
        }
      },
      'the store can be reopened, or it is said why not': async () => {
        assert.notEqual(canReopen, 'reopen' in lacks, either('reopen', canReopen, 'pass the option `reopen`'))
      },
      'the store has byOwner, or it is said why not': async ({ here }) => {
        const has = here.byOwner !== undefined
        assert.notEqual(has, 'byOwner' in lacks, either('byOwner', has, 'add the method `byOwner`'))
      },
      'the store has count, or it is said why not': async ({ here }) => {
        const has = here.count !== undefined
        assert.notEqual(has, 'count' in lacks, either('count', has, 'add the method `count`'))
      },
      'the store leaves expired sessions to the sweep, or it is said why not': async ({ here }) => {
        await putMany(3, here, { expiresAt: longPast() })
        const has = (await here.clearExpired()).removed > 0
        assert.notEqual(has, 'sweep' in lacks, either('sweep', has, 'let clearExpired count what it removes'))
      },
    },
    { objects: 'one' },
  )
}

function either(name: Capability, has: boolean, remedy: string): string {
  return has
    ? `\`without.${name}\` says that the store lacks what it has: take it out`
    : `cases that need it can't run: ${remedy}, or give the reason as \`without: { ${name}: '...' }\``
}
