import { findItem, items, priceText } from '../items.js'
import { html } from './html.js'
import { noticeLine, sendPage } from './layout.js'

export function stallPage(res, { session, notice }) {
  sendPage(res, {
    title: notice ? `${notice} – The stall` : 'The stall',
    here: '/',
    session,
    main: html`
    <h1>Six things, and a session</h1>
    ${!session.user && signIn}
    ${noticeLine(notice)}
    <div class="columns">
      <section aria-labelledby="things">
        <h2 id="things">For sale</h2>
        <ul class="items">${items.map(itemCard)}</ul>
      </section>
      <div class="aside">
        ${cartSection(session.cart ?? {})}
        ${sessionSection(session)}
      </div>
    </div>`,
  })
}

const signIn = html`
    <form class="sign" method="post" action="/sign-in">
      <label for="name">Name</label>
      <input id="name" name="name" required maxlength="40" autocomplete="username" aria-describedby="who">
      <label for="password">Password</label>
      <input id="password" name="password" type="password" required autocomplete="current-password" aria-describedby="who">
      <button>Sign in</button>
      <span id="who" class="hint">Ada, Grace or Edsger; the password is “secret”.</span>
    </form>`

function itemCard({ id, name, price }, index) {
  return html`
          <li class="item">
            <svg class="picture tint-${index % 4}" viewBox="0 0 24 24" aria-hidden="true"><use href="/public/items.svg#${id}"></use></svg>
            <h3>${name}</h3>
            <p class="price">${priceText(price)}</p>
            <form method="post" action="/cart/${id}/add"><button>Add<span class="unseen"> ${name} to the cart</span></button></form>
          </li>`
}

function cartSection(cart) {
  const lines = Object.entries(cart).flatMap(([id, number]) => {
    const item = findItem(id)
    return item ? [{ item, number }] : []
  })
  const total = lines.reduce((sum, { item, number }) => sum + item.price * number, 0)
  return html`
        <section class="panel" aria-labelledby="cart-title">
          <h2 id="cart-title">Your cart</h2>
          ${
            lines.length === 0
              ? html`<p>Nothing in it yet.</p>`
              : html`<ul class="lines">${lines.map(cartLine)}</ul>
          <p class="total">Together <strong>${priceText(total)}</strong></p>`
          }
        </section>`
}

function cartLine({ item: { id, name }, number }) {
  return html`
            <li>
              <span class="line-name">${name} × ${number}</span>
              <form method="post" action="/cart/${id}/remove"><button class="quiet">Remove<span class="unseen"> ${name}</span></button></form>
            </li>`
}

function sessionSection({ cookie, ...values }) {
  const known = Object.entries(values).filter(([, value]) => value !== undefined)
  return html`
        <section class="panel" aria-labelledby="session-title">
          <h2 id="session-title">What is in your session</h2>
          ${
            known.length === 0
              ? html`<p>Nothing yet.</p>`
              : html`<dl class="values">${known.map(([name, value]) => html`<div><dt>${name}</dt><dd><code>${JSON.stringify(value)}</code></dd></div>`)}</dl>`
          }
          <p class="hint">It comes along when <code>express-session.js</code> is stopped and <code>untorn.js</code> started.</p>
        </section>`
}
