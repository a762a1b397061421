// The one page of the stall: its data, what its forms do, and how it looks. The forms work without JavaScript, too.
import { setTimeout as database } from 'node:timers/promises'
import { data, redirect, useFetcher } from 'react-router'
import { ITEMS, isItem } from '../items'
import { stall } from '../session.server'
import type { Route } from './+types/stall'

export const meta: Route.MetaFunction = () => [{ title: 'Stall' }]

export async function loader({ context }: Route.LoaderArgs) {
  const session = stall.getSession(context)
  return {
    user: session.owner,
    cart: session.cart ?? {},
    notes: session.notes ?? {},
    notices: await session.flashes('notice'),
  }
}

export async function action({ request, context }: Route.ActionArgs) {
  const session = stall.getSession(context)
  const form = await request.formData()
  switch (form.get('intent')) {
    case 'sign-in': {
      const name = textOf(form, 'name').trim().slice(0, 40)
      if (name === '') return data({ refused: 'Who are you?' }, 400)
      // Another id, and nothing of before but the cart. A real application asks for a password first.
      await session.login(name, { keep: ['cart'] })
      session.flash('notice', `Welcome, ${name}.`)
      break
    }
    case 'sign-out':
      await session.logout()
      break
    case 'add': {
      const item = textOf(form, 'item')
      if (!isItem(item)) throw data('There is no such item.', 404)
      session.update('cart', (cart = {}) => ({ ...cart, [item]: (cart[item] ?? 0) + 1 }))
      session.flash('notice', `${ITEMS[item]}: added to your cart.`)
      break
    }
    case 'note': {
      const tab = textOf(form, 'tab')
      if (tab !== 'one' && tab !== 'two') throw data('There is no such tab.', 404)
      await database(1000)
      session.update('notes', (notes = {}) => ({ ...notes, [tab]: textOf(form, 'text').slice(0, 200) }))
      break
    }
    default:
      throw data('There is no such form.', 400)
  }
  // What a script has sent needs no other page: React Router loads the data of this one anew.
  return request.headers.get('accept')?.includes('text/html') ? redirect('/', 303) : null
}

function textOf(form: FormData, field: string): string {
  const value = form.get(field)
  return typeof value === 'string' ? value : ''
}

export default function Stall({ loaderData, actionData }: Route.ComponentProps) {
  const { user, cart, notes, notices } = loaderData
  return (
    <>
      <h1>Stall</h1>
      {notices.map((notice, n) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: two messages may say the same
        <p key={n} role="status">
          {notice}
        </p>
      ))}
      {user === undefined ? <SignIn refused={actionData?.refused} /> : <SignedIn user={user} />}
      <h2>Items</h2>
      <ul>
        {Object.entries(ITEMS).map(([item, name]) => (
          <Item key={item} item={item} name={name} inCart={cart[item] ?? 0} />
        ))}
      </ul>
      <h2>Two tabs</h2>
      <p>Saving takes a second. Save in both at once, in two tabs of your browser: both stay.</p>
      <ul>
        {['one', 'two'].map((tab) => (
          <Note key={tab} tab={tab} note={notes[tab]} />
        ))}
      </ul>
    </>
  )
}

// Fetchers, and no navigations, of which the next one gives up the one before: forms may be sent while others are on their way.
/** `refused`: why, where it was sent without JavaScript. */
function SignIn({ refused }: { refused: string | undefined }) {
  const { Form, data } = useFetcher<typeof action>()
  const why = data?.refused ?? refused
  return (
    <Form method="post">
      <label>
        Name <input name="name" required maxLength={40} />
      </label>{' '}
      <button type="submit" name="intent" value="sign-in">
        Sign in
      </button>
      {why && <span role="alert">{why}</span>}
    </Form>
  )
}

function SignedIn({ user }: { user: string }) {
  const { Form } = useFetcher()
  return (
    <div>
      {`Signed in as ${user}. `}
      <Form method="post">
        <button type="submit" name="intent" value="sign-out">
          Sign out
        </button>
      </Form>
    </div>
  )
}

function Item({ item, name, inCart }: { item: string; name: string; inCart: number }) {
  const { Form } = useFetcher()
  return (
    <li>
      {`${name}: ${inCart} in your cart `}
      <Form method="post">
        <input type="hidden" name="item" value={item} />
        <button type="submit" name="intent" value="add">{`Add ${name}`}</button>
      </Form>
    </li>
  )
}

function Note({ tab, note = 'nothing yet' }: { tab: string; note: string | undefined }) {
  const { Form } = useFetcher()
  return (
    <li>
      {`Tab ${tab}: ${note} `}
      <Form method="post">
        <input type="hidden" name="tab" value={tab} />
        <input name="text" aria-label={`Note of tab ${tab}`} />
        <button type="submit" name="intent" value="note">
          Save
        </button>
      </Form>
    </li>
  )
}
