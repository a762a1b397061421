export const requests = 50

const numbers = Array.from({ length: requests }, (_, i) => i + 1)
const ada = { name: 'Ada', password: 'secret' }

/** What each button does: to one implementation, with a visitor of its application and the gate of its database. */
export const rounds = {
  /** Overlapping requests, each of which saves a note of its own: how many notes are there afterwards. */
  async values(visitor, gate) {
    await visitor.post('/sign-in', ada)
    const statuses = await overlapping(visitor, gate, (tab, n) => tab.post(`/notes/${n}`, { text: 'kept' }))
    const values = await visitor.values()
    return { statuses, kept: numbers.filter((n) => values[`note-${n}`] === 'kept').length }
  },

  /** Overlapping requests, each of which adds one to the same value: what it comes to. */
  async count(visitor, gate) {
    await visitor.post('/sign-in', ada)
    const statuses = await overlapping(visitor, gate, (tab) => tab.post('/count'))
    const { count = 0 } = await visitor.values()
    return { statuses, kept: count }
  },

  /** A sign-out while a slow request of the same visitor is under way: who is signed in with the old cookie. */
  async 'sign-out'(visitor, gate) {
    await visitor.post('/sign-in', ada)
    const other = visitor.otherTab()
    const slow = visitor.otherTab().post('/notes/slow', { text: 'late' })
    await gate.filled(1)
    const signedOut = await visitor.otherTab().post('/sign-out')
    gate.open()
    const statuses = [signedOut, await slow]
    const { user } = await other.values()
    return { statuses, user }
  },
}

/** None goes on before all have read their session. */
async function overlapping(visitor, gate, send) {
  const answers = Promise.all(numbers.map((n) => send(visitor.otherTab(), n)))
  await Promise.race([gate.filled(requests), answers])
  gate.open()
  return answers
}
