import { readSession } from '../lib/session.js'
import * as actions from './actions.js'

export default async function Page() {
  const session = await readSession()
  const { items = [], owner } = session
  const notes = await session.flashes('notes')
  const isOne = session === (await readSession())
  return (
    <main>
      <p>{JSON.stringify({ items, owner, notes, isOne })}</p>
      {Object.entries(actions).map(([name, action]) => (
        <form key={name} id={name} action={action}>
          <input name="item" />
        </form>
      ))}
    </main>
  )
}
