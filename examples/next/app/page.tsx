import { ITEMS, type Item } from '../lib/items'
import { readSession } from '../lib/session'
import { addToCart, saveNote, signOut } from './actions'
import { SignIn } from './sign-in'

export default async function Page() {
  const session = await readSession()
  const { owner, cart = {}, notes = {} } = session
  const notices = await session.flashes('notice')
  return (
    <>
      <h1>Stall</h1>
      {notices.map((notice, place) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: two may be the same, and none changes its place
        <p key={place} role="status">
          {notice}
        </p>
      ))}
      {owner === undefined ? (
        <SignIn />
      ) : (
        <div>
          {`Signed in as ${owner}. `}
          <form action={signOut}>
            <button type="submit">Sign out</button>
          </form>
        </div>
      )}
      <h2>Items</h2>
      <ul>
        {(Object.keys(ITEMS) as Item[]).map((item) => (
          <li key={item}>
            {`${ITEMS[item]}: ${cart[item] ?? 0} in your cart `}
            <form action={addToCart}>
              <input type="hidden" name="item" value={item} />
              <button type="submit">{`Add ${ITEMS[item]}`}</button>
            </form>
          </li>
        ))}
      </ul>
      <h2>Two tabs</h2>
      <p>Saving takes a second. Save in both at once, in two tabs of your browser: both stay.</p>
      <ul>
        {(['one', 'two'] as const).map((tab) => (
          <li key={tab}>
            {`Tab ${tab}: ${notes[tab] ?? 'nothing yet'} `}
            <form action={saveNote}>
              <input type="hidden" name="tab" value={tab} />
              <input name="text" aria-label={`Note of tab ${tab}`} />
              <button type="submit">Save</button>
            </form>
          </li>
        ))}
      </ul>
    </>
  )
}
