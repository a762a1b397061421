import assert from 'node:assert/strict'
import { type AdapterCapability, type Case, type Check, group, type Kind } from './case.ts'
import { proxyIsBelieved } from './cases/attributes.ts'
import { headIsAnswered } from './cases/bodiless.ts'
import { leftThenChanged, signedInThenFailed } from './cases/failed.ts'
import { readVaries } from './cases/headers.ts'
import { comesInPieces } from './cases/streamed.ts'

/** What a host is said to lack, and why. */
export type Lacks = Partial<Record<AdapterCapability, string>>

/** By what it is seen that a host has each. */
const PROBES: Readonly<Record<AdapterCapability, { has: string; kind: Kind; probe: Check }>> = {
  abandoned: { has: 'waits for a page whose client has gone', kind: 'plain', probe: leftThenChanged },
  errorCookie: { has: 'has a cookie on the answer of an error', kind: 'plain', probe: signedInThenFailed },
  head: { has: 'asks a page for HEAD', kind: 'plain', probe: headIsAnswered },
  headers: { has: 'adds headers to an answer', kind: 'plain', probe: readVaries },
  proxy: { has: 'can trust a proxy', kind: 'proxied', probe: proxyIsBelieved },
  stream: { has: 'sends a body as it comes', kind: 'plain', probe: comesInPieces },
}

const NAMES = Object.keys(PROBES) as AdapterCapability[]

/** That a case is skipped for a stated reason that is true, and for no other. */
export function declared(lacks: Lacks): Case[] {
  const each = 'each thing the host lacks is one that cases need, and has a reason'
  const probes = NAMES.flatMap((name) => {
    const { has, kind, probe } = PROBES[name]
    return group(
      'declared',
      { [`the host ${has}, or it is said why not`]: asSaid(name, lacks, probe) },
      { kind },
    )
  })
  return [...group('declared', { [each]: async () => assertReasons(lacks) }), ...probes]
}

function assertReasons(lacks: Lacks): void {
  for (const [name, reason] of Object.entries(lacks)) {
    assert.ok(
      (NAMES as string[]).includes(name),
      `\`without.${name}\` matches no case (${NAMES.join(', ')} do)`,
    )
    assert.ok(
      typeof reason === 'string' && reason.trim() !== '',
      `\`without.${name}\` should be the reason why the host lacks it, as text`,
    )
  }
}

function asSaid(name: AdapterCapability, lacks: Lacks, probe: Check): Check {
  return async (room) => {
    const failure = await probe(room).then(
      () => undefined,
      (error: unknown) => ({ error }),
    )
    if (name in lacks) {
      assert.ok(failure, `\`without.${name}\` says that the host lacks what it has: take it out`)
    } else if (failure !== undefined) {
      const message = `cases that need it fail: mend it, or give the reason as \`without: { ${name}: '...' }\``
      throw new assert.AssertionError({ message: `${message}. It was seen by this: ${failure.error}` })
    }
  }
}
