import assert from 'node:assert/strict'
import { type Case, group } from '../case.ts'
import { countOf } from '../looks.ts'
import { longPast, putMany } from '../samples.ts'

// As in a listing: more than a page of any server that we know of has by default.
const MANY = 300

export const counted: Case[] = group(
  'counted',
  {
    'each live session counts once, whose ever it is': async ({ here, there }) => {
      assert.equal(await countOf(here), 0)
      await putMany(MANY, there)
      await putMany(5, here, { owner: 'ada' })
      assert.equal(await countOf(here), MANY + 5)
    },
    'a session that was changed counts once': async ({ here, there }) => {
      for (const { key } of await putMany(5, there)) await here.save(key, { set: new Map([['a', '1']]) })
      assert.equal(await countOf(here), 5)
    },
    'what has ended counts once at most, and what lives beside it once': async ({ here, there }) => {
      await putMany(5, there)
      await putMany(5, there, { expiresAt: longPast() })
      for (const { key } of await putMany(5, there)) await here.delete(key)
      const count = await countOf(here)
      assert.ok(count >= 5 && count <= 15, `5 sessions live and 10 have ended: not ${count}`)
    },
    'what has expired no longer counts once it was swept': async ({ here, there }) => {
      await putMany(5, there)
      await putMany(5, there, { expiresAt: longPast() })
      await here.clearExpired()
      assert.equal(await countOf(here), 5)
    },
  },
  { needs: ['count'] },
)
