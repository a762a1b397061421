import { createFileRoute } from '@tanstack/react-router'
import { Form } from '../form'
import { ITEMS } from '../items'
import { add, getStall, saveNote, signIn, signOut } from '../stall.functions'

export const Route = createFileRoute('/')({
  loader: () => getStall(),
  component: Stall,
})

function Stall() {
  const { user, cart, notes, notices } = Route.useLoaderData()
  return (
    <>
      <h1>Stall</h1>
      {notices.map((notice, n) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: two messages may say the same
        <p key={n} role="status">
          {notice}
        </p>
      ))}
      {user === undefined ? (
        <Form action={signIn}>
          <label>
            Name <input name="name" required maxLength={40} />
          </label>{' '}
          <button type="submit">Sign in</button>
        </Form>
      ) : (
        <div>
          {`Signed in as ${user}. `}
          <Form action={signOut}>
            <button type="submit">Sign out</button>
          </Form>
        </div>
      )}
      <h2>Items</h2>
      <ul>
        {Object.entries(ITEMS).map(([item, name]) => (
          <li key={item}>
            {`${name}: ${cart[item] ?? 0} in your cart `}
            <Form action={add}>
              <input type="hidden" name="item" value={item} />
              <button type="submit">{`Add ${name}`}</button>
            </Form>
          </li>
        ))}
      </ul>
      <h2>Two tabs</h2>
      <p>Saving takes a second. Save in both at once, in two tabs of your browser: both stay.</p>
      <ul>
        {['one', 'two'].map((tab) => (
          <li key={tab}>
            {`Tab ${tab}: ${notes[tab] ?? 'nothing yet'} `}
            <Form action={saveNote}>
              <input type="hidden" name="tab" value={tab} />
              <input name="text" aria-label={`Note of tab ${tab}`} />
              <button type="submit">Save</button>
            </Form>
          </li>
        ))}
      </ul>
    </>
  )
}
