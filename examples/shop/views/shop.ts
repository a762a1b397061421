import { type Line, linesOf, mostOfOne, total } from '../shop/cart.ts'
import { type Item, items, priceText } from '../shop/items.ts'
import { type Html, html } from './html.ts'
import type { Page } from './layout.ts'
import { moment } from './moment.ts'
import { corner, nameForm, noticeLine, type ShopSession } from './visitor.ts'

export function shopPage(session: ShopSession, notice: string | undefined): Page {
  const { owner, cart = {} } = session
  return {
    title: notice ? `${notice} – The shop` : 'The shop',
    here: '/',
    head: html`<link rel="stylesheet" href="/public/shop.css">`,
    corner: corner(session),
    main: html`
      <h1>Things you didn’t know you needed</h1>
      ${owner === undefined && signIn}
      ${noticeLine(notice)}
      <div class="columns">
        <section aria-labelledby="things">
          <h2 id="things">For sale</h2>
          <ul class="items">${items.map(itemCard)}</ul>
        </section>
        <div class="aside">
          ${cartSection(linesOf(cart), owner !== undefined)}
          ${sessionSection(session)}
        </div>
      </div>`,
  }
}

const signIn = nameForm({
  button: 'Sign in',
  hint: 'Any name will do: this is an example.',
  action: '/sign-in',
})

function itemCard(item: Item, index: number): Html {
  return html`
    <li class="item" id="${item.id}">
      ${picture(item, `tint-${index % 4}`)}
      <h3>${item.name}</h3>
      <p class="price">${priceText(item.price)}</p>
      <form method="post" action="/cart/${item.id}/add">
        <button>Add<span class="unseen"> ${item.name} to the cart</span></button>
      </form>
    </li>`
}

function picture(item: Item, tint: string): Html {
  return html`<svg class="picture ${tint}" viewBox="0 0 24 24" aria-hidden="true"><use href="/public/items.svg#${item.id}"></use></svg>`
}

function cartSection(lines: readonly Line[], isSignedIn: boolean): Html {
  return html`
    <section class="panel" id="cart" aria-labelledby="cart-title" tabindex="-1">
      <h2 id="cart-title">Your cart</h2>
      ${
        lines.length === 0
          ? html`<p>Nothing in it yet.</p>`
          : html`<ul class="lines">${lines.map(cartLine)}</ul>
            <p class="total">Together <strong>${priceText(total(lines))}</strong></p>
            ${
              isSignedIn
                ? html`<form class="order" method="post" action="/order"><button>Order</button></form>`
                : html`<p>To order, sign in: your cart comes along.</p>`
            }`
      }
      <p class="hint">Try this: put something in, stop the server, start it again and reload this page. Your cart is
        still here, because your session is a file.</p>
    </section>`
}

function cartLine({ item, number }: Line): Html {
  return html`
    <li>
      <span class="line-name">${item.name}</span>
      <form method="post" action="/cart/${item.id}/number">
        <label class="unseen" for="number-${item.id}">How many: ${item.name}</label>
        <input id="number-${item.id}" name="number" type="number" min="0" max="${mostOfOne}" value="${number}" required>
        <button class="quiet">Change<span class="unseen"> the number of ${item.name}</span></button>
      </form>
      <form method="post" action="/cart/${item.id}/remove">
        <button class="quiet">Remove<span class="unseen"> ${item.name}</span></button>
      </form>
    </li>`
}

function sessionSection(session: ShopSession): Html {
  const keys = session.keys()
  return html`
    <section class="panel" aria-labelledby="session-title">
      <h2 id="session-title">What is in your session</h2>
      ${
        session.isNew
          ? html`<p>You have none yet: no file on the server, no cookie in your browser. It begins with the first
            thing that the shop has to remember.</p>`
          : html`
            <dl class="values">
              ${keys.map((key) => html`<div><dt>${key}</dt><dd><code>${JSON.stringify(session[key as keyof typeof session])}</code></dd></div>`)}
              ${session.owner !== undefined && html`<div><dt>whose it is</dt><dd><bdi>${session.owner}</bdi></dd></div>`}
              <div><dt>begun</dt><dd>${moment(session.createdAt)}</dd></div>
              <div><dt>ends</dt><dd>${moment(session.expiresAt)}, later if you come back before</dd></div>
            </dl>
            <p class="hint">Your cookie holds none of this, only a random id; the server keeps only the id’s hash.</p>`
      }
    </section>`
}
