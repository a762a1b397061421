import { expect } from 'vitest'
import { UntornError } from '../../../src/index.ts'
import { ownerKey } from '../../../src/owners/keys.ts'
import { inWhole } from '../../support/whole.ts'
import type { Case, Shop } from '../shop.ts'

const ALL = [
  '',
  '{',
  'null',
  'true',
  '5',
  '"x"',
  '[]',
  '{}',
  '{"epoch":null}',
  '{"epoch":{}}',
  '{"rank":"x"}',
]
const RUBBISH = inWhole(ALL, ['{', 'null', '"x"', '{}'])

/** Puts a text in the place of each value of an owner's record whose name begins so. */
async function damage(shop: Shop, owner: string, names: string, text: string): Promise<void> {
  const key = ownerKey(undefined, owner)
  const record = await shop.store.load(key)
  const set = new Map(
    [...record!.values.keys()].filter((name) => name.startsWith(names)).map((name) => [name, text]),
  )
  expect(set.size).toBeGreaterThan(0)
  expect(await shop.store.save(key, { set })).toMatchObject({ outcome: 'saved' })
}

const isTold = (error: unknown) => expect(error).toBeInstanceOf(UntornError)

export const damaged: Record<string, Case> = {
  'whatever stands in an owner’s record: nothing breaks, and an owner can sign in': async (open) => {
    for (const names of ['epoch', 'r ', 's ', 'k ', 'e ', '']) {
      for (const text of RUBBISH) {
        const shop = await open({ maxPerOwner: 3 })
        const [ada, other] = [await shop.signedIn('ada'), await shop.signedIn('ada')]
        await (await shop.signedIn('ada')).visit((session) => session.logout())
        await ada.visit((session) => session.revokeOthers())
        await other.visitMuchLater((session) => session.login('ada'))
        await damage(shop, 'ada', names, text)
        await shop.handles('ada')
        await ada
          .visit(async (session) => {
            await session.devices()
            await session.revoke('nothing')
            await session.rotate()
          })
          .catch(isTold)
        await other.visit((session) => session.revokeOthers()).catch(isTold)
        await ada.visit((session) => session.logout()).catch(isTold)
        const again = await shop.signedIn('ada')
        await again.visit((session) => session.rotate())
        expect(await again.owner()).toBe('ada')
        expect((await shop.handles('ada')).length).toBeGreaterThan(0)
        await shop.sessions.revokeAll('ada')
        expect([await ada.owner(), await other.owner(), await again.owner()]).toEqual(
          Array(3).fill(undefined),
        )
        expect(await shop.handles('ada')).toEqual([])
      }
    }
  },

  'what was ended does not come to life by it': async (open) => {
    for (const names of ['epoch', 's ', '']) {
      for (const [at, text] of RUBBISH.entries()) {
        const shop = await open()
        // An owner whose epoch was never raised.
        const owner = `ada ${names}${at}`
        const ada = await shop.signedIn(owner)
        const key = ownerKey(undefined, owner)
        // As after a revocation that was broken off: raised, and its session is there still.
        const before = await shop.store.load(key)
        const raised = new Map([['epoch', '"another"']])
        expect(await shop.store.save(key, { set: raised })).toMatchObject({ outcome: 'saved' })
        expect(before!.values.get('epoch')).toContain('"0"')
        await damage(shop, owner, names, text)
        await ada.visit((session) => session.rotate()).catch(isTold)
        expect([names, text, await ada.owner()]).toEqual([names, text, undefined])
        await shop.sessions.revokeAll(owner)
      }
    }
  },

  'what a session says of its sign-in: it is nobody’s, or its owner’s, and never fresh': async (open) => {
    for (const text of RUBBISH) {
      const shop = await open()
      const ada = await shop.signedIn('ada')
      const [key] = (await shop.stored())[0]!
      await shop.store.save(key, { set: new Map([['untorn:sign-in', text]]) })
      await ada.visit((session) => {
        expect(() => session.requireFresh('10m')).toThrow(/more recent/)
      })
      const stolen = ada.copy()
      await ada.visit((session) => session.rotate()).catch(isTold)
      await ada.visit((session) => session.logout()).catch(isTold)
      expect(await stolen.owner()).toBeUndefined()
      await ada.visitMuchLater((session) => session.login('ada'))
      expect(await ada.owner()).toBe('ada')
      await shop.sessions.revokeEverything()
      expect(await ada.owner()).toBeUndefined()
    }
  },
}
