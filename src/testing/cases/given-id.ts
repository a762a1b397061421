import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { sessionKey } from '../../contract/key.ts'
import { type Case, group } from '../case.ts'
import { assertRecord } from '../looks.ts'
import { put } from '../samples.ts'

export const givenId: Case[] = group('whole', {
  'a load that is given the id, too, answers as without it': async ({ here, there }) => {
    const [id, other] = [randomUUID(), randomUUID()]
    const { key, record } = await put(there, { owner: 'ada' }, sessionKey(id))
    assertRecord(await here.load(key, { id }), record)
    assertRecord(await here.load(key), record)
    assert.equal(await here.load(sessionKey(other), { id: other }), undefined)
    await there.delete(key)
    assert.equal(await here.load(key, { id }), undefined)
  },
})
